// Tells a page once what the map of this browser tab showed last: west,south,east,north in degrees,
// as bounds.js keeps it; null where no map was open.
(function () {
  let told = false;

  function send(type, more) {
    window.parent.postMessage(Object.assign({ isStreamlitMessage: true, type: type }, more), "*");
  }

  window.addEventListener("message", function (event) {
    if (told || event.source !== window.parent || event.data.type !== "streamlit:render") return;
    told = true;
    send("streamlit:setComponentValue", { value: sessionStorage.getItem("bsh-bounds"), dataType: "json" });
  });
  send("streamlit:componentReady", { apiVersion: 1 });
  send("streamlit:setFrameHeight", { height: 0 });
})();

// What the map shows, in degrees: kept for the other pages of this browser tab after each move, and
// told to the page where that asks for it. A page that does not ask is not run again by a move.
(function () {
  const bsh = window.bsh;
  const own = (bsh.screen = bsh.screen || { tells: false, told: "", looked: "", timer: 0 });

  function bounds() {
    const now = bsh.map.getBounds();
    const sides = [now.getWest(), now.getSouth(), now.getEast(), now.getNorth()];
    return sides.map((side) => Math.round(side * 1e5) / 1e5);
  }

  function settled() {
    return bsh.area !== null && !bsh.pending && bsh.map.getSize().y > 50;
  }

  function tell() {
    if (!settled()) return later();
    const now = bounds();
    const text = now.join(",");
    window.sessionStorage.setItem("bsh-bounds", text);
    if (!own.tells || text === own.told || !window.Streamlit) return;
    own.told = text;
    window.Streamlit.setComponentValue({ bounds: now, at: Date.now() });
  }

  function later() {
    clearTimeout(own.timer);
    own.timer = setTimeout(tell, 250);
  }

  // The extent of a link is shown once. Nothing is told of it: the page knows it, and what the
  // window shows around it is not what the link says.
  function look(extent) {
    if (own.looked === extent.join(",")) return;
    if (!settled()) return setTimeout(() => look(extent), 50);
    own.looked = extent.join(",");
    const [west, south, east, north] = extent;
    bsh.map.fitBounds([[south, west], [north, east]], { animate: false });
    own.told = bounds().join(",");
  }

  if (!own.heard) {
    own.heard = true;
    bsh.map.on("moveend", later);
  }

  bsh.tellBounds = function (tells, extent) {
    own.tells = tells;
    if (extent) look(extent);
    later();
  };
})();

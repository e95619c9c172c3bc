"""The read-only service, asked over a real port: OGC API – Features, figures, hostile requests."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
import shapely
from conftest import OwnProject
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box, shape

from bsh_geo import api, api_query, gis_layers
from bsh_geo.api_guard import LONGEST_QUERY, Service
from bsh_geo.api_query import RequestError
from bsh_geo.errors import BshError
from bsh_geo.gis_layers import GisLayer
from bsh_geo.project import Project

PARKS = "park_coverage_parks"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body.decode("utf-8"))


@dataclass(frozen=True)
class Asked:
    """A running service."""

    port: int

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """The answer to a path as it is, without any tidying by the client."""
        line = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            line.putrequest(method, path, skip_host="Host" in headers)
            for name, value in headers.items():
                line.putheader(name.replace("_", "-"), value)
            line.endheaders()
            found = line.getresponse()
            told = {name.lower(): value for name, value in found.getheaders()}
            return Answer(found.status, told, found.read())
        finally:
            line.close()

    def items(self, name: str, **query: str) -> Any:
        """The page of features of a query, which must be good."""
        tail = f"?{urlencode(query)}" if query else ""
        found = self.get(f"/collections/{name}/items{tail}")
        assert found.status == 200, found.body
        assert found.headers["content-type"] == "application/geo+json"
        return found.json

    def path(self, link: str) -> str:
        """The path and query of a link of this service."""
        parts = urlsplit(link)
        assert (parts.scheme, parts.netloc) == ("http", f"127.0.0.1:{self.port}")
        return parts._replace(scheme="", netloc="").geturl()


def served(service: Service) -> Iterator[Asked]:
    """A service on a free port until the test is done."""
    listening = api.listening("127.0.0.1", 0)
    server = api.server(service)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield Asked(listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def asked() -> Iterator[Asked]:
    yield from served(Service(hosts=("127.0.0.1", "localhost")))


@pytest.fixture(scope="module")
def commanded() -> Iterator[Asked]:
    """The service as the command starts it, in a process of its own."""
    child = subprocess.Popen(
        [sys.executable, "-m", "bsh_geo", "api", "--port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    try:
        assert child.stdout is not None
        line = child.stdout.readline()
        found = re.match(r"http://127\.0\.0\.1:(\d+)/  (\d+) collections", line)
        assert found, line
        assert int(found.group(2)) > 15
        yield Asked(int(found.group(1)))
    finally:
        child.terminate()
        _, errors = child.communicate(timeout=30)
    assert "Traceback" not in errors


@pytest.fixture(scope="module")
def layers(project: Project) -> dict[str, GisLayer]:
    return {one.id: one for one in gis_layers.of_project(project)}


@pytest.fixture(scope="module")
def parks(layers: dict[str, GisLayer]) -> Any:
    return layers[PARKS].frame


def rels(content: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in content["links"]:
        assert {"href", "rel", "type"} <= set(one)
        found.setdefault(one["rel"], []).append(one["href"])
    return found


def problem(found: Answer, status: int) -> Any:
    """A fault: problem JSON, one sentence in each language, nothing of the inside."""
    assert found.status == status, found.body
    assert found.headers["content-type"] == "application/problem+json"
    told = found.json
    assert told["status"] == status
    for name, ends in (("detail", ("。", "？")), ("detail_en", (".", "?"))):
        assert told[name].endswith(ends), told
        assert "\n" not in told[name]
        assert not re.search(r"Traceback|File \"|\.py\b|site-packages|/work|/home", told[name])
    return told


# OGC API – Features, part 1: core.


def test_everything_is_found_from_the_landing_page(asked: Asked) -> None:
    landing = asked.get("/")
    links = rels(landing.json)
    assert {"self", "service-desc", "conformance", "data"} <= set(links)
    for rel in ("service-desc", "conformance", "data", "related"):
        for link in links[rel]:
            assert asked.get(asked.path(link)).status == 200


def test_the_core_and_geojson_are_declared(asked: Asked) -> None:
    found = asked.get("/conformance").json["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in found
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson" in found


def test_the_openapi_document_names_every_collection_s_items(asked: Asked) -> None:
    found = asked.get("/api")
    assert found.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    paths = found.json["paths"]
    names = [one["id"] for one in asked.get("/collections").json["collections"]]
    assert len(names) > 15
    assert {f"/collections/{one}/items" for one in names} <= set(paths)
    told = {one["name"] for one in paths[f"/collections/{PARKS}/items"]["get"]["parameters"]}
    assert {"bbox", "datetime", "limit", "offset", "district", "kind_zh"} <= told


def test_every_collection_has_extent_crs_and_links_that_lead_somewhere(asked: Asked) -> None:
    for one in asked.get("/collections").json["collections"]:
        links = rels(one)
        assert asked.get(asked.path(links["self"][0])).json == one
        page = asked.get(asked.path(links["items"][0]) + "?limit=1")
        assert page.headers["content-type"] == "application/geo+json"
        west, south, east, north = one["extent"]["spatial"]["bbox"][0]
        assert 120 < west <= east < 124 and 30 < south <= north < 32.5
        assert one["crs"] == ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"]
        assert one["id"].endswith("_schematic") == one["schematic"]


def test_every_layer_of_the_export_is_a_collection(
    asked: Asked, layers: dict[str, GisLayer]
) -> None:
    names = {one["id"] for one in asked.get("/collections").json["collections"]}
    wanted = set(layers)
    assert wanted <= names
    assert {one for one in names - wanted if not one.endswith("_all")} == set()


def test_pages_hold_every_feature_once(asked: Asked) -> None:
    path: str | None = f"/collections/{PARKS}/items?limit=100"
    ids: list[str] = []
    pages = 0
    while path:
        found = asked.get(path).json
        assert found["numberMatched"] == 444
        assert found["numberReturned"] == len(found["features"]) <= 100
        ids += [one["id"] for one in found["features"]]
        links = rels(found)
        path = asked.path(links["next"][0]) if "next" in links else None
        pages += 1
    assert (pages, len(ids), len(set(ids))) == (5, 444, 444)


def test_a_page_links_back_and_keeps_its_filters(asked: Asked) -> None:
    found = asked.items(PARKS, limit="2", offset="2", district="崇明区")
    links = rels(found)
    assert "offset=0" in links["prev"][0]
    assert "offset=4" in links["next"][0]
    for rel in ("self", "next", "prev"):
        assert quote("崇明区") in links[rel][0]


def test_a_limit_above_the_most_gives_the_most(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(asked.items(PARKS, limit="999999999")["features"]) == 444
    assert api_query.page({"limit": "999999999"}).limit == api_query.MOST


BOXES = ("121.4,31.1,121.5,31.3", "121.1,30.9,121.9,31.6", "0,0,1,1", "121.47,31.2,121.47,31.2")


@pytest.mark.parametrize("text", BOXES)
@pytest.mark.parametrize("name", [PARKS, "air_quality_pm25", "wetlands_wetlands_schematic"])
def test_a_box_finds_what_shapely_finds(
    asked: Asked, layers: dict[str, GisLayer], name: str, text: str
) -> None:
    frame = layers[name].frame
    wanted = frame[frame.geometry.intersects(box(*map(float, text.split(","))))]
    found = asked.items(name, bbox=text)
    assert [one["id"] for one in found["features"]] == wanted["id"].to_list()


def test_a_box_of_six_numbers_and_one_across_the_antimeridian(asked: Asked) -> None:
    flat = asked.items(PARKS, bbox="121.4,31.1,121.5,31.3")
    assert asked.items(PARKS, bbox="121.4,31.1,0,121.5,31.3,9")["features"] == flat["features"]
    assert asked.items(PARKS, bbox="170,-90,-170,90")["numberMatched"] == 0
    assert asked.items(PARKS, bbox="120,30,-170,32")["numberMatched"] == 371


def test_features_have_geometry_to_a_centimetre_and_missing_values_as_null(
    asked: Asked, parks: Any
) -> None:
    found = asked.items(PARKS)["features"]
    assert [one["id"] for one in found] == parks["id"].to_list()
    assert sum(one["geometry"] is None for one in found) == 73
    for one, (_, row) in zip(found, parks.iterrows(), strict=True):
        if one["geometry"]:
            assert shapely.distance(shape(one["geometry"]), row.geometry) < 1e-7
        told = one["properties"]
        assert {"source", "quality", "geometry_quality"} <= set(told)
        missing = row["area_ha"] != row["area_ha"]
        assert told["area_ha"] == (None if missing else row["area_ha"])


def test_one_feature_is_given_by_its_id(asked: Asked) -> None:
    found = asked.get(f"/collections/{PARKS}/items/p003")
    assert found.headers["content-type"] == "application/geo+json"
    assert found.json["properties"]["name_zh"] == "世纪公园"
    assert {"self", "collection"} <= set(rels(found.json))
    problem(asked.get(f"/collections/{PARKS}/items/p999"), 404)


def test_a_district_a_group_and_a_property_filter(asked: Asked, parks: Any) -> None:
    wanted = parks[parks["adcode"] == "310151"]
    for name in ("崇明区", "310151", "Chongming"):
        assert asked.items(PARKS, district=name)["numberMatched"] == len(wanted) > 0
    kind = wanted["kind_zh"].iloc[0]
    both = asked.items(PARKS, district="崇明", kind_zh=kind)
    assert both["numberMatched"] == int((wanted["kind_zh"] == kind).sum())
    assert asked.items(PARKS, star="5")["numberMatched"] == int((parks["star"] == 5).sum())
    yes = asked.items(PARKS, open_24h="true")["numberMatched"]
    assert yes == int((parks["open_24h"] == True).sum())  # noqa: E712 - a nullable boolean


def test_the_collection_of_all_periods_is_filtered_by_time(asked: Asked) -> None:
    name = "air_quality_pm25_all"
    every = asked.items(name)["features"]
    periods = [one["properties"]["period"] for one in every]
    assert len({one["id"] for one in every}) == len(every) > 20
    year = [one for one in periods if one[:4] == "2025"]
    found = asked.items(name, datetime="2025-01-01T00:00:00Z/2025-12-31T23:59:59Z")
    assert found["numberMatched"] == len(year) > 0
    assert asked.items(name, datetime="2025")["numberMatched"] == len(year)
    assert asked.items(name, datetime="2026-01-01/..")["numberMatched"] == sum(
        one >= "2026" for one in periods
    )
    assert asked.items(name, period="2025")["numberMatched"] == periods.count("2025")


def test_features_without_time_meet_every_time(asked: Asked) -> None:
    assert asked.items(PARKS, datetime="1999-01-01")["numberMatched"] == 444  # OGC 17-069


def test_english_is_given_where_it_is_asked_for(asked: Asked) -> None:
    found = asked.get("/collections/air_quality_pm25?lang=en").json
    assert "PM2.5" in found["title"]
    assert any(one["title"].startswith("Value") for one in found["columns"])


def test_head_has_the_headers_and_no_body(asked: Asked) -> None:
    one, other = asked.get("/collections", "GET"), asked.get("/collections", "HEAD")
    assert (other.status, other.body) == (200, b"")
    assert other.headers["content-length"] == one.headers["content-length"]


# GDAL, and with it QGIS, reads the layers live.


READING = """
import json, sys, pyogrio
url, name = sys.argv[1:]
assert pyogrio.list_drivers()["OAPIF"] == "r"
names = [str(one[0]) for one in pyogrio.list_layers(url)]
found = pyogrio.read_dataframe(url, layer=name)
inside = pyogrio.read_dataframe(url, layer=name, bbox=(121.4, 31.1, 121.5, 31.3))
print(json.dumps([names, found["name_zh"].to_list(), int(found.geometry.notna().sum()),
                  inside["id"].to_list()]))
"""


def test_gdal_reads_a_collection_as_a_layer(asked: Asked, parks: Any) -> None:
    # In a process of its own: the product's own keeps network drivers off.
    environment = {name: value for name, value in os.environ.items() if "GDAL" not in name}
    url = f"OAPIF:http://127.0.0.1:{asked.port}"
    done = subprocess.run(
        [sys.executable, "-c", READING, url, PARKS],
        capture_output=True, text=True, encoding="utf-8", timeout=120, env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    names, titles, located, inside = json.loads(done.stdout)
    assert PARKS in names
    assert titles == parks["name_zh"].to_list()
    assert located == 371
    wanted = parks[parks.geometry.intersects(box(121.4, 31.1, 121.5, 31.3))]
    assert inside == wanted["id"].to_list()


# Figures, targets, their assessment.


def test_figures_are_given_with_source_and_quality(asked: Asked) -> None:
    query = urlencode({"indicator": "pm25", "area": "崇明区", "period": "2025"})
    found = asked.get(f"/figures?{query}").json
    (one,) = found["items"]
    assert (one["area"], one["value"], one["unit"]) == ("310151", 19.5, "μg/m³")
    assert one["source_titles"] and one["quality"] == "official"


def test_targets_are_given_with_their_quotes(asked: Asked, project: Project) -> None:
    query = urlencode({"indicator": "pm25", "area": "全市"})
    found = asked.get(f"/targets?{query}").json["items"]
    assert found
    assert all(one["quote"] and one["area"] == "310000" for one in found)


def test_the_assessment_names_the_state_of_each_target(asked: Asked) -> None:
    query = urlencode({"indicator": "pm25", "area": "崇明区", "baseline": "2021", "lang": "en"})
    found = asked.get(f"/assessment?{query}").json["items"]
    assert found
    assert {one["area"] for one in found} == {"310151"}
    assert all(one["state_title"].isascii() for one in found)


def test_records_are_paged_too(asked: Asked) -> None:
    whole = asked.get("/figures").json
    assert whole["numberMatched"] == whole["numberReturned"] == len(whole["items"]) > 300
    rest = asked.get("/figures?limit=100&offset=300").json
    assert rest["items"] == whole["items"][300:400]


# Hostile and wrong: a sentence, never a traceback.

BAD = (
    "limit=0", "limit=-1", "limit=1e9", "limit=abc", "limit=", "offset=-5", "offset=9.5",
    "limit=1;DROP TABLE parks", "limit=٣", "bbox=1,2,3", "bbox=a,b,c,d", "bbox=nan,0,1,1",
    "bbox=inf,0,1,1", "bbox=0,50,1,40", "bbox=1000,0,1001,1", "bbox=", "bbox=1,1,2,2,3",
    "bbox=121,31,122,32&bbox-crs=EPSG:4326", "crs=EPSG:3857", "datetime=yesterday",
    "datetime=2025-13-01", "datetime=2025/2024", "datetime=../..", "datetime=", "datetime=a/b/c",
    "datetime=2025-02-30", "district=nowhere", "district=' OR 1=1 --", "unknown=1",
    "name_zh=a&name_zh=b", "limit=1&limit=2", "lang=fr", "f=html", "area_ha=large",
    "name_zh=" + "x" * 300, "district=" + quote("崇名区"), "%00=1", "name_zh=%00", "name_zh=%ff",
    "name_zh=" + quote("a\0b"), "../../etc/passwd=1", "&".join(f"a{n}=1" for n in range(60)),
)  # fmt: skip


@pytest.mark.parametrize("query", BAD, ids=lambda one: one[:40])
def test_a_wrong_query_is_refused_in_a_sentence(asked: Asked, query: str) -> None:
    safe = query.replace(" ", "%20") if query.isascii() else quote(query, safe="=&")
    problem(asked.get(f"/collections/{PARKS}/items?{safe}"), 400)


@pytest.mark.parametrize(
    "text", ["' OR '1'='1", "'; DROP TABLE parks; --", "<script>alert(1)</script>", "${jndi:x}"]
)
def test_a_filter_is_compared_and_never_run(asked: Asked, text: str) -> None:
    assert asked.items(PARKS, name_zh=text)["numberMatched"] == 0
    assert asked.items(PARKS)["numberMatched"] == 444


@pytest.mark.parametrize(
    "path",
    [
        "/collections/nothing", "/collections/nothing/items", "/collections/../../etc/passwd",
        "/collections/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/collections/parks.csv", "/etc/passwd",
        "/collections/park_coverage_parks/items/../../../x", "/figures/pm25", "//", "/api/docs",
        "/collections/%F0%9F%98%80", "/collections/%ff%fe", "/docs", "/collections/" + "a" * 100,
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_not_found(asked: Asked, path: str) -> None:
    problem(asked.get(path), 404)


def test_a_close_name_of_a_collection_is_proposed(asked: Asked) -> None:
    told = problem(asked.get("/collections/park_coverage_park"), 404)
    assert PARKS in told["detail"]


@pytest.mark.parametrize("query", ["area=x", "indicator=x", "document=x", "baseline=20", "a=1"])
def test_a_wrong_name_of_a_table_is_refused_in_a_sentence(asked: Asked, query: str) -> None:
    problem(asked.get(f"/assessment?{query}"), 400)


def test_a_period_that_is_none_is_refused(asked: Asked) -> None:
    problem(asked.get("/figures?period=2025-13"), 400)


@pytest.mark.parametrize("path", ["/?x=" + "a" * 10_240, "/" + "a" * 2000])
def test_a_long_address_is_refused(asked: Asked, path: str) -> None:
    assert str(LONGEST_QUERY) in problem(asked.get(path), 414)["detail"]


def test_nul_in_an_address_is_refused(asked: Asked) -> None:
    problem(asked.get("/collections/a%00b"), 400)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "X"])
def test_nothing_but_get_and_head_is_accepted(asked: Asked, method: str) -> None:
    found = asked.get(f"/collections/{PARKS}/items", method)
    problem(found, 405)
    assert found.headers["allow"] == "GET, HEAD"


def test_another_host_is_not_answered(asked: Asked) -> None:
    problem(asked.get("/", Host="evil.example"), 400)
    problem(asked.get("/", Host="[::1"), 400)
    assert asked.get("/", Host=f"localhost:{asked.port}").status == 200


def test_no_answer_tells_what_it_is_made_with_or_opens_to_other_origins(asked: Asked) -> None:
    for path in ("/", "/nothing", f"/collections/{PARKS}/items?limit=1", "/?bad=1"):
        headers = asked.get(path, Origin="https://evil.example").headers
        assert {"server", "x-powered-by", "access-control-allow-origin"} & set(headers) == set()
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "default-src 'none'"


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(["bbox", "limit", "offset", "datetime", "district", "star", "name_zh"]),
    text=st.text(max_size=60),
)
def test_no_parameter_breaks_the_service(asked: Asked, name: str, text: str) -> None:
    try:
        query = urlencode({name: text})
    except UnicodeEncodeError:  # half of a surrogate pair is no text
        return
    found = asked.get(f"/collections/{PARKS}/items?limit=1&{query}"
                      if name != "limit" else f"/collections/{PARKS}/items?{query}")  # fmt: skip
    assert found.status in (200, 400)
    if found.status == 400:
        problem(found, 400)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40))
def test_a_time_is_read_or_refused(text: str) -> None:
    try:
        found = api_query.interval({"datetime": text})
    except RequestError as error:
        assert error.status == 400
        return
    assert found is not None


# Other ways of serving.


def test_one_origin_may_be_let_in_and_a_proxy_s_address_named() -> None:
    service = Service(base="https://gis.example/bsh/", origin="https://gis.example")
    for asked in served(service):
        found = asked.get("/conformance", Origin="https://gis.example")
        assert found.headers["access-control-allow-origin"] == "https://gis.example"
        other = asked.get("/conformance", Origin="https://evil.example")
        assert "access-control-allow-origin" not in other.headers
        links = rels(asked.get("/").json)
        assert links["data"] == ["https://gis.example/bsh/collections"]


def test_a_changed_file_is_served_at_once(own_project: OwnProject) -> None:
    for asked in served(Service(folder=str(own_project.root))):
        before = asked.items("air_quality_stations")["numberMatched"]
        text = own_project.shipped("data/air/stations.csv").splitlines()
        own_project.write("data/air/stations.csv", "\n".join(text[:-1]) + "\n")
        assert asked.items("air_quality_stations")["numberMatched"] == before - 1


def test_a_broken_file_of_the_project_is_a_fault_of_the_server(own_project: OwnProject) -> None:
    for asked in served(Service(folder=str(own_project.root))):
        own_project.write("layers/broken.toml", "id = [")
        told = problem(asked.get("/collections"), 500)
        assert "broken.toml" in told["detail"]


def test_a_port_in_use_and_a_folder_that_is_none_are_refused(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BshError, match=str(port)):
            api.run("127.0.0.1", port, announce=lambda text: None)
    with pytest.raises(BshError, match="nowhere"):
        api.run("127.0.0.1", 0, str(tmp_path / "nowhere"))


def test_the_command_answers_to_its_own_names_only(commanded: Asked) -> None:
    assert commanded.get("/conformance").status == 200
    problem(commanded.get("/", Host="evil.example"), 400)

"""What maps fetch: only what is offered, for ever the same, compressed, below any base path."""

from __future__ import annotations

import asyncio
import gc
import gzip
import hashlib
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
import shapely.affinity
from conftest import OwnProject
from starlette.applications import Starlette
from streamlit import config
from streamlit.testing.v1 import AppTest
from test_vector_tiles import points_part

from bsh_geo import compose, deliveries, folium_map, map_shapes, tile_sets
from bsh_geo.compose import Request
from bsh_geo.deliveries import Shelf
from bsh_geo.folium_map import Delivered
from bsh_geo.mapspec import DrawnPart, MapSpec, Style
from bsh_geo.project import Project
from bsh_geo.ui import map_server


@dataclass
class Answer:
    """What the server said."""

    status_code: int
    headers: dict[str, str]
    content: bytes

    def json(self) -> Any:
        packed = self.headers.get("content-encoding") == "gzip"
        return json.loads(gzip.decompress(self.content) if packed else self.content)


class Client:
    """Asks an app without a network."""

    def __init__(self, app: Starlette) -> None:
        self.app = app

    def get(self, path: str, method: str = "GET", encoding: str = "gzip") -> Answer:
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "headers": [(b"accept-encoding", encoding.encode())],
        }
        said: list[Any] = []

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            said.append(message)

        asyncio.run(self.app(scope, receive, send))
        headers = {name.decode(): value.decode() for name, value in said[0]["headers"]}
        return Answer(said[0]["status"], headers, b"".join(one["body"] for one in said[1:]))


@pytest.fixture
def own_shelf(monkeypatch) -> Shelf:
    """The shelf of this test, which the route finds."""
    made = Shelf()
    monkeypatch.setattr(map_server, "shelf", lambda: made)
    return made


@pytest.fixture
def client(own_shelf: Shelf) -> Client:
    return Client(Starlette(routes=map_server.routes()))


def wavy(areas: int, corners: int) -> DrawnPart:
    """Round areas with many corners, apart from each other."""
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    radius = 0.008 * (1 + 0.01 * np.sin(turn * 97))
    ring = np.column_stack([radius * np.cos(turn), radius * np.sin(turn)])
    shapes = [
        shapely.Polygon(np.add(ring, [121.0 + 0.02 * (at % 8), 30.95 + 0.02 * (at // 8)]))
        for at in range(areas)
    ]
    frame = gpd.GeoDataFrame(
        {"key": "all", "name": "斑块", "lines": [()] * areas},
        geometry=shapes,
        index=[f"r{at}" for at in range(areas)],
        crs="EPSG:4326",
    )
    return DrawnPart("patches", "红线", "area", frame, {"all": Style("#b0473c", "#7d2f27")})


def with_part(project: Project, part: DrawnPart) -> MapSpec:
    return replace(compose.build(project, Request("wetlands")), parts=(part,))


def told(script: str) -> list[dict[str, object]]:
    """What the script hands to the browser for each part."""
    return [json.loads(one) for one in re.findall(r"bsh\.part\(\{parent\}, (.*)\);", script)]


def test_a_parcel_is_fetched_compressed_and_may_be_kept_for_ever(own_shelf, client) -> None:
    parcel = own_shelf.parcel('{"a": "上海"}', deliveries.JSON)
    answer = client.get(f"/mapdata/{parcel.digest}")
    assert answer.json() == {"a": "上海"}
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    plain = client.get(f"/mapdata/{parcel.digest}", encoding="identity")
    assert "content-encoding" not in plain.headers
    assert plain.content == gzip.decompress(parcel.packed)


def test_the_address_is_the_digest_of_the_content(own_shelf) -> None:
    parcel = own_shelf.parcel("text", deliveries.JSON)
    assert parcel.digest == hashlib.sha256(b"application/json\ntext").hexdigest()
    assert own_shelf.parcel("text", deliveries.JSON) is parcel
    assert own_shelf.parcel("other", deliveries.JSON).digest != parcel.digest
    # From component/<name>/index.html up to the server's base path.
    assert parcel.url == f"../../mapdata/{parcel.digest}"


def test_what_nobody_keeps_is_not_offered(own_shelf, client) -> None:
    parcel = own_shelf.parcel("secret", deliveries.JSON)
    address = f"/mapdata/{parcel.digest}"
    assert client.get(address).status_code == 200
    del parcel
    gc.collect()
    answer = client.get(address)
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "address", ["/mapdata/", "/mapdata/0", "/mapdata/../secrets", f"/mapdata/{'0' * 64}/8/1/1"]
)
def test_nothing_else_is_found(client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_nothing_can_be_written(own_shelf, client) -> None:
    parcel = own_shelf.parcel("text", deliveries.JSON)
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert client.get(f"/mapdata/{parcel.digest}", method).status_code == 405


def test_the_route_stands_below_the_server_s_base_path(own_shelf) -> None:
    before = config.get_option("server.baseUrlPath")
    config.set_option("server.baseUrlPath", "geo/map")
    try:
        client = Client(Starlette(routes=map_server.routes()))
    finally:
        config.set_option("server.baseUrlPath", before)
    parcel = own_shelf.parcel("[]", deliveries.JSON)
    assert client.get(f"/geo/map/mapdata/{parcel.digest}").json() == []
    assert client.get(f"/mapdata/{parcel.digest}").status_code == 404


def test_tiles_are_fetched_by_zoom_column_and_row(own_shelf, client, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(tile_sets.CACHE_VARIABLE, str(tmp_path))
    tiles = own_shelf.offer(tile_sets.begin(tile_sets.source_of(points_part(200))))
    root = f"/mapdata/{tiles.digest}"
    assert client.get(f"{root}/about").headers["cache-control"] == "no-store"
    assert tiles.wait(60)
    assert client.get(f"{root}/about").json()["features"] == 200
    answer = client.get(f"{root}/8/214/104")
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert answer.headers["cache-control"] == map_server.FOR_EVER
    assert b"features" in gzip.decompress(answer.content)
    assert client.get(f"{root}/8/1/1").status_code == 204
    assert client.get(f"{root}/facts/0").json()[7] == {
        "id": "p7", "name": "点7", "lines": [["编号", "7"]],
    }  # fmt: skip
    assert client.get(f"{root}/facts/99").status_code == 404


def test_districts_come_as_rows_because_the_base_map_has_their_shapes(project: Project) -> None:
    spec = compose.build(project, Request("air_quality", "pm25"))
    made = folium_map.delivered(spec, "city", "", Shelf())
    part = told(made.script)[0]
    assert part["id"] == "pm25"
    assert sorted(row["id"] for row in part["rows"]) == sorted(spec.ground.index)
    assert "data" not in part
    whole = folium_map.view_script(spec, "city")
    assert len(made.script) < len(whole) / 3


def test_small_parts_are_embedded_and_large_ones_fetched(project: Project) -> None:
    shelf = Shelf()
    small = folium_map.delivered(with_part(project, wavy(3, 100)), "city", "", shelf)
    assert set(told(small.script)[0]) >= {"data"}
    assert small.parcels == ()
    large = folium_map.delivered(with_part(project, wavy(40, 5000)), "city", "", shelf)
    part = told(large.script)[0]
    (parcel,) = large.parcels
    assert part["url"] == parcel.url
    assert part["canvas"] is True
    content = json.loads(gzip.decompress(parcel.packed))
    assert [one["properties"]["id"] for one in content["features"]] == [f"r{n}" for n in range(40)]
    assert len(large.script) < 10_000


def test_the_display_version_is_near_the_shapes_and_the_shapes_stay_as_they_are() -> None:
    part = wavy(40, 5000)
    before = shapely.to_wkb(part.frame.geometry.to_numpy())
    shown, tolerance = map_shapes.simplified(part.frame)
    assert tolerance == 2.0
    assert map_shapes.vertices(shown) < map_shapes.vertices(part.frame) / 2
    here, there = part.frame.to_crs(32651).geometry, shown.to_crs(32651).geometry
    assert shapely.hausdorff_distance(here.to_numpy(), there.to_numpy()).max() < 10
    assert (shapely.to_wkb(part.frame.geometry.to_numpy()) == before).all()


def test_neighbours_of_a_coverage_still_meet_after_simplification() -> None:
    line = np.column_stack(
        [np.linspace(121.0, 121.5, 20_000), 31 + 0.001 * np.sin(np.linspace(0, 900, 20_000))]
    )
    upper = shapely.Polygon([*line, (121.5, 31.1), (121.0, 31.1)])
    lower = shapely.Polygon([*line, (121.5, 30.9), (121.0, 30.9)])
    frame = gpd.GeoDataFrame(geometry=[upper, lower], crs="EPSG:4326")
    shown, _ = map_shapes.simplified(frame)
    shapes = shown.geometry.to_numpy()
    assert shapely.get_num_coordinates(shapes).sum() < 20_000
    assert shapely.coverage_is_valid(shapes)


def test_areas_that_overlap_are_simplified_each_by_itself() -> None:
    part = wavy(2, 20_000)
    moved = part.frame.set_geometry(
        [
            part.frame.geometry.iloc[0],
            shapely.affinity.translate(part.frame.geometry.iloc[0], 0.004),
        ]
    ).set_crs("EPSG:4326")
    shown, tolerance = map_shapes.simplified(moved)
    assert tolerance == 2.0
    assert shown.geometry.is_valid.all()
    assert map_shapes.vertices(shown) < map_shapes.vertices(moved) / 2


def test_what_is_simplified_on_the_screen_is_said_there_and_nowhere_else(project: Project) -> None:
    def notes(part: DrawnPart) -> list[str]:
        script = folium_map.delivered(with_part(project, part), "city", "", Shelf()).script
        found = re.search(r"bsh\.show\(bsh\.map, \{parent\}, (.*)\);", script)
        assert found
        return json.loads(found.group(1))["notes"]

    assert notes(wavy(3, 100)) == []
    assert notes(wavy(40, 5000)) == ["屏幕上的边界已概化（约 2 米），图件与导出按原始边界"]


def test_a_large_part_comes_as_tiles_made_once(project: Project, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(tile_sets.CACHE_VARIABLE, str(tmp_path))
    shelf = Shelf()
    spec = with_part(project, points_part(folium_map.TILED_POINTS + 1))
    made = folium_map.delivered(spec, "city", "", shelf)
    again = folium_map.delivered(spec, "310115", "", shelf)
    assert told(made.script)[0]["tiles"] == made.parcels[0].url
    assert again.parcels[0] is made.parcels[0]
    assert len(made.script) < 10_000
    assert made.parcels[0].wait(120)


def test_without_a_place_for_tiles_a_large_part_is_fetched_whole(
    project: Project, tmp_path, monkeypatch
) -> None:
    taken = tmp_path / "file"
    taken.write_text("not a folder")
    monkeypatch.setenv(tile_sets.CACHE_VARIABLE, str(taken))
    spec = with_part(project, points_part(folium_map.TILED_POINTS + 1))
    part = told(folium_map.delivered(spec, "city", "", Shelf()).script)[0]
    assert part["url"]
    assert part["canvas"] is True


def test_the_base_map_is_fetched_and_its_script_is_a_line(project: Project) -> None:
    spec = compose.build(project, Request("air_quality"))
    parcel = folium_map.base_parcel(spec, Shelf())
    page = folium_map.base_map(spec, "leaflet", base_url=parcel.url).get_root()
    page.render()
    assert len(page.script.render()) < 3_000
    content = gzip.decompress(parcel.packed).decode()
    ground = re.search(r"window\.bsh\.ground=(.*);\n", content)
    assert ground
    assert json.loads(ground.group(1)) == folium_map.ground_payload(spec)


def shown(layer: str) -> AppTest:
    """The app on a layer."""
    app = AppTest.from_file(str(Path(__file__).parents[1] / "app.py"), default_timeout=120)
    app.query_params["layer"] = layer
    app.run()
    assert not app.exception
    return app


def test_the_app_fetches_where_a_server_answers(monkeypatch) -> None:
    monkeypatch.setattr(deliveries.shelf(), "served", True)
    app = shown("park_coverage")
    parcels = app.session_state["shown_view"].parcels
    assert parcels
    for one in (*parcels, app.session_state["shown_base"]):
        assert deliveries.shelf().find(one.digest) is one


def test_the_app_carries_its_data_where_no_server_answers() -> None:
    assert not deliveries.shelf().served
    app = shown("park_coverage")
    assert app.session_state["shown_view"].parcels == ()
    assert "shown_base" not in app.session_state
    assert "mapdata" not in app.session_state["shown_view"].script


def test_a_name_with_markup_stays_data_where_it_is_fetched(
    own_project: OwnProject, monkeypatch
) -> None:
    monkeypatch.setattr(folium_map, "LARGE_BYTES", 1000)
    name = "</script><img src=x onerror=alert(1)>`${x}"
    own_project.change("data/parks/parks.csv", "p003,世纪公园,Century Park", f"p003,{name},{name}")
    spec = compose.build(own_project.open(), Request("park_coverage"))
    made = folium_map.delivered(spec, "city", "", Shelf())
    assert isinstance(made, Delivered)
    assert "<" not in made.script.replace("\\u003c", "")
    texts = [gzip.decompress(one.packed).decode() for one in made.parcels]
    names = [
        feature["properties"]["name"] for text in texts for feature in json.loads(text)["features"]
    ]
    assert name in names

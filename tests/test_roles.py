"""Viewers look, editors write, strangers do neither: by rule, on the page and in what it calls."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from bsh_geo import roles
from bsh_geo.errors import DataError
from bsh_geo.project import Project, open_project
from bsh_geo.roles import Rules

LI, WANG = "li@bureau.example", "wang@bureau.example"


@pytest.fixture
def with_config(tmp_path: Path) -> Callable[[str], Project]:
    """A project folder with that text in its ``config.toml``."""

    def made(text: str) -> Project:
        (tmp_path / "config.toml").write_text(text, encoding="utf-8")
        return open_project(tmp_path)

    return made


def test_without_rules_everybody_writes(with_config: Callable[[str], Project]) -> None:
    stated = roles.rules(with_config(""))
    assert stated == Rules(True, True, False)
    assert roles.role(stated, "") == "editor"


def test_only_listed_editors_write_and_the_others_look(
    with_config: Callable[[str], Project],
) -> None:
    stated = roles.rules(with_config('[access]\nimport = [" Li@Bureau.example "]\n'))
    assert roles.role(stated, LI.upper()) == "editor"
    assert roles.role(stated, WANG) == "viewer"
    assert roles.role(stated, "") == "viewer"


def test_where_viewers_are_listed_strangers_see_nothing(
    with_config: Callable[[str], Project],
) -> None:
    text = f'[access]\nview = ["@bureau.example"]\nimport = ["{LI}", "guest@other.example"]\n'
    stated = roles.rules(with_config(text))
    assert stated.login
    found = {who: roles.role(stated, who) for who in (LI, WANG, "guest@other.example")}
    assert found == {LI: "editor", WANG: "viewer", "guest@other.example": "editor"}
    for stranger in ("", "@bureau.example", "bureau.example", "li@sub.bureau.example",
                     "li@bureau.example.evil.example"):  # fmt: skip
        assert roles.role(stated, stranger) == "none"


def test_all_who_log_in_write_where_only_the_login_is_required(
    with_config: Callable[[str], Project],
) -> None:
    stated = roles.rules(with_config("[access]\nrequire_login = true\n"))
    assert roles.role(stated, "") == "none"
    assert roles.role(stated, WANG) == "editor"


def test_where_writing_is_off_nobody_is_an_editor(with_config: Callable[[str], Project]) -> None:
    stated = roles.rules(with_config(f'[access]\nimport = false\nview = ["{LI}"]\n'))
    assert [roles.role(stated, who) for who in (LI, WANG)] == ["viewer", "none"]


def test_an_empty_list_lets_nobody_in(with_config: Callable[[str], Project]) -> None:
    stated = roles.rules(with_config("[access]\nview = []\nimport = []\n"))
    assert roles.role(stated, LI) == "none"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("access = 3", "[access] 为 3，应为一张表"),
        ("[access]\nimport = 3", "[access] import 为 3，应为 true、false 或邮箱列表"),
        ("[access]\nimport = [3]", "[access] import 为 [3]，应为 true、false 或邮箱列表"),
        ('[access]\nimport = ["li"]', "[access] import 为 “li”，应为邮箱或 @域名"),
        ("[access]\nview = false", "[access] view 为 False，应为 true 或邮箱列表"),
        ('[access]\nrequire_login = "no"', "require_login 为 no，应为 true 或 false"),
        ('[access]\nveiw = ["a@b"]', "没有设置项“veiw”，可用：import、view、require_login"),
    ],
)
def test_a_rule_that_is_no_rule_is_told_and_opens_nothing(
    with_config: Callable[[str], Project], text: str, said: str
) -> None:
    with pytest.raises(DataError) as told:
        roles.rules(with_config(text))
    assert said in told.value.zh


# On the page -------------------------------------------------------------------------------------

ROOT = Path(__file__).resolve().parents[1]
PARKS = "名称,经度,纬度,面积(公顷)\n甲公园,121.47,31.23,5\n".encode()
Open = Callable[..., AppTest]


def user(address: str, **more: object) -> dict[str, object]:
    """Somebody who signed in."""
    return {"is_logged_in": True, "email": address, "name": "李", **more}


NOBODY: dict[str, object] = {"is_logged_in": False}
SIGN_IN = {"auth": {"client_id": "a", "cookie_secret": "b", "redirect_uri": "c"}}


@pytest.fixture
def open_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """The app over a project folder of that config, for somebody."""

    def start(config: str, who: dict[str, object], page: str = "") -> AppTest:
        (tmp_path / "config.toml").write_text(config, encoding="utf-8")
        monkeypatch.chdir(ROOT)
        monkeypatch.setenv("BSH_PROJECT", str(tmp_path))
        monkeypatch.delenv("BSH_IMPORT", raising=False)
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        app.user = who
        app.secrets = SIGN_IN
        app.run()
        if page:
            app.switch_page(page).run()
        assert not app.exception
        return app

    return start


def html_of(app: AppTest) -> str:
    bodies = [element.proto.body for element in app.get("html")]
    return html.unescape("\n".join(body for body in bodies if "<style>" not in body))


def keys(app: AppTest) -> list[str]:
    return [str(one.key) for one in app.button]


LISTED = f'[access]\nview = ["@bureau.example"]\nimport = ["{LI}"]\n'


def test_strangers_see_the_door_and_nothing_of_the_project(open_app: Open) -> None:
    app = open_app(LISTED, NOBODY)
    assert "请先登录。" in html_of(app)
    assert not app.radio and not app.multiselect and not app.get("page_link")
    assert "bsh-title" not in html_of(app)


def test_one_who_is_not_listed_is_told_so_and_can_sign_out(open_app: Open) -> None:
    app = open_app(LISTED, user("x@other.example"))
    assert "x@other.example 没有查看权限" in html_of(app)
    assert not app.radio
    assert "sign-out-page" in keys(app)


def test_an_address_that_the_login_did_not_verify_counts_for_nothing(open_app: Open) -> None:
    app = open_app(LISTED, user(LI, email_verified=False))
    assert "登录没有给出经过验证的邮箱" in html_of(app)
    assert not app.radio


def test_an_address_without_a_login_counts_for_nothing(open_app: Open) -> None:
    # What a client may say of itself in a header, where no setting trusts it.
    app = open_app(LISTED, {"email": LI})
    assert "没有配置登录" in html_of(app)
    assert not app.radio


def test_a_rule_that_cannot_be_read_closes_the_door(open_app: Open) -> None:
    app = open_app("[access]\nveiw = []\n", user(LI))
    assert "[access] 没有设置项“veiw”" in html_of(app)
    assert not app.radio


def test_a_viewer_looks_and_is_told_so(open_app: Open) -> None:
    app = open_app(LISTED, user(WANG))
    assert app.radio(key="layer").value == "air_quality"
    assert "sign-out-head" in keys(app)
    assert "可查看" in [one.value for one in app.caption]


def import_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: str, who: dict[str, object]
) -> AppTest:
    """The import page with a file of parks, for somebody."""
    (tmp_path / "config.toml").write_text(config, encoding="utf-8")
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("BSH_PROJECT", str(tmp_path))
    monkeypatch.delenv("BSH_IMPORT", raising=False)
    app = AppTest.from_string(
        "from bsh_geo.ui import import_page\nimport_page.page()\n", default_timeout=60
    )
    app.user = who
    app.run()
    app.radio(key="import-kind").set_value("parks").run()
    app.file_uploader[0].upload("parks.csv", PARKS).run()
    assert not app.exception
    return app


@pytest.mark.parametrize(("who", "writes"), [(LI, True), (WANG, False), ("", False)])
def test_only_an_editor_is_shown_the_button_that_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, who: str, writes: bool
) -> None:
    app = import_page(tmp_path, monkeypatch, LISTED, user(who) if who else NOBODY)
    assert any(one.startswith("import-confirm") for one in keys(app)) is writes
    assert ("您的账号没有写入权限" in html_of(app)) is not writes


def test_a_button_that_was_drawn_for_an_editor_writes_nothing_once_he_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = import_page(tmp_path, monkeypatch, LISTED, user(LI))
    for name, value in (("crs", "EPSG:4490"), ("quality", "official")):
        box = next(one for one in app.radio if str(one.key).startswith(f"import-answer-{name}"))
        box.set_value(value).run()
    button = next(one for one in app.button if str(one.key).startswith("import-confirm"))
    assert not button.disabled
    (tmp_path / "config.toml").write_text("[access]\nimport = []\n", encoding="utf-8")
    button.click().run()
    assert not app.exception
    assert "您的账号没有写入权限" in html_of(app)
    assert [one.name for one in tmp_path.iterdir()] == ["config.toml"]


def test_undo_asks_again_who_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bsh_geo.ui import import_past

    called: list[int] = []
    monkeypatch.setattr(import_past, "undo", lambda access, number: called.append(number))
    monkeypatch.setenv("BSH_PROJECT", str(tmp_path))
    monkeypatch.delenv("BSH_IMPORT", raising=False)
    for rule, expected in (("[]", []), ("true", [7])):
        (tmp_path / "config.toml").write_text(f"[access]\nimport = {rule}\n", encoding="utf-8")
        import_past._pressed(7)
        assert called == expected

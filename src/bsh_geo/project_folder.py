"""A folder in, a project folder out: ``data/``, ``layers/`` and a commented ``config.toml``."""

from __future__ import annotations

from pathlib import Path

from bsh_geo import __version__
from bsh_geo.errors import DataError

FOLDERS = ("data", "layers")

CONFIG = f"""\
# 项目设置 · Settings of this project. Every line is optional; take the # away to use one.

# 建立本文件夹的版本 · the version of the product that made this folder
version = "{__version__}"

# 审图号、单位与标志，印在导出的地图上 · approval number, office and logo on exported maps
# approval = "审图号：沪S(2025)000号"
# office = "某区生态环境局"
# logo = "logo.png"

# 地方坐标系，导入时写 --crs local · the city's own grid, used as --crs local
# [crs]
# local = "+proj=tmerc +lat_0=31.2352 +lon_0=121.4671 +k=1 +x_0=0 +y_0=0 +ellps=GRS80 +units=m"

# 底图 osm 或 tianditu（需 key），缺省不联网 · base map tiles; without it nothing is fetched
# [basemap]
# name = "tianditu"
# key = ""

# 步行路网 · ways for park access
# [paths]
# file = "data/paths.gpkg"

# 居住人口 · residents
# [residents]
# file = "data/residents.gpkg"
# column = "population"

# 谁可以查看和导入（登录邮箱或 @域名）· who may look and import, by address of the login
# [access]
# require_login = true
# view = ["@bureau.example"]
# import = ["li@bureau.example"]

# 可供导入的数据库表，bsh-geo add redline --from hb/redline · tables that may be imported from
# [databases.hb]
# url = "$BSH_DB_HB"  # 环境变量，或 postgresql://reader@host/db · a variable, or the address
# timeout = 30  # 秒 · seconds
# [databases.hb.sources.redline]
# table = "eco.redline_2024"  # 表或视图 · a table or view
# where = "status = '现行'"  # 可不写 · optional

# 读数存放的数据库，缺省为 readings/ · the database of readings
# [store]
# url = "postgresql://user@host/database"
"""


def init(folder: Path) -> list[str]:
    """Make a project folder; gives what was made, nothing where it is one already.

    Raises
    ------
    DataError
        The folder holds something else, or cannot be written.
    """
    root = folder.expanduser()
    if root.is_file():
        raise DataError(f"{folder} 是文件，应为文件夹。", f"{folder} is a file, not a folder.")
    inside = {one.name for one in root.iterdir()} if root.is_dir() else set()
    if inside and not inside & {*FOLDERS, "config.toml", "readings"}:
        raise DataError(
            f"{folder} 不是空文件夹，也不是项目文件夹。",
            f"{folder} is neither empty nor a project folder.",
        )
    made = []
    try:
        for name in FOLDERS:
            if not (root / name).is_dir():
                (root / name).mkdir(parents=True)
                made.append(f"{name}/")
        if not (root / "config.toml").exists():
            (root / "config.toml").write_text(CONFIG, encoding="utf-8", newline="\n")
            made.append("config.toml")
    except OSError as error:
        raise DataError(
            f"无法写入 {folder}：{error.strerror}。", f"Cannot write {folder}: {error.strerror}."
        ) from error
    return made

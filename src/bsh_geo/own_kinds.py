"""The kinds of data that can be brought in: where each goes, and the heads its columns may have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from bsh_geo.catalogue import Text
from bsh_geo.errors import unknown_name
from bsh_geo.networks import folded
from bsh_geo.own_shapes import Want
from bsh_geo.site_tables import EAST, NORTH

Mode = Literal["merge", "replace"]

MODES: tuple[Mode, ...] = ("merge", "replace")

RASTER = "raster"
"""The kind whose files hold cells and no rows."""

NAMES = (
    "名称 name name_zh 中文名 中文名称 全称 简称 站点名称 站名 点位名称 测点名称 监测点名称 "
    "监测站点 站点 公园名称 公园名 湿地名称 斑块名称 红线名称 图斑名称 单元名称 街镇 街镇名称 "
    "街道名称 乡镇 乡镇名称 街道乡镇 xzqmc mc title 标题"
)
CODES = (
    "编号 id code 编码 代码 站点编号 站点编码 站点代码 测点编码 点位编码 监测点编码 公园编号 "
    "湿地编号 斑块编号 图斑编号 街镇代码 行政区划代码 xzqdm dm bh bsm 标识码 objectid_1 gid"
)
DISTRICTS = (
    "区 行政区 所属区 所在区 区县 区名 区名称 区域 辖区 行政区划 所属行政区 所在行政区 所属区县 "
    "区县名称 区划 "
    "adcode district district_zh area county 地区 单位"
)

WORDS: dict[str, str] = {
    "id": CODES,
    "code": CODES,
    "name_zh": NAMES,
    "name_en": "英文名称 英文名 name_en english ename",
    "adcode": DISTRICTS,
    "area": DISTRICTS,
    "lon": " ".join(EAST),
    "lat": " ".join(NORTH),
    "area_ha": "面积 公园面积 湿地面积 占地面积 用地面积 批准面积 公布面积 area mj tbmj 面积公顷",
    "kind_zh": "类型 类别 公园类型 公园类别 分类 kind type",
    "type_zh": "类型 类别 红线类型 功能类型 生态功能 生态功能类型 主导功能 type lx",
    "level": "级别 保护级别 等级 湿地级别 level grade",
    "designated": "设立年份 建立年份 列入年份 批准年份 年份 year designated",
    "star": "星级 公园星级 star",
    "open_24h": "24小时开放 全天开放 是否24小时开放 open24h",
    "reference": "对照点 是否对照点 清洁对照点 reference",
    "note_zh": "备注 说明 note remark 注",
    "source": "来源 数据来源 资料来源 source",
    "quality": "质量 数据性质 数据质量 quality",
    "indicator": "指标 指标名称 指标编号 项目 indicator item",
    "period": "时间 时期 年份 年度 月份 统计期 年月 日期 期间 period year month",
    "value": "数值 值 指标值 现状值 统计值 value",
    "unit": "单位 计量单位 unit",
}
"""Heads by field, the plainest first; the dataset's own titles of a column count too."""


@dataclass(frozen=True)
class Kind:
    """One kind: the datasets that its rows go to and what its geometry is.

    ``table`` and ``shapes`` are ids of datasets; ``defaults`` are cells for what a file does not
    say and the dataset requires, each told in the report.
    """

    id: str
    title: Text
    want: Want | None
    table: str | None = None
    shapes: str | None = None
    key: str = "id"
    mode: Mode = "merge"
    defaults: dict[str, str] = field(default_factory=dict)
    fields: tuple[str, ...] = ()


KINDS: dict[str, Kind] = {
    one.id: one
    for one in (
        Kind(
            "boundary",
            Text(zh="边界", en="boundaries"),
            "area",
            fields=("id", "name_zh", "name_en", "adcode"),
        ),
        Kind(
            "areas",
            Text(zh="自有区域或地点", en="areas or places of your own"),
            "any",
            fields=("id", "name_zh", "name_en", "adcode", "lon", "lat", "source", "quality"),
        ),
        Kind(
            "stations",
            Text(zh="空气质量站点", en="air quality stations"),
            "point",
            "stations",
            key="code",
            defaults={"reference": "false"},
        ),
        Kind(
            "parks",
            Text(zh="公园", en="parks"),
            "any",
            "parks",
            defaults={"kind_zh": "未说明", "kind_en": "Not stated", "location_grade": "A"},
        ),
        Kind("wetlands", Text(zh="湿地", en="wetlands"), "any", "wetlands", "wetland_shapes"),
        Kind(
            "redline",
            Text(zh="生态保护红线", en="the ecological red line"),
            "area",
            "redline_patches",
            "redline_shapes",
            mode="replace",
            defaults={"type_zh": "未说明", "type_en": "Not stated", "located": "true"},
        ),
        Kind("indicators", Text(zh="指标数值", en="figures"), None, "observations"),
        Kind(RASTER, Text(zh="栅格", en="a raster"), None),
    )
}


def kind_of(name: str) -> Kind:
    """The kind of that name.

    Raises
    ------
    UnknownNameError
        There is none.
    """
    if name not in KINDS:
        raise unknown_name("导入内容", "kind of import", name, KINDS)
    return KINDS[name]


def words(field_id: str) -> tuple[str, ...]:
    """The heads of a field, folded."""
    return tuple(dict.fromkeys(folded(one) for one in WORDS.get(field_id, "").split()))

"""What a pack holds in, the lines of its log out: what its reader must know."""

from __future__ import annotations

from bsh_geo import areas
from bsh_geo.manifest import Manifest
from bsh_geo.orders import Order
from bsh_geo.project import Project

LOG = {"zh": "制作记录.txt", "en": "log.txt"}
"""How the file is named."""


def log_lines(project: Project, order: Order, whole: Manifest) -> list[str]:
    """What the pack's reader must know: what was asked for, what differs from it, what failed."""
    english = order.lang == "en"
    colon = ": " if english else "："

    def said(zh: str, en: str) -> str:
        return en if english else zh

    names = ("、", ", ")[english].join(
        areas.area_name(project, code, order.lang) for code in order.areas
    )
    lines = [
        f"bsh-geo {whole.product} · {said('数据', 'Data')} {whole.digest[:12]}",
        f"{said('区域', 'Areas')}{colon}{names}",
        f"{said('图层', 'Layers')}{colon}{', '.join(order.layers)}",
        f"{said('时期', 'Period')}{colon}{order.period or said('各图层最新', 'newest of each')}",
        f"{said('文件', 'Files')}{colon}{len(whole.files)}",
    ]
    notes: dict[str, list[str]] = {}
    for one in whole.files:
        if one.note:
            notes.setdefault(one.note, []).append(one.name)
    if notes:
        lines += [
            "",
            said("与要求不同或没有数值的：", "Other than asked for, or without a figure:"),
        ]
        for note, files in notes.items():
            lines += [note, *(f"  {name}" for name in files)]
    lines += ["", f"{said('未能制作', 'Failed')}{colon}{len(whole.failures)}"]
    return lines + [f"  {one.name}{colon}{one.en if english else one.zh}" for one in whole.failures]

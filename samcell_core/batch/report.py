"""The report of a run: one page that holds everything it shows and asks the network for nothing."""

from __future__ import annotations

import base64
import math
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from samcell_core.batch.charts import bars, histogram
from samcell_core.batch.overlay import DOUBTFUL
from samcell_core.batch.page import as_text, failures
from samcell_core.batch.parts import Doubt, card_width, read_doubts
from samcell_core.batch.tables import ImageRow, read_columns

__all__ = ["Facts", "write_report"]

_TEMPLATE = Path(__file__).with_name("report.html")
_DOUBTS = 24
_MEASURES = ("equivalent_diameter", "equivalent_diameter_um", "circularity", "confidence")


@dataclass(frozen=True)
class Facts:
    """What the report says of the whole run.

    Attributes
    ----------
    title
        What was segmented.
    version
        Of this program.
    model
        Rows of the table on the model: name and value.
    settings
        Rows of the table on the settings.
    changed
        Names of the settings that are not the defaults.
    """

    title: str
    version: str
    model: dict[str, Any]
    settings: dict[str, Any]
    changed: frozenset[str] = field(default_factory=frozenset)


def write_report(path: Path, rows: Sequence[ImageRow], facts: Facts) -> None:
    """Write the page; nothing in it depends on when or where it is made."""
    good = [row for row in rows if not row.error]
    failed = [row for row in rows if row.error]
    template = string.Template(_TEMPLATE.read_text(encoding="utf-8"))
    page = template.substitute(
        title=as_text(facts.title),
        subtitle=as_text(
            f"Cells found by samcell-suite {facts.version}, model {facts.model['name']}"
        ),
        tiles=_tiles(good, failed),
        failures=failures("Failed", {row.image: row.error for row in failed}),
        doubts=_doubts(read_doubts(good, _DOUBTS)),
        charts=_charts(rows, good),
        images=_images(good),
        made=_made("Model", facts.model) + _made("Settings", facts.settings, facts.changed),
        card=f"min({card_width(len(rows))}px, 100%)",
    )
    with path.open("x", encoding="utf-8", newline="\n") as stream:
        stream.write(page)


def _tiles(good: Sequence[ImageRow], failed: Sequence[ImageRow]) -> str:
    cells = sum(row.count for row in good)
    doubtful = sum(int(row.summary["doubtful"]) for row in good)
    tiles = [("", f"{len(good):,}", "image" if len(good) == 1 else "images")]
    if failed:
        tiles.append(("bad", f"{len(failed):,}", "failed"))
    tiles.append(("", f"{cells:,}", "cells"))
    if good:
        cover = float(np.mean([row.summary["confluency"] for row in good]))
        tiles.append(("", f"{100 * cover:.1f}%", "mean confluency"))
        size = _mean_size(good)
        if size:
            tiles.append(("", size, "mean area of a cell"))
    if doubtful:
        tiles.append(("doubt", f"{doubtful:,}", "doubtful cells"))
    return "".join(
        f'<div class="tile {kind}"><b>{as_text(number)}</b>{name}</div>'
        for kind, number, name in tiles
    )


def _mean_size(good: Sequence[ImageRow]) -> str:
    """Mean area over all cells, in micrometres where all images tell their pixel size."""
    some = [row for row in good if row.count]
    unit = "µm²" if all("area_mean_um2" in row.summary for row in some) else "px"
    name = "area_mean_um2" if unit == "µm²" else "area_mean"
    cells = sum(row.count for row in some)
    total = math.fsum(row.count * row.summary[name] for row in some)
    if not cells:
        return ""
    mean = total / cells
    return f"{mean:,.0f} {unit}" if mean >= 100 else f"{mean:.3g} {unit}"


def _doubts(doubts: Sequence[Doubt]) -> str:
    if not doubts:
        return ""
    cards = []
    for doubt in doubts:
        where = ", ".join(part for part in (f"cell {doubt.label}", doubt.plane) if part)
        cards.append(
            f'<figure><img src="data:image/jpeg;base64,{doubt.picture}" alt="">'
            f"<figcaption>{as_text(doubt.image)}<br><small>{as_text(where)}, confidence "
            f"{doubt.confidence:.2f}</small></figcaption></figure>"
        )
    return (
        "<h2>Look at these cells first</h2>"
        f'<p class="soft">The cells of which the model is least sure, in orange (confidence below '
        f"{DOUBTFUL:g}, which is a rank and no probability). A whole table of them: sort cells.csv "
        "by confidence.</p>"
        f'<div class="doubts">{"".join(cards)}</div>'
    )


def _charts(rows: Sequence[ImageRow], good: Sequence[ImageRow]) -> str:
    names = [row.image for row in rows]
    charts = []
    if len(rows) > 1:
        counts = [float(row.summary.get("count", math.nan)) for row in rows]
        cover = [float(row.summary.get("confluency", math.nan)) for row in rows]
        charts.append(("Cells in each image", bars(counts, names)))
        charts.append(("Confluency of each image", bars(cover, names, percent=True)))
    diameter, micrometres, circularity, confidence = _cells(good)
    scaled = bool(micrometres) and not any(map(math.isnan, micrometres))
    charts.append(
        (
            "Diameter of the cells (of a circle of the same area)",
            histogram(micrometres, "µm") if scaled else histogram(diameter, "px"),
        )
    )
    charts.append(("Circularity of the cells", histogram(circularity, limits=(0.0, 1.2))))
    charts.append(("Confidence in the cells", histogram(confidence, limits=(0.0, 1.0))))
    return "".join(
        f'<div class="chart"><h3>{as_text(title)}</h3>{chart}</div>' for title, chart in charts
    )


def _cells(good: Iterable[ImageRow]) -> list[list[float]]:
    """The measures of all cells that are drawn as histograms."""
    columns: list[list[float]] = [[] for _ in _MEASURES]
    for row in good:
        if row.part is not None:
            for values in read_columns(row.part, _MEASURES):
                for column, value in zip(columns, values, strict=True):
                    column.append(value)
    return columns


def _images(good: Sequence[ImageRow]) -> str:
    if not good:
        return ""
    cards = "".join(_card(place, row) for place, row in enumerate(good))
    orders = (
        ("place", "in order"),
        ("doubtful", "most doubtful first"),
        ("count", "most cells first"),
        ("cover", "most confluent first"),
    )
    buttons = "".join(
        f'<button type="button" data-by="{key}" aria-pressed="{str(key == "place").lower()}">'
        f"{words}</button>"
        for key, words in orders
    )
    order = f'<div class="order">{buttons}</div>' if len(good) > 1 else ""
    return (
        '<h2>Images</h2><p class="soft"><span class="key" style="background:#3cdcf0"></span>cells '
        '<span class="key" style="background:#ff823c"></span>doubtful cells</p>'
        f'{order}<div class="images">{cards}</div>'
    )


def _card(place: int, row: ImageRow) -> str:
    summary = row.summary
    assert row.part is not None  # a row without an error has its parts
    jpeg = base64.b64encode((row.part / "thumbnail.jpg").read_bytes()).decode("ascii")
    picture = f'<img src="data:image/jpeg;base64,{jpeg}" alt="">'
    overlay = next((each for each in row.outputs if each.startswith("overlays/")), None)
    if overlay is not None:
        picture = f'<a href="{as_text(quote(overlay))}">{picture}</a>'
    cover = 100 * float(summary["confluency"])
    facts = [f"{row.count:,} {'cell' if row.count == 1 else 'cells'}", f"{cover:.1f}% covered"]
    if summary["planes"] > 1:
        facts.append(f"{summary['planes']} planes")
    doubtful = int(summary["doubtful"])
    if doubtful:
        facts.append(f'<span class="doubtful">{doubtful:,} doubtful</span>')
    notes = f"<br><small>{as_text(' '.join(row.notes))}</small>" if row.notes else ""
    return (
        f'<figure data-place="{place}" data-count="{row.count}" data-cover="{cover:.4f}" '
        f'data-doubtful="{doubtful}">{picture}<figcaption>{as_text(row.image)}'
        f'<div class="cover"><i style="width:{cover:.1f}%"></i></div>'
        f"<small>{', '.join(facts)}</small>{notes}</figcaption></figure>"
    )


def _made(title: str, values: dict[str, Any], bold: frozenset[str] = frozenset()) -> str:
    lines = []
    for name, value in values.items():
        shown = "auto" if value is None else value
        cell = f"<b>{as_text(shown)}</b>" if name in bold else as_text(shown)
        lines.append(f"<tr><th>{as_text(name)}</th><td>{cell}</td></tr>")
    return f"<table><caption hidden>{as_text(title)}</caption>{''.join(lines)}</table>"

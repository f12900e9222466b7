"""What is kept of each image for the tables and the report, beside its results."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from samcell_core.batch.overlay import DOUBTFUL, closeup, encode, overlay_picture
from samcell_core.batch.results import Result, plane_name
from samcell_core.batch.tables import ImageRow
from samcell_core.metrics import summarize

__all__ = [
    "Doubt",
    "card_width",
    "read_doubts",
    "row_of",
    "summary_of",
    "thumbnail_side",
    "write_parts",
]

_DOUBTS_AN_IMAGE = 6
_QUALITY = 55
# Up to so many images: longest side of their pictures in the report, and their width on the page.
_SIZES = ((4, 960, 900), (40, 480, 320), (150, 220, 200))
_MANY = (150, 150)


@dataclass(frozen=True)
class Doubt:
    """A cell that one should look at.

    Attributes
    ----------
    image, plane, label
        Which cell: the plane in words, empty for a single one.
    confidence
        Of its kind the least.
    picture
        JPEG of its surroundings, in base64.
    """

    image: str
    plane: str
    label: int
    confidence: float
    picture: str


def thumbnail_side(images: int) -> int:
    """Longest side of a picture in the report: a few may be large, many have to be small."""
    return next((side for most, side, _ in _SIZES if images <= most), _MANY[0])


def card_width(images: int) -> int:
    """Least width on the page of the report that the picture of an image gets."""
    return next((width for most, _, width in _SIZES if images <= most), _MANY[1])


def write_parts(folder: Path, result: Result, thumbnail: int) -> None:
    """Write the parts of one image.

    Parameters
    ----------
    folder
        Where; it exists.
    result
        The image and its cells.
    thumbnail
        Longest side of its picture in the report.
    """
    result.table.to_csv(folder / "cells.csv")
    picture = overlay_picture(result, side=thumbnail)
    (folder / "thumbnail.jpg").write_bytes(encode(picture, ".jpg", quality=_QUALITY))
    doubts = [asdict(doubt) for doubt in _doubts(result)]
    (folder / "doubts.json").write_text(json.dumps(doubts), encoding="utf-8")


def summary_of(result: Result) -> dict[str, Any]:
    """Numbers of the whole image: one row of the table of images."""
    segmentation = result.segmentation
    height, width = segmentation.labels.shape[-2:]
    summary: dict[str, Any] = {
        **summarize(result.table, segmentation),
        "height": int(height),
        "width": int(width),
        "doubtful": int(np.count_nonzero(result.table["confidence"] < DOUBTFUL)),
    }
    if segmentation.pixel_size is not None:
        down, across = segmentation.pixel_size
        summary |= {"pixel_height_um": float(down), "pixel_width_um": float(across)}
    return summary


def row_of(record: Mapping[str, Any], part: Path) -> ImageRow:
    """The row of an image that is finished."""
    return ImageRow(
        image=record["image"],
        name=record["name"],
        sha256=record["sha256"],
        summary=dict(record["summary"]),
        notes=tuple(record["notes"]),
        part=part,
        outputs=tuple(record["outputs"]),
    )


def read_doubts(rows: Iterable[ImageRow], most: int) -> list[Doubt]:
    """The most doubtful cells of all images, those of least confidence first."""
    doubts: list[Doubt] = []
    for row in rows:
        if row.part is None:
            continue
        text = (row.part / "doubts.json").read_text(encoding="utf-8")
        doubts += [Doubt(**values) for values in json.loads(text)]
        doubts = sorted(doubts, key=lambda doubt: doubt.confidence)[:most]
    return doubts


def _doubts(result: Result) -> list[Doubt]:
    table = result.table
    order = np.argsort(table["confidence"], kind="stable")[:_DOUBTS_AN_IMAGE]
    boxes = [table[f"bbox_{edge}"] for edge in ("top", "left", "bottom", "right")]
    doubts = []
    for row in order:
        confidence = float(table["confidence"][row])
        if math.isnan(confidence) or confidence >= DOUBTFUL:
            continue
        plane, label = int(table["plane"][row]), int(table["id"][row])
        box = (int(boxes[0][row]), int(boxes[1][row]), int(boxes[2][row]), int(boxes[3][row]))
        jpeg = encode(closeup(result.picture(plane), label, box), ".jpg")
        doubts.append(
            Doubt(
                image=result.shown,
                plane=plane_name(result, plane),
                label=label,
                confidence=confidence,
                picture=base64.b64encode(jpeg).decode("ascii"),
            )
        )
    return doubts

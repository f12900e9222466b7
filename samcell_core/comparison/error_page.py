"""A page that shows what is wrong: scores, and pictures of the worst images first.

One file without any reference to another, so that it can be opened anywhere, mailed and kept.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from samcell_core.batch.page import as_text, failures
from samcell_core.batch.reasons import reason_of
from samcell_core.comparison.error_pictures import KINDS, ErrorPictures, draw_errors
from samcell_core.comparison.evaluation_run import EvaluatedImage, scores_row, worst_first
from samcell_core.comparison.label_files import LabelReader, Labels, frame_of
from samcell_core.errors import SamcellError
from samcell_core.images import Image, read_image
from samcell_core.metrics import Evaluation, PooledEvaluation

__all__ = ["error_page"]

_TEMPLATE = Path(__file__).with_name("error_page.html")


@dataclass(frozen=True)
class _Column:
    """A column of the tables: name in the row of scores, heading, what it means."""

    key: str
    heading: str
    help: str
    score: bool = False


_COLUMNS = (
    _Column("truth_count", "true", "true cells"),
    _Column("predicted_count", "predicted", "predicted cells"),
    _Column("merged", "merged", "predicted cells that cover several true ones"),
    _Column("split", "split", "true cells that hold several predicted ones"),
    _Column("missed", "missed", "true cells of which no predicted cell covers more than half"),
    _Column("spurious", "spurious", "predicted cells that cover more than half of no true one"),
    _Column("op_csb", "OP_CSB", "mean of SEG and DET", score=True),
    _Column("seg", "SEG", "mean overlap of the true cells, 0 for missed ones", score=True),
    _Column("det", "DET", "1 less the cost of the wrong cells", score=True),
)


def error_page(
    images: Sequence[EvaluatedImage],
    pooled: PooledEvaluation,
    *,
    reader: LabelReader,
    title: str,
    pictures: int = 24,
    left_out: Mapping[str, str] | None = None,
) -> str:
    """HTML of a page: scores, legend, a table of all images, pictures of the worst ones.

    Parameters
    ----------
    images
        All images; the labels of the worst ones are read again to draw them, so that memory does
        not grow with their number.
    pooled
        Scores of all of them together.
    reader
        What reads the labels.
    title
        Heading of the page.
    pictures
        How many images are shown at most.
    left_out
        Files that were not evaluated at all, and why.
    """
    ordered = worst_first(images)
    failed = {image.name: image.error for image in ordered if image.scores is None}
    failed |= left_out or {}
    scored = [image for image in ordered if image.scores is not None]
    shown = {image.match: number for number, image in enumerate(scored[:pictures], start=1)}
    columns = (*_COLUMNS, *_precision_columns(pooled))
    values = scores_row(pooled)
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=as_text(title),
        images=f"{len(scored)} image{'' if len(scored) == 1 else 's'}",
        counts="".join(_tile(column, values) for column in columns if not column.score),
        scores="".join(_tile(column, values) for column in columns if column.score),
        legend="".join(_legend_entry(number) for number in range(len(KINDS))),
        failures=failures("Not evaluated", failed),
        head="".join(_heading(column) for column in columns),
        rows="".join(_row(image, columns, shown.get(image.match)) for image in scored),
        figures="".join(
            _figure(image, number, columns, reader)
            for image, number in zip(scored, shown.values(), strict=False)
        ),
        more=_more(len(scored) - len(shown)),
    )


def _precision_columns(pooled: PooledEvaluation) -> tuple[_Column, ...]:
    return tuple(
        _Column(
            f"average_precision_{each.threshold:g}",
            f"AP {each.threshold:g}",
            f"matches as part of all cells of either side, at an IoU of {each.threshold:g}",
            score=True,
        )
        for each in pooled.matches
    )


def _number(column: _Column, values: dict[str, Any]) -> str:
    value = values[column.key]
    if not column.score:
        return f"{value:d}"
    return "" if math.isnan(value) else f"{value:.3f}"


def _tile(column: _Column, values: dict[str, Any]) -> str:
    return (
        f'<div class="tile" title="{as_text(column.help)}"><b>{_number(column, values)}</b>'
        f"{as_text(column.heading)}</div>"
    )


def _legend_entry(number: int) -> str:
    kind = KINDS[number]
    return (
        f'<li><i style="background:rgb{kind.colour}"></i>'
        f"<b>{as_text(kind.name)}</b> {as_text(kind.help)}</li>"
    )


def _heading(column: _Column) -> str:
    return f'<th title="{as_text(column.help)}">{as_text(column.heading)}</th>'


def _row(image: EvaluatedImage, columns: Sequence[_Column], number: int | None) -> str:
    assert image.scores is not None
    values = scores_row(image.scores)
    name = as_text(image.name)
    link = name if number is None else f'<a href="#image-{number}">{name}</a>'
    cells = "".join(f"<td>{_number(column, values)}</td>" for column in columns)
    return f"<tr><th>{link}</th>{cells}</tr>"


def _more(count: int) -> str:
    if count <= 0:
        return ""
    return f"<p>{count} more image{'' if count == 1 else 's'} with better scores, not shown.</p>"


def _figure(
    image: EvaluatedImage, number: int, columns: Sequence[_Column], reader: LabelReader
) -> str:
    assert image.scores is not None
    values = scores_row(image.scores)
    planes = image.scores.images
    worst = min(range(len(planes)), key=lambda place: planes[place].op_csb)
    try:
        drawn = _drawn(image, planes[worst], worst, reader)
    except Exception as error:  # without a picture the page still has the scores
        body = f"<p>{as_text(reason_of(error))}</p>"
    else:
        over_image = image.image is not None
        body = "".join(
            f'<div><h4>{side}</h4><img alt="{side} of {as_text(image.name)}, coloured by what is '
            f'wrong with them" src="{_data_url(picture, over_image)}"></div>'
            for side, picture in (
                ("predicted cells", drawn.predicted),
                ("true cells", drawn.truth),
            )
        )
        body = f'<div class="pair">{body}</div>'
        body += _part(drawn, worst, len(planes))
    wrong = ", ".join(
        f"{values[key]} {key}" for key in ("merged", "split", "missed", "spurious") if values[key]
    )
    scores = " &nbsp; ".join(
        f"{as_text(column.heading)} {_number(column, values)}" for column in columns if column.score
    )
    return (
        f'<section class="image" id="image-{number}"><h3>{as_text(image.name)}</h3>'
        f'<p class="soft">{wrong or "no cell is wrong"} of {values["truth_count"]} true and '
        f"{values['predicted_count']} predicted cells &nbsp; {scores}</p>{body}</section>"
    )


def _drawn(
    image: EvaluatedImage, evaluation: Evaluation, plane: int, reader: LabelReader
) -> ErrorPictures:
    both = reader.read_both(image.match.first, image.match.second, image.image)
    predicted, truth = (
        labels.array.reshape(-1, *labels.array.shape[-2:])[plane] for labels in both
    )
    below = None
    if image.image is not None:
        below = read_image(image.image)
        _check_frames(image.image.name, below, both[1])
    return draw_errors(evaluation, predicted, truth, below, plane)


def _check_frames(name: str, image: Image, labels: Labels) -> None:
    """Refuse an image of another height or width than its labels, or of other planes."""
    (*planes, height, width), _, _ = frame_of(image)
    (*labelled, tall, wide) = labels.array.shape
    if (height, width) != (tall, wide):
        raise SamcellError(
            f"{name} has {height} x {width} pixels and the labels have {tall} x {wide}, so they "
            "cannot be shown together."
        )
    # An axis of one plane, such as a single time point, is often left out.
    if [size for size in planes if size > 1] != [size for size in labelled if size > 1]:
        raise SamcellError(
            f"{name} has {_in_words(planes)} and the labels have {_in_words(labelled)}, so they "
            "cannot be shown together."
        )


def _in_words(planes: Sequence[int]) -> str:
    count = math.prod(planes)
    sizes = " x ".join(map(str, planes)) if len(planes) > 1 else str(count)
    return f"{sizes} plane{'' if count == 1 else 's'}"


def _part(drawn: ErrorPictures, plane: int, planes: int) -> str:
    words = []
    if planes > 1:
        words.append(f"plane {plane + 1} of {planes}, the worst one")
    if not drawn.whole:
        words.append(
            f"rows {drawn.rows[0]} to {drawn.rows[1] - 1}, columns {drawn.columns[0]} to "
            f"{drawn.columns[1] - 1}, where most is wrong"
        )
    return f'<p class="soft">Shown: {"; ".join(words)}.</p>' if words else ""


def _data_url(picture: NDArray[np.uint8], photograph: bool) -> str:
    """A picture inside the page: JPEG for photographs, which PNG would make huge."""
    if photograph:
        # Colours at full resolution: outlines are thin.
        fine = (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)
        _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 85, *fine])
    else:
        _, data = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 6])
    kind = "jpeg" if photograph else "png"
    return f"data:image/{kind};base64,{base64.b64encode(data.tobytes()).decode('ascii')}"

"""What the window of the module shows of one image: kept by the run, drawn later from that alone.

The run may be in another process, which can send arrays and plain values.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from samcell_module.replies import thresholds_and_scale

__all__ = ["draw", "keep"]


def keep(
    data: Any,
    pixels: Any,
    labels: Any,
    unfiltered: Any,
    confidence: Any,
    header: dict[str, Any],
    *,
    cycle: int,
) -> None:
    """Keep what is to be drawn.

    Parameters
    ----------
    data
        Gets it as attributes.
    pixels
        The image as CellProfiler has it.
    labels
        The accepted objects, 1..n.
    unfiltered
        All objects, before any was discarded.
    confidence
        Of each of them; ``None`` where it was not measured.
    header
        Of the engine's reply.
    cycle
        Number of the image.
    """
    data.image = pixels
    data.cycle = int(cycle)
    data.labels = labels
    data.discarded = np.where(labels == 0, unfiltered, 0)
    found = int(unfiltered.max(initial=0)) - int(labels.max(initial=0))
    data.statistics = _sizes(labels, found) + _engine(header)
    if confidence is not None and confidence.size:
        data.statistics.append(["Median confidence", f"{np.nanmedian(confidence):.3g}"])


def draw(data: Any, figure: Any, name: str) -> None:
    """Draw the image, the objects, their outlines on the image, and a table.

    Parameters
    ----------
    data
        What `keep` has kept.
    figure
        A figure of CellProfiler.
    name
        Of the objects.
    """
    figure.set_subplots((2, 2))
    colour = data.image.ndim == 3
    show = figure.subplot_imshow_color if colour else figure.subplot_imshow_grayscale
    axes = show(0, 0, data.image, f"Input image, cycle #{data.cycle}")
    figure.subplot_imshow_labels(1, 0, data.labels, name, sharexy=axes)
    outlines = [
        {"name": name, "labels": [data.labels]},
        {"name": "Discarded objects", "labels": [data.discarded]},
    ]
    show(0, 1, data.image, f"{name} outlines", cplabels=outlines, sharexy=axes)
    figure.subplot_table(
        1,
        1,
        [[value] for _, value in data.statistics],
        row_labels=[label for label, _ in data.statistics],
    )


def _sizes(labels: Any, discarded: int) -> list[list[str]]:
    areas = np.bincount(labels.ravel())[1:]
    rows = [
        ["# of accepted objects", str(areas.size)],
        ["# of discarded objects", str(discarded)],
    ]
    if areas.size:
        diameters = np.sqrt(4 * areas / np.pi)
        for name, share in (("10th pctile", 10), ("Median", 50), ("90th pctile", 90)):
            rows.append([f"{name} diameter", f"{np.percentile(diameters, share):.1f} pixels"])
        rows.append(["Area covered by objects", f"{100 * areas.sum() / labels.size:.1f} %"])
    return rows


def _engine(header: dict[str, Any]) -> list[list[str]]:
    used = thresholds_and_scale(header)
    where = f"{header['device']}, {header['precision']}"
    if header["device"] == "cpu":
        threads = header["threads"]
        where += f", {threads} thread" + ("s" if threads != 1 else "")
    return [
        ["Peak threshold", f"{used['PeakThreshold']:.3g}"],
        ["Fill threshold", f"{used['FillThreshold']:.3g}"],
        ["Scale", f"{used['Scale']:.3g}"],
        ["Model", str(header["model"]["name"])],
        ["Network on", where],
    ]

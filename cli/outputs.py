"""The kinds of files that ``--save`` chooses among."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from samcell_core.batch import Output, Result, write_distance_map, write_mask, write_overlay

__all__ = ["DEFAULT", "OUTPUTS", "SaveChoice"]


def _write_labels(path: Path, result: Result, _: int) -> None:
    import imagej_bridge

    segmentation = result.segmentation
    imagej_bridge.write_label_tiff(
        path, segmentation.labels, axes=segmentation.axes, pixel_size=segmentation.pixel_size
    )


def _write_rois(path: Path, result: Result, _: int) -> None:
    import imagej_bridge

    imagej_bridge.write_roi_set(path, **_cells(result))


def _write_geojson(path: Path, result: Result, _: int) -> None:
    import imagej_bridge

    imagej_bridge.write_geojson(path, **_cells(result))


def _cells(result: Result) -> dict[str, Any]:
    """What files of outlines are made of."""
    segmentation = result.segmentation
    return {
        "labels": segmentation.labels,
        "axes": segmentation.axes,
        "confidence": result.table["confidence"],
    }


OUTPUTS: dict[str, Output] = {
    output.kind: output
    for output in (
        Output("labels", "labels", ".tif", "label images for ImageJ", _write_labels),
        Output("rois", "rois", "_RoiSet.zip", "ROIs for ImageJ", _write_rois),
        Output("overlays", "overlays", ".png", "outlines on the image", write_overlay),
        Output("distance", "distance", ".tif", "the predicted distance map", write_distance_map),
        Output("masks-png", "masks", ".png", "16-bit labels, a file a plane", write_mask, True),
        Output("geojson", "geojson", ".geojson", "outlines for QuPath", _write_geojson),
    )
}
DEFAULT = ("labels", "rois", "overlays")


class SaveChoice(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """Kinds of files, with commas between them."""

    name = "kinds"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """From text to kinds, in the order in which they are declared."""
        if isinstance(value, tuple):
            return value
        words = [word.strip() for word in str(value).split(",") if word.strip()]
        if words == ["none"]:
            return ()
        if words == ["all"]:
            return tuple(OUTPUTS)
        for word in words:
            if word not in OUTPUTS:
                known = ", ".join(OUTPUTS)
                self.fail(f"there is no {word!r}: known are {known}, all, none.", param, ctx)
        if not words:
            self.fail("give at least one kind, or none.", param, ctx)
        return tuple(kind for kind in OUTPUTS if kind in words)

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 - as click asks
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """Kinds that the Tab key offers behind those that are there already."""
        before, comma, word = incomplete.rpartition(",")
        kinds = OUTPUTS if comma else (*OUTPUTS, "all", "none")
        return [CompletionItem(before + comma + kind) for kind in kinds if kind.startswith(word)]

"""In which order settings are saved and shown, and which of them have an effect."""

from __future__ import annotations

from typing import Any

from samcell_module.settings import BY_DIAMETER, BY_FACTOR, MODEL_FILE

__all__ = ["in_pipelines", "in_window", "visible"]

_IN_PIPELINES = (
    "x_name",
    "y_name",
    "model",
    "model_folder",
    "model_file",
    "scaling",
    "diameter",
    "factor",
    "size_range",
    "exclude_size",
    "exclude_border_objects",
    "fill_holes",
    "own_thresholds",
    "peak",
    "fill",
    "wants_confidence",
    "wants_distance",
    "distance_name",
    "device",
    "precision",
    "engine",
)
"""Append, never reorder: pipelines hold values alone."""

_FIRST = {
    "model_heading": "model",
    "objects_heading": "exclude_size",
    "output_heading": "wants_confidence",
    "engine_heading": "device",
}
"""Headings, and the settings that they stand above."""


def in_pipelines(module: Any) -> list[Any]:
    """All settings in the order in which pipelines hold them."""
    return [getattr(module, name) for name in _IN_PIPELINES]


def in_window(module: Any) -> list[Any]:
    """All settings in the order in which the window shows them."""
    shown = in_pipelines(module)
    shown.remove(module.size_range)
    shown.insert(shown.index(module.exclude_size) + 1, module.size_range)
    return shown


def visible(module: Any) -> list[Any]:
    """Settings that have an effect, under the headings of their groups."""
    hidden = set()
    if module.model.value != MODEL_FILE:
        hidden |= {"model_folder", "model_file"}
    if module.scaling.value != BY_DIAMETER:
        hidden.add("diameter")
    if module.scaling.value != BY_FACTOR:
        hidden.add("factor")
    if not module.exclude_size.value:
        hidden.add("size_range")
    if module.own_thresholds.value:
        hidden |= {"peak", "fill"}
    if not module.wants_distance.value:
        hidden.add("distance_name")
    unseen = [getattr(module, name).key() for name in hidden]
    seen = [setting for setting in in_window(module) if setting.key() not in unseen]
    for heading, first in _FIRST.items():
        seen.insert(seen.index(getattr(module, first)), getattr(module, heading))
    return seen

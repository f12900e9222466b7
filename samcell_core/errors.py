"""Errors that a user can act on: one sentence with what was wrong, where, and what to do."""

from __future__ import annotations

__all__ = [
    "DeviceError",
    "ImageError",
    "ModelError",
    "SamcellError",
    "SettingsError",
    "TrainingError",
]


class SamcellError(Exception):
    """Anything this project refuses to do, with a sentence for the person who asked."""


class ImageError(SamcellError):
    """An image that cannot be read, or whose shape or content cannot be segmented."""


class SettingsError(SamcellError, ValueError):
    """A setting with a value outside its range, or an unknown setting."""


class ModelError(SamcellError):
    """A model that cannot be found, read, or recognised."""


class DeviceError(SamcellError):
    """A device or precision that this machine does not have, or that ran out of memory."""


class TrainingError(SamcellError):
    """Images or labels that cannot be trained on, or a run that cannot go on."""

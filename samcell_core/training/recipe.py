"""A whole training run in one file: data, settings, network."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from samcell_core.errors import SettingsError
from samcell_core.models.lite import LiteShape
from samcell_core.models.lite_file import shape_of
from samcell_core.training.settings import TrainingSettings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["Recipe", "read_recipe"]


@dataclass(frozen=True)
class Recipe:
    """What a recipe file says.

    Attributes
    ----------
    settings
        How to train.
    shape
        Size of the network; where the recipe does not say, that of the network to start from, else
        the usual one.
    name, licence
        Of the model that comes out.
    diameter
        To which it brings the cells of an image; where the recipe does not say, that of the
        network to start from, else none.
    fraction
        Share of each set that validates.
    split
        Another number chooses other groups to validate on.
    left_out
        Sets that are only validated on.
    """

    settings: TrainingSettings = field(default_factory=TrainingSettings)
    shape: LiteShape | None = None
    name: str = "my-model"
    licence: str | None = None
    diameter: float | None = None
    fraction: float = 0.15
    split: int = 0
    left_out: Sequence[str] = ()


def read_recipe(path: str | Path) -> Recipe:
    """Read a TOML file with the tables ``model``, ``data``, ``network`` and ``training``."""
    path = Path(path)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"The recipe {path} cannot be read ({error.strerror}): check its name and rights."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The recipe {path} is not valid TOML: {error}.") from error
    try:
        return _recipe(content)
    except SettingsError as error:
        raise SettingsError(f"The recipe {path}: {error}") from error


def _recipe(content: dict[str, Any]) -> Recipe:
    tables: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
        "model": lambda values: _only(values, name=_text, licence=_text, diameter=_diameter),
        "data": lambda values: _only(values, fraction=_number, split=_whole, left_out=_texts),
        "network": lambda values: {"shape": _shape(values)},
        "training": lambda values: {"settings": TrainingSettings.from_dict(values)},
    }
    wanted: dict[str, Any] = {}
    for name, values in content.items():
        if name not in tables or not isinstance(values, dict):
            raise SettingsError(f"there is no table [{name}]: there are {', '.join(tables)}.")
        wanted |= tables[name](values)
    return Recipe(**wanted)


def _only(values: dict[str, Any], **checks: Callable[[Any], str]) -> dict[str, Any]:
    """Values, if they have known names and each passes its check, which says what is wrong."""
    for name, value in values.items():
        if name not in checks:
            raise SettingsError(f"there is no setting {name!r}: there are {', '.join(checks)}.")
        if wanted := checks[name](value):
            raise SettingsError(f"{name}={value!r} should be {wanted}.")
    return values


def _text(value: Any) -> str:
    return "" if isinstance(value, str) and value else "a text in quotes"


def _texts(value: Any) -> str:
    fits = isinstance(value, list) and not any(map(_text, value))
    return "" if fits else "a list of texts in quotes"


def _number(value: Any) -> str:
    return "" if isinstance(value, (int, float)) and not isinstance(value, bool) else "a number"


def _diameter(value: Any) -> str:
    fits = not _number(value) and 1 <= value <= 1000
    return "" if fits else "a number from 1 to 1000"


def _whole(value: Any) -> str:
    return "" if isinstance(value, int) and not isinstance(value, bool) else "a whole number"


def _shape(values: dict[str, Any]) -> LiteShape:
    _only(values, widths=_numbers, depths=_numbers)
    try:
        return shape_of({**LiteShape().to_dict(), **values})
    except ValueError as error:
        raise SettingsError(f"[network] does not describe a network: {error}.") from error


def _numbers(value: Any) -> str:
    fits = isinstance(value, list) and not any(map(_whole, value))
    return "" if fits else "a list of whole numbers"

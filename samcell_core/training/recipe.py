"""A whole training run in one file: data, settings, network."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from samcell_core.errors import SettingsError
from samcell_core.models.lite import LiteShape
from samcell_core.models.lite_file import shape_of
from samcell_core.models.samcell import SamcellShape
from samcell_core.training.sam.settings import SamTrainingSettings
from samcell_core.training.settings import TrainingSettings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["NETWORKS", "Recipe", "network_in", "parse_setting", "read_recipe"]

NETWORKS = ("lite", "sam")
"""Networks that can be trained: the small one, and SAM's."""

_TABLES = ("model", "data", "network", "training")
_FITS = ("pad", "crop")


@dataclass(frozen=True)
class Recipe:
    """What a recipe file says.

    Attributes
    ----------
    settings
        How to train: `TrainingSettings` for the small network, `SamTrainingSettings` for SAM's.
    shape
        Size of the network; where the recipe does not say, that of the network to start from, else
        the usual one.
    name, licence
        Of the model that comes out.
    diameter
        To which the small network brings the cells of an image; where the recipe does not say,
        that of the network to start from, else none.
    fraction
        Share of each set that validates.
    split
        Another number chooses other groups to validate on.
    left_out
        Sets that are only validated on.
    scenes
        Number of synthetic scenes to train on as well.
    fit, side
        How images are brought to one size before they are cut into crops, as in
        `samcell_core.datasets.fit`, and to which; ``None`` takes them as they are.
    """

    settings: TrainingSettings | SamTrainingSettings = field(default_factory=TrainingSettings)
    shape: LiteShape | SamcellShape | None = None
    name: str = "my-model"
    licence: str | None = None
    diameter: float | None = None
    fraction: float = 0.15
    split: int = 0
    left_out: Sequence[str] = ()
    scenes: int = 0
    fit: Literal["pad", "crop"] | None = None
    side: int = 512

    @property
    def network(self) -> str:
        """The network that is trained: one of `NETWORKS`."""
        return "sam" if isinstance(self.settings, SamTrainingSettings) else "lite"


def read_recipe(
    path: str | Path | None, *, changes: Mapping[str, Any] | None = None, network: str = "lite"
) -> Recipe:
    """Read a TOML file with the tables ``model``, ``data``, ``network`` and ``training``.

    Parameters
    ----------
    path
        The file; ``None`` for the usual values.
    changes
        Tables of what is to be otherwise than in the file.
    network
        What is trained where neither of them says it.

    Raises
    ------
    SettingsError
        The file cannot be read, or there is no such setting or value.
    """
    content = {} if path is None else _read(Path(path))
    asked = _merged(content, changes or {})
    network = _network(asked, network)
    try:
        _recipe(content, network)
    except SettingsError as error:
        raise SettingsError(f"The recipe {path}{_of(content, network)}: {error}") from error
    try:
        return _recipe(asked, network)
    except SettingsError as error:
        raise SettingsError(_sentence(error)) from error


def network_in(
    path: str | Path | None, *, changes: Mapping[str, Any] | None = None, network: str = "lite"
) -> str:
    """The network that `read_recipe` would read with the same arguments a recipe for.

    Raises
    ------
    SettingsError
        The file cannot be read, or there is no such network.
    """
    return _network(_merged({} if path is None else _read(Path(path)), changes or {}), network)


def parse_setting(text: str) -> dict[str, Any]:
    """Tables of what a text such as ``learning_rate=0.001`` or ``data.fraction=0.2`` says.

    Values are those of TOML; words need no quotes. Names without a table are training settings.

    Raises
    ------
    SettingsError
        It says nothing of the kind.
    """
    name, equals, value = (part.strip() for part in text.partition("="))
    value = value.lower() if value in ("True", "False") else value
    for written in (value, json.dumps(value)):
        try:
            found = tomllib.loads(f"{name} = {written}")
        except tomllib.TOMLDecodeError:
            continue
        if equals and value and len(found) == 1:
            return found if next(iter(found)) in _TABLES else {"training": found}
    raise SettingsError(
        f"{text!r} is no setting: write NAME=VALUE, such as learning_rate=0.0005, or "
        "TABLE.NAME=VALUE, such as data.fraction=0.2."
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"The recipe {path} cannot be read ({error.strerror}): check its name and rights."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The recipe {path} is not valid TOML: {error}.") from error


def _merged(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The first with the second in it, table by table."""
    both = dict(content)
    for name, value in changes.items():
        before = both.get(name)
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            value = _merged(before, value)
        both[name] = value
    return both


def _network(content: Mapping[str, Any], otherwise: str) -> str:
    model = content.get("model", {})
    network = model.get("network", otherwise) if isinstance(model, Mapping) else otherwise
    if network not in NETWORKS:
        raise SettingsError(f"The network of [model] is {network!r} and should be 'lite' or 'sam'.")
    return str(network)


def _recipe(content: Mapping[str, Any], network: str) -> Recipe:
    of_model = {"name": _text, "licence": _text, "network": _any}
    if network == "lite":
        of_model["diameter"] = _diameter
    of_data = {
        "fraction": _number,
        "split": _whole,
        "left_out": _texts,
        "scenes": _count,
        "fit": _way_to_fit,
        "side": _side,
    }
    settings = TrainingSettings if network == "lite" else SamTrainingSettings
    tables: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
        "model": lambda values: _only(values, **of_model),
        "data": lambda values: _only(values, **of_data),
        "network": lambda values: {"shape": _shape(values, network)},
        "training": lambda values: {"settings": settings.from_dict(values)},
    }
    wanted: dict[str, Any] = {"settings": settings()}
    for name, values in content.items():
        if name not in tables or not isinstance(values, dict):
            raise SettingsError(f"there is no table [{name}]: there are {', '.join(tables)}.")
        wanted |= tables[name](values)
    wanted.pop("network", None)
    if network == "lite":  # whose settings hold the number of scenes
        if "scenes" in wanted:
            wanted["settings"] = dataclasses.replace(wanted["settings"], scenes=wanted["scenes"])
        wanted["scenes"] = wanted["settings"].scenes
    return Recipe(**wanted)


def _only(values: dict[str, Any], **checks: Callable[[Any], str]) -> dict[str, Any]:
    """Values, if they have known names and each passes its check, which says what is wrong."""
    for name, value in values.items():
        if name not in checks:
            raise SettingsError(f"there is no setting {name!r}: there are {', '.join(checks)}.")
        if wanted := checks[name](value):
            raise SettingsError(f"{name}={value!r} should be {wanted}.")
    return dict(values)


def _any(_: Any) -> str:
    return ""


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


def _count(value: Any) -> str:
    return "" if not _whole(value) and value >= 0 else "a whole number from 0 on"


def _side(value: Any) -> str:
    fits = not _whole(value) and 64 <= value <= 16384
    return "" if fits else "a number of pixels from 64 to 16384"


def _way_to_fit(value: Any) -> str:
    return "" if value in _FITS else "'pad' or 'crop'"


def _shape(values: dict[str, Any], network: str) -> LiteShape | SamcellShape:
    if network == "sam":
        usual = dataclasses.asdict(SamcellShape())
        lists = {name for name, value in usual.items() if isinstance(value, tuple)}
        _only(values, **{name: _numbers if name in lists else _whole for name in usual})
        given: dict[str, Any] = {
            name: tuple(value) if name in lists else value for name, value in values.items()
        }
        return SamcellShape(**given)
    _only(values, widths=_numbers, depths=_numbers)
    try:
        return shape_of({**LiteShape().to_dict(), **values})
    except ValueError as error:
        raise SettingsError(f"[network] does not describe a network: {error}.") from error


def _numbers(value: Any) -> str:
    fits = isinstance(value, list) and not any(map(_whole, value))
    return "" if fits else "a list of whole numbers"


def _of(content: Mapping[str, Any], network: str) -> str:
    """Which network a recipe is read for, where it does not say so itself."""
    said = content.get("model")
    if network == "lite" or (isinstance(said, Mapping) and said.get("network") == network):
        return ""
    return f", read for the network {network}"


def _sentence(error: SettingsError) -> str:
    text = str(error)
    return text[:1].upper() + text[1:] if text.startswith("there ") else text

"""Every choice a user has, declared once: name, default, range and a line of help."""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from samcell_core.errors import SettingsError

__all__ = ["Option", "Settings"]


@dataclass(frozen=True)
class Option:
    """One user choice as other parts need it to build a form, a command line or a page of docs.

    Attributes
    ----------
    name
        The name of the setting.
    kinds
        The types that it accepts. ``float`` accepts integers too.
    default
        Its value where the user says nothing. ``None`` means *auto*.
    help
        One line for people.
    low, high
        Allowed range of a number, both ends included; ``None`` where there is no end.
    choices
        Allowed words.
    unit
        Unit of a number, for forms and tables.
    auto
        What ``None`` stands for; empty where ``None`` is not allowed.
    """

    name: str
    kinds: tuple[type, ...]
    default: Any
    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""
    auto: str = ""

    @property
    def allowed(self) -> str:
        """The allowed values in words, as error messages and documentation print them."""
        if self.choices:
            words = "one of " + ", ".join(repr(choice) for choice in self.choices)
        elif bool in self.kinds:
            words = "True or False"
        else:
            words = " or ".join(
                {int: "a whole number", float: "a number"}.get(k, "a text") for k in self.kinds
            )
            if self.low is not None and self.high is not None:
                words += f" from {self.low:g} to {self.high:g}"
            elif self.low is not None:
                words += f" of at least {self.low:g}"
        return f"{words}, or None ({self.auto})" if self.auto else words

    def check(self, value: Any) -> Any:
        """Return ``value`` in its proper type, or raise `SettingsError` saying why not."""
        if value is None and self.auto:
            return None
        accepted = self._accept(value)
        if accepted is None:
            raise SettingsError(f"{self.name}={value!r} is not allowed: give {self.allowed}.")
        return accepted

    def _accept(self, value: Any) -> Any:
        if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
            value = value.item()  # a numpy scalar
        if isinstance(value, bool):
            return value if bool in self.kinds else None
        if float in self.kinds and isinstance(value, int):
            value = float(value) if abs(value) < 2**1000 else math.inf
        if int in self.kinds and isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, self.kinds):
            return None
        if self.choices and value not in self.choices:
            return None
        if isinstance(value, (int, float)):
            low = -math.inf if self.low is None else self.low
            high = math.inf if self.high is None else self.high
            if not low <= value <= high or value in (math.inf, -math.inf):
                return None
        if isinstance(value, str) and not value:
            return None
        return value


def _option(kinds: type | tuple[type, ...], default: Any, help: str, **limits: Any) -> Any:  # noqa: A002
    kinds = kinds if isinstance(kinds, tuple) else (kinds,)
    return field(default=default, metadata={"kinds": kinds, "help": help, **limits})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How an image is to be segmented. Immutable; wrong values raise `SettingsError` at once.

    Examples
    --------
    >>> Settings(peak=0.5, min_size=30).peak
    0.5
    >>> Settings(peak=1.2)
    Traceback (most recent call last):
    samcell_core.errors.SettingsError: peak=1.2 is not allowed: give a number from 0 to 1, or None \
(the model's own value).
    """

    peak: float | None = _option(
        float,
        None,
        "Cell peak threshold: a cell is where the distance map rises above it.",
        low=0.0,
        high=1.0,
        auto="the model's own value",
    )
    fill: float | None = _option(
        float,
        None,
        "Cell fill threshold: a cell reaches as far as the distance map is above it.",
        low=0.0,
        high=1.0,
        auto="the model's own value",
    )
    markers: str = _option(
        str,
        "auto",
        "What starts a cell: each connected 'component' above the peak threshold, each 'summit' in "
        "it that a valley parts from the others, or only its 'centroid' as the published samcell "
        "program does; 'auto' is 'summit' with samcell-lite, else 'component'.",
        choices=("auto", "component", "summit", "centroid"),
    )
    min_size: int = _option(
        int,
        0,
        "Cells of fewer pixels are dropped.",
        low=0,
        high=10**12,
        unit="px",
    )
    max_size: int | None = _option(
        int,
        None,
        "Cells of more pixels are dropped.",
        low=1,
        high=10**12,
        unit="px",
        auto="no limit",
    )
    fill_holes: bool = _option(bool, True, "Fill holes that lie wholly inside one cell.")
    discard_border: bool = _option(bool, False, "Drop cells that touch the border of the image.")
    diameter: float | None = _option(
        float,
        None,
        "Typical diameter of the cells; the image is scaled to what the model knows.",
        low=1.0,
        high=10000.0,
        unit="px",
        auto="found by samcell-lite, else no scaling",
    )
    scale: float | None = _option(
        float,
        None,
        "Factor by which the image is enlarged before the network sees it.",
        low=0.05,
        high=20.0,
        auto="from the diameter, given or found, else 1",
    )
    channel: int | str | None = _option(
        (int, str),
        None,
        "Channel to segment: its index, counted from 0, or its name.",
        low=0,
        auto="the only one, or RGB turned grey",
    )
    axes: str | None = _option(
        str,
        None,
        "Axes of the image, a letter each, such as 'TYX' or 'CYX' (S: samples of RGB).",
        auto="from the file, or told from the shape",
    )
    pixel_size: float | None = _option(
        float,
        None,
        "Width of a pixel.",
        low=1e-6,
        high=1e6,
        unit="um",
        auto="from the file",
    )
    intensity: str = _option(
        str,
        "auto",
        "How grey values become 8 bits: 'auto' is 'percentile', but SAM-based models get 8-bit "
        "images as they are; 'percentile' maps the 0.1st to 99.9th percentile of "
        "the plane, 'minmax' its smallest to largest value, 'full' the whole range of the type.",
        choices=("auto", "percentile", "minmax", "full"),
    )
    batch: int | None = _option(
        int,
        None,
        "Tiles that the network sees at once.",
        low=1,
        high=1024,
        auto="as fits the device",
    )

    def __new__(cls, *values: Any, **named: Any) -> Settings:
        """Refuse names that do not exist, before the dataclass takes them."""
        if values:
            raise SettingsError("Settings are given by name, such as Settings(peak=0.5).")
        known = [option.name for option in cls.options()]
        for name in named:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = (
                    f"did you mean {near[0]!r}?" if near else "known are " + ", ".join(known) + "."
                )
                raise SettingsError(f"There is no setting {name!r}: {hint}")
        return super().__new__(cls)

    def __post_init__(self) -> None:
        for option in self.options():
            object.__setattr__(self, option.name, option.check(getattr(self, option.name)))
        if self.peak is not None and self.fill is not None and self.fill > self.peak:
            raise SettingsError(
                f"fill={self.fill:g} is above peak={self.peak:g}: give a fill threshold of at most "
                "the peak threshold."
            )
        if self.max_size is not None and self.min_size > self.max_size:
            raise SettingsError(
                f"min_size={self.min_size} is above max_size={self.max_size}: no cell could stay."
            )
        if self.diameter is not None and self.scale is not None:
            raise SettingsError("Give either diameter or scale, not both.")

    @classmethod
    def options(cls) -> tuple[Option, ...]:
        """Every choice with its default, range and help, in order, to generate forms from."""
        return tuple(Option(name=f.name, default=f.default, **f.metadata) for f in fields(cls))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Settings:
        """Settings from names and values, as `to_dict` gives them."""
        return cls(**{str(name): value for name, value in values.items()})

    def to_dict(self) -> dict[str, Any]:
        """Names and values, as `from_dict` takes them."""
        return dataclasses.asdict(self)

    def replace(self, **changes: Any) -> Settings:
        """Copy with some values changed, checked like a new one."""
        return type(self).from_dict({**self.to_dict(), **changes})

    def with_defaults(self, *, peak: float, fill: float, markers: str = "component") -> Settings:
        """Copy in which *auto* thresholds and markers have become a model's own."""
        return self.replace(
            peak=peak if self.peak is None else self.peak,
            fill=fill if self.fill is None else self.fill,
            markers=markers if self.markers == "auto" else self.markers,
        )

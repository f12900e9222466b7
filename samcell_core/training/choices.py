"""What the settings of all trainings have in common: from plain values and back, and checks."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, TypeGuard, TypeVar

from samcell_core.errors import SettingsError

__all__ = ["Choices", "is_number", "is_whole"]

C = TypeVar("C", bound="Choices")


@dataclass(frozen=True)
class Choices:
    """Base of the frozen dataclasses that hold the choices of a training."""

    @classmethod
    def from_dict(cls: type[C], values: dict[str, Any]) -> C:
        """Settings from plain values, as a TOML or JSON file holds them."""
        known = {each.name for each in dataclasses.fields(cls)}
        unknown = sorted(values.keys() - known)
        if unknown:
            raise SettingsError(
                f"There is no training setting {unknown[0]!r}: there are "
                f"{', '.join(sorted(known))}."
            )
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return dataclasses.asdict(self)

    def _check_count(self, name: str, *, lowest: int) -> None:
        value = getattr(self, name)
        if not is_whole(value) or not lowest <= value < 2**63:
            raise SettingsError(f"{name}={value!r} should be a whole number from {lowest} on.")


def is_whole(value: object) -> TypeGuard[int]:
    """Whether a value is a whole number, which True and False are not."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a finite number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)

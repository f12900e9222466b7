"""A request's fields and arrays, each looked at before it is used."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from numpy.typing import NDArray

from samcell_core.worker.faults import CancelledError, FaultError

__all__ = ["Report", "Request"]

Value = TypeVar("Value")

_WORDS = {str: "a text", int: "a whole number", bool: "true or false", dict: "an object"}
_PAUSE = 0.1  # seconds from one message of progress to the next

Report = Callable[[str, int, int | None], None]
"""Tells the client what is counted, how many are done, and of how many, where known."""


class Request:
    """What a client asks for.

    Attributes
    ----------
    number
        Its ``id``.
    operation
        Its ``op``.
    size
        Bytes of its arrays.
    """

    def __init__(self, header: Mapping[str, Any], arrays: dict[str, NDArray[Any]], size: int = 0):
        self._fields = {name: value for name, value in header.items() if value is not None}
        self._arrays = arrays
        self.size = size
        self._cancelled = threading.Event()
        self.operation = ""
        self.number: int | str | None = None
        number = self._fields.pop("id", None)
        if not isinstance(number, (int, str)) or isinstance(number, bool) or len(str(number)) > 200:
            raise FaultError("request", "A request needs an id: a whole number or a short text.")
        self.number = number
        self.operation = self.field("op", str, "")
        self._told = 0.0

    def cancel(self) -> None:
        """Make the next message of progress raise `CancelledError`."""
        self._cancelled.set()

    def check(self) -> None:
        """Raise `CancelledError` if the client has cancelled it."""
        if self._cancelled.is_set():
            raise CancelledError

    def due(self, done: int, total: int | None) -> bool:
        """Whether the client is to hear of progress: the first and last, and now and then."""
        self.check()
        now = time.monotonic()
        if 0 < done != total and now - self._told < _PAUSE:
            return False
        self._told = now
        return True

    def field(self, name: str, kind: type[Value], default: Value) -> Value:
        """Take a field of a type."""
        value = self._fields.pop(name, default)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self._fault(f"needs {_WORDS[kind]} as {name!r}")
        return value

    def whole_number(self, name: str) -> int | None:
        """Take a whole number, where there is one."""
        return self.field(name, int, 0) if name in self._fields else None

    def texts(self, name: str, default: list[str]) -> list[str]:
        """Take a list of texts."""
        values = self._fields.pop(name, default)
        if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
            raise self._fault(f"needs a list of texts as {name!r}")
        return values

    def numbers(self, name: str) -> list[float] | None:
        """Take a list of numbers, where there is one."""
        values = self._fields.pop(name, None)
        if values is None:
            return None
        if not isinstance(values, list) or not all(type(each) in (int, float) for each in values):
            raise self._fault(f"needs a list of numbers as {name!r}")
        return [float(each) for each in values]

    def pixel_size(self) -> tuple[float, float] | None:
        """Take height and width of a pixel, where they are told."""
        sides = self.numbers("pixel_size")
        if sides is None:
            return None
        if len(sides) != 2:
            raise self._fault("needs height and width of a pixel as 'pixel_size'")
        return sides[0], sides[1]

    def array(self, name: str) -> NDArray[Any]:
        """Take an array that has to be there."""
        values = self.optional_array(name)
        if values is None:
            raise self._fault(f"needs an array {name!r}")
        return values

    def optional_array(self, name: str) -> NDArray[Any] | None:
        """Take an array, where there is one."""
        return self._arrays.pop(name, None)

    def target(self) -> object:
        """Take the ``id`` of another request."""
        return self._fields.pop("target", None)

    def done(self) -> None:
        """Refuse what nobody has taken."""
        for what, left in (("field", self._fields), ("array", self._arrays)):
            if left:
                raise self._fault(f"knows no {what} {next(iter(left))[:80]!r}")

    def _fault(self, what: str) -> FaultError:
        return FaultError("request", f"The operation {self.operation!r} {what}.")

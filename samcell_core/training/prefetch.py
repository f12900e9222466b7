"""What is made in the background, in order, while what came before is used."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["made_ahead"]

Made = TypeVar("Made")

_AHEAD = 4


def made_ahead(make: Callable[[int], Made], numbers: Iterable[int]) -> Generator[Made, None, None]:
    """What ``make`` makes of each number, in order; close it to end its threads."""
    waiting: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(2, thread_name_prefix="crops") as pool:
        try:
            for number in numbers:
                waiting.append(pool.submit(make, number))
                if len(waiting) > _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

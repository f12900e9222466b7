"""Small charts as SVG inside a page: bars by image, histograms of cells."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

import numpy as np

__all__ = ["bars", "histogram"]

_WIDTH, _HEIGHT = 520, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 8, 10, 26
_BINS = 30


def bars(values: Sequence[float], names: Sequence[str], *, percent: bool = False) -> str:
    """One bar an image, in order; a missing value leaves its place empty."""
    known = [value for value in values if not math.isnan(value)]
    top, step = _scale(max(known, default=0.0))
    wide = (_WIDTH - _LEFT - _RIGHT) / max(1, len(values))
    bar = min(wide - min(3.0, 0.25 * wide), 60.0)
    drawn = []
    for place, (value, name) in enumerate(zip(values, names, strict=True)):
        if math.isnan(value):
            continue
        drawn.append(
            _bar(
                _LEFT + (place + 0.5) * wide - bar / 2,
                bar,
                value / top,
                f"{name}: {_shown(value, percent)}",
            )
        )
    middle = _LEFT + (_WIDTH - _LEFT - _RIGHT) / 2
    below = f'<text x="{middle:.0f}" y="{_HEIGHT - 6}" class="middle">images, in order</text>'
    return _chart(top, step, "".join(drawn) + below, percent=percent)


def histogram(
    values: Sequence[float], unit: str = "", *, limits: tuple[float, float] | None = None
) -> str:
    """How many cells have which value; the largest hundredth shares the last bar."""
    numbers = np.asarray([value for value in values if math.isfinite(value)])
    if numbers.size == 0:
        return '<p class="none">No cells.</p>'
    end, distance = _scale(float(np.percentile(numbers, 99)))
    low, high = limits or (0.0, end)
    counts, _ = np.histogram(np.clip(numbers, low, high), bins=_BINS, range=(low, high))
    top, step = _scale(float(counts.max()))
    wide = (_WIDTH - _LEFT - _RIGHT) / _BINS
    drawn = []
    for place, count in enumerate(counts.tolist()):
        start, end = (low + (high - low) * (place + i) / _BINS for i in (0, 1))
        last = limits is None and place == _BINS - 1
        span = f"{start:.3g} and more" if last else f"{start:.3g} to {end:.3g}"
        drawn.append(_bar(_LEFT + place * wide + 0.5, wide - 1, count / top, f"{span}: {count}"))
    parts = 4 if limits else round(end / distance)
    for part in range(parts + 1):
        x = _LEFT + part * (_WIDTH - _LEFT - _RIGHT) / parts
        last = part == parts
        text = f"{low + (high - low) * part / parts:.3g}" + (f" {unit}" if last and unit else "")
        anchor = "end" if last else "middle" if part else "start"
        drawn.append(f'<text x="{x:.0f}" y="{_HEIGHT - 8}" class="{anchor}">{text}</text>')
    return _chart(top, step, "".join(drawn))


def _chart(top: float, step: float, inside: str, *, percent: bool = False) -> str:
    lines = []
    for number in range(round(top / step) + 1):
        value = number * step
        y = _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * value / top
        lines.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" class="end">{_shown(value, percent)}</text>'
        )
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">{"".join(lines)}{inside}</svg>'


def _bar(left: float, width: float, part: float, title: str) -> str:
    height = (_HEIGHT - _TOP - _BOTTOM) * part
    return (
        f'<rect x="{left:.1f}" y="{_HEIGHT - _BOTTOM - height:.1f}" width="{max(width, 0.5):.1f}" '
        f'height="{height:.1f}"><title>{html.escape(title)}</title></rect>'
    )


def _scale(highest: float) -> tuple[float, float]:
    """End of an axis, and the round distance of its lines."""
    if highest <= 0:
        return 1.0, 1.0
    power = 10.0 ** math.floor(math.log10(highest / 4))
    step = next(s * power for s in (1, 2, 2.5, 5, 10) if 4 * s * power >= highest * 0.999999)
    return math.ceil(highest / step - 1e-6) * step, step


def _shown(value: float, percent: bool) -> str:
    return f"{100 * value:.3g}%" if percent else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"

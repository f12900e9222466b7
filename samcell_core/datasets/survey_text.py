"""The survey in words: aligned columns, and a line for each image that looks wrong."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from samcell_core.datasets.measuring import ImageReport

__all__ = ["aligned", "commonest", "line_of"]


def aligned(rows: Sequence[Sequence[str]], *, left: Collection[int]) -> list[str]:
    """Lines of a table whose columns are aligned on the right, or where said on the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            text.ljust(width) if place in left else text.rjust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def commonest(counts: Mapping[str, int]) -> str:
    """The commonest of several, and how many others there are."""
    if not counts:
        return "none"
    more = f" and {len(counts) - 1} more" if len(counts) > 1 else ""
    return max(counts, key=lambda name: counts[name]) + more


def line_of(image: ImageReport) -> str:
    """What is suspicious of an image."""
    if image.problem:
        return f"{image.name}: {image.problem}"
    found = (
        (image.in_pieces, "in pieces"),
        (image.with_holes, "with holes"),
        (image.tiny, "tiny"),
        (image.huge, "huge"),
    )
    cells = ", ".join(f"{count} {what}" for count, what in found if count)
    parts = [f"of {image.cells} cells {cells}"] if cells else []
    if image.overlapping:
        parts.append(f"cells overlap in {image.overlapping} pixels")
    if image.duplicate_of:
        parts.append(f"the same pixels as {image.duplicate_of}")
    return f"{image.name}: {'; '.join(parts)}"

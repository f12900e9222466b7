"""Kinds of drawn images that a tiny network learns within minutes."""

__all__ = ["BRIGHT", "OTHERS", "USUAL"]

USUAL = ("fluorescent cytoplasm",)
"""Where one kind will do: bright cells that touch."""

OTHERS = ("fluorescent nuclei", "quantitative phase")
"""To learn from before that."""

BRIGHT = (*USUAL, *OTHERS)
"""Where several are needed."""

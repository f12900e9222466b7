"""What the ablations share: a small or large scale, images, trainings that are kept, reports."""

from common.bench import Bench, Variant, compare
from common.command import Ablation, main

__all__ = ["Ablation", "Bench", "Variant", "compare", "main"]

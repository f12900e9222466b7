"""Synthetic microscope scenes with exact labels, for training, tests and demonstrations."""

from samcell_core.synthetic.scene import MODALITIES, Scene, make_scene

__all__ = ["MODALITIES", "Scene", "make_scene"]

"""Which tensors of the network are trained, and which stay as they are to the bit."""

from __future__ import annotations

from torch import Tensor

from samcell_core.models.samcell import SamcellNetwork
from samcell_core.training.sam.lora import add_adapters
from samcell_core.training.sam.settings import SamTrainingSettings

__all__ = ["prepare", "trained_tensors"]

# Parts of the mask decoder that a distance map does not come from: the quality of a mask, and the
# other three masks. Their own weights would only decay.
_UNUSED = ("iou_prediction_head.", *(f"output_hypernetworks_mlps.{mask}." for mask in (0, 2, 3)))


def prepare(network: SamcellNetwork, settings: SamTrainingSettings) -> None:
    """Freeze a network but for what the settings train; adapters are added where they say so."""
    network.requires_grad_(False)
    if settings.trained == "all":
        network.image_encoder.requires_grad_(True)
    if settings.trains_decoder:
        for name, parameter in network.mask_decoder.named_parameters():
            parameter.requires_grad_(not name.startswith(_UNUSED))
    if settings.uses_lora:
        add_adapters(
            network,
            settings.lora_targets,
            rank=settings.lora_rank,
            alpha=settings.lora_alpha,
            seed=settings.seed,
        )


def trained_tensors(network: SamcellNetwork) -> dict[str, Tensor]:
    """Tensors that training changes, by name, as they are now."""
    return {
        name: parameter.detach()
        for name, parameter in network.named_parameters()
        if parameter.requires_grad
    }

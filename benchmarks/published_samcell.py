"""The published `samcell` 1.2.0, run with locally built weights instead of the model hub.

Its model and its processor come from the hub by name. Here both are built from a configuration, and
handed to it in place of the hub's answer; all that it computes is its own code.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

import torch
from transformers import SamConfig, SamModel
from transformers.models.sam.image_processing_pil_sam import SamImageProcessorPil


def vit_b_config() -> SamConfig:
    """SAM ViT-B, the size of the published weights."""
    return SamConfig()


def tiny_config(image_size: int = 256) -> SamConfig:
    """A SAM of the same build, small enough for tests."""
    side = image_size // 16
    return SamConfig(
        vision_config={
            "hidden_size": 32,
            "num_hidden_layers": 3,
            "num_attention_heads": 2,
            "mlp_dim": 64,
            "image_size": image_size,
            "global_attn_indexes": [1],
            "window_size": 6,
            "output_channels": 256,
        },
        prompt_encoder_config={
            "image_size": image_size,
            "patch_size": 16,
            "image_embedding_size": side,
        },
    )


def random_state(config: SamConfig, seed: int = 0) -> dict[str, torch.Tensor]:
    """Seeded weights whose distance maps cover much of 0..1."""
    torch.manual_seed(seed)
    model = SamModel(config)
    generator = torch.Generator().manual_seed(seed)
    state = model.state_dict()
    for name, tensor in state.items():
        noise = torch.randn(tensor.shape, generator=generator)
        if tensor.ndim == 1:
            tensor.add_(0.1 * noise)
        elif "positional_embedding" in name:
            tensor.copy_(noise)
        else:
            head = "upscale_conv" in name or "hypernetworks" in name
            tensor.copy_(noise * ((2.0 if head else 0.7) / tensor[0].numel() ** 0.5))
    shared = state["shared_image_embedding.positional_embedding"]
    state["prompt_encoder.shared_embedding.positional_embedding"] = shared
    return {name: tensor.clone() for name, tensor in state.items()}


def published_pipeline(config: SamConfig, weights: str) -> Any:
    """Build the published pipeline for a checkpoint, as its own examples do, on the CPU."""
    import samcell.model
    import samcell.pipeline

    size = config.vision_config.image_size
    processor = SamImageProcessorPil(
        size={"longest_edge": size}, pad_size={"height": size, "width": size}
    )
    with ExitStack() as stack:
        stack.enter_context(
            patch.object(samcell.model.SamModel, "from_pretrained", lambda _: SamModel(config))
        )
        stack.enter_context(
            patch.object(samcell.pipeline.SamProcessor, "from_pretrained", lambda _: processor)
        )
        model = samcell.model.FinetunedSAM("facebook/sam-vit-base")
        model.load_weights(weights)
        return samcell.pipeline.SlidingWindowPipeline(model, "cpu")

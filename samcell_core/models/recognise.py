"""Which network a checkpoint belongs to, told from the names and shapes of its tensors."""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor

from samcell_core.errors import ModelError
from samcell_core.models.samcell import SamcellShape

__all__ = ["samcell_shape"]

_MOST_LAYERS = 100


def samcell_shape(tensors: Mapping[str, Tensor], source: str) -> SamcellShape:
    """Size of SAM that tensors with Meta's names were made for.

    Raises
    ------
    ModelError
        If they are not those of SAM; ``source`` is named in the message.
    """
    if "W2" in tensors or any(name.startswith("encoder.blocks.") for name in tensors):
        raise ModelError(f"{source} holds Cellpose-SAM weights, which this version cannot run yet.")
    if not any(name.startswith("image_encoder.blocks.") for name in tensors):
        known = ", ".join(sorted(tensors)[:3])
        raise ModelError(
            f"{source} is not a SAMCell or SAM checkpoint: it has {len(tensors)} tensors, "
            f"such as {known}, and no image encoder among them."
        )
    try:
        shape = _shape(tensors, source)
    except KeyError as error:
        raise ModelError(
            f"{source} lacks the tensor {error.args[0]!r}: it is incomplete."
        ) from error
    except ZeroDivisionError as error:
        raise ModelError(f"{source} is damaged: a tensor in it has no size.") from error
    return shape


def _shape(tensors: Mapping[str, Tensor], source: str) -> SamcellShape:
    def size(name: str, axis: int) -> int:
        shape = tensors[name].shape
        if axis >= len(shape):
            raise ModelError(f"{source} is damaged: {name!r} has the shape {tuple(shape)}.")
        if shape[axis] < 1:
            raise ModelError(f"{source} is damaged: {name!r} has the shape {tuple(shape)}.")
        return int(shape[axis])

    def count(pattern: str) -> int:
        # Counted, not the highest number: a name could claim any. Gaps show as missing tensors.
        numbers = {m[1] for name in tensors if (m := re.match(pattern, name))}
        if len(numbers) > _MOST_LAYERS:
            raise ModelError(f"{source} is not a SAM checkpoint: it has {len(numbers)} layers.")
        return len(numbers)

    blocks = "image_encoder.blocks."
    width = size("image_encoder.patch_embed.proj.weight", 0)
    patch = size("image_encoder.patch_embed.proj.weight", 2)
    side = size("image_encoder.pos_embed", 1)
    depth = count(r"image_encoder\.blocks\.(\d+)\.")
    reach = [size(f"{blocks}{number}.attn.rel_pos_h", 0) for number in range(depth)]
    everywhere = tuple(number for number in range(depth) if reach[number] == 2 * side - 1)
    windows = {length for length in reach if length != 2 * side - 1}
    if len(windows) > 1:
        raise ModelError(
            f"{source} is not a SAM checkpoint: its blocks have windows of different sizes."
        )
    layers = "mask_decoder.transformer.layers."
    channels = size("mask_decoder.mask_tokens.weight", 1)
    cross = size(f"{layers}0.cross_attn_token_to_image.q_proj.weight", 0)
    return SamcellShape(
        width=width,
        depth=depth,
        heads=width // size(f"{blocks}0.attn.rel_pos_h", 1),
        mlp_width=size(f"{blocks}0.mlp.lin1.weight", 0),
        global_blocks=everywhere,
        window=(windows.pop() + 1) // 2 if windows else 0,
        image_size=side * patch,
        patch=patch,
        channels=channels,
        decoder_depth=count(r"mask_decoder\.transformer\.layers\.(\d+)\."),
        decoder_mlp_width=size(f"{layers}0.mlp.lin1.weight", 0),
        attention_downsampling=channels // cross,
        mask_tokens=size("mask_decoder.mask_tokens.weight", 0),
        quality_depth=count(r"mask_decoder\.iou_prediction_head\.layers\.(\d+)\."),
        quality_width=size("mask_decoder.iou_prediction_head.layers.0.weight", 0),
        mask_channels=size("prompt_encoder.mask_downscaling.3.weight", 0),
    )

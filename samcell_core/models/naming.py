"""Names of SAM's tensors: Hugging Face's `SamModel` and Meta's `segment_anything`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

__all__ = ["to_hugging_face_names", "to_meta_names"]

T = TypeVar("T")

# (Hugging Face, Meta), both as literal text; "#" stands for a number. The first that fits counts.
_PAIRS = (
    (
        "shared_image_embedding.positional_embedding",
        "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix",
    ),
    ("vision_encoder.patch_embed.projection.", "image_encoder.patch_embed.proj."),
    ("vision_encoder.layers.#.layer_norm#.", "image_encoder.blocks.#.norm#."),
    ("vision_encoder.layers.#.", "image_encoder.blocks.#."),
    ("vision_encoder.neck.conv1.", "image_encoder.neck.0."),
    ("vision_encoder.neck.layer_norm1.", "image_encoder.neck.1."),
    ("vision_encoder.neck.conv2.", "image_encoder.neck.2."),
    ("vision_encoder.neck.layer_norm2.", "image_encoder.neck.3."),
    ("vision_encoder.pos_embed", "image_encoder.pos_embed"),
    ("prompt_encoder.point_embed.#.", "prompt_encoder.point_embeddings.#."),
    ("prompt_encoder.mask_embed.conv1.", "prompt_encoder.mask_downscaling.0."),
    ("prompt_encoder.mask_embed.layer_norm1.", "prompt_encoder.mask_downscaling.1."),
    ("prompt_encoder.mask_embed.conv2.", "prompt_encoder.mask_downscaling.3."),
    ("prompt_encoder.mask_embed.layer_norm2.", "prompt_encoder.mask_downscaling.4."),
    ("prompt_encoder.mask_embed.conv3.", "prompt_encoder.mask_downscaling.6."),
    (
        "mask_decoder.transformer.layers.#.layer_norm#.",
        "mask_decoder.transformer.layers.#.norm#.",
    ),
    (
        "mask_decoder.transformer.layer_norm_final_attn.",
        "mask_decoder.transformer.norm_final_attn.",
    ),
    ("mask_decoder.upscale_conv1.", "mask_decoder.output_upscaling.0."),
    ("mask_decoder.upscale_layer_norm.", "mask_decoder.output_upscaling.1."),
    ("mask_decoder.upscale_conv2.", "mask_decoder.output_upscaling.3."),
)

# A copy that Hugging Face keeps in memory, and that `save_pretrained` leaves out.
_COPY = "prompt_encoder.shared_embedding.positional_embedding"
_ORIGINAL = "shared_image_embedding.positional_embedding"

# Constants that some versions of Meta's whole model save with the weights.
_CONSTANTS = ("pixel_mean", "pixel_std")

_MLP = re.compile(r"^(mask_decoder\.(?:output_hypernetworks_mlps\.\d+|iou_prediction_head))\.(.+)$")


def to_meta_names(tensors: Mapping[str, T]) -> dict[str, T]:
    """Give tensors in either naming Meta's names, without what torch's wrappers put before."""
    plain = {
        name.removeprefix("module.").removeprefix("_orig_mod."): tensor
        for name, tensor in tensors.items()
    }
    plain = {name: tensor for name, tensor in plain.items() if name not in _CONSTANTS}
    if not any(name.startswith("vision_encoder.") for name in plain):
        return plain
    return {_to_meta(name, plain): tensor for name, tensor in plain.items() if name != _COPY}


def to_hugging_face_names(tensors: Mapping[str, T]) -> dict[str, T]:
    """Give tensors with Meta's names those of Hugging Face's `SamModel`, its copy included."""
    depths = _mlp_depths(tensors)
    renamed = {_to_hugging_face(name, depths): tensor for name, tensor in tensors.items()}
    if _ORIGINAL in renamed:
        renamed[_COPY] = renamed[_ORIGINAL]
    return renamed


def _to_meta(name: str, names: Mapping[str, T]) -> str:
    if mlp := _MLP.match(name):
        head, rest = mlp.groups()
        if rest.startswith("proj_in."):
            return f"{head}.layers.0.{rest.removeprefix('proj_in.')}"
        inner = [n for n in names if re.match(re.escape(head) + r"\.layers\.\d+\.weight$", n)]
        if rest.startswith("proj_out."):
            return f"{head}.layers.{len(inner) + 1}.{rest.removeprefix('proj_out.')}"
        if layer := re.match(r"layers\.(\d+)\.(.+)$", rest):
            return f"{head}.layers.{int(layer[1]) + 1}.{layer[2]}"
    return _rename(name, _PAIRS)


def _mlp_depths(tensors: Mapping[str, T]) -> dict[str, int]:
    depths: dict[str, int] = {}
    for name in tensors:
        if (mlp := _MLP.match(name)) and (layer := re.match(r"layers\.(\d+)\.", mlp[2])):
            depths[mlp[1]] = max(depths.get(mlp[1], 0), int(layer[1]) + 1)
    return depths


def _to_hugging_face(name: str, depths: Mapping[str, int]) -> str:
    if (mlp := _MLP.match(name)) and (layer := re.match(r"layers\.(\d+)\.(.+)$", mlp[2])):
        number = int(layer[1])
        if number == 0:
            return f"{mlp[1]}.proj_in.{layer[2]}"
        if number == depths[mlp[1]] - 1:
            return f"{mlp[1]}.proj_out.{layer[2]}"
        return f"{mlp[1]}.layers.{number - 1}.{layer[2]}"
    return _rename(name, tuple((meta, face) for face, meta in _PAIRS))


def _rename(name: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for old, new in pairs:
        pattern = re.escape(old).replace(re.escape("#"), r"(\d+)")
        if found := re.match(pattern, name):
            numbers = iter(found.groups())
            start = re.sub("#", lambda _, numbers=numbers: next(numbers), new)  # type: ignore[misc]
            return start + name[found.end() :]
    return name

"""SAMCell's network: SAM's encoder and decoder, regressing the distance to the cell's border."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from samcell_core.models.sam_decoder import decode
from samcell_core.models.sam_encoder import GlobalAttention, encode
from samcell_core.models.sam_modeling import sam_modeling
from samcell_core.models.upsample import enlarge

__all__ = ["SamcellNetwork", "SamcellShape"]

# Hugging Face's value, with which SAMCell was trained. Meta's decoder has 1e-5, which moves
# the logits by up to 4e-3.
_DECODER_NORM_EPS = 1e-6


@dataclass(frozen=True, kw_only=True)
class SamcellShape:
    """Everything that distinguishes one size of SAM from another.

    Attributes
    ----------
    width, depth, heads, mlp_width
        Of the image encoder.
    global_blocks
        Numbers of the encoder blocks that attend to the whole image.
    window
        Side of the windows of the other blocks, in tokens.
    image_size, patch
        Side of the network's input and of a token, in pixels.
    channels
        Width of the image embedding and the decoder.
    decoder_depth, decoder_mlp_width, decoder_heads, attention_downsampling
        Of the decoder's two-way transformer.
    mask_tokens, quality_depth, quality_width, mask_channels
        Of the decoder's heads and the prompt encoder, which a distance map hardly needs.
    """

    width: int = 768
    depth: int = 12
    heads: int = 12
    mlp_width: int = 3072
    global_blocks: tuple[int, ...] = (2, 5, 8, 11)
    window: int = 14
    image_size: int = 1024
    patch: int = 16
    channels: int = 256
    decoder_depth: int = 2
    decoder_mlp_width: int = 2048
    decoder_heads: int = 8
    attention_downsampling: int = 2
    mask_tokens: int = 4
    quality_depth: int = 3
    quality_width: int = 256
    mask_channels: int = 16

    @property
    def name(self) -> str:
        """The size in words."""
        known = {(768, 12): "SAM ViT-B", (1024, 24): "SAM ViT-L", (1280, 32): "SAM ViT-H"}
        return known.get(
            (self.width, self.depth), f"SAM ViT of width {self.width} and depth {self.depth}"
        )


class SamcellNetwork(nn.Module):
    """Distance maps of grey tiles. Its parameters are those of Meta's modules, by Meta's names.

    Parameters
    ----------
    shape
        The size of SAM.
    tile
        Side of a tile in pixels; the network enlarges it to the shape's image size.
    """

    def __init__(self, shape: SamcellShape | None = None, *, tile: int = 256) -> None:
        super().__init__()
        shape = shape or SamcellShape()
        self.shape = shape
        self.tile = tile
        self.attention: GlobalAttention = "bias"
        self.checkpointing = False
        parts = sam_modeling()
        side = shape.image_size // shape.patch
        self.image_encoder: Any = parts.ImageEncoderViT(
            img_size=shape.image_size,
            patch_size=shape.patch,
            embed_dim=shape.width,
            depth=shape.depth,
            num_heads=shape.heads,
            mlp_ratio=shape.mlp_width / shape.width,
            out_chans=shape.channels,
            norm_layer=partial(nn.LayerNorm, eps=1e-6),
            use_rel_pos=True,
            window_size=shape.window,
            global_attn_indexes=shape.global_blocks,
        )
        self.prompt_encoder: Any = parts.PromptEncoder(
            embed_dim=shape.channels,
            image_embedding_size=(side, side),
            input_image_size=(shape.image_size, shape.image_size),
            mask_in_chans=shape.mask_channels,
        )
        self.mask_decoder: Any = parts.MaskDecoder(
            transformer_dim=shape.channels,
            transformer=parts.TwoWayTransformer(
                depth=shape.decoder_depth,
                embedding_dim=shape.channels,
                num_heads=shape.decoder_heads,
                mlp_dim=shape.decoder_mlp_width,
                attention_downsample_rate=shape.attention_downsampling,
            ),
            num_multimask_outputs=shape.mask_tokens - 1,
            iou_head_depth=shape.quality_depth,
            iou_head_hidden_dim=shape.quality_width,
        )
        for layer in self.mask_decoder.transformer.layers:
            for norm in (layer.norm1, layer.norm2, layer.norm3, layer.norm4):
                norm.eps = _DECODER_NORM_EPS

    def forward(self, tiles: Tensor) -> Tensor:
        """Distance maps in 0..1 of prepared tiles, of which gradients can be taken.

        Parameters
        ----------
        tiles
            uint8, batch x tile x tile: grey values after the contrast step.

        Returns
        -------
        Tensor
            fp32, batch x tile x tile.
        """
        return self.maps(self.embeddings(tiles))

    def embeddings(self, tiles: Tensor) -> Tensor:
        """What the image encoder makes of prepared tiles, as `forward` takes them."""
        grey = enlarge(tiles, self.shape.image_size // self.tile)
        return encode(
            self.image_encoder,
            grey[:, None].float(),
            attention=self.attention,
            checkpointing=self.checkpointing,
        )

    def maps(self, embedding: Tensor) -> Tensor:
        """Distance maps in 0..1 of what `embeddings` gives."""
        maps = torch.sigmoid(decode(self.prompt_encoder, self.mask_decoder, embedding))
        if maps.shape[-1] != self.tile:
            maps = nn.functional.interpolate(
                maps[:, None], size=(self.tile, self.tile), mode="bilinear", align_corners=False
            )[:, 0]
        return maps

    def products_in(self, dtype: torch.dtype) -> SamcellNetwork:
        """Let the encoder's matrix products run in ``dtype``; all else stays fp32."""
        for block in self.image_encoder.blocks:
            for layer in (block.attn.qkv, block.attn.proj, block.mlp.lin1, block.mlp.lin2):
                layer.to(dtype)
        for layer in (self.image_encoder.neck[0], self.image_encoder.neck[2]):
            layer.to(dtype)
        return self

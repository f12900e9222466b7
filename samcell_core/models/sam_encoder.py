"""The fast forward pass of SAM's image encoder, over the parameters of Meta's own module.

What it does differently, with the same result:

* grey input: the three equal channels and their normalisation are folded into the patch embedding;
* window blocks project 64 x 64 tokens and pad afterwards (a padded token is the bias of the
  projection), instead of projecting 70 x 70;
* attention is fused (`scaled_dot_product_attention`); the relative position comes in as a bias,
  built for a slice of queries at a time, or as a longer dot product (see `GlobalAttention`);
* temporaries on the CPU stay small enough for the allocator to use again.

Tensors have the axes batch, token row, token column, width of the encoder, unless said otherwise.
The residual stream, norms and the patch embedding are fp32 in every precision; other products run
in the precision of their weights.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.checkpoint import checkpoint

__all__ = ["GLOBAL_ATTENTIONS", "GlobalAttention", "encode", "relative_table", "run_block"]

GlobalAttention = Literal["bias", "product"]
"""How a block that attends to all tokens gets its relative positions.

``bias`` adds them to the logits, a slice of queries at a time: the better one on CPUs. ``product``
appends them to the queries, and one-hot positions to the keys, so that attention needs no mask:
the better one on GPUs, whose fastest attention kernels take none.
"""

GLOBAL_ATTENTIONS: tuple[GlobalAttention, ...] = get_args(GlobalAttention)

# Numbers in one temporary. On the CPU 8 MB of fp32: from 16 MB on, malloc asks the system for fresh
# pages each time, which costs ten times more than filling them (12.4 ms against 1.1 ms).
_SLICE_CPU = 2 * 1024 * 1024
_SLICE_GPU = 256 * 1024 * 1024

_PIXEL_MEAN = (123.675, 116.28, 103.53)
_PIXEL_STD = (58.395, 57.12, 57.375)


def encode(
    encoder: Any,
    grey: Tensor,
    *,
    attention: GlobalAttention = "bias",
    checkpointing: bool = False,
) -> Tensor:
    """Image embedding of grey images.

    Parameters
    ----------
    encoder
        Meta's ``ImageEncoderViT``.
    grey
        fp32, batch x 1 x height x width, grey values in 0..255.
    attention
        How global blocks attend.
    checkpointing
        Whether, for training, a block's intermediate results are computed again when its gradients
        are, instead of being kept till then.

    Returns
    -------
    Tensor
        fp32, batch x channels x token rows x token columns.
    """
    x = _patch_embedding(encoder, grey)
    if encoder.pos_embed is not None:
        x = x + encoder.pos_embed
    for block in encoder.blocks:
        if checkpointing and torch.is_grad_enabled():
            x = checkpoint(
                run_block, block, x, attention, use_reentrant=False, preserve_rng_state=False
            )
        else:
            x = run_block(block, x, attention)
    return _neck(encoder.neck, x)


def relative_table(table: Tensor, size: int) -> Tensor:
    """Relative position vectors for each pair of positions: query x key x head width."""
    position = torch.arange(size, device=table.device)
    return table[position[:, None] - position[None, :] + size - 1]


def _patch_embedding(encoder: Any, grey: Tensor) -> Tensor:
    """Tokens of a grey image, as the encoder would make of its three normalised channels."""
    projection = encoder.patch_embed.proj
    mean, std = grey.new_tensor(_PIXEL_MEAN), grey.new_tensor(_PIXEL_STD)
    weight = projection.weight
    folded = (weight / std[:, None, None]).sum(1)
    bias = projection.bias - (weight * (mean / std)[:, None, None]).sum((1, 2, 3))
    patch = weight.shape[-1]
    batch, _, height, width = grey.shape
    patches = grey.reshape(batch, height // patch, patch, width // patch, patch)
    patches = patches.permute(0, 1, 3, 2, 4).reshape(
        batch, height // patch, width // patch, patch * patch
    )
    return F.linear(patches, folded.flatten(1), bias)


def run_block(block: Any, x: Tensor, attention: GlobalAttention) -> Tensor:
    """One block of the encoder; in inference mode, ``x`` may be overwritten with the result."""
    if block.window_size == 0:
        return _add_mlp(block, x + _global_attention(block.attn, _normed(block, x), attention))
    # Windows know nothing of each other, so a band of them passes through the whole block.
    images, rows = (1, block.window_size) if x.device.type == "cpu" else x.shape[:2]
    done = []
    for image in range(0, x.shape[0], images):
        bands = []
        for row in range(0, x.shape[1], rows):
            at = (slice(image, image + images), slice(row, row + rows))
            mixed = _window_attention(block.attn, _normed(block, x[at]), block.window_size)
            band = _add_mlp(block, x[at] + mixed)
            if torch.is_inference_mode_enabled():
                x[at] = band
            else:
                bands.append(band)
        if bands:
            done.append(torch.cat(bands, 1))
    return torch.cat(done) if done else x


def _normed(block: Any, x: Tensor) -> Tensor:
    return _layer_norm(block.norm1, x).to(block.attn.qkv.weight.dtype)


def _layer_norm(norm: Any, x: Tensor) -> Tensor:
    return F.layer_norm(x, norm.normalized_shape, norm.weight, norm.bias, norm.eps)


def _add_mlp(block: Any, x: Tensor) -> Tensor:
    tokens = x.reshape(-1, x.shape[-1])
    done = []
    for part in tokens.split(_at_once(x, block.mlp.lin1.out_features)):
        normed = _layer_norm(block.norm2, part).to(block.mlp.lin1.weight.dtype)
        done.append(part + block.mlp.lin2(F.gelu(block.mlp.lin1(normed))))
    return (done[0] if len(done) == 1 else torch.cat(done)).view(x.shape)


def _at_once(x: Tensor, each: int) -> int:
    """How many items of ``each`` numbers to work on at once, on the device of ``x``."""
    return max(1, (_SLICE_CPU if x.device.type == "cpu" else _SLICE_GPU) // each)


def _window_attention(layer: Any, x: Tensor, window: int) -> Tensor:
    batch, rows, columns, width = x.shape
    heads = layer.num_heads
    into, out_of, padded = _window_order(batch, rows, columns, window, x.device)
    # A padded token is zero before the projection, hence the bias after it; as in Meta's
    # network it takes part as a key and a value.
    qkv = layer.qkv(x).view(-1, 3 * width).index_select(0, into)
    if padded.numel():
        qkv = qkv.index_copy(0, padded, layer.qkv.bias.to(qkv.dtype).expand(padded.numel(), -1))
    qkv = qkv.view(-1, window * window, 3, heads, width // heads)
    mixed = []
    for some in qkv.split(_at_once(x, heads * window**4)):
        query, key, value = some.permute(2, 0, 3, 1, 4).unbind(0)
        along_rows, along_columns = _relative(layer, query, window, window)
        bias = (along_rows[..., :, None] + along_columns[..., None, :]).flatten(-2)
        out = F.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        mixed.append(out.transpose(1, 2).reshape(-1, width))
    result: Tensor = layer.proj(torch.cat(mixed).index_select(0, out_of))
    return result.view(batch, rows, columns, width)


def _window_order(
    batch: int, rows: int, columns: int, window: int, device: torch.device
) -> tuple[Tensor, Tensor, Tensor]:
    """Index of the token at each place in the windows, the way back, and the padded places."""
    down, across = -(-rows // window), -(-columns // window)
    row = torch.arange(down * window, device=device)
    column = torch.arange(across * window, device=device)
    inside = (row < rows)[:, None] & (column < columns)[None, :]
    token = row.clamp(max=rows - 1)[:, None] * columns + column.clamp(max=columns - 1)[None, :]

    def windows(grid: Tensor) -> Tensor:
        grid = grid.view(down, window, across, window).permute(0, 2, 1, 3)
        return grid.reshape(1, -1)

    image = torch.arange(batch, device=device)[:, None]
    into = (windows(token) + image * rows * columns).flatten()
    is_inside = windows(inside).expand(batch, -1).flatten()
    out_of = torch.empty(batch * rows * columns, dtype=torch.long, device=device)
    place = torch.arange(into.numel(), device=device)
    out_of[into[is_inside]] = place[is_inside]
    return into, out_of, place[~is_inside]


def _relative(layer: Any, query: Tensor, rows: int, columns: int) -> tuple[Tensor, Tensor]:
    """Logits from the row and column distance: (..., query, key row) and (..., query, key column).

    ``query`` is batch x heads x tokens x head width.
    """
    batch, heads, tokens, width = query.shape
    by_row = relative_table(layer.rel_pos_h, rows).to(query.dtype)
    by_column = relative_table(layer.rel_pos_w, columns).to(query.dtype)
    grid = query.reshape(batch, heads, rows, columns, width)
    along_rows = grid @ by_row.transpose(1, 2)  # for each query row: width x key rows
    along_columns = (grid.transpose(2, 3) @ by_column.transpose(1, 2)).transpose(2, 3)
    return (
        along_rows.reshape(batch, heads, tokens, rows),
        along_columns.reshape(batch, heads, tokens, columns),
    )


def _global_attention(layer: Any, x: Tensor, attention: GlobalAttention) -> Tensor:
    batch, rows, columns, width = x.shape
    heads, head_width = layer.num_heads, width // layer.num_heads
    tokens = x.reshape(batch, rows * columns, width)
    weight = layer.qkv.weight.view(3, heads, head_width, width)
    bias = layer.qkv.bias.view(3, heads, head_width)
    attend = _attend_by_product if attention == "product" else _attend_by_bias
    mixed = []
    step = _at_once(x, batch * rows * columns * 3 * head_width)
    for start in range(0, heads, step):
        some = slice(start, start + step)
        qkv = F.linear(tokens, weight[:, some].reshape(-1, width), bias[:, some].reshape(-1))
        qkv = qkv.view(batch, rows * columns, 3, -1, head_width)
        query, key, value = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        out = attend(query, key, value, *_relative(layer, query, rows, columns))
        mixed.append(out.transpose(1, 2).flatten(2))
    result: Tensor = layer.proj(torch.cat(mixed, -1))
    return result.view(batch, rows, columns, width)


def _attend_by_bias(
    query: Tensor, key: Tensor, value: Tensor, along_rows: Tensor, along_columns: Tensor
) -> Tensor:
    batch, heads, tokens, width = query.shape
    flat = [t.reshape(1, -1, *t.shape[2:]) for t in (query, key, value, along_rows, along_columns)]
    together = min(batch * heads, _at_once(query, tokens**2))
    step = min(tokens, _at_once(query, together * tokens))
    mixed = []
    for some_heads in zip(*(t.split(together, 1) for t in flat), strict=True):
        q, k, v, rows, columns = some_heads
        parts = []
        for start in range(0, tokens, step):
            some = slice(start, start + step)
            bias = rows[:, :, some, :, None] + columns[:, :, some, None, :]
            parts.append(
                F.scaled_dot_product_attention(q[:, :, some], k, v, attn_mask=bias.flatten(-2))
            )
        mixed.append(torch.cat(parts, 2))
    return torch.cat(mixed, 1).view(batch, heads, tokens, width)


def _attend_by_product(
    query: Tensor, key: Tensor, value: Tensor, along_rows: Tensor, along_columns: Tensor
) -> Tensor:
    batch, heads, tokens, width = query.shape
    rows, columns = along_rows.shape[-1], along_columns.shape[-1]
    place = torch.arange(tokens, device=query.device)
    one_hot = torch.cat(
        [F.one_hot(place // columns, rows), F.one_hot(place % columns, columns)], dim=1
    ).to(query.dtype)
    scale = width**-0.5
    longer_query = torch.cat([query * scale, along_rows, along_columns], dim=-1)
    longer_key = torch.cat([key, one_hot.expand(batch, heads, -1, -1)], dim=-1)
    # Fused kernels without a mask want one width for all three.
    wide_value = F.pad(value, (0, rows + columns))
    mixed = F.scaled_dot_product_attention(longer_query, longer_key, wide_value, scale=1.0)
    return mixed[..., :width]


def _neck(neck: Any, x: Tensor) -> Tensor:
    """Two convolutions with layer norm over the channels, on token rows and columns."""
    reduce, first_norm, convolve, second_norm = neck
    dtype = reduce.weight.dtype
    x = F.linear(x.to(dtype), reduce.weight.flatten(1))
    x = _channel_norm(first_norm, x).to(dtype)
    x = F.conv2d(x.permute(0, 3, 1, 2), convolve.weight, padding=1)
    return _channel_norm(second_norm, x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2).contiguous()


def _channel_norm(norm: Any, x: Tensor) -> Tensor:
    return F.layer_norm(x.float(), norm.weight.shape, norm.weight, norm.bias, norm.eps)

"""The small network: a U-shaped convolutional one that runs on a laptop.

    grey tile, 1 pixel ---------------------------------------------------> distance map
        | grey and locally normalised, folded into half size                    ^
      half ------------------------------------------------------------------ half
        quarter ---------------------------------------------------------- quarter
            eighth --------------------------------------------------- eighth -> size, presence
                sixteenth ------------------------------------- sixteenth
                    thirty-second ------------------------ thirty-second

The finest features lie at half size, where a cell of 10 pixels still has 5; the coarsest see some
400 pixels across. Beside the map it tells, at an eighth of the size, how large the cells are there,
so that images with much larger or smaller cells than it likes can be scaled first.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import fusion

__all__ = ["LiteNetwork", "LiteOutputs", "LiteShape"]

# Local brightness and contrast are measured on fields of this many pixels, 5 x 5 of them at a time.
_FIELD = 16
_AROUND = 5
# Contrast (of 0..1) below which a field is taken for empty: noise is not blown up to cells.
_LEAST_CONTRAST = 0.02
_SLOPE = 0.1
# Presence and size are told at an eighth of the size.
_SIZE_LEVEL = 2


@dataclass(frozen=True)
class LiteShape:
    """What decides the sizes of the tensors.

    Attributes
    ----------
    widths
        Channels at a half, a quarter, an eighth ... of the size.
    depths
        Residual blocks on the way down, at each of them.
    """

    widths: tuple[int, ...] = (24, 48, 96, 128, 192)
    depths: tuple[int, ...] = (0, 1, 1, 2, 2)

    @property
    def multiple(self) -> int:
        """Sides of a tile are multiples of this."""
        return max(_FIELD, 1 << len(self.widths))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, to be written to a header."""
        return {name: list(value) for name, value in asdict(self).items()}


class LiteOutputs(NamedTuple):
    """What the network says, before a sigmoid where a probability is meant.

    Attributes
    ----------
    distance
        Batch x height x width: the distance map is its sigmoid.
    presence
        Batch x height/8 x width/8: whether there is a cell, as a logit.
    size
        The same shape: log2 of the diameter in pixels of the cell there.
    """

    distance: Tensor
    presence: Tensor
    size: Tensor


class LiteNetwork(nn.Module):
    """Grey uint8 tiles, batch x side x side, to fp32 distance maps of the same shape."""

    def __init__(self, shape: LiteShape | None = None) -> None:
        super().__init__()
        self.shape = shape = shape or LiteShape()
        widths = shape.widths
        self.stem = _Step(8, widths[0])
        self.enter = _Step(widths[0], widths[0])
        self.down = nn.ModuleList(
            _Step(before, after, stride=2) for before, after in pairwise(widths)
        )
        self.encode = nn.ModuleList(
            nn.Sequential(*(_Block(width) for _ in range(depth)))
            for width, depth in zip(widths[1:], shape.depths[1:], strict=True)
        )
        self.up = nn.ModuleList(_Step(after, before, size=1) for before, after in pairwise(widths))
        self.decode = nn.ModuleList(
            [_Step(widths[0], widths[0])] + [_Block(width) for width in widths[1:-1]]
        )
        self.to_distance = nn.Conv2d(widths[0], 4, 3, padding=1)
        self.to_size = nn.Conv2d(widths[2], 2, 1)

    def forward(self, tiles: Tensor) -> Tensor:
        """Distance maps of tiles."""
        return torch.sigmoid(self.outputs(tiles).distance.float())

    def outputs(self, tiles: Tensor) -> LiteOutputs:
        """All that the network says of tiles."""
        kept, features = self._down(tiles)
        features = self._up(kept, features, from_level=len(kept) - 1, to_level=_SIZE_LEVEL)
        size = self.to_size(features).float()
        features = self._up(kept, features, from_level=_SIZE_LEVEL - 1, to_level=0)
        distance = functional.pixel_shuffle(self.to_distance(features), 2)[:, 0]
        return LiteOutputs(distance=distance, presence=size[:, 0], size=size[:, 1] + 5)

    def sizes(self, tiles: Tensor) -> Tensor:
        """Probability of a cell, and its diameter in pixels: batch x 2 x height/8 x width/8."""
        kept, features = self._down(tiles)
        features = self._up(kept, features, from_level=len(kept) - 1, to_level=_SIZE_LEVEL)
        presence, size = self.to_size(features).float().unbind(1)
        return torch.stack([torch.sigmoid(presence), torch.exp2(size + 5)], 1)

    def products_in(self, dtype: torch.dtype) -> LiteNetwork:
        """Have convolutions compute in a precision; grey values and results stay in fp32."""
        return self.to(dtype)

    def _down(self, tiles: Tensor) -> tuple[list[Tensor], Tensor]:
        grey = tiles.to(torch.float32)[:, None] / 255
        features = functional.pixel_unshuffle(torch.cat([grey * 2 - 1, _normalised(grey)], 1), 2)
        features = features.to(self.to_distance.weight.dtype)
        features = features.contiguous(memory_format=torch.channels_last)
        features = self.enter(self.stem(features))
        kept = []
        for down, encode in zip(self.down, self.encode, strict=True):
            kept.append(features)
            features = encode(down(features))
        return kept, features

    def _up(
        self, kept: list[Tensor], features: Tensor, *, from_level: int, to_level: int
    ) -> Tensor:
        for level in range(from_level, to_level - 1, -1):
            above = functional.interpolate(self.up[level](features), scale_factor=2.0)
            features = self.decode[level](kept[level] + above)
        return features

    def folded(self) -> LiteNetwork:
        """Return the network with its normalisations folded into the convolutions, for running."""
        for module in self.modules():
            if isinstance(module, _Step) and isinstance(module.norm, nn.BatchNorm2d):
                module.convolve = fusion.fuse_conv_bn_eval(module.convolve, module.norm)
                module.norm = nn.Identity()
        return self.to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


class _Step(nn.Module):
    """Convolution, normalisation, rectifier."""

    def __init__(
        self, before: int, after: int, *, stride: int = 1, size: int = 3, rectify: bool = True
    ) -> None:
        super().__init__()
        self.convolve = nn.Conv2d(before, after, size, stride=stride, padding=size // 2, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(after, momentum=0.05)
        self.rectify = rectify

    def forward(self, features: Tensor) -> Tensor:
        features = self.norm(self.convolve(features))
        return _rectified(features) if self.rectify else features


class _Block(nn.Module):
    """Two convolutions around which the input goes straight on."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _Step(width, width)
        self.second = _Step(width, width, rectify=False)

    def forward(self, features: Tensor) -> Tensor:
        return _rectified(features + self.second(self.first(features)))


def _rectified(features: Tensor) -> Tensor:
    # Not cut off at 0: where all features of a cell's middle were negative, the map stayed flat.
    return functional.leaky_relu(features, _SLOPE, inplace=True)


def _normalised(grey: Tensor) -> Tensor:
    """Grey values less the mean around, in units of the contrast around; fp32, for the squares."""
    moments = torch.cat([grey, grey.square()], 1)
    fields = functional.avg_pool2d(moments, _FIELD)
    around = functional.avg_pool2d(
        fields, _AROUND, stride=1, padding=_AROUND // 2, count_include_pad=False
    )
    mean, square = around.split(1, dim=1)
    contrast = (square - mean.square()).clamp_min(0).sqrt() + _LEAST_CONTRAST
    local = functional.interpolate(
        torch.cat([mean, contrast], 1), scale_factor=_FIELD, mode="bilinear", align_corners=False
    )
    return ((grey - local[:, :1]) / local[:, 1:]).clamp(-5, 5)

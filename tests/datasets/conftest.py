"""Small images with their labels, in the files of many programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile

HEIGHT, WIDTH = 24, 30
GREY = np.random.default_rng(5).integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8)
CELLS = np.zeros((HEIGHT, WIDTH), np.uint16)
CELLS[2:9, 2:9], CELLS[10:20, 12:20] = 1, 2


@pytest.fixture
def grey() -> np.ndarray:
    return GREY.copy()


@pytest.fixture
def cells() -> np.ndarray:
    """Labels 1 and 2."""
    return CELLS.copy()


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Path]:
    """A folder with files of these names: images, and labels where something else is given."""

    def write(*images: str, **others: object) -> Path:
        given = dict.fromkeys(images, GREY) | {
            name.replace("__", "."): content for name, content in others.items()
        }
        for name, content in given.items():
            path = tmp_path / "data" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                path.write_bytes(content)
            elif path.suffix == ".npy":
                np.save(path, content)
            elif path.suffix == ".png":
                path.write_bytes(imagecodecs.png_encode(np.ascontiguousarray(content)))
            else:
                assert isinstance(content, np.ndarray)
                tifffile.imwrite(
                    path, content, photometric="rgb" if content.shape[-1] == 3 else "minisblack"
                )
        return tmp_path / "data"

    return write


@pytest.fixture
def coco(put) -> Callable[..., Path]:
    """A folder with ``a.tif`` and the file ``cells.json`` of these annotations of it."""

    def write(*segmentations: object, name: str = "cells.json", **changes: object) -> Path:
        folder = put("a.tif")
        image = {"id": 7, "file_name": "a.tif", "height": HEIGHT, "width": WIDTH}
        annotations = [
            each if isinstance(each, dict) and "image_id" in each else _annotation(number, each)
            for number, each in enumerate(segmentations, start=1)
        ]
        content = {"images": [image], "annotations": annotations, **changes}
        (folder / name).write_text(json.dumps(content))
        return folder

    return write


def _annotation(number: int, segmentation: object) -> dict[str, object]:
    return {"id": number, "image_id": 7, "category_id": 1, "segmentation": segmentation}


def box(left: float, top: float, right: float, bottom: float) -> list[float]:
    """A rectangle as COCO has polygons."""
    return [left, top, right, top, right, bottom, left, bottom]


@pytest.fixture
def boxes() -> Callable[..., list[float]]:
    return box

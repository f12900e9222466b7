"""What the names of files say: sets of ROIs, objects of CellProfiler, masks of Cellpose."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath

from samcell_core.datasets.outlines import OUTLINE_ENDINGS
from samcell_core.errors import TrainingError
from samcell_core.training.pairs import SUFFIX, Found, Pair, files_below, matched, some

__all__ = ["is_cellpose", "object_names", "pairs_of_rois", "refuse_pickles", "roi_files"]

_IMAGE = re.compile(f"{SUFFIX}$", re.IGNORECASE)
_IMAGE_ENDING = re.compile(r"(?:^|[_-])(?:image|img)$", re.IGNORECASE)
_ROI_ENDING = re.compile(r"(?:^|[_\-. ])(?:roi_?sets?|rois?)$", re.IGNORECASE)
_FOLDERS = re.compile(r"(?:images?|imgs?|roi_?sets?|rois?)", re.IGNORECASE)
# Label images that lie beside, and what Cellpose leaves.
_NO_IMAGE = re.compile(r"_(?:labels?|(?:cp_)?masks?|flows|(?:cp_)?outlines|seg)$", re.IGNORECASE)
_OF_CELLPOSE = re.compile(r"_(?:seg\.npy|flows\.tiff?|cp_masks\.(?:tiff?|png))$", re.IGNORECASE)
_UNNAMED = "*"  # of a RoiSet.zip, which no other file can be called
_PICKLE = "_seg.npy"
_OBJECTS = re.compile(r"[_-][A-Za-z]\w*")


def roi_files(files: Iterable[str]) -> list[str]:
    """Sets of ROIs that belong to an image by their names."""
    images, rois = _images_and_rois(files)
    return [file for name in sorted(images.keys() & rois.keys()) for file in rois[name]]


def pairs_of_rois(
    folder: Path, *, set_name: str, lacking: Callable[[Path], object] | None = None
) -> list[Pair]:
    """Images of a folder with their ROIs: ``a.tif`` and ``a_RoiSet.zip``, ``a.zip`` or ``a.roi``.

    A ``RoiSet.zip`` without a name belongs to the only image of its folder. Images and ROIs may
    lie in folders ``images`` and ``rois``.

    Raises
    ------
    TrainingError
        Nothing was found, or an image has no ROIs or several files of them, or these no image.
    """
    images, rois = _images_and_rois(files_below(folder))
    found: Found = {"images": images, "labels": rois}
    return [
        Pair(folder / image, folder / its_rois, set_name, name, f"{set_name}/{image}")
        for name, image, its_rois in matched(found, folder, lacking)
    ]


def _images_and_rois(
    files: Iterable[str],
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Files of images and of ROIs by the name that they share."""
    images: dict[str, list[str]] = {}
    rois: dict[str, list[str]] = {}
    for file in files:
        path = PurePosixPath(file)
        if path.suffix.lower() in OUTLINE_ENDINGS:
            name = _shared(path.with_name(_ROI_ENDING.sub("", path.stem) or _UNNAMED))
            rois.setdefault(name, []).append(file)
        elif _IMAGE.search(path.name):
            stem = _IMAGE.sub("", path.name)
            if not _NO_IMAGE.search(stem) and not _NO_IMAGE.search(f"_{path.parent.name}"):
                name = _shared(path.with_name(_IMAGE_ENDING.sub("", stem) or stem))
                images.setdefault(name, []).append(file)
    for name in [name for name in rois if PurePosixPath(name).name == _UNNAMED]:
        folder = PurePosixPath(name).parent
        there = [each for each in images if PurePosixPath(each).parent == folder]
        if len(there) == 1:
            rois.setdefault(there[0], []).extend(rois.pop(name))
    return images, rois


def _shared(path: PurePosixPath) -> str:
    folders = list(path.parent.parts)
    for place in reversed(range(len(folders))):
        if _FOLDERS.fullmatch(folders[place]):
            del folders[place]
            break
    return "/".join([*folders, path.name])


def is_cellpose(files: Iterable[str]) -> bool:
    """Whether Cellpose has left files of its own."""
    return any(_OF_CELLPOSE.search(file) for file in files)


def refuse_pickles(folder: Path, files: Sequence[str]) -> None:
    """Refuse ``X_seg.npy`` without masks beside it."""
    stems = {_IMAGE.sub("", file) for file in files}
    alone = [
        file
        for file in files
        if file.lower().endswith(_PICKLE)
        and not any(
            f"{bare}{ending}" in stems
            for whole in [file[: -len(_PICKLE)]]
            for bare in (whole, _IMAGE_ENDING.sub("", whole))
            for ending in ("_masks", "_mask", "_cp_masks")
        )
    ]
    if alone:
        raise TrainingError(
            f"{len(alone)} files in {folder} are Cellpose's own _seg.npy without masks beside them "
            f"({some(alone)}), which is a pickle, could run any program and is not opened: in "
            "Cellpose save the masks as PNG or TIFF (File menu, or --save_png or --save_tif)."
        )


def object_names(files: Iterable[str]) -> list[str]:
    """What CellProfiler's exported objects add to the names of their images, such as ``_Cells``.

    The most frequent come first.
    """
    stems: dict[str, set[str]] = {}
    for file in files:
        path = PurePosixPath(file)
        if _IMAGE.search(path.name):
            stems.setdefault(str(path.parent), set()).add(_IMAGE.sub("", path.name))
    counts: Counter[str] = Counter()
    for there in stems.values():
        for stem in there:
            added = [stem[at:] for at in range(1, len(stem)) if stem[:at] in there]
            # The longest name of an image that it begins with.
            if added and _OBJECTS.fullmatch(added[-1]):
                counts[added[-1]] += 1
    return [name for name, _ in counts.most_common()]

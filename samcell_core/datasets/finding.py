"""The one door to annotated images, which recognises how they are annotated."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from samcell_core.datasets.annotated import Annotated, Dataset, annotated
from samcell_core.datasets.coco import annotated_in_coco, looks_like_coco
from samcell_core.datasets.layouts import (
    is_cellpose,
    object_names,
    pairs_of_rois,
    refuse_pickles,
    roi_files,
)
from samcell_core.errors import SettingsError, TrainingError
from samcell_core.training.manifest import pairs_in_manifest
from samcell_core.training.pairs import files_below, has_label_files, pairs_in_folder, some

__all__ = ["KINDS", "find_annotated"]

KINDS = ("pairs", "manifest", "coco", "cellpose", "roi", "cellprofiler")
"""Ways in which images are annotated."""


def find_annotated(
    path: str | os.PathLike[str],
    *,
    images: str | os.PathLike[str] | None = None,
    labels: str | None = None,
    manifest: str | os.PathLike[str] | None = None,
    kind: str | None = None,
    skip_unlabelled: bool = False,
) -> Dataset:
    """Annotated images of a folder, a manifest or a COCO file.

    Parameters
    ----------
    path
        A folder, a manifest (CSV) or a COCO file (JSON).
    images, labels
        Patterns, where files of a folder have other names than usual, as in `pairs_in_folder`;
        for COCO, ``images`` is the folder of the images.
    manifest
        A manifest whose paths start at the folder ``path``.
    kind
        One of `KINDS`, where it is not recognised, or a folder holds several.
    skip_unlabelled
        Whether images without labels are left out, and listed, instead of refused.

    Raises
    ------
    SettingsError
        Choices that do not go together.
    TrainingError
        Nothing was found, several kinds were, or images and labels do not belong together.
    """
    path = Path(path)
    _check_choices(path, images, labels, manifest, kind)
    unlabelled: list[Path] = []
    notes: list[str] = []
    lacking = unlabelled.append if skip_unlabelled else None
    if manifest is not None:
        return Dataset("manifest", annotated(pairs_in_manifest(manifest, folder=path)))
    if path.is_file():
        kind = kind or {".csv": "manifest", ".json": "coco"}.get(path.suffix.lower())
        if kind == "manifest":
            return Dataset(kind, annotated(pairs_in_manifest(path)))
        if kind != "coco":
            raise TrainingError(
                f"{path} is neither a manifest (CSV) nor a COCO file (JSON): give one of them, or "
                "the folder of the images and labels."
            )
        files: Sequence[str] = [path.name]
        folder = path.parent
    else:
        folder = path
        files = list(files_below(folder))
        if kind is None:
            kind = "pairs" if labels is not None else _recognised(folder, files)
    items: Sequence[Annotated]
    if kind == "coco":
        items = _in_coco(folder, files, path, images, lacking, notes.append)
    elif kind == "roi" and labels is None:
        name = folder.resolve().name
        items = annotated(pairs_of_rois(folder, set_name=name, lacking=lacking))
    else:
        patterns = (None if images is None else os.fspath(images), labels)
        if kind == "cellpose" and labels is None:
            refuse_pickles(folder, files)
        if kind == "cellprofiler" and labels is None:
            patterns = _of_cellprofiler(folder, files)
        found = pairs_in_folder(folder, images=patterns[0], labels=patterns[1], lacking=lacking)
        items = annotated(found)
    return Dataset(kind, tuple(items), tuple(unlabelled), tuple(notes))


def _check_choices(
    path: Path,
    images: str | os.PathLike[str] | None,
    labels: str | None,
    manifest: str | os.PathLike[str] | None,
    kind: str | None,
) -> None:
    if kind is not None and kind not in KINDS:
        raise SettingsError(f"kind={kind!r} is unknown: give one of {', '.join(KINDS)}.")
    if not path.exists():
        raise TrainingError(f"{path} does not exist: check its name and folder.")
    listed = manifest is not None or kind == "manifest" or path.suffix.lower() == ".csv"
    if listed and (images is not None or labels is not None):
        raise SettingsError(
            "A manifest names images and labels by itself: leave out images= and labels=."
        )
    if manifest is not None and kind not in (None, "manifest"):
        raise SettingsError(f"manifest= is given, and kind={kind!r} is not: drop one of them.")
    if kind == "manifest" and manifest is None and path.is_dir():
        raise SettingsError(f"{path} is a folder: give the manifest in it, a CSV file.")
    if (kind == "coco" or path.suffix.lower() == ".json") and labels is not None:
        raise SettingsError("A COCO file holds the labels: give the folder of images as images=.")


def _recognised(folder: Path, files: Sequence[str]) -> str:
    """How the images of a folder are annotated."""
    found = {}
    coco = _coco_files(folder, files)
    if coco:
        found["coco"] = coco
    rois = roi_files(files)
    if rois:
        found["roi"] = rois
    if has_label_files(files) or is_cellpose(files):
        found["cellpose" if is_cellpose(files) else "pairs"] = ["label images"]
    if len(found) > 1:
        what = "; ".join(f"{kind}: {some(names)}" for kind, names in found.items())
        raise TrainingError(
            f"{folder} holds annotations of several kinds ({what}): say which are meant with "
            f"kind={' or '.join(repr(kind) for kind in found)}."
        )
    if found:
        return next(iter(found))
    return "cellprofiler" if object_names(files) else "pairs"


def _coco_files(folder: Path, files: Sequence[str]) -> list[str]:
    names = [file for file in files if file.lower().endswith(".json")]
    return [name for name in names if looks_like_coco(folder / name)]


def _in_coco(
    folder: Path,
    files: Sequence[str],
    path: Path,
    images: str | os.PathLike[str] | None,
    lacking: Callable[[Path], object] | None,
    note: Callable[[str], object],
) -> list[Annotated]:
    """Images of all COCO files of a folder; each file is a set, and names images of its own."""
    names = [path.name] if path.is_file() else _coco_files(folder, files)
    if not names:
        raise TrainingError(
            f"{folder} holds no COCO file: give the folder or the name of the JSON file."
        )
    items: list[Annotated] = []
    owner: dict[Path, str] = {}
    for name in names:
        of_folder = len(names) == 1 and path.is_dir()
        found = annotated_in_coco(
            folder / name,
            set_name=folder.resolve().name if of_folder else name[: -len(".json")],
            images=None if images is None else Path(images),
            root=folder if path.is_dir() else None,
            lacking=lacking,
            note=note,
        )
        for item in found:
            if owner.setdefault(item.image, name) != name:
                raise TrainingError(
                    f"{owner[item.image]} and {name} in {folder} both annotate {item.image}: give "
                    "one of the two files."
                )
        items += found
    return items


def _of_cellprofiler(folder: Path, files: Sequence[str]) -> tuple[str, str]:
    """Patterns of images and of the one kind of objects beside them."""
    names = object_names(files)
    if len(names) != 1:
        what = f"objects of several kinds ({some(names)})" if names else "no exported objects"
        raise TrainingError(
            f"{folder} holds {what} beside the images: say what is what, such as "
            f"images='{{name}}.tif', labels='{{name}}{names[0] if names else '_Cells'}.tiff'."
        )
    return "{name}.*", f"{{name}}{names[0]}.*"

"""What there is to train on: images with their labels, and which of them validate."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray
from skimage.measure import label

from samcell_core.errors import ImageError, SettingsError, TrainingError
from samcell_core.images import Image, eight_bit, looks_like_labels, read_image
from samcell_core.metrics.table import Table
from samcell_core.models.cache import sha256_of

__all__ = [
    "Pair",
    "pairs_in_folder",
    "pairs_in_manifest",
    "read_pair",
    "split_by_group",
    "write_manifest",
]

_Found = dict[str, dict[str, list[str]]]
"""Files by their kind, images or labels, and the name that an image shares with its labels."""

_SUFFIX = r"\.(?:ome\.tiff?|tiff?|png|jpe?g|bmp|npy|nd2|czi|lif)"
_FOLDERS = {
    **dict.fromkeys(("image", "images", "img", "imgs"), "images"),
    **dict.fromkeys(("label", "labels", "mask", "masks"), "labels"),
}
_IMAGE_ENDING = re.compile(r"(?:^|[_-])(?:image|img)$", re.IGNORECASE)
_LABELS_ENDING = re.compile(r"(?:^|[_-])(?:cp_)?(?:labels?|masks?)$", re.IGNORECASE)
# Cellpose leaves these beside the images.
_NEITHER_ENDING = re.compile(r"_(?:flows|(?:cp_)?outlines|seg)$", re.IGNORECASE)
_ADVICE = (
    "put them into folders images and labels, name them X_image and X_labels, or say how they are "
    "named, such as images='{name}.png', labels='{name}_labels.tif'"
)
_SEVERAL = {"T": "time points", "Z": "depths", "C": "channels"}
_MOST_PIECES = 3  # of a cell, on average
_MOST_NUMBERS = 256  # of cells below 4 pixels each that fill half an image


@dataclass(frozen=True)
class Pair:
    """An image and its labels.

    Attributes
    ----------
    image, labels
        The two files.
    set
        The data set they come from.
    group
        What belongs together in it, such as a series or a well: never split between training and
        validation.
    """

    image: Path
    labels: Path
    set: str
    group: str


def pairs_in_folder(
    folder: str | os.PathLike[str],
    *,
    images: str | None = None,
    labels: str | None = None,
    set: str | None = None,  # noqa: A002
) -> list[Pair]:
    """Images of a folder and its sub-folders, with their labels; each image is its own group.

    Parameters
    ----------
    folder
        Holds ``images/X.*`` and ``labels/X.*`` (or ``masks``), or ``X_image.*`` (or ``X_img``, or
        ``X.*``) and ``X_labels.*`` (or ``X_label``, ``X_masks``, ``X_mask``).
    images, labels
        Patterns, where files have other names: ``{name}`` is what image and labels share, ``*``
        any text, as in ``"raw/{name}_ch00.*"`` and ``"truth/{name}.tif"``.
    set
        Name of the data set; that of the folder where not given.

    Raises
    ------
    SettingsError
        Patterns that pair nothing.
    TrainingError
        Nothing was found, or an image lacks labels, has several, or labels lack an image.
    """
    folder = Path(folder)
    if images is not None and labels is not None:
        found = _by_patterns(_files(folder), {"images": images, "labels": labels})
    elif images is None and labels is None:
        found = _by_custom(_files(folder))
    else:
        raise SettingsError("Give both images= and labels=, the two patterns, or none of them.")
    named = folder.resolve().name if set is None else set
    return [
        Pair(folder / image, folder / its_labels, named, name)
        for name, image, its_labels in _matched(found, folder)
    ]


def pairs_in_manifest(path: str | os.PathLike[str]) -> list[Pair]:
    """Images and labels that a CSV file lists, separated by commas, semicolons or tabs.

    Parameters
    ----------
    path
        The file. Its columns: ``image`` (or ``file``) and ``labels``, paths that start at the
        folder of the manifest; where there, ``set``, ``group``, and the checksums ``sha256`` (of
        the image) and ``labels_sha256``. Others are ignored. Where not said, the set is the
        folder's name, and each image is its own group.

    Raises
    ------
    TrainingError
        The file or one that it names cannot be read or is not the one it was, with its row.
    """
    path = Path(path)
    pairs: list[Pair] = []
    rows: dict[Path, int] = {}
    for row, values in _rows(path):
        image_text = values["image" if "image" in values else "file"]
        image = _listed(path, row, image_text, "image", values.get("sha256"))
        labels = _listed(path, row, values["labels"], "labels", values.get("labels_sha256"))
        if rows.setdefault(image.resolve(), row) != row:
            raise TrainingError(
                f"Rows {rows[image.resolve()]} and {row} of {path} name the same image "
                f"{image_text!r}: drop one of them."
            )
        named = values.get("set") or path.resolve().parent.name
        pairs.append(Pair(image, labels, named, values.get("group") or image_text))
    return pairs


def write_manifest(
    pairs: Iterable[Pair], path: str | os.PathLike[str], *, overwrite: bool = False
) -> None:
    """Write a CSV file that `pairs_in_manifest` reads, with the checksums of all files.

    It is written whole or not at all, and over an existing file only on demand.
    """
    folder = Path(path).resolve().parent
    rows = [
        {
            "image": _relative(pair.image, folder),
            "labels": _relative(pair.labels, folder),
            "set": pair.set,
            "group": pair.group,
            "sha256": _checksum(pair.image),
            "labels_sha256": _checksum(pair.labels),
        }
        for pair in pairs
    ]
    if not rows:
        raise TrainingError(f"There are no pairs to write to {path}: give at least one.")
    Table.from_rows(rows).to_csv(path, overwrite=overwrite)


def read_pair(pair: Pair) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """Image in 8 bits, and labels 1..n in the order of their numbers.

    The image is as the engine prepares it for a trained model, with ``intensity="percentile"``. A
    cell may be of one pixel, or of several pieces.

    Raises
    ------
    ImageError
        One of the files cannot be read, is not what it should be, or does not fit the other.
    """
    image = read_image(pair.image)
    _check_single(image, pair.image)
    plane = image.planes()[0]
    if looks_like_labels(plane):
        raise ImageError(
            f"{pair.image} looks like a label image, not like a microscope image: check whether "
            "images and labels are swapped."
        )
    height, width = plane.shape
    if plane.dtype.kind == "f":
        unknown = 1 - np.isfinite(plane.read(0, height, 0, width)).mean()
        if unknown > 0.5:
            raise ImageError(
                f"{unknown:.0%} of the pixels of {pair.image} are NaN or infinite: leave it out, "
                "or fill them."
            )
    grey: NDArray[np.uint8] = eight_bit(plane, "percentile").read(0, height, 0, width)
    if grey.min() == grey.max():
        raise ImageError(f"{pair.image} has the same value everywhere: leave it out.")
    labels = _read_labels(pair.labels)
    if labels.shape != grey.shape:
        raise ImageError(
            f"{pair.labels} has {labels.shape[0]} x {labels.shape[1]} pixels and {pair.image} has "
            f"{height} x {width}: give the labels of this very image."
        )
    return grey, labels


def split_by_group(
    pairs: Iterable[Pair],
    *,
    fraction: float = 0.15,
    seed: int = 0,
    left_out: Sequence[str] = (),
    note: Callable[[str], None] | None = None,
) -> tuple[list[Pair], list[Pair]]:
    """Pairs to train on, and pairs to validate on, that have no group in common.

    The same pairs are split in the same way in whatever order and place they are; other sets
    that come or go change nothing for a set.

    Parameters
    ----------
    pairs
        All of them.
    fraction
        Part of the images of each set that validate, as near as whole groups come to it: at
        least one group, never all. A set with a single group is split by image.
    seed
        Another one chooses other groups.
    left_out
        Sets that are not trained on at all, only validated on.
    note
        Gets a sentence where a group had to be split.

    Raises
    ------
    SettingsError
        A fraction outside its range, or an unknown set.
    TrainingError
        Nothing is left to train on, or to validate on.
    """
    if not 0 <= fraction < 1:
        raise SettingsError(f"fraction={fraction} is not allowed: give a number from 0 to below 1.")
    left_out = (left_out,) if isinstance(left_out, str) else tuple(left_out)
    sets: dict[str, dict[str, list[Pair]]] = {}
    for pair in sorted(pairs, key=lambda pair: (pair.set, pair.image, pair.labels)):
        sets.setdefault(pair.set, {}).setdefault(pair.group, []).append(pair)
    for name in left_out:
        if name not in sets:
            raise SettingsError(
                f"There is no set {name!r} to leave out: known are {', '.join(sets) or 'none'}."
            )
    if fraction > 0:
        sets = {
            name: groups if name in left_out else _split_where_single(name, groups, note)
            for name, groups in sets.items()
        }
    training: list[Pair] = []
    validation: list[Pair] = []
    for name, groups in sets.items():
        held = groups.keys() if name in left_out else _held_out(groups, fraction, f"{seed}/{name}")
        for group, members in groups.items():
            (validation if group in held else training).extend(members)
    for left, use in ((training, "train"), (validation, "validate")):
        if not left:
            raise TrainingError(
                f"There is nothing to {use} on ({len(training) + len(validation)} images in "
                f"{sum(map(len, sets.values()))} groups): give more images or groups, or leave "
                "other sets out."
            )
    return training, validation


def _files(folder: Path) -> Iterator[str]:
    """Files below a folder, hidden ones left out, as paths that start there."""

    def refuse(error: OSError) -> None:
        raise TrainingError(
            f"The folder {error.filename} cannot be read ({error.strerror}): check its name and "
            "rights."
        ) from error

    seen = {folder.resolve()}
    for place, folders, names in os.walk(folder, onerror=refuse, followlinks=True):
        here = Path(place)
        visible = sorted(name for name in folders if not name.startswith("."))
        folders[:] = [name for name in visible if (here / name).resolve() not in seen]
        seen.update((here / name).resolve() for name in folders)  # a link may lead back up
        for name in sorted(names):
            if not name.startswith("."):
                yield (here / name).relative_to(folder).as_posix()


def _by_patterns(files: Iterable[str], patterns: Mapping[str, str]) -> _Found:
    """Files of each kind by what stands for ``{name}``, with the folders before it."""
    if patterns["images"] == patterns["labels"]:
        raise SettingsError(f"images= and labels= are the same pattern {patterns['labels']!r}.")
    found: _Found = {kind: {} for kind in patterns}
    # `{name}_mask.png` is a `{name}.png`, too: the longer pattern is the one that is meant.
    kinds = sorted(patterns, key=lambda kind: len(patterns[kind]), reverse=True)
    regular = {kind: _regular(patterns[kind], kind) for kind in kinds}
    for file in files:
        for kind in kinds:
            match = regular[kind].fullmatch(file)
            if match:
                name = "/".join(part for part in match.group("folder", "name") if part)
                found[kind].setdefault(name, []).append(file)
                break
    return found


def _regular(pattern: str, kind: str) -> re.Pattern[str]:
    parts = pattern.replace("\\", "/").removeprefix("./").split("{name}")
    if len(parts) != 2:
        raise SettingsError(
            f"{kind}={pattern!r} must hold {{name}} once, in place of what the names of an image "
            "and its labels share, such as '{name}_labels.tif'."
        )
    before, after = (re.escape(part).replace(r"\*", "[^/]*") for part in parts)
    if parts[1].endswith(".*"):  # other files may have the same name
        after = after.removesuffix(r"\.[^/]*") + _SUFFIX
    name = ".+?" if before.endswith("/") else "[^/]+?"
    return re.compile(f"(?:(?P<folder>.+?)/)??{before}(?P<name>{name}){after}", re.IGNORECASE)


def _by_custom(files: Iterable[str]) -> _Found:
    """Files by the usual names. Those without a sign are images where none has one."""
    found: _Found = {"images": {}, "labels": {}, "": {}}
    for file in files:
        stem = re.sub(f"{_SUFFIX}$", "", PurePosixPath(file).name, flags=re.IGNORECASE)
        if stem == PurePosixPath(file).name or _NEITHER_ENDING.search(stem):
            continue
        kind = ""
        folders = list(PurePosixPath(file).parent.parts)
        for place in reversed(range(len(folders))):
            if folders[place].lower() in _FOLDERS:
                kind = _FOLDERS[folders.pop(place).lower()]
                break
        if _LABELS_ENDING.search(stem):
            kind = "labels"
        elif _IMAGE_ENDING.search(stem):
            kind = kind or "images"
        name = _IMAGE_ENDING.sub("", _LABELS_ENDING.sub("", stem))  # X_img has X_img_cp_masks
        found[kind].setdefault("/".join([*folders, name]), []).append(file)
    unsigned = found.pop("")
    return found if found["images"] else {**found, "images": unsigned}


def _matched(found: _Found, folder: Path) -> Iterator[tuple[str, str, str]]:
    """Name, image and labels of each pair, if every file has just one partner."""
    images, labels = found["images"], found["labels"]
    if not images or not labels:
        lacking = "images" if not images else "label files"
        raise TrainingError(f"No {lacking} were found in {folder}: {_ADVICE}.")
    for name in sorted(images.keys() & labels.keys()):
        for kind, files in (("images", images[name]), ("label files", labels[name])):
            if len(files) > 1:
                raise TrainingError(
                    f"{folder} has {len(files)} {kind} for one name ({_some(files)}): keep one of "
                    "them there, or say with images= and labels= which are meant."
                )
        yield name, images[name][0], labels[name][0]
    for kind, ones, others, lacking in (
        ("images", images, labels, "labels"),
        ("label files", labels, images, "image"),
    ):
        alone = [file for name in sorted(ones.keys() - others.keys()) for file in ones[name]]
        if alone:
            raise TrainingError(
                f"{len(alone)} of {sum(map(len, ones.values()))} {kind} in {folder} have no "
                f"{lacking} ({_some(alone)}): add what is missing, or take them out of the folder."
            )


def _some(files: Sequence[str]) -> str:
    more = len(files) - 3
    return ", ".join(files[:3]) + (f" and {more} more" if more > 0 else "")


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Number and values of each row of a manifest, its columns checked."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _unreadable(path, error) from error
    except UnicodeDecodeError as error:
        raise TrainingError(f"{path} is no text in UTF-8: save it as 'CSV UTF-8'.") from error
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise TrainingError(f"{path} is no CSV file ({error}): save it again as CSV.") from error
    filled = [(number, row) for number, row in enumerate(rows, 1) if any(map(str.strip, row))]
    if len(filled) < 2:
        raise TrainingError(f"{path} lists no images: give a row of names and a row for each pair.")
    header = [name.strip().lower() for name in filled[0][1]]
    if "labels" not in header or not {"image", "file"} & set(header):
        raise TrainingError(
            f"{path} needs the columns image (or file) and labels, and has {', '.join(header)}: "
            "name them in its first row."
        )
    for number, row in filled[1:]:
        if len(row) != len(header):
            raise TrainingError(
                f"Row {number} of {path} has {len(row)} columns and the first row has "
                f"{len(header)}: complete it, or put what holds a {delimiter!r} in quotes."
            )
        yield number, dict(zip(header, map(str.strip, row), strict=True))


def _listed(manifest: Path, row: int, text: str, what: str, checksum: str | None) -> Path:
    """One file that a manifest names."""
    # A Windows path is understood everywhere.
    path = manifest.parent / text.replace("\\", "/")
    if not text or not path.is_file():
        raise TrainingError(
            f"Row {row} of {manifest} names {what} {text!r}, which is no file: give a path that "
            f"starts at {manifest.parent}."
        )
    if checksum and _checksum(path) != checksum.lower():
        raise TrainingError(
            f"{path} is not what row {row} of {manifest} says: its sha256 is {_checksum(path)}, "
            f"not {checksum}: bring the file back, or write the manifest anew."
        )
    return path


def _checksum(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> TrainingError:
    return TrainingError(
        f"{path} cannot be read ({error.strerror or error}): check its name and rights."
    )


def _relative(path: Path, folder: Path) -> str:
    path = path.resolve()
    with suppress(ValueError):  # it lies on another drive
        path = Path(os.path.relpath(path, folder))
    return path.as_posix()


def _check_single(image: Image, path: Path) -> None:
    """Refuse what holds more than one plane."""
    sizes = dict(zip(image.axes, image.data.shape, strict=True))
    several = [f"{sizes[axis]} {name}" for axis, name in _SEVERAL.items() if sizes.get(axis, 1) > 1]
    if several:
        raise ImageError(
            f"{path} has {' and '.join(several)}, and training takes one plane of one channel, or "
            "RGB: save each plane to train on as a file of its own, with its labels."
        )


def _read_labels(path: Path) -> NDArray[np.int32]:
    image = read_image(path)
    _check_single(image, path)
    advice = "give a grey image with one number for each cell and 0 outside cells"
    if dict(zip(image.axes, image.data.shape, strict=True)).get("S", 1) > 2:
        raise ImageError(f"{path} has colours (RGB) in place of labels: {advice}.")
    plane = image.planes()[0]
    values = plane.read(0, plane.shape[0], 0, plane.shape[1])
    if values.dtype.kind == "f":
        if not np.isfinite(values).all():
            raise ImageError(f"{path} has NaN or infinity in place of labels: {advice}.")
        if (values != np.rint(values)).any():
            raise ImageError(f"{path} has fractions in place of labels: {advice}.")
    if values.min() < 0:
        raise ImageError(f"{path} has negative numbers in place of labels: {advice}.")
    numbers, index = np.unique(values, return_inverse=True)
    outside = int(numbers[0] == 0)
    count = len(numbers) - outside
    if not count:
        raise ImageError(f"{path} has no cells, only 0: leave it out, or label the cells.")
    labels = (index.reshape(values.shape) + 1 - outside).astype(np.int32)
    _check_cells(labels, count, path)
    return labels


def _check_cells(labels: NDArray[np.int32], count: int, path: Path) -> None:
    """Refuse microscope images and masks of all cells in one."""
    pieces = int(label(labels, connectivity=2).max())
    if pieces > _MOST_PIECES * count:
        raise ImageError(
            f"{path} is no label image: its {count} numbers lie in {pieces} separate pieces; give "
            "each cell a number of its own (a mask of all cells, or the image, will not do)."
        )
    inside = int(np.count_nonzero(labels))
    if count > _MOST_NUMBERS and 2 * inside > labels.size and 4 * count > inside:
        raise ImageError(
            f"{path} is no label image: it has {count} numbers on {inside} pixels; give each cell "
            "one number."
        )


def _split_where_single(
    name: str, groups: dict[str, list[Pair]], note: Callable[[str], None] | None
) -> dict[str, list[Pair]]:
    """Each image as its own group where there is one group only."""
    (pairs, *others) = groups.values()
    if others or len(pairs) == 1:
        return groups
    if note is not None:
        note(
            f"All images of {name!r} are of one group, so they are split one by one: the "
            "validation may look better than images from elsewhere would."
        )
    alone: dict[str, list[Pair]] = {}
    for pair in pairs:  # the folder's name, too, as all files may have the same name
        alone.setdefault("/".join(pair.image.parts[-2:]), []).append(pair)
    return alone


def _held_out(groups: Mapping[str, Sequence[Pair]], fraction: float, salt: str) -> set[str]:
    """Names of groups to validate on. The order of a checksum is the same everywhere."""

    def place(group: str) -> str:
        return hashlib.sha256(os.fsencode(f"{salt}/{group}")).hexdigest()

    wanted = fraction * sum(map(len, groups.values()))
    held: set[str] = set()
    count = 0
    for group in sorted(groups, key=place):
        size = len(groups[group])
        if abs(count + size - wanted) < abs(count - wanted) and len(held) < len(groups) - 1:
            held.add(group)
            count += size
    if not held and fraction > 0 and len(groups) > 1:
        held.add(min(groups, key=lambda group: (len(groups[group]), place(group))))
    return held

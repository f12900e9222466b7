"""What there is to train on: images with their labels, as they lie in folders."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from samcell_core.errors import SettingsError, TrainingError
from samcell_core.training.annotation import Annotation

__all__ = [
    "SUFFIX",
    "Found",
    "Pair",
    "files_below",
    "has_label_files",
    "matched",
    "pairs_in_folder",
    "some",
]

Found = dict[str, dict[str, list[str]]]
"""Files by their kind, images or labels, and the name that an image shares with its labels."""

SUFFIX = r"\.(?:ome\.tiff?|tiff?|png|jpe?g|bmp|npy|nd2|czi|lif)"
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
    name
        What messages call it: its set and its path as the folder or the manifest has it, such as
        ``phase/well A1/3.tif``. It does not make another pair of the same files.
    annotation
        What draws the labels, where their file is no label image.
    """

    image: Path
    labels: Path
    set: str
    group: str
    name: str = field(default="", compare=False)
    annotation: Annotation | None = field(default=None, compare=False, repr=False)


def pairs_in_folder(
    folder: str | os.PathLike[str],
    *,
    images: str | None = None,
    labels: str | None = None,
    set: str | None = None,  # noqa: A002
    lacking: Callable[[Path], object] | None = None,
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
    lacking
        Told each image that has no labels, which is then left out instead of refused.

    Raises
    ------
    SettingsError
        Patterns that pair nothing.
    TrainingError
        Nothing was found, or an image lacks labels, has several, or labels lack an image.
    """
    folder = Path(folder)
    if images is not None and labels is not None:
        found = _by_patterns(files_below(folder), {"images": images, "labels": labels})
    elif images is None and labels is None:
        found = _by_custom(files_below(folder))
    else:
        raise SettingsError("Give both images= and labels=, the two patterns, or none of them.")
    named = folder.resolve().name if set is None else set
    return [
        Pair(folder / image, folder / its_labels, named, name, f"{named}/{image}")
        for name, image, its_labels in matched(found, folder, lacking)
    ]


def has_label_files(files: Iterable[str]) -> bool:
    """Whether some of these files are label images by their names or folders."""
    return bool(_by_custom(files)["labels"])


def files_below(folder: Path) -> Iterator[str]:
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


def _by_patterns(files: Iterable[str], patterns: Mapping[str, str]) -> Found:
    """Files of each kind by what stands for ``{name}``, with the folders before it."""
    if patterns["images"] == patterns["labels"]:
        raise SettingsError(f"images= and labels= are the same pattern {patterns['labels']!r}.")
    found: Found = {kind: {} for kind in patterns}
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
        after = after.removesuffix(r"\.[^/]*") + SUFFIX
    name = ".+?" if before.endswith("/") else "[^/]+?"
    return re.compile(f"(?:(?P<folder>.+?)/)??{before}(?P<name>{name}){after}", re.IGNORECASE)


def _by_custom(files: Iterable[str]) -> Found:
    """Files by the usual names. Those without a sign are images where none has one."""
    found: Found = {"images": {}, "labels": {}, "": {}}
    for file in files:
        stem = re.sub(f"{SUFFIX}$", "", PurePosixPath(file).name, flags=re.IGNORECASE)
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


def matched(
    found: Found, folder: Path, lacking: Callable[[Path], object] | None = None
) -> Iterator[tuple[str, str, str]]:
    """Name, image and labels of each pair, if every file has just one partner.

    ``lacking`` is told the images without one, if it is there; else they are refused.
    """
    images, labels = found["images"], found["labels"]
    if not images or not labels:
        missing = "images" if not images else "label files"
        raise TrainingError(f"No {missing} were found in {folder}: {_ADVICE}.")
    for name in sorted(images.keys() & labels.keys()):
        for kind, files in (("images", images[name]), ("label files", labels[name])):
            if len(files) > 1:
                raise TrainingError(
                    f"{folder} has {len(files)} {kind} for one name ({some(files)}): keep one of "
                    "them there, or say with images= and labels= which are meant."
                )
        yield name, images[name][0], labels[name][0]
    for kind, ones, others, partner in (
        ("images", images, labels, "labels"),
        ("label files", labels, images, "image"),
    ):
        alone = [file for name in sorted(ones.keys() - others.keys()) for file in ones[name]]
        if lacking is not None and partner == "labels":
            for file in alone:
                lacking(folder / file)
        elif alone:
            raise TrainingError(
                f"{len(alone)} of {sum(map(len, ones.values()))} {kind} in {folder} have no "
                f"{partner} ({some(alone)}): add what is missing, or take them out of the folder."
            )


def some(files: Sequence[str]) -> str:
    """The first three names of many, and how many more there are."""
    more = len(files) - 3
    return ", ".join(files[:3]) + (f" and {more} more" if more > 0 else "")

"""COCO files, LIVECell's among them: one JSON for many images."""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from samcell_core.datasets.annotated import Annotated
from samcell_core.datasets.coco_shapes import CocoCells, Polygons, RunLengths, as_shape
from samcell_core.errors import TrainingError
from samcell_core.training.pairs import files_below, some

__all__ = ["annotated_in_coco", "looks_like_coco"]

# Cell line, well and place: pictures of one well belong together.
_LIVECELL = re.compile(r"^(?P<well>[^_]+_Phase_[A-H]\d+)_\d+_\d+d\d+h\d+m_\d+\.tif$")
_UP = 2  # folders above that of the JSON whose folder `images` is looked into

_Id = int | str


class _Image(NamedTuple):
    name: str
    size: tuple[int, int] | None


def looks_like_coco(path: Path) -> bool:
    """Whether a JSON file names images and annotations."""
    try:
        with (
            path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
        ):
            return content.find(b'"annotations"') >= 0 and content.find(b'"images"') >= 0
    except (OSError, ValueError):  # ValueError: it is empty
        return False


def annotated_in_coco(
    path: Path,
    *,
    set_name: str,
    images: Path | None = None,
    root: Path | None = None,
    lacking: Callable[[Path], object] | None = None,
    note: Callable[[str], object] = lambda _: None,
) -> list[Annotated]:
    """Images of a COCO file, with their cells.

    Parameters
    ----------
    path
        The JSON.
    set_name
        Name of the data set.
    images
        Folder of the images. Where not given, they are looked for beside the JSON, below
        ``root``, and in a folder ``images`` beside the JSON's own folder or the one above.
    root
        A folder that holds the JSON, and perhaps the images.
    lacking
        Told each image that has no cells, which is then left out instead of refused.
    note
        Told what is left out, in sentences.

    Raises
    ------
    TrainingError
        The file is no such file, or names images that are not there.
    """
    content = _read(path)
    entries = dict(_images(content, path))
    cells: dict[_Id, list[tuple[str, Polygons | RunLengths]]] = {number: [] for number in entries}
    crowds = dict.fromkeys(entries, 0)
    for number, image, annotation in _annotations(content, path, entries):
        if annotation.get("iscrowd"):
            crowds[image] += 1
            continue
        try:
            cells[image].append((number, as_shape(annotation.get("segmentation"))))
        except ValueError as error:
            raise TrainingError(
                f"Annotation {number} of {path} cannot be drawn ({error}): export the outlines of "
                "the cells as polygons or masks, not as boxes."
            ) from error
    del content  # hundreds of megabytes in large sets
    files = _Finder(path, images, root)
    found = {number: files.find(entry.name) for number, entry in entries.items()}
    files.check()
    if sum(crowds.values()):
        note(
            f"{sum(crowds.values())} annotations of {path} mark crowds of cells (iscrowd) and were "
            "left out."
        )
    empty = [found[number] for number in entries if not cells[number]]
    if empty and lacking is None:
        raise TrainingError(
            f"{len(empty)} of {len(entries)} images in {path} have no annotations "
            f"({some([file.name for file in empty])}): annotate them, or take them out."
        )
    for file in empty:
        assert lacking is not None
        lacking(file)
    return [
        Annotated(
            image=found[number],
            labels=path,
            set=set_name,
            group=_group(entry.name),
            name=f"{set_name}/{entry.name}",
            annotation=CocoCells(path, entry.name, entry.size, tuple(cells[number])),
        )
        for number, entry in entries.items()
        if cells[number]
    ]


def _read(path: Path) -> dict[str, list[Any]]:
    """The lists of images and annotations of a COCO file."""
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise TrainingError(
            f"{path} cannot be read ({error.strerror or error}): check its name and rights."
        ) from error
    except (ValueError, RecursionError) as error:
        raise TrainingError(f"{path} is no JSON ({error}): export it again.") from error
    lists = {}
    for name in ("images", "annotations"):
        values = content.get(name) if isinstance(content, dict) else None
        # Some write a dict of entries by their ids.
        values = list(values.values()) if isinstance(values, dict) else values
        if not values or not isinstance(values, list):
            raise TrainingError(
                f"{path} is no COCO file with images and annotations: export the annotations as "
                "COCO (instance segmentation)."
            )
        lists[name] = values
    return lists


def _images(content: dict[str, list[Any]], path: Path) -> Iterator[tuple[_Id, _Image]]:
    seen: set[_Id] = set()
    for place, entry in enumerate(content["images"], start=1):
        values = entry if isinstance(entry, dict) else {}
        number, file_name = values.get("id"), values.get("file_name")
        name = _inside(file_name) if isinstance(file_name, str) else ""
        if not isinstance(number, (int, str)) or not name:
            raise TrainingError(
                f"Image {place} of {path} lacks its id or file_name: export the file again."
            )
        if number in seen:
            raise TrainingError(
                f"{path} has several images with the id {number}: export the file again."
            )
        seen.add(number)
        match values:
            case {"height": int(height), "width": int(width)}:
                yield number, _Image(name, (height, width))
            case _:
                yield number, _Image(name, None)


def _annotations(
    content: dict[str, list[Any]], path: Path, images: Mapping[_Id, _Image]
) -> Iterator[tuple[str, _Id, dict[str, Any]]]:
    """Number, image and content of each annotation."""
    for place, entry in enumerate(content["annotations"], start=1):
        values = entry if isinstance(entry, dict) else {}
        number, image = str(values.get("id", place)), values.get("image_id")
        if not isinstance(image, (int, str)) or image not in images:
            raise TrainingError(
                f"Annotation {number} of {path} is of no image in that file: export the file again."
            )
        yield number, image, values


def _inside(file_name: str) -> str:
    """A file name as this system writes it, without what would lead out of the folder."""
    parts = PurePosixPath(file_name.replace("\\", "/")).parts
    return "/".join(part for part in parts if part not in ("..", "/") and ":" not in part)


def _group(name: str) -> str:
    found = _LIVECELL.match(PurePosixPath(name).name)
    return found["well"] if found else name


class _Finder:
    """Finds the images that a COCO file names."""

    def __init__(self, path: Path, images: Path | None, root: Path | None) -> None:
        self._path = path
        above = [folder / "images" for folder in path.absolute().parent.parents[:_UP]]
        places = [path.parent, *([root] if root else []), *filter(Path.is_dir, above)]
        self._places = list(dict.fromkeys(places if images is None else [images]))
        self._known: dict[Path, dict[str, list[str]]] = {}
        self._missing: list[str] = []
        self._taken: set[Path] = set()

    def find(self, name: str) -> Path:
        """The file of an image; where there is none, `check` complains."""
        for place in self._places:
            files = self._files(place).get(PurePosixPath(name).name, [])
            files = [file for file in files if f"/{file}".endswith(f"/{name}")] or files
            files = [file for file in files if file in (name, f"images/{name}")] or files
            if len(files) > 1:
                raise TrainingError(
                    f"{self._path} names the image {name}, and {place} has {len(files)} of that "
                    f"name ({some(files)}): give the folder of the images with images=."
                )
            if files:
                file = place / files[0]
                if file in self._taken:
                    raise TrainingError(
                        f"{self._path} names the image {file} twice: export the file again."
                    )
                self._taken.add(file)
                return file
        self._missing.append(name)
        return Path(name)

    def check(self) -> None:
        """Raise `TrainingError` where images were not found."""
        if self._missing:
            where = ", ".join(str(place) for place in self._places)
            raise TrainingError(
                f"{len(self._missing)} images that {self._path} names are not in {where} "
                f"({some(self._missing)}): give the folder of the images with images=."
            )

    def _files(self, place: Path) -> dict[str, list[str]]:
        """Files below a folder by their names, looked up once."""
        if place not in self._known:
            known: dict[str, list[str]] = {}
            for file in files_below(place):
                known.setdefault(PurePosixPath(file).name, []).append(file)
            self._known[place] = known
        return self._known[place]

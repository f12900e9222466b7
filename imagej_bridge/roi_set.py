"""``RoiSet.zip``: the cells of an image as ImageJ's ROI Manager keeps them."""

from __future__ import annotations

import io
import lzma
import math
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any, Literal

from imagej_bridge.cell_names import UniqueNames, as_file_name
from imagej_bridge.descriptions import Descriptions
from imagej_bridge.outlines import trace
from imagej_bridge.painting import DrawnCells, Shape, paint
from imagej_bridge.palette import colour_of
from imagej_bridge.planes import Position, label_stack, position_of
from imagej_bridge.roi import MAGIC, encode_roi
from imagej_bridge.roi_decoding import Roi, decode_roi
from samcell_core.errors import ImageError
from samcell_core.files import new_file

__all__ = ["read_roi_set", "write_roi_set"]

_DATE = (1980, 1, 1, 0, 0, 0)  # always the same, so that the same cells give the same bytes
_LARGEST_ROI = 2**26
_LARGEST_SET = 2**30
_MOST_ROIS = 2**20
_SLICE_IN_NAME = re.compile(r"(\d{4})-\d{4}-\d{4}|(\d{5})-\d{5}-\d{5}|(\d{6})-\d{6}-\d{6}")


def write_roi_set(
    path: str | os.PathLike[str],
    labels: Any,
    *,
    axes: str | None = None,
    names: Iterable[str] | None = None,
    confidence: Iterable[float] | None = None,
    stroke_colour: tuple[int, int, int] | Literal["label"] | None = None,
    stroke_width: float = 0,
    overwrite: bool = False,
) -> int:
    """Write every cell as a ROI that ImageJ fills to exactly its pixels.

    The same input gives the same bytes. The file appears complete, or not at all.

    Parameters
    ----------
    path
        The file, by custom ``..._RoiSet.zip``.
    labels
        A segmentation, or whole numbers (..., H, W), 0 outside cells.
    axes
        A letter for each axis, such as ``TYX``; that of the segmentation, or ``YX``, where not
        given. It sets the channel, slice and frame of the ROIs of a stack.
    names, confidence
        One for each cell in the order of `samcell_core.measure`: planes in order, labels
        ascending in each. Names that occur twice get a number.
    stroke_colour, stroke_width
        Colour of the lines, or ``label`` for that of the label image, and their width in pixels.
    overwrite
        Whether an existing file may be replaced.

    Returns
    -------
    int
        Number of ROIs. Each has the properties ``label`` and, where known, ``confidence``.

    Raises
    ------
    SamcellError
        The file exists or cannot be written, or there are more or fewer names than cells.
    """
    array, axes = label_stack(labels, axes)
    described = Descriptions(names, confidence=confidence)
    entries = UniqueNames()
    with (
        new_file(path, overwrite=overwrite) as draft,
        zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for number, plane in enumerate(array.reshape(-1, *array.shape[-2:])):
            position = position_of(number, array.shape, axes)
            for label, rings in trace(plane):
                name, values = described.next(label, position)
                data = encode_roi(
                    rings,
                    name=name,
                    position=position,
                    properties={
                        "label": str(label),
                        **{key: f"{value:.6g}" for key, value in values.items()},
                    },
                    stroke_colour=colour_of(label) if stroke_colour == "label" else stroke_colour,
                    stroke_width=stroke_width,
                )
                entry = zipfile.ZipInfo(f"{entries.add(as_file_name(name))}.roi", _DATE)
                entry.create_system = 3  # else that of this computer
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
        described.close()
    return described.count


def read_roi_set(
    source: str | os.PathLike[str] | bytes, shape: tuple[int, ...], *, axes: str = "YX"
) -> DrawnCells:
    """Read the ROIs of a ``RoiSet.zip``, or of one ``.roi`` file, as labels.

    Rectangles, ovals, ellipses, polygons, freehand, traced and composite ROIs are filled as
    ImageJ fills them. Where they overlap, a pixel stays with the ROI that comes first. ROIs with
    the property ``label`` keep that number. A ROI without a position lies on all planes.

    Parameters
    ----------
    source
        The file, or its bytes.
    shape, axes
        Of the image that the ROIs were drawn on.

    Raises
    ------
    ImageError
        The file is damaged, absurd, or holds what cannot be told to the pixel.
    """
    if isinstance(source, bytes):
        rois = list(_rois(io.BytesIO(source), "The set of ROIs"))
    else:
        try:
            with Path(source).open("rb") as stream:
                rois = list(_rois(stream, str(source)))
        except OSError as error:
            raise ImageError(f"{source} cannot be read ({error.strerror or error}).") from error
    return paint([_shape(roi) for roi in rois], shape, axes)


def _shape(roi: Roi) -> Shape:
    label = roi.properties.get("label", "")
    return Shape(
        name=roi.name,
        fill=roi.fill if roi.has_area else None,
        position=_with_slice_of_name(roi.position, roi.name),
        label=int(label) if label.isdecimal() and len(label) < 10 else 0,
        confidence=_number(roi.properties.get("confidence", "")),
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _with_slice_of_name(position: Position, name: str) -> Position:
    """Position from a name like 0003-0120-0245, as ImageJ does with ROIs that have no other."""
    if any(position):
        return position
    found = _SLICE_IN_NAME.match(name)
    return Position(plane=int(found[found.lastindex or 1])) if found else position


def _rois(stream: IO[bytes], name: str) -> Iterator[Roi]:
    if stream.read(len(MAGIC)) == MAGIC:
        yield decode_roi(MAGIC + stream.read(_LARGEST_ROI), Path(name).stem)
        return
    try:
        with zipfile.ZipFile(stream) as archive:
            yield from _unpacked(archive, name)
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        struct.error,
        NotImplementedError,  # a compression that nobody uses here
        RuntimeError,  # encrypted
        EOFError,
        ValueError,
    ) as error:
        reason = str(error) or "it ends too early"
        raise ImageError(
            f"{name} is damaged or no set of ROIs ({reason}): save it anew from the ROI Manager."
        ) from error


def _unpacked(archive: zipfile.ZipFile, name: str) -> Iterator[Roi]:
    entries = [entry for entry in archive.infolist() if _is_roi(entry, name)]
    if archive.infolist() and not entries:
        raise ImageError(f"{name} holds no ROI: give a file saved by ImageJ's ROI Manager.")
    if len(entries) > _MOST_ROIS:
        raise ImageError(f"{name} holds more than a million ROIs: divide it into several.")
    room = _LARGEST_SET
    for entry in entries:
        limit = min(_LARGEST_ROI, room)
        if entry.file_size > limit:
            raise _too_large(entry, name)
        with archive.open(entry) as part:
            data = part.read(limit + 1)
        if len(data) > limit:
            raise _too_large(entry, name)
        room -= len(data)
        yield decode_roi(data, PurePosixPath(entry.filename).name[: -len(".roi")])


def _is_roi(entry: zipfile.ZipInfo, name: str) -> bool:
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", entry.filename):
        raise ImageError(
            f"{name} holds an entry that points out of its folder ({entry.filename!r}), which no "
            "set of ROIs does: save it anew from the ROI Manager."
        )
    # A Mac adds files of its own, which are named alike.
    is_of_mac = path.parts[:1] == ("__MACOSX",) or path.name.startswith("._")
    return path.suffix.lower() == ".roi" and not entry.is_dir() and not is_of_mac


def _too_large(entry: zipfile.ZipInfo, name: str) -> ImageError:
    return ImageError(
        f"{name} holds an entry ({entry.filename!r}) that unpacks to more than a set of ROIs ever "
        "needs: save it anew from the ROI Manager."
    )

"""Images of several OME-TIFF files, each of which describes them all."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tifffile

_OPENING = '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="{uuid}">'


def write_ome_series(
    folder: Path, *images: Sequence[tuple[str, np.ndarray]], **options: object
) -> list[Path]:
    """Write images whose planes lie in the files of these names; the nth has pixels of n um."""
    names = list(dict.fromkeys(name for image in images for name, _ in image))
    uuids = {name: f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}" for name in names}
    pages: dict[str, list[np.ndarray]] = {name: [] for name in names}
    described = []
    for number, image in enumerate(images, start=1):
        height, width = image[0][1].shape
        planes = []
        for time, (name, plane) in enumerate(image):
            planes.append(
                f'<TiffData FirstT="{time}" IFD="{len(pages[name])}" PlaneCount="1">'
                f'<UUID FileName="{name}">{uuids[name]}</UUID></TiffData>'
            )
            pages[name].append(plane)
        described.append(
            f'<Image ID="Image:{number}"><Pixels ID="Pixels:{number}" DimensionOrder="XYZCT" '
            f'Type="{image[0][1].dtype}" SizeX="{width}" SizeY="{height}" SizeZ="1" SizeC="1" '
            f'SizeT="{len(image)}" PhysicalSizeX="{number}" PhysicalSizeY="{number}">'
            f'<Channel ID="Channel:{number}" SamplesPerPixel="1"/>{"".join(planes)}'
            "</Pixels></Image>"
        )
    for name in names:
        description = f"{_OPENING.format(uuid=uuids[name])}{''.join(described)}</OME>"
        with tifffile.TiffWriter(folder / name, **options) as writer:
            for plane in pages[name]:
                writer.write(
                    plane,
                    photometric="minisblack",
                    metadata=None,
                    description=description,
                    contiguous=False,
                )
    return [folder / name for name in names]

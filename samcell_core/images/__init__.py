"""Files and arrays become grey planes of 8 bits: axes, channels, bit depths, pixel size."""

from samcell_core.images.files import read_image
from samcell_core.images.image import Image
from samcell_core.images.intensity import eight_bit
from samcell_core.images.labels import looks_like_labels
from samcell_core.images.planes import Plane, Planes
from samcell_core.images.sources import as_image
from samcell_core.images.tiff_series import files_of_image

__all__ = [
    "Image",
    "Plane",
    "Planes",
    "as_image",
    "eight_bit",
    "files_of_image",
    "looks_like_labels",
    "read_image",
]

from __future__ import annotations

import numpy as np
import pytest
import tifffile

from samcell_core.errors import ImageError
from samcell_core.images import read_image

WIDTH, HEIGHT, ROWS_PER_STRIP, COMPRESSION, BITS = 256, 257, 278, 259, 258

KINDS = {
    "plain": {},
    "separate pages": {"metadata": None},
    "BigTIFF": {"bigtiff": True, "compression": "zlib"},
    "strips": {"compression": "lzw", "rowsperstrip": 16},
    "tiles": {"tile": (16, 16)},
    "compressed tiles": {"tile": (16, 16), "compression": "lzw"},
    "ImageJ": {"imagej": True},
    "compressed ImageJ": {"imagej": True, "compression": "lzw"},
    "OME": {"ome": True, "metadata": {"axes": "CYX"}},
    "compressed OME": {"ome": True, "compression": "lzw", "metadata": {"axes": "CYX"}},
}


@pytest.fixture
def encoded(tmp_path):
    """The bytes of a TIFF file."""

    def of(data, **options):
        tifffile.imwrite(tmp_path / "whole.tif", data, **options)
        return (tmp_path / "whole.tif").read_bytes()

    return of


@pytest.fixture
def read(tmp_path):
    def all_of(content):
        path = tmp_path / "damaged.tif"
        path.write_bytes(content)
        image = read_image(path)
        for plane in image.planes(0 if "C" in image.axes else None):
            plane.read(0, plane.shape[0], 0, plane.shape[1])

    return all_of


@pytest.mark.parametrize("share", [0.0005, 0.3, 0.6, 0.9, 0.999])
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_cut_off_is_refused_and_not_half_black(encoded, read, stack, kind, share):
    content = encoded(stack, **KINDS[kind])
    with pytest.raises(ImageError, match=r"damaged\.tif"):
        read(content[: int(len(content) * share)])


@pytest.mark.parametrize("kind", ["strips", "compressed tiles"])
def test_a_file_cut_off_is_refused_when_it_is_opened(encoded, tmp_path, stack, kind):
    content = encoded(stack, **KINDS[kind])
    (tmp_path / "short.tif").write_bytes(content[:-2000])
    with pytest.raises(ImageError, match="cut off"):
        read_image(tmp_path / "short.tif")


def test_fewer_rows_than_the_header_claims_are_refused(encoded, read, grey, with_tag):
    with pytest.raises(ImageError, match="cut off"):
        read(with_tag(encoded(grey), HEIGHT, 1000))


def test_fewer_compressed_rows_than_the_header_claims_are_refused(encoded, read, grey, with_tag):
    content = encoded(grey, compression="zlib", rowsperstrip=67)
    content = with_tag(content, ROWS_PER_STRIP, 80)
    with pytest.raises(ImageError, match="cannot be decoded"):
        read(with_tag(content, HEIGHT, 80))


def test_damage_of_one_tile_leaves_the_others_readable(tmp_path, grey):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, grey, tile=(16, 16), compression="zlib")
    with tifffile.TiffFile(path) as file:
        start = file.pages.first.dataoffsets[-1]
    content = bytearray(path.read_bytes())
    content[start : start + 50] = bytes(50)
    path.write_bytes(content)
    plane = read_image(path).planes()[0]
    assert np.array_equal(plane.read(0, 50, 0, 60), grey[:50, :60])
    with pytest.raises(ImageError, match=r"Page 0 of a.tif cannot be decoded"):
        plane.read(60, 67, 70, 83)


def test_an_absurd_size_is_refused(encoded, read, grey, with_tag):
    content = with_tag(with_tag(encoded(grey), WIDTH, 2**31), HEIGHT, 2**31)
    with pytest.raises(ImageError, match=r"claims the shape \(2147483648, 2147483648\)"):
        read(content)


def test_a_strip_that_would_unpack_to_over_a_gigapixel_is_refused(encoded, read, grey, with_tag):
    content = encoded(grey, compression="zlib")
    for tag in (WIDTH, HEIGHT, ROWS_PER_STRIP):
        content = with_tag(content, tag, 60000)
    with pytest.raises(ImageError, match="60000 x 60000 pixels in one piece"):
        read(content)


def test_a_strip_that_would_unpack_to_over_8_gib_is_refused(encoded, read, with_tag):
    content = encoded(np.ones((40, 50, 3)), photometric="rgb", compression="zlib")
    for tag in (WIDTH, HEIGHT, ROWS_PER_STRIP):
        content = with_tag(content, tag, 20000)
    with pytest.raises(ImageError, match="20000 x 20000 pixels of 24 bytes in one piece"):
        read(content)


def test_an_image_without_rows_is_refused(encoded, read, grey, with_tag):
    with pytest.raises(ImageError, match="no pixels"):
        read(with_tag(encoded(grey), HEIGHT, 0))


def test_an_unknown_compression_is_refused(encoded, read, grey, with_tag):
    with pytest.raises(ImageError, match="export it"):
        read(with_tag(encoded(grey, compression="zlib"), COMPRESSION, 9999))


def test_an_unknown_number_of_bits_is_refused(encoded, read, grey, with_tag):
    with pytest.raises(ImageError, match="77 bits"):
        read(with_tag(encoded(grey), BITS, 77))


@pytest.mark.parametrize("content", [b"II*\0", b"MM\0*\0\0\0\x08", b"II*\0\x08\0\0\0\xff\xff"])
def test_a_header_and_nothing_else_is_refused(read, content):
    with pytest.raises(ImageError, match="cannot be read as TIFF"):
        read(content)


def test_complex_numbers_are_refused(encoded, read, grey):
    with pytest.raises(ImageError, match="complex"):
        read(encoded(grey.astype(np.complex64)))


def test_cmyk_is_refused(encoded, read, random):
    data = random.integers(0, 256, (30, 40, 4), dtype=np.uint8)
    with pytest.raises(ImageError, match="CMYK"):
        read(encoded(data, photometric="separated"))


def ome_of_two_files(first, second):
    planes = "".join(
        f'<TiffData FirstT="{t}" PlaneCount="1"><UUID FileName="{name}">urn:uuid:{uuid}</UUID>'
        "</TiffData>"
        for t, (name, uuid) in enumerate((first, second))
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" '
        f'UUID="urn:uuid:{first[1]}"><Image ID="Image:0"><Pixels ID="Pixels:0" Type="uint16" '
        'DimensionOrder="XYZTC" SizeX="83" SizeY="67" SizeZ="1" SizeC="1" SizeT="2">'
        f"{planes}</Pixels></Image></OME>"
    )


@pytest.fixture
def two_files(tmp_path, stack):
    names = [(f"t{t}.ome.tif", f"00000000-0000-0000-0000-00000000000{t}") for t in (1, 2)]
    for t, own in enumerate(names):
        # Each file begins with its own identifier; all list the same planes.
        description = ome_of_two_files(*names).replace(
            f'UUID="urn:uuid:{names[0][1]}"', f'UUID="urn:uuid:{own[1]}"', 1
        )
        tifffile.imwrite(
            tmp_path / own[0],
            stack[t],
            compression="lzw",
            description=description,
            metadata=None,
        )
    return [tmp_path / name for name, _ in names]


def test_an_ome_tiff_of_several_files_is_read_whole(two_files, stack, pixels):
    assert np.array_equal(pixels(read_image(two_files[0])), stack[:2])


def test_an_ome_tiff_without_one_of_its_files_is_refused(two_files):
    two_files[1].unlink()
    with pytest.raises(ImageError, match=r"lacks plane 1 of 2.*same folder"):
        read_image(two_files[0])

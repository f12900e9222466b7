from __future__ import annotations

import struct
import zlib

import cv2
import imagecodecs
import numpy as np
import pytest

from samcell_core.errors import ImageError
from samcell_core.images import read_image


def png_chunk(kind, content):
    checked = kind + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))


def png_of(width, height, bits, colour_type, rows, *chunks):
    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + b"".join(chunks)
        + png_chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))
        + png_chunk(b"IEND", b"")
    )


@pytest.fixture
def save(tmp_path):
    def to(encoded, name="picture.png"):
        path = tmp_path / name
        path.write_bytes(bytes(encoded))
        return path

    return to


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("samples", [(), (2,), (3,), (4,)])
def test_png_is_read_with_all_its_bits(save, random, dtype, samples):
    data = random.integers(0, np.iinfo(dtype).max, (30, 40, *samples), dtype=dtype)
    image = read_image(save(imagecodecs.png_encode(data)))
    assert image.data.dtype == dtype
    assert np.array_equal(image.data, data)


def test_colours_of_png_are_in_the_order_of_rgb(save, pixels):
    red = np.zeros((4, 4, 3), np.uint8)
    red[..., 0] = 200
    image = read_image(save(imagecodecs.png_encode(red)))
    assert (pixels(image, "red") == 200).all()


def test_a_palette_of_png_becomes_colours(save):
    palette = png_chunk(b"PLTE", bytes([0, 0, 0, 10, 20, 30]))
    image = read_image(save(png_of(8, 1, 1, 3, [b"\x0f"], palette)))
    assert image.data[0, 3:5].tolist() == [[0, 0, 0], [10, 20, 30]]


@pytest.mark.parametrize(("bits", "row"), [(1, b"\x0f"), (2, b"\x00\xff"), (4, b"\0\0\xff\xff")])
def test_less_than_eight_bits_of_png_become_eight(save, bits, row):
    image = read_image(save(png_of(row and len(row) * 8 // bits, 1, bits, 0, [row])))
    assert image.data[0].tolist() == [0] * 4 + [255] * 4


@pytest.mark.parametrize("samples", [(), (3,)])
def test_jpeg_is_read(save, samples):
    data = np.full((30, 40, *samples), 77, np.uint8)
    image = read_image(save(imagecodecs.jpeg_encode(data), "picture.jpg"))
    assert np.array_equal(image.data, data)


def test_colours_of_jpeg_are_in_the_order_of_rgb(save):
    red = np.zeros((16, 16, 3), np.uint8)
    red[..., 0] = 200
    image = read_image(save(imagecodecs.jpeg_encode(red), "picture.jpg"))
    assert image.data[8, 8].tolist() == pytest.approx([200, 0, 0], abs=2)


@pytest.mark.parametrize("samples", [(), (3,)])
def test_bmp_is_read(save, random, samples):
    data = random.integers(0, 256, (30, 41, *samples), dtype=np.uint8)
    encoded = cv2.imencode(".bmp", data if not samples else data[..., ::-1])[1]
    assert np.array_equal(read_image(save(encoded, "picture.bmp")).data, data)


@pytest.fixture
def with_palette(save, grey):
    """Saves indices 0..255 as a BMP with a palette of 256 blues, greens and reds."""

    def to(palette):
        encoded = cv2.imencode(".bmp", (grey >> 8).astype(np.uint8))[1]
        encoded[54 : 54 + 1024].reshape(256, 4)[:, :3] = palette
        return save(encoded, "palette.bmp")

    return to


def test_a_bmp_with_inverted_greys_is_inverted(with_palette, grey):
    path = with_palette(np.arange(255, -1, -1, dtype=np.uint8)[:, np.newaxis])
    assert np.array_equal(read_image(path).data, 255 - (grey >> 8))


def test_the_stored_numbers_of_a_bmp_are_those_in_front_of_its_greys(with_palette, grey):
    path = with_palette(np.arange(255, -1, -1, dtype=np.uint8)[:, np.newaxis])
    assert np.array_equal(read_image(path, stored=True).data, grey >> 8)


def test_a_bmp_with_a_palette_of_colours_stays_colours(with_palette, random):
    path = with_palette(random.integers(0, 256, (256, 3), dtype=np.uint8))
    assert read_image(path, stored=True).axes == "YXS"


def test_a_bmp_with_its_rows_from_the_top_is_read(save, grey):
    data = (grey >> 8).astype(np.uint8)
    encoded = bytearray(cv2.imencode(".bmp", data)[1].tobytes())
    struct.pack_into("<i", encoded, 22, -67)
    assert np.array_equal(read_image(save(encoded, "picture.bmp")).data, data[::-1])


def test_pictures_have_no_pixel_size(save, grey):
    assert read_image(save(imagecodecs.png_encode(grey))).pixel_size is None


@pytest.mark.parametrize("name", ["größe µm.png", "two words.png", "細胞.png"])
def test_names_of_any_language_are_read(save, grey, name):
    assert np.array_equal(read_image(save(imagecodecs.png_encode(grey), name)).data, grey)


def test_the_content_counts_and_not_the_ending(save, grey):
    assert np.array_equal(read_image(save(imagecodecs.png_encode(grey), "really.tif")).data, grey)


@pytest.mark.parametrize("share", [0.01, 0.5, 0.98])
@pytest.mark.parametrize("kind", ["png", "jpg", "bmp"])
def test_a_picture_cut_off_is_refused(save, random, kind, share, capfd):
    data = random.integers(0, 256, (200, 200), dtype=np.uint8)
    encoded = cv2.imencode(f".{kind}", data)[1].tobytes()
    with pytest.raises(ImageError, match="export it again"):
        read_image(save(encoded[: int(len(encoded) * share)], f"picture.{kind}"))
    assert capfd.readouterr() == ("", "")


def test_a_png_with_changed_bytes_is_refused(save, grey):
    encoded = bytearray(imagecodecs.png_encode(grey))
    encoded[200] ^= 0xFF
    with pytest.raises(ImageError, match="cannot be decoded as PNG"):
        read_image(save(encoded))


def test_a_png_without_pixels_is_refused(save):
    with pytest.raises(ImageError, match="no pixels"):
        read_image(save(png_of(0, 5, 8, 0, [b""])))


def test_a_png_that_would_unpack_to_over_a_gigapixel_is_refused(save):
    with pytest.raises(ImageError, match=r"claims 60000 x 60000 pixels in one piece"):
        read_image(save(png_of(60000, 60000, 8, 0, [b""])))


def test_a_png_that_would_fill_half_of_the_memory_is_refused(save, monkeypatch):
    monkeypatch.setattr("samcell_core.images.limits.memory_size", lambda: 2.0**24)
    with pytest.raises(ImageError, match=r"1024 x 1025 pixels of 8 bytes in one piece"):
        read_image(save(png_of(1025, 1024, 16, 6, [b""])))


def test_a_png_within_half_of_the_memory_is_read(save, grey, monkeypatch):
    monkeypatch.setattr("samcell_core.images.limits.memory_size", lambda: 2.0 * grey.nbytes)
    assert np.array_equal(read_image(save(imagecodecs.png_encode(grey))).data, grey)


def test_a_jpeg_that_would_unpack_to_over_a_gigapixel_is_refused(save, grey):
    encoded = imagecodecs.jpeg_encode((grey >> 8).astype(np.uint8))
    size = encoded.index(b"\xff\xc0") + 5
    bomb = encoded[:size] + struct.pack(">HH", 65000, 65000) + encoded[size + 4 :]
    with pytest.raises(ImageError, match=r"claims 65000 x 65000 pixels in one piece"):
        read_image(save(bomb, "bomb.jpg"))


def test_a_bmp_that_would_unpack_to_over_a_gigapixel_is_refused(save, grey):
    encoded = bytearray(cv2.imencode(".bmp", (grey >> 8).astype(np.uint8))[1].tobytes())
    struct.pack_into("<ii", encoded, 18, 60000, 60000)
    with pytest.raises(ImageError, match=r"claims 60000 x 60000 pixels in one piece"):
        read_image(save(encoded, "bomb.bmp"))


def test_a_bmp_of_an_unknown_compression_is_refused(save, grey):
    encoded = bytearray(cv2.imencode(".bmp", (grey >> 8).astype(np.uint8))[1].tobytes())
    struct.pack_into("<I", encoded, 30, 99)
    with pytest.raises(ImageError, match="compression 99 is unknown"):
        read_image(save(encoded, "odd.bmp"))


def test_a_jpeg_of_cmyk_is_refused(save, random):
    data = random.integers(0, 256, (32, 32, 4), dtype=np.uint8)
    encoded = imagecodecs.jpeg_encode(data)
    with pytest.raises(ImageError, match="CMYK"):
        read_image(save(encoded, "cmyk.jpg"))

from __future__ import annotations

import itertools
import logging
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tifffile

from samcell_core.errors import ImageError
from samcell_core.images import read_image

COMPRESSED = [
    {"compression": compression, "predictor": predictor, **layout}
    for compression, predictor, layout in itertools.product(
        ["lzw", "deflate", "zstd"], [None, True], [{"rowsperstrip": 7}, {"tile": (32, 16)}]
    )
]


@pytest.fixture
def write(tmp_path):
    def to(data, name="image.tif", **options):
        tifffile.imwrite(tmp_path / name, data, **options)
        return tmp_path / name

    return to


@pytest.mark.parametrize("options", [{}, {"byteorder": ">"}, {"bigtiff": True}, {"metadata": None}])
def test_uncompressed_pages_are_memory_mapped(write, stack, pixels, options):
    image = read_image(write(stack, **options))
    assert isinstance(image.data, np.memmap)
    assert np.array_equal(pixels(image), stack)


@pytest.mark.parametrize(
    "options",
    [
        *COMPRESSED,
        {"compression": "lzma"},
        {"compression": "packbits"},
        {"tile": (16, 16)},
        {"tile": (16, 32), "bigtiff": True},
        {"compression": "lzw", "byteorder": ">"},
        {"compression": "lzw", "metadata": None},
    ],
    ids=str,
)
def test_compressed_and_tiled_pages_are_decoded(write, stack, pixels, options):
    assert np.array_equal(pixels(read_image(write(stack, **options))), stack)


@pytest.mark.parametrize("options", COMPRESSED, ids=str)
def test_a_region_of_compressed_pages_is_that_part_of_them(write, stack, random, options):
    plane = read_image(write(stack, **options)).planes()[3]
    for _ in range(30):
        top, bottom = sorted(random.integers(0, 68, 2))
        left, right = sorted(random.integers(0, 84, 2))
        region = plane.read(top, bottom, left, right)
        assert np.array_equal(region, stack[3, top:bottom, left:right])


@pytest.mark.parametrize(
    "dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"]
)
@pytest.mark.parametrize("compression", [None, "zstd"])
def test_all_types_of_pixels_are_read(write, random, pixels, dtype, compression):
    data = (random.random((20, 30)) * 100).astype(dtype)
    read = pixels(read_image(write(data, compression=compression)))
    assert read.dtype == dtype
    assert np.array_equal(read, data)


@pytest.mark.parametrize("options", [{}, {"compression": "jpeg", "tile": (32, 32)}], ids=str)
@pytest.mark.parametrize("photometric", ["rgb", "ycbcr"])
def test_colours_are_read_as_tifffile_reads_them(write, colours, options, photometric):
    if photometric == "ycbcr":
        options = {"compression": "jpeg", **options}
    path = write(colours, photometric=photometric, **options)
    image = read_image(path)
    assert image.axes == "YXS"
    assert np.array_equal(image.data[...], tifffile.imread(path))


@pytest.mark.parametrize("options", [{}, {"compression": "lzw"}, {"tile": (16, 16)}], ids=str)
def test_colours_in_separate_planes_are_read(write, colours, pixels, as_grey, options):
    planar = np.moveaxis(colours, -1, 0)
    path = write(planar, photometric="rgb", planarconfig="separate", **options)
    image = read_image(path)
    assert image.axes == "SYX"
    assert np.array_equal(pixels(image), as_grey(colours))


def test_many_pages_of_colours_are_a_stack(write, random, pixels, as_grey):
    data = random.integers(0, 256, (4, 30, 40, 3), dtype=np.uint8)
    image = read_image(write(data, photometric="rgb", compression="lzw", metadata=None))
    assert image.axes == "TYXS"
    assert np.array_equal(pixels(image), as_grey(data))


@pytest.mark.parametrize("layout", ["contig", "separate"])
def test_samples_that_are_no_colours_are_channels(write, random, pixels, layout):
    data = random.integers(0, 2**16, (5, 30, 40), dtype=np.uint16)
    stored = data if layout == "separate" else np.moveaxis(data, 0, -1)
    path = write(
        stored, photometric="minisblack", planarconfig=layout, compression="lzw", metadata=None
    )
    assert np.array_equal(pixels(read_image(path), 3), data[3])


def test_pages_without_metadata_are_a_stack_in_time(write, stack):
    assert read_image(write(stack, metadata=None)).axes == "TYX"


def test_axes_in_the_metadata_of_tifffile_hold(write, random, pixels):
    data = random.integers(0, 9, (4, 3, 30, 40), dtype=np.uint16)
    image = read_image(write(data, photometric="minisblack", metadata={"axes": "TCYX"}))
    assert image.axes == "TCYX"
    assert np.array_equal(pixels(image, 2), data[:, 2])


def test_two_unexplained_axes_are_refused_with_the_shape(write):
    path = write(np.zeros((2, 5, 30, 40), np.uint16))
    with pytest.raises(ImageError, match=r"\(2, 5, 30, 40\).*give axes=.*'TCYX'"):
        read_image(path)


def test_axes_said_by_the_user_win_over_those_of_the_file(write, random, pixels):
    data = random.integers(0, 9, (2, 5, 30, 40), dtype=np.uint16)
    assert np.array_equal(pixels(read_image(write(data), axes="CZYX"), 1), data[1])


@pytest.mark.parametrize("options", [{}, {"compression": "lzw"}], ids=str)
def test_hyperstacks_of_imagej_are_read(write, random, pixels, options):
    data = random.integers(0, 2**16, (2, 3, 4, 30, 40), dtype=np.uint16)
    image = read_image(write(data, imagej=True, metadata={"axes": "TZCYX"}, **options))
    assert image.axes == "TZCYX"
    assert np.array_equal(pixels(image, 2), data[:, :, 2])


@pytest.mark.parametrize("options", [{}, {"compression": "zlib", "tile": (16, 16)}], ids=str)
def test_ome_tiff_is_read(write, random, pixels, options):
    data = random.integers(0, 2**16, (2, 3, 4, 30, 40), dtype=np.uint16)
    image = read_image(write(data, "a.ome.tif", metadata={"axes": "TCZYX"}, **options))
    assert image.axes == "TCZYX"
    assert np.array_equal(pixels(image, 1), data[:, 1])


@pytest.mark.parametrize("tile", [(16, 16, 16), (1, 32, 32)])
def test_tiles_with_a_depth_are_read(write, random, pixels, tile):
    data = random.integers(0, 2**16, (20, 30, 40), dtype=np.uint16)
    image = read_image(write(data, volumetric=True, tile=tile, compression="lzw"))
    assert image.axes == "ZYX"
    assert np.array_equal(pixels(image), data)


@pytest.mark.parametrize("subifds", [0, 1])
def test_a_pyramid_is_read_in_full_resolution(tmp_path, grey, pixels, subifds):
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(grey, tile=(32, 32), metadata=None, subifds=subifds)
        writer.write(grey[::2, ::2], tile=(32, 32), metadata=None, subfiletype=1)
    image = read_image(tmp_path / "a.tif")
    assert image.notes == ()
    assert np.array_equal(pixels(image), grey)


def test_a_thumbnail_in_front_is_passed_over(tmp_path, grey, pixels):
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(grey[::4, ::4], metadata=None, subfiletype=1)
        writer.write(grey, metadata=None)
    assert np.array_equal(pixels(read_image(tmp_path / "a.tif")), grey)


def test_further_images_in_a_file_are_noted(tmp_path, grey):
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(grey, metadata=None)
        writer.write(grey[:50], metadata=None)
    image = read_image(tmp_path / "a.tif")
    assert image.data.shape == (67, 83)
    assert "holds 2 images" in image.notes[0]


def test_a_tile_left_out_by_a_slide_scanner_is_black(write, pixels):
    def tiles():
        yield np.full((16, 16), 9, np.uint8)
        yield None

    path = write(
        tiles(), shape=(16, 32), dtype=np.uint8, tile=(16, 16), compression="zlib", metadata=None
    )
    assert np.array_equal(pixels(read_image(path)), np.repeat([[9, 0]], 16, axis=1).repeat(16, 0))


def test_lazily_read_data_is_sliced_as_arrays_are(write, stack):
    data = read_image(write(stack, compression="lzw", tile=(16, 16))).data
    for key in [
        2,
        -1,
        (..., 5),
        (slice(1, 4, 2), 3),
        np.s_[:, 60:10:-7, ::9],
        np.s_[1:1],
        np.s_[:],
    ]:
        assert np.array_equal(data[key], stack[key])


@pytest.fixture
def decoded(monkeypatch):
    """The numbers of the segments that are decoded, in their order."""
    numbers, decode_of = [], tifffile.TiffPage.decode.func

    def counting(page):
        decode = decode_of(page)

        def decode_and_note(encoded, number, **tables):
            numbers.append(number)
            return decode(encoded, number, **tables)

        return decode_and_note

    monkeypatch.setattr(tifffile.TiffPage, "decode", property(counting))
    return numbers


@pytest.mark.parametrize("rows", [1, 100])
def test_reading_windows_in_bands_decodes_each_strip_once(write, decoded, rows):
    width = 300_000  # 256 rows are more than is kept of small windows
    data = np.zeros((448, width), np.uint8)
    path = write(data, compression="zlib", rowsperstrip=rows)
    plane = read_image(path).planes()[0]
    for top, left in itertools.product((0, 192), range(0, width, 30_000)):
        plane.read(top, top + 256, left, left + 30_000)
    assert decoded == list(range(-(-448 // rows)))


def test_several_threads_may_read_one_plane(write, random):
    data = random.integers(0, 2**16, (256, 256), dtype=np.uint16)
    plane = read_image(write(data, compression="lzw", tile=(16, 16))).planes()[0]
    corners = [(row, column) for row in range(0, 200, 20) for column in range(0, 200, 20)]
    with ThreadPoolExecutor(8) as threads:
        regions = threads.map(lambda at: plane.read(at[0], at[0] + 56, at[1], at[1] + 56), corners)
    for (row, column), region in zip(corners, regions, strict=True):
        assert np.array_equal(region, data[row : row + 56, column : column + 56])


def test_a_read_file_may_be_deleted_while_its_image_lives(write, stack, pixels):
    path = write(stack, compression="lzw")
    image = read_image(path)
    pixels(image)
    path.unlink()
    assert not path.exists()


def test_what_tifffile_logs_of_odd_files_stays_inside(write, stack, caplog, capfd):
    encoded = write(stack, compression="lzw").read_bytes()
    path = write(stack)
    path.write_bytes(encoded[:-3000])
    with caplog.at_level(logging.DEBUG), pytest.raises(ImageError):
        read_image(path)
    assert (caplog.records, capfd.readouterr()) == ([], ("", ""))


def test_what_others_log_through_tifffile_is_kept(write, grey, caplog):
    read_image(write(grey))
    with caplog.at_level(logging.WARNING):
        logging.getLogger("tifffile").warning("from another program")
    assert len(caplog.records) == 1

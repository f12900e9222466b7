"""What the running worker finds in images: the same as the engine that it is."""

import numpy as np
import pytest
import tifffile
from click.testing import CliRunner


def test_labels_are_those_of_the_segmenter(wire, lite, cells):
    header, arrays = wire.segment(cells, outputs=["labels", "distance"])
    expected = lite.segment(cells)
    assert expected.count == header["count"] == 6
    np.testing.assert_array_equal(arrays["labels"], expected.labels, strict=True)
    np.testing.assert_array_equal(arrays["distance"], expected.distance_map, strict=True)


def test_labels_are_those_of_the_command(wire, cells, tmp_path):
    from samcell_cli.main import cli

    tifffile.imwrite(tmp_path / "a.tif", cells.astype(np.uint16) * 13)
    command = (
        f"run {tmp_path / 'a.tif'} -o {tmp_path / 'out'} --save labels --min-size 300 --peak 0.5"
    )
    outcome = CliRunner().invoke(cli, [*command.split(), "--device=cpu", "--precision=fp32"])
    assert outcome.exit_code == 0, outcome.output
    [file] = (tmp_path / "out" / "labels").glob("*.tif")
    _, arrays = wire.segment(cells.astype(np.uint16) * 13, settings={"min_size": 300, "peak": 0.5})
    np.testing.assert_array_equal(arrays["labels"], tifffile.imread(file))


@pytest.mark.parametrize("dtype", ["bool", "uint8", "uint16", "int32", "float32", "float64"])
def test_pixels_of_every_type_are_taken_as_they_are(wire, lite, cells, dtype):
    image = cells > 100 if dtype == "bool" else cells.astype(dtype)
    np.testing.assert_array_equal(wire.segment(image)[1]["labels"], lite.segment(image).labels)


def test_colour_is_taken_as_it_is(wire, lite, cells):
    image = np.stack([cells, cells // 2, cells // 3], -1)
    header, arrays = wire.segment(image)
    assert header["axes"] == "YX"
    np.testing.assert_array_equal(arrays["labels"], lite.segment(image).labels)


def test_several_planes_are_segmented_one_by_one(wire, lite, cells):
    stack = np.stack([cells, cells[::-1], np.zeros_like(cells)])
    header, arrays = wire.segment(stack, settings={"axes": "TYX"})
    expected = lite.segment(stack, axes="TYX")
    assert (header["axes"], header["counts"]) == ("TYX", [6, 6, 0])
    np.testing.assert_array_equal(arrays["labels"], expected.labels)


def test_a_channel_is_chosen(wire, lite, cells):
    channels = np.stack([np.zeros_like(cells), cells])
    _, arrays = wire.segment(channels, settings={"axes": "CYX", "channel": 1})
    np.testing.assert_array_equal(arrays["labels"], lite.segment(cells).labels)


def test_a_mask_says_where_cells_may_be(wire, lite, cells):
    mask = np.zeros(cells.shape, bool)
    mask[:, :150] = True
    header, arrays = wire.segment(cells, mask)
    assert arrays["labels"][:, 150:].max() == 0
    np.testing.assert_array_equal(arrays["labels"], lite.segment(cells, mask=mask).labels)
    assert header["count"] == 4


def test_cells_that_were_dropped_are_told(wire, lite, cells):
    settings = {"min_size": 300, "discard_border": True}
    header, arrays = wire.segment(
        cells, settings=settings, outputs=["labels", "unfiltered", "small_removed"]
    )
    np.testing.assert_array_equal(arrays["unfiltered"], lite.segment(cells).labels)
    np.testing.assert_array_equal(arrays["small_removed"], lite.segment(cells, min_size=300).labels)
    np.testing.assert_array_equal(arrays["labels"], lite.segment(cells, **settings).labels)
    assert header["count"] < arrays["small_removed"].max() < arrays["unfiltered"].max()


def test_cells_that_were_dropped_are_told_of_each_plane(wire, cells):
    stack = np.stack([cells, np.zeros_like(cells)])
    _, arrays = wire.segment(
        stack, settings={"axes": "ZYX", "min_size": 300}, outputs=["small_removed"]
    )
    assert list(arrays) == ["small_removed"]
    assert arrays["small_removed"].shape == stack.shape


def test_what_was_used_is_told(wire, cells):
    header, _ = wire.segment(cells, settings={"min_size": 5})
    used = header["settings"]
    assert (used["min_size"], used["peak"]) == (5, header["model"]["peak"])
    assert 0.1 < used["scale"] < 5
    assert (header["device"], header["precision"], header["threads"]) == ("cpu", "fp32", 1)
    assert set(header["seconds"]) == {"load", "segment", "measure"}


def test_the_number_of_threads_changes_no_label(wire, cells):
    labels = [wire.segment(cells, threads=count)[1]["labels"] for count in (1, 3)]
    np.testing.assert_array_equal(*labels)


def test_progress_is_told_from_nothing_to_all(wire, cells):
    stack = np.stack([cells] * 4)
    number = wire.send(
        "segment", {"image": stack}, **wire.HOW, settings={"axes": "TYX", "scale": 1}
    )
    told = []
    while True:
        header, _ = wire.reply()
        assert header["id"] == number
        if header["type"] != "progress":
            break
        if header["what"] == "tiles":
            told.append((header["done"], header["total"]))
    assert header["type"] == "result"
    assert (told[0], told[-1]) == ((0, 4), (4, 4))
    assert told == sorted(told)

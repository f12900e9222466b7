"""The command in a real ImageJ with the real engine, held against ``samcell-cli run``."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tifffile

import imagej_bridge as ib
from samcell_core.synthetic import make_scene

METHOD = "peak=0.3 fill=0.1 min=20 scale=1"
MACRO = Path(__file__).with_name("ask_command.ijm").read_text(encoding="utf-8")
INVERTED = {
    "inverted8": "grey8",
    "inverted16": "grey16",
    "inverted_float": "float32",
    "inverted_signed": "signed",
}
NAMES = ("grey8", "grey16", "float32", "colour", "signed", "film", "slices", *INVERTED)


def pictures() -> dict[str, tuple[np.ndarray, dict[str, object]]]:
    """Small images of every kind, and what tifffile is told of them."""
    scenes = [
        make_scene("phase contrast", seed=seed, shape=(96, 128), diameter=30, crowding=0.5).image
        for seed in range(3)
    ]
    plain = scenes[0]
    wide = plain.astype(np.uint16) * 200 + 300
    size = {"resolution": (1 / 0.5, 1 / 0.5), "metadata": {"unit": "um"}}
    film = np.stack([np.stack([scene, 255 - scene]) for scene in scenes])
    return {
        "grey8": (plain, size),
        "grey16": (wide, {}),
        "float32": (plain.astype(np.float32) / 7, {}),
        "colour": (np.stack([plain, plain // 2, 255 - plain], axis=2), {}),
        "slices": (np.stack(scenes), {"metadata": {"axes": "ZYX"}}),
        "film": (film, {"metadata": {"axes": "TCYX", "mode": "grayscale"}}),
    }


def write_inverted(folder: Path, signed: np.ndarray) -> None:
    """The grey images in files in which white is 0, as a program for printing leaves them."""
    shown = {**{name: image for name, (image, _) in pictures().items()}, "signed": signed}
    for name, original in INVERTED.items():
        image = shown[original]
        tifffile.imwrite(
            folder / f"{name}.tif",
            -image if image.dtype == np.float32 else ~image,
            photometric="miniswhite",
            resolution=(300, 300),
            resolutionunit="inch",
        )


@pytest.fixture(scope="module")
def seen(run_macros, tmp_path_factory) -> SimpleNamespace:
    folder = tmp_path_factory.mktemp("with blanks")
    images = folder / "images"
    images.mkdir()
    for name, (image, told) in pictures().items():
        tifffile.imwrite(images / f"{name}.tif", image, imagej=True, **told)
    signed = (pictures()["grey16"][0].astype(np.int32) - 20000).astype(np.int16)
    tifffile.imwrite(images / "signed.tif", signed)
    write_inverted(images, signed)
    (images / "bad.tif").write_bytes(b"no image")
    macro = MACRO.replace("METHOD", METHOD)
    outcome = run_macros(folder, {"ask": macro})["ask"]
    assert outcome.error == "", outcome.log
    told = {}
    for line in (folder / "told.txt").read_text(encoding="utf-8").splitlines():
        name, value = line.split("\t")
        told[name] = value
    with (folder / "out" / "cells.csv").open(encoding="utf-8", newline="") as stream:
        cells = list(csv.DictReader(stream))
    return SimpleNamespace(folder=folder, told=told, cells=cells, log=outcome.log)


def labels_of(seen, name: str) -> np.ndarray:
    return tifffile.imread(seen.folder / f"{name}-labels.tif")


def labels_of_run(seen, name: str) -> np.ndarray:
    return tifffile.imread(seen.folder / "out" / "labels" / f"{name}.tif")


@pytest.mark.parametrize("name", NAMES)
def test_labels_are_those_of_samcell_cli_run(seen, name):
    expected = labels_of_run(seen, name)
    assert expected.max() > 1
    np.testing.assert_array_equal(labels_of(seen, name), expected)


@pytest.mark.parametrize(("name", "original"), INVERTED.items())
def test_bright_is_bright_where_white_is_0(seen, name, original):
    np.testing.assert_array_equal(labels_of(seen, name), labels_of(seen, original))


@pytest.mark.parametrize(("name", "told"), [("grey8", True), ("inverted8", False)])
def test_micrometres_come_with_a_calibration_and_not_with_dots_per_inch(seen, name, told):
    columns = (seen.folder / f"{name}-table.txt").read_text().splitlines()
    assert ("area_um2" in {line.split("\t")[0] for line in columns}) is told


@pytest.mark.parametrize("name", NAMES)
def test_the_table_holds_the_rows_of_cells_csv(seen, name):
    expected = [row for row in seen.cells if row["image"] == f"{name}.tif"]
    columns = (seen.folder / f"{name}-table.txt").read_text().splitlines()
    table = {line.split("\t")[0]: line.split("\t")[1].split() for line in columns}
    filled = {
        column: [float(row[column]) for row in expected]
        for column in expected[0]
        if column != "image" and {row[column] for row in expected} != {"NaN"}
    }
    assert set(filled) <= set(table)
    for column, numbers in filled.items():
        mine = [float(number) for number in table[column]]
        np.testing.assert_allclose(mine, numbers, rtol=1e-6, err_msg=column)


@pytest.mark.parametrize("name", NAMES)
def test_imagej_fills_the_rois_to_exactly_the_labels(seen, name):
    filled = tifffile.imread(seen.folder / f"{name}-filled.tif")
    labels = labels_of(seen, name)
    first = [int(number) for number in seen.told[f"{name} roi labels"].split()]
    numbers = np.array([0, *first])
    if name == "film":
        filled = filled[:, 0]
    np.testing.assert_array_equal(numbers[filled.astype(int)], labels)


@pytest.mark.parametrize("name", NAMES)
def test_there_is_a_roi_an_outline_and_a_row_for_each_cell(seen, name):
    planes = labels_of(seen, name).reshape(-1, *labels_of(seen, name).shape[-2:])
    count = sum(len(np.unique(plane)) - 1 for plane in planes)
    assert seen.told[f"{name} counts"] == f"{count} {count} {count}"


@pytest.mark.parametrize(
    ("name", "size"), [("grey8", "1 1 1"), ("slices", "1 3 1"), ("film", "1 1 3")]
)
def test_labels_have_the_axes_of_the_image(seen, name, size):
    assert seen.told[f"{name} size"] == size


def test_labels_have_the_calibration_of_the_image(seen):
    unit, width, height = seen.told["grey8 scale"].split()
    assert unit in {"um", "µm", "micron", "microns"}
    assert (float(width), float(height)) == (0.5, 0.5)


def test_labels_have_the_colours_of_label_files(seen):
    lut = np.array([int(number) for number in seen.told["lut"].split()]).reshape(3, 256).T
    np.testing.assert_array_equal(lut, ib.colour_table())


def test_rois_that_were_in_the_manager_stay(seen):
    assert seen.told["first roi"] == "mine"


def test_rois_of_a_stack_lie_on_their_slices(seen):
    planes = labels_of(seen, "slices")
    expected = [z + 1 for z, plane in enumerate(planes) for _ in np.unique(plane[plane > 0])]
    assert [int(number) for number in seen.told["slices roi slices"].split()] == expected


def test_rois_of_a_film_lie_on_their_frames(seen):
    planes = labels_of(seen, "film")
    expected = [t + 1 for t, plane in enumerate(planes) for _ in np.unique(plane[plane > 0])]
    assert [int(number) for number in seen.told["film roi frames"].split()] == expected


def test_the_second_call_reads_no_model(seen):
    assert float(seen.told["first load"]) > 0
    assert float(seen.told["second load"]) < 0.05


def test_cells_are_only_inside_of_a_selection(seen):
    part = tifffile.imread(seen.folder / "inside.tif")
    whole = labels_of(seen, "grey8")
    rows, columns = np.mgrid[:96, :128]
    outside = ((columns - 63.5) / 50) ** 2 + ((rows - 47.5) / 40) ** 2 > 1.1
    assert part.max() > 0
    assert part[outside].max() == 0
    assert set(np.unique(whole[part > 0])) - {0}


def test_the_bounding_box_is_an_image_of_its_own(seen):
    part = tifffile.imread(seen.folder / "box.tif")
    alone = tifffile.imread(seen.folder / "crop.tif")
    assert part.shape == (96, 128)
    np.testing.assert_array_equal(part[10:80, 20:110], alone)
    assert np.count_nonzero(part) == np.count_nonzero(alone) > 0


def test_measures_in_a_bounding_box_are_in_places_of_the_whole_image(seen):
    part = tifffile.imread(seen.folder / "box.tif")
    rows, columns = np.nonzero(part == 1)
    y, x = (float(number) for number in seen.told["box centre"].split())
    assert (y, x) == pytest.approx((rows.mean(), columns.mean()), abs=1e-6)


def test_a_selection_may_be_ignored(seen):
    ignored = tifffile.imread(seen.folder / "ignore.tif")
    np.testing.assert_array_equal(ignored, labels_of(seen, "grey8"))


@pytest.mark.parametrize(
    ("choice", "size"), [("current", "1 1"), ("slices", "1 1"), ("frames", "1 3")]
)
def test_planes_of_a_hyperstack_can_be_chosen(seen, choice, size):
    assert seen.told[f"film {choice}"] == size


def test_the_distance_map_reaches_from_0_to_1(seen):
    distance = tifffile.imread(seen.folder / "distance.tif")
    assert distance.dtype == np.float32
    assert distance.shape == (96, 128)
    assert 0.3 < distance.max() <= 1
    assert distance.min() >= 0


def test_the_image_that_failed_in_the_folder_is_named(seen):
    assert "bad.tif: " in seen.log
    assert f"{len(NAMES)} of {len(NAMES) + 1} images done" in seen.log


def test_labels_against_themselves_score_1(seen):
    assert [float(number) for number in seen.told["same"].split()] == [1, 1, 1]


def test_labels_without_a_cell_miss_one(seen):
    assert int(seen.told["missed"]) == 1


def test_a_missed_cell_is_outlined_once_beside_what_the_user_drew(seen):
    assert seen.told["drawn on the truth"].split() == ["mine", "blue", "cell-0001", "red"]


def test_where_nothing_is_spurious_only_what_the_user_drew_is_left(seen):
    assert seen.told["drawn on the prediction"].split() == ["mine", "blue"]


def test_a_spurious_cell_takes_the_place_of_the_missed_one(seen):
    expected = ["mine", "blue", "cell-0001", "yellow"]
    assert seen.told["drawn where it is spurious"].split() == expected


def test_measured_again_rois_have_the_areas_of_the_table(seen):
    assert seen.told["again"] == seen.told["areas"]


def test_the_setup_tells_engine_and_licences(seen):
    assert re.search(r"SAMCell: engine \d+\.\d+", seen.log)
    assert "model samcell-generalist" in seen.log
    assert "Licence: BSD-3-Clause" in seen.log


def test_the_information_of_labels_tells_how_they_were_made(seen):
    lines = dict(line.split(": ", 1) for line in seen.told["info"].split("|") if ": " in line)
    assert json.loads(lines["SAMCell settings"])["min_size"] == 20
    assert lines["SAMCell model"].startswith("samcell-lite ")

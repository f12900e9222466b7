"""What a real ImageJ makes of our files, and what we make of its own: one run for all."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tifffile

import imagej_bridge as ib
from samcell_core.comparison import LabelReader, Match, measure_matches

MACRO = (Path(__file__).parent / "ask_imagej.ijm").read_text(encoding="utf-8")
NAMES = ["Zelle ä/ß: 1", "cell", "Cell", "日本"]


def label_sets(blobs) -> dict[str, tuple[np.ndarray, str]]:
    generator = np.random.default_rng(3)
    wide = np.zeros((12, 61000), np.uint16)
    wide[2:7, 60400:60700] = 1
    wide[4, 60500:60600] = 0
    wide[8:10, 60800:60950] = 2
    return {
        "blobs": (blobs(seed=1), "YX"),
        "large": (blobs((300, 280), seed=2, cells=40), "YX"),
        "noise": (generator.integers(0, 6, (40, 45)).astype(np.uint16), "YX"),
        "frames": (np.stack([blobs(seed=seed) for seed in range(3)]), "TYX"),
        "slices": (np.stack([blobs(seed=seed) for seed in range(3)]), "ZYX"),
        "film": (
            np.stack(
                [[blobs((20, 30), seed=5 * t + z, cells=4) for z in range(2)] for t in range(3)]
            ),
            "TZYX",
        ),
        "turned": (
            np.stack(
                [[blobs((20, 30), seed=9 * z + t, cells=4) for t in range(3)] for z in range(2)]
            ),
            "ZTYX",
        ),
        "wide": (wide, "YX"),
        "numbers": (np.kron(np.arange(1, 701).reshape(20, 35), np.ones((2, 2), int)), "YX"),
    }


def confidences(labels: np.ndarray) -> list[float]:
    planes = labels.reshape(-1, *labels.shape[-2:])
    count = sum(len(np.unique(plane[plane > 0])) for plane in planes)
    return (np.arange(count) % 97 / 96).tolist()


def write_tables(folder: Path, blobs) -> None:
    """The tables of a run: an image with a pixel size, one without, and one that failed."""
    aside = folder / "measured"
    aside.mkdir()
    matches = []
    for number, size in enumerate([(0.5, 0.325), None]):
        labels, image = aside / f"labels{number}.tif", aside / f"image{number}.npy"
        ib.write_label_tiff(labels, blobs(seed=number), pixel_size=size)
        np.save(image, np.arange(60 * 70, dtype=np.uint16).reshape(60, 70))
        matches.append(Match(f"well {number}/a.tif", labels, image))
    lost = {"Zelle ä, 日.tif": "it is damaged, as it seems: copy it again, or export it."}
    measure_matches(matches, aside, reader=LabelReader(), left_out=lost)
    for name in ("cells.csv", "images.csv"):
        (aside / name).rename(folder / name)


@pytest.fixture(scope="module")
def seen(imagej, blobs, tmp_path_factory) -> SimpleNamespace:
    """Everything that ImageJ says, by the name of the file."""
    folder = tmp_path_factory.mktemp("imagej")
    sets = label_sets(blobs)
    for name, (labels, axes) in sets.items():
        sizes = dict.fromkeys("CZT", 1) | dict(zip(axes, labels.shape, strict=True))
        ib.write_roi_set(folder / f"{name}.zip", labels, axes=axes, confidence=confidences(labels))
        (folder / f"{name}.size").write_text(" ".join(str(sizes[letter]) for letter in "XYCZT"))
    movie = sets["frames"][0]
    ib.write_roi_set(folder / "movie.zip", movie, axes="TYX")
    (folder / "movie.size").write_text("70 60 2 1 3")
    four = np.array([[1, 2, 3, 4]], np.uint16)
    ib.write_roi_set(
        folder / "named.zip", four, names=NAMES, stroke_colour=(255, 128, 0), stroke_width=2.5
    )
    (folder / "named.size").write_text("4 1 1 1 1")
    tiffs = {
        name: sets[name] for name in ("blobs", "frames", "slices", "film", "turned", "numbers")
    }
    tiffs["many"] = (np.arange(300 * 300, dtype=np.uint32).reshape(300, 300), "YX")
    tiffs["manyframes"] = (np.stack([tiffs["many"][0]] * 2), "TYX")
    for name, (labels, axes) in tiffs.items():
        ib.write_label_tiff(folder / f"{name}.tif", labels, axes=axes, pixel_size=(0.5, 0.325))
    ib.write_label_tiff(folder / "plain.tif", four)
    write_tables(folder, blobs)
    imagej(MACRO, folder)
    rois: dict[str, list[list[str]]] = {}
    for line in (folder / "rois.txt").read_text(encoding="utf-8").splitlines():
        name, *rest = line.split("\t")
        rois.setdefault(name, []).append(rest)
    images = {}
    for line in (folder / "images.txt").read_text(encoding="utf-8").splitlines():
        name, *rest = line.split("\t")
        images[name] = rest
    tables: dict[str, list[dict[str, tuple[str, float]]]] = {"cells": [], "images": []}
    for line in (folder / "tables.txt").read_text(encoding="utf-8").splitlines():
        name, row, heading, text, number, rest = line.split("\t")
        if int(row) == len(tables[name]):
            tables[name].append({})
        tables[name][-1][heading] = text, float(number) + float(rest)
    return SimpleNamespace(
        folder=folder, sets=sets, tiffs=tiffs, rois=rois, images=images, tables=tables
    )


def filled_by_imagej(seen, name: str) -> np.ndarray:
    return tifffile.imread(seen.folder / f"{name}-filled.tif")


SETS = ("blobs", "large", "noise", "frames", "slices", "film", "wide", "numbers")


@pytest.mark.parametrize("name", SETS)
def test_imagej_fills_every_roi_to_exactly_its_cell_on_its_plane(seen, name):
    labels, _ = seen.sets[name]
    rois = seen.rois[name]
    filled = filled_by_imagej(seen, name).astype(np.int64)
    numbers = np.array([0, *(int(roi[5]) for roi in rois)])
    np.testing.assert_array_equal(numbers[filled].reshape(labels.shape), labels)


def test_imagej_finds_planes_given_in_another_order_than_its_own(seen):
    labels, _ = seen.sets["turned"]
    numbers = np.array([0, *(int(roi[5]) for roi in seen.rois["turned"])])
    filled = numbers[filled_by_imagej(seen, "turned").astype(np.int64)]
    np.testing.assert_array_equal(filled.reshape(3, 2, 20, 30), labels.swapaxes(0, 1))


def test_imagej_finds_the_frames_of_a_film_of_several_channels(seen):
    numbers = np.array([0, *(int(roi[5]) for roi in seen.rois["movie"])])
    filled = numbers[filled_by_imagej(seen, "movie").astype(np.int64)]
    np.testing.assert_array_equal(filled.max(axis=1), seen.sets["frames"][0])


def test_imagej_shows_the_names_in_the_order_of_the_cells(seen):
    names = [roi[0] for roi in seen.rois["film"]]
    assert names[0] == "t001-z001-cell-0001"
    assert names == sorted(names)


def test_imagej_keeps_names_of_any_letters(seen):
    assert [roi[0] for roi in seen.rois["named"]] == ["Zelle ä/ß: 1", "cell", "Cell-2", "日本"]


def test_the_roi_manager_lists_names_of_any_letters(seen):
    assert [roi[1] for roi in seen.rois["named"]] == ["Zelle ä_ß_ 1", "cell", "Cell-2", "日本"]


def test_imagej_tells_channel_slice_and_frame(seen):
    labels, _ = seen.sets["film"]
    expected = [
        [0, z + 1, t + 1]
        for t in range(3)
        for z in range(2)
        for _ in np.unique(labels[t, z][labels[t, z] > 0])
    ]
    assert [[int(number) for number in roi[2:5]] for roi in seen.rois["film"]] == expected


def test_rois_of_a_single_plane_have_no_position(seen):
    assert {tuple(roi[2:5]) for roi in seen.rois["blobs"]} == {("0", "0", "0")}


def test_imagej_tells_the_confidence(seen):
    told = [float(roi[6]) for roi in seen.rois["frames"]]
    np.testing.assert_allclose(told, confidences(seen.sets["frames"][0]), atol=1e-6)


def test_cells_of_one_ring_are_traced_and_others_composite(seen):
    labels, _ = seen.sets["blobs"]
    rings = [len(rings) for _, rings in ib.trace(labels)]
    assert [roi[7] for roi in seen.rois["blobs"]] == [
        "traced" if count == 1 else "composite" for count in rings
    ]
    assert {"traced", "composite"} == {roi[7] for roi in seen.rois["blobs"]}


def test_imagej_draws_lines_in_the_colour_and_width_given(seen):
    assert {(roi[8].lower(), float(roi[9])) for roi in seen.rois["named"]} == {("#ff8000", 2.5)}


@pytest.mark.parametrize(
    "name", ["blobs", "frames", "slices", "film", "numbers", "many", "manyframes"]
)
def test_imagej_reads_every_label(seen, name):
    labels, _ = seen.tiffs[name]
    copy = tifffile.imread(seen.folder / f"{name}-copy.tif")
    np.testing.assert_array_equal(copy.reshape(labels.shape), labels)


def test_imagej_reads_planes_in_its_own_order(seen):
    labels, _ = seen.tiffs["turned"]
    copy = tifffile.imread(seen.folder / "turned-copy.tif")
    np.testing.assert_array_equal(copy, labels.swapaxes(0, 1))


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("blobs", [70, 60, 1, 1, 1]),
        ("frames", [70, 60, 1, 1, 3]),
        ("slices", [70, 60, 1, 3, 1]),
        ("film", [30, 20, 1, 2, 3]),
        ("turned", [30, 20, 1, 2, 3]),
        ("manyframes", [300, 300, 1, 1, 2]),
    ],
)
def test_imagej_tells_channels_slices_and_frames_apart(seen, name, size):
    assert [int(number) for number in seen.images[name][0].split()] == size


@pytest.mark.parametrize(("name", "bits"), [("blobs", 16), ("film", 16), ("many", 32)])
def test_imagej_takes_labels_for_whole_numbers_where_they_fit(seen, name, bits):
    assert int(seen.images[name][1]) == bits


@pytest.mark.parametrize("name", ["blobs", "film", "many"])
def test_imagej_takes_over_the_pixel_size_exactly(seen, name):
    unit, width, height = seen.images[name][2].split()
    assert unit in {"micron", "microns", "µm"}
    assert (float(width), float(height)) == (0.325, 0.5)


def test_imagej_counts_in_pixels_where_no_size_is_known(seen):
    unit, *sizes = seen.images["plain"][2].split()
    assert (unit, [float(size) for size in sizes]) == ("pixels", [1, 1])


@pytest.mark.parametrize(
    ("name", "highest"), [("blobs", 255), ("film", 255), ("numbers", 700), ("many", 89999)]
)
def test_imagej_shows_all_labels_within_its_display_range(seen, name, highest):
    assert [float(number) for number in seen.images[name][3].split()] == [0, highest]


@pytest.mark.parametrize("name", ["blobs", "film", "numbers", "many"])
def test_imagej_shows_the_colours_of_the_table(seen, name):
    lut = np.array([int(number) for number in seen.images[name][4].split()]).reshape(3, 256).T
    np.testing.assert_array_equal(lut, ib.colour_table())


def test_rois_drawn_in_imagej_are_filled_alike(seen):
    """Rectangles, ovals, ellipses, polygons, wands, composites; sub-pixel, outside, crossing."""
    filled = tifffile.imread(seen.folder / "drawn-filled.tif") > 0
    drawn = ib.read_roi_set(seen.folder / "drawn.zip", filled.shape, axes="ZYX")
    kinds = json.loads((seen.folder / "drawn.json").read_text())
    different = [
        (kinds[plane], int((filled[plane] != (drawn.labels[plane] > 0)).sum()))
        for plane in range(len(filled))
        if (filled[plane] != (drawn.labels[plane] > 0)).any()
    ]
    assert different == []
    assert len(filled) > 150
    assert np.count_nonzero(filled.any(axis=(1, 2))) > 0.9 * len(filled)


def test_points_and_lines_drawn_in_imagej_are_named_as_without_area(seen):
    drawn = ib.read_roi_set(seen.folder / "flat.zip", (50, 60))
    assert drawn.labels.max() == 0
    assert drawn.without_area == ("line", "point", "angle", "polyline")


def test_a_set_that_imagej_saved_again_holds_the_same_cells(seen):
    labels, _ = seen.sets["film"]
    again = ib.read_roi_set(seen.folder / "film-again.zip", labels.shape, axes="TZYX")
    np.testing.assert_array_equal(again.labels, labels)
    assert [cell.name for cell in again.cells] == [roi[0] for roi in seen.rois["film"]]
    np.testing.assert_allclose(
        [cell.confidence for cell in again.cells], confidences(labels), atol=1e-6
    )


@pytest.mark.parametrize("name", ["cells", "images"])
def test_imagej_opens_the_tables_with_every_column_and_row(seen, name):
    with (seen.folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        written = list(csv.DictReader(stream))
    assert [list(row) for row in seen.tables[name]] == [list(row) for row in written]


@pytest.mark.parametrize("name", ["cells", "images"])
def test_imagej_reads_the_numbers_of_the_tables_exactly(seen, name):
    with (seen.folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        written = list(csv.DictReader(stream))
    compared = 0
    for mine, row in zip(seen.tables[name], written, strict=True):
        for heading, text in row.items():
            if heading in ("image", "status", "notes", "error"):
                continue
            number = mine[heading][1]
            assert number == pytest.approx(float(text), rel=1e-13, nan_ok=True), heading
            compared += not math.isnan(number)
    assert compared > 20


def test_imagej_reads_names_and_reasons_of_any_letters(seen):
    texts = [(row["image"][0], row["error"][0]) for row in seen.tables["images"]]
    assert texts == [
        ("well 0/a.tif", ""),
        ("well 1/a.tif", ""),
        ("Zelle ä, 日.tif", "it is damaged, as it seems: copy it again, or export it."),
    ]

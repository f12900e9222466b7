"""Every macro of ``examples/fiji`` runs in a real ImageJ, and does what it says."""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tifffile
from PIL import Image

import imagej_bridge as ib
from samcell_core.synthetic import make_scene

EXAMPLES = Path(__file__).parents[3] / "examples" / "fiji"
PLATE = ("control_1", "control_2", "drug_1")


@pytest.fixture(scope="module")
def done(run_macros, tmp_path_factory) -> SimpleNamespace:
    folder = tmp_path_factory.mktemp("my examples")
    images, results = folder / "images", folder / "results"
    images.mkdir()
    results.mkdir()
    scenes = [
        make_scene("phase contrast", seed=seed, shape=(96, 128), diameter=30, crowding=0.5).image
        for seed in range(3)
    ]
    for name, scene in zip(PLATE, scenes, strict=True):
        tifffile.imwrite(images / f"{name}.tif", scene)
    film = folder / "film.tif"
    tifffile.imwrite(film, np.stack(scenes), imagej=True, metadata={"axes": "TYX"})
    arguments = {
        "count_a_folder": f"{images}/|{results}/",
        "cells_per_treatment": f"{images}/|{results}/",
        "time_series": f"{film}|{results}/",
        "correct_and_measure": f"{images / PLATE[0]}.tif|{results}/",
    }
    macros = {
        name: (EXAMPLES / f"{name}.ijm")
        .read_text(encoding="utf-8")
        .replace("getArgument()", f'"{argument}"')
        + 'roiManager("reset");'
        for name, argument in arguments.items()
    }
    return SimpleNamespace(results=results, of=run_macros(folder, macros), film=scenes)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_example_is_tried(done):
    assert set(done.of) == {path.stem for path in EXAMPLES.glob("*.ijm")}


@pytest.mark.parametrize("name", sorted(path.stem for path in EXAMPLES.glob("*.ijm")))
def test_no_example_fails(done, name):
    assert done.of[name].error == ""


def test_the_counts_of_a_folder_are_the_rows_of_its_cells(done):
    counts = {row["Image"]: int(row["Cells"]) for row in rows(done.results / "counts.csv")}
    cells = [row["Label"] for row in rows(done.results / "cells.csv")]
    assert {name: cells.count(name) for name in counts} == counts
    assert sorted(counts) == [f"{name}.tif" for name in PLATE]


def test_treatments_are_told_apart(done):
    lines = done.of["cells_per_treatment"].log.splitlines()
    assert [line.split(":")[0] for line in lines] == ["control", "drug"]
    assert [line.endswith("2 images") for line in lines] == [True, False]


def test_the_plot_is_a_picture(done):
    plot = np.asarray(Image.open(done.results / "cells_per_treatment.png").convert("RGB"))
    assert len(np.unique(plot.reshape(-1, 3), axis=0)) > 3


def test_rois_of_a_film_are_counted_by_frame(done):
    lines = [line for line in done.of["time_series"].log.splitlines() if line.startswith("frame")]
    drawn = ib.read_roi_set(done.results / "cells_RoiSet.zip", (3, 96, 128), axes="TYX")
    counts = [len(np.unique(plane)) - 1 for plane in drawn.labels]
    assert [int(line.split(": ")[1]) for line in lines] == counts
    assert min(counts) > 0


def test_corrected_cells_are_the_ones_measured(done):
    labels = tifffile.imread(done.results / "corrected_labels.tif")
    areas = [int(float(row["area"])) for row in rows(done.results / "corrected_cells.csv")]
    assert np.bincount(labels.ravel())[1:].tolist() == areas


def test_a_drawn_cell_is_among_the_corrected_ones(done):
    drawn = ib.read_roi_set(done.results / "corrected_RoiSet.zip", (96, 128))
    assert "drawn" in [cell.name for cell in drawn.cells]

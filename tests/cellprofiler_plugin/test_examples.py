"""The example pipelines, run by the commands of their page, held against the engine itself."""

import re
import shlex
import subprocess
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile

import samcell_core as sc

EXAMPLES = Path(__file__).parents[2] / "examples/cellprofiler"
NAMES = ("count_and_measure", "cells_and_nuclei", "time_series")


@pytest.fixture(scope="module")
def run_example(cellprofiler):
    """Function that runs an example by its command in the page, once."""
    runs = {}

    def run(name):
        if name not in runs:
            page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
            [command] = re.findall(rf"^cellprofiler .*{name}\.cppipe.*$", page, re.MULTILINE)
            words = shlex.split(command)
            after = dict(pairwise(words))
            assert {"-c", "-r", "-o"} <= set(words)
            plugins = (EXAMPLES / after["--plugins-directory"]).resolve()
            assert plugins == EXAMPLES.parents[1] / "cellprofiler_plugin"
            runs[name] = cellprofiler(EXAMPLES / after["-p"], EXAMPLES / after["-i"])
        return runs[name]

    return run


@pytest.fixture(scope="module")
def segmenter():
    with sc.Segmenter() as segmenter:
        yield segmenter


@pytest.fixture(scope="module")
def expected(segmenter):
    """Function of an example and a part of file names that gives what the engine finds in them."""
    found = {}

    def find(name, part="", **settings):
        key = (name, part, *settings.items())
        if key not in found:
            paths = sorted((EXAMPLES / name / "images").iterdir())
            chosen = [path for path in paths if part in path.name]
            found[key] = [segmenter.segment(path, **settings) for path in chosen]
        return found[key]

    return find


def areas(results):
    return [
        size
        for result in results
        for plane in result.labels.reshape(-1, *result.labels.shape[-2:])
        for size in np.bincount(plane.ravel())[1:]
    ]


@pytest.mark.parametrize("name", NAMES)
def test_the_command_ends_well(run_example, name):
    run = run_example(name)
    assert run.code == 0, run.log[-2000:]


def test_cells_are_counted(run_example, expected):
    counts = run_example("count_and_measure").column("Image", "Count_Cells")
    assert counts == [result.count for result in expected("count_and_measure")]


def test_cells_are_measured(run_example, expected):
    measured = run_example("count_and_measure").column("Cells", "AreaShape_Area")
    assert measured == areas(expected("count_and_measure"))


def test_confidence_is_that_of_the_engine(run_example, expected):
    measured = run_example("count_and_measure").column("Cells", "SAMCell_Confidence")
    tables = [sc.measure(result)["confidence"] for result in expected("count_and_measure")]
    np.testing.assert_allclose(measured, np.concatenate(tables), rtol=1e-6)


def test_scale_and_thresholds_are_those_of_the_engine(run_example, expected):
    run, results = run_example("count_and_measure"), expected("count_and_measure")
    for column, setting in (
        ("PeakThreshold", "peak"),
        ("FillThreshold", "fill"),
        ("Scale", "scale"),
    ):
        used = [getattr(result.settings, setting) for result in results]
        assert run.column("Image", f"SAMCell_{column}_Cells") == used


def test_an_image_without_cells_has_a_row(run_example):
    assert run_example("count_and_measure").table("Image")[2]["Count_Cells"] == "0.0"


def test_outlines_are_drawn(run_example):
    folder = run_example("count_and_measure").folder
    pictures = [cv2.imread(str(path)) for path in sorted(folder.glob("*_outlined.png"))]
    coloured = [bool((picture.max(axis=2) != picture.min(axis=2)).any()) for picture in pictures]
    assert coloured == [True, True, False]


def test_cells_are_found_beside_nuclei(run_example, expected):
    counts = run_example("cells_and_nuclei").column("Image", "Count_Cells")
    assert counts == [result.count for result in expected("cells_and_nuclei", "phase")]


def test_nuclei_know_their_cells(run_example):
    run = run_example("cells_and_nuclei")
    parents = run.column("Nuclei", "Parent_Cells")
    children = run.column("Cells", "Children_Nuclei_Count")
    assert sum(children) == sum(parent > 0 for parent in parents) > len(children) / 2


def test_cells_grow_into_secondary_objects(run_example):
    run = run_example("cells_and_nuclei")
    cells, grown = (run.column(name, "AreaShape_Area") for name in ("Cells", "GrownCells"))
    assert len(cells) == len(grown)
    assert all(after >= before for before, after in zip(cells, grown, strict=True))


def test_tertiary_objects_are_cells_without_their_nuclei(run_example):
    run = run_example("cells_and_nuclei")
    cells, rest = (run.column(name, "AreaShape_Area") for name in ("Cells", "Cytoplasm"))
    assert len(cells) == len(rest)
    assert all(part <= whole for part, whole in zip(rest, cells, strict=True))
    assert sum(rest) < sum(cells)


def test_the_stain_is_in_the_nuclei(run_example):
    run = run_example("cells_and_nuclei")
    nuclei, rest = (
        np.nanmean([float(row["Intensity_MeanIntensity_DNA"] or "nan") for row in run.table(name)])
        for name in ("Nuclei", "Cytoplasm")
    )
    assert nuclei > 3 * rest


def test_the_distance_map_is_an_image_for_other_modules(run_example):
    depths = run_example("cells_and_nuclei").column("Image", "Intensity_MaxIntensity_DistanceMap")
    assert all(0.5 < depth <= 1 for depth in depths)


def test_every_frame_has_its_count(run_example, expected):
    [result] = expected("time_series", diameter=34, discard_border=True)
    counts = run_example("time_series").column("Image", "Count_Cells")
    assert counts == [int(frame.max()) for frame in result.labels]


def test_every_frame_has_its_cells(run_example, expected):
    measured = run_example("time_series").column("Cells", "AreaShape_Area")
    assert measured == areas(expected("time_series", diameter=34, discard_border=True))


def test_cells_are_followed_through_the_frames(run_example):
    lifetimes = run_example("time_series").column("Cells", "TrackObjects_Lifetime_20")
    assert max(lifetimes) == 5


def test_the_images_are_small():
    files = [path for path in EXAMPLES.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 2_000_000


@pytest.mark.parametrize("name", NAMES)
def test_the_pipeline_is_what_cellprofiler_writes(name, written_pipelines):
    kept = (EXAMPLES / name / f"{name}.cppipe").read_text(encoding="utf-8")
    assert kept == (written_pipelines / name / f"{name}.cppipe").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def written_pipelines(cellprofiler_python, environment, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pipelines")
    command = [cellprofiler_python, str(EXAMPLES / "make_pipelines.py"), str(folder)]
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return folder


def test_the_nuclear_stain_has_twelve_bits():
    with tifffile.TiffFile(EXAMPLES / "cells_and_nuclei/images/B01_dna.tif") as file:
        assert file.pages[0].tags["MaxSampleValue"].value == 4095
        assert 2000 < file.asarray().max() <= 4095

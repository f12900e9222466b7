"""Labels from elsewhere are measured into the tables of a run."""

import os

import numpy as np
import pytest
import tifffile
from stored_tiffs import KINDS, bright_value, write_stored
from tables import rows

import samcell_core as sc
from samcell_core.batch.reasons import reason_of
from samcell_core.comparison import Match, measure_matches


@pytest.fixture
def match(write, truth, clouds):
    return Match("x.tif", write("labels/x.tif", truth), write("images/x.tif", clouds((40, 60))))


def test_cells_are_measured_as_the_engine_measures_them(match, reader, tmp_path, truth, clouds):
    measure_matches([match], tmp_path / "out", reader=reader)
    table = sc.measure(labels=truth, image=clouds((40, 60)))
    found = rows(tmp_path / "out" / "cells.csv")
    for name in ("id", "area", "perimeter", "intensity_mean"):
        assert [float(row[name]) for row in found] == table[name].tolist()


def test_images_have_their_numbers(match, reader, tmp_path):
    measure_matches([match], tmp_path / "out", reader=reader)
    (row,) = rows(tmp_path / "out" / "images.csv")
    assert (row["image"], row["status"], row["count"], row["height"]) == ("x.tif", "ok", "4", "40")


def test_what_fails_has_its_reason_and_the_others_go_on(match, reader, tmp_path, write):
    bad = Match("bad.tif", write("labels/bad.tif", np.zeros((5, 5), np.uint8)), match.second)
    measure_matches([bad, match], tmp_path / "out", reader=reader, left_out={"y.tif": "is lost"})
    table = rows(tmp_path / "out" / "images.csv")
    assert [row["status"] for row in table] == ["error", "ok", "error"]
    assert "does not fit the labels" in table[0]["error"]
    assert table[2]["error"] == "is lost"


def test_the_pixel_size_of_the_labels_holds_where_the_image_has_none(
    match, reader, tmp_path, truth
):
    tifffile.imwrite(
        match.first, truth, imagej=True, resolution=(2, 2), metadata={"axes": "YX", "unit": "um"}
    )
    measure_matches([match], tmp_path / "out", reader=reader)
    (row,) = rows(tmp_path / "out" / "images.csv")
    assert float(row["pixel_width_um"]) == pytest.approx(0.5)
    assert float(rows(tmp_path / "out" / "cells.csv")[0]["area_um2"]) == pytest.approx(25)


def test_a_pixel_size_that_is_given_wins(match, reader, tmp_path):
    measure_matches([match], tmp_path / "out", reader=reader, pixel_size=2.0)
    assert float(rows(tmp_path / "out" / "cells.csv")[0]["area_um2"]) == 400


def test_tables_are_not_written_over_others(match, reader, tmp_path):
    measure_matches([match], tmp_path / "out", reader=reader)
    with pytest.raises(sc.SamcellError, match=r"cells\.csv exists"):
        measure_matches([match], tmp_path / "out", reader=reader)


def test_nothing_but_the_tables_stays_behind(match, reader, tmp_path):
    measure_matches([match], tmp_path / "out", reader=reader)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["cells.csv", "images.csv"]


def test_outlines_are_measured_in_the_image_they_were_drawn_on(outline_reader, tmp_path, match):
    (tmp_path / "x.zip").write_text("5 15 5 15\n20 30 40 55")
    outlined = Match("x.tif", tmp_path / "x.zip", match.second)
    measure_matches([outlined], tmp_path / "out", reader=outline_reader)
    assert [row["area"] for row in rows(tmp_path / "out" / "cells.csv")] == ["100", "150"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_is_measured_however_its_pixels_are_stored(match, reader, tmp_path, truth, kind):
    write_stored(match.second, np.where(truth, 220, 30).astype(np.uint8), kind)
    measure_matches([match], tmp_path / "out", reader=reader)
    for name, value in bright_value(kind, 220).items():
        assert [float(row[name]) for row in rows(tmp_path / "out" / "cells.csv")] == [value] * 4


@pytest.mark.parametrize("error", [RuntimeError("mood"), MemoryError()])
def test_an_unforeseen_error_is_one_of_that_image_alone(match, write, moody, tmp_path, error):
    bad = Match("bad.tif", write("labels/bad.tif"), match.second)
    measured = measure_matches([match, bad, match], tmp_path / "out", reader=moody(error))
    assert [row.error for row in measured] == ["", reason_of(error), ""]


def test_a_bad_image_whose_name_is_no_text_is_told_in_the_tables(match, reader, tmp_path):
    empty = tmp_path / os.fsdecode(b"zelle_\xe4.tif")
    empty.touch()
    measure_matches([Match("x.tif", match.first, empty)], tmp_path / "out", reader=reader)
    (row,) = rows(tmp_path / "out" / "images.csv")
    assert "zelle_?.tif is empty" in row["error"]


def test_notes_of_an_image_whose_name_is_no_text_are_told_in_the_tables(
    match, reader, tmp_path, truth
):
    several = tmp_path / os.fsdecode(b"zelle_\xe4.tif")
    with tifffile.TiffWriter(several) as file:
        file.write(truth)
        file.write(np.zeros((9, 9, 3), np.uint8), photometric="rgb")
    measure_matches([Match("x.tif", match.first, several)], tmp_path / "out", reader=reader)
    (row,) = rows(tmp_path / "out" / "images.csv")
    assert "zelle_?.tif holds 2 images" in row["notes"]

"""Images are run over however they are stored and whatever their files are called."""

import json
import os

import numpy as np
import pytest
import tifffile
from stored_tiffs import KINDS, bright_value, write_stored
from tables import rows

import samcell_core as sc

NO_TEXT = os.fsdecode(b"zelle_\xe4.tif")  # as an old system wrote its umlauts


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_is_measured_however_its_pixels_are_stored(bright, tmp_path, out, draw, kind):
    folder = tmp_path / "stored"
    folder.mkdir()
    write_stored(folder / "image.tif", draw(3), kind)
    # Of one bit the segmenter sees 0 and 1.
    settings = sc.Settings(peak=0.001, fill=0.001) if kind == "bilevel" else sc.Settings()
    outcome = bright.run(folder, out, settings=settings)
    assert [row.error for row in outcome.rows] == [""]
    cells = rows(out / "cells.csv")
    assert len(cells) == 3
    for name, value in bright_value(kind, 220).items():
        assert {float(cell[name]) for cell in cells} == {value}


def test_a_bad_image_whose_name_is_no_text_is_told_in_the_tables(bright, folder, out):
    (folder / NO_TEXT).touch()
    assert bright.run(folder, out).failed == 1
    (failed,) = [row for row in rows(out / "images.csv") if row["status"] == "error"]
    assert "zelle_?.tif is empty" in failed["error"]


def test_notes_of_an_image_whose_name_is_no_text_are_told_in_the_tables(bright, folder, out, draw):
    class Noting(bright.Bright):
        def segment(self, image, settings=None, progress=None):
            found = super().segment(image, settings, progress)
            return sc.Segmentation(**{**vars(found), "notes": image.notes})

    with tifffile.TiffWriter(folder / NO_TEXT) as file:
        file.write(draw(1))
        file.write(np.zeros((9, 9, 3), np.uint8), photometric="rgb")
    assert bright.run(folder, out, segmenter=Noting()).failed == 0
    (note,) = [row["notes"] for row in rows(out / "images.csv") if row["notes"]]
    assert "zelle_?.tif holds 2 images" in note


def test_a_model_whose_file_name_is_no_text_is_in_the_record(bright, folder, out):
    segmenter = bright.Bright()
    segmenter.model = sc.ModelInfo(
        name="mod\udce4l", architecture="none", source="/mod\udce4l.pt", peak=0.5, fill=0.5
    )
    for _ in range(2):
        assert bright.run(folder, out, segmenter=segmenter).failed == 0
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert record["model"]["source"] == "/mod?l.pt"

"""``samcell-cli tune``: labelled images in, thresholds, tables and a picture out."""

import json

import cv2
import numpy as np
import pytest

from samcell_core.models.lite import LiteNetwork, LiteShape
from samcell_core.models.lite_file import LiteHeader, lite_bytes, read_lite_header

SMALL = ("--steps", "4", "--threads", "1", "--device", "cpu")


@pytest.fixture
def data(tmp_path):
    """Three images of discs, and their labels."""
    for number, name in enumerate("abc"):
        labels = np.zeros((60, 90), np.uint16)
        for place in range(4):
            row, column = divmod(place, 2)
            cv2.circle(labels, (22 + 40 * column, 16 + 28 * row), 9 + number, place + 1, -1)
        image = cv2.GaussianBlur((labels > 0).astype(np.uint8) * 240, (0, 0), 3)
        for kind, pixels in (("images", image), ("labels", labels)):
            (tmp_path / "cells" / kind).mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(tmp_path / "cells" / kind / f"{name}.png"), pixels)
    return tmp_path / "cells"


def test_table_picture_and_summary_are_written(invoke, data, tmp_path):
    assert invoke("tune", data, "-o", tmp_path / "out", *SMALL).exit_code == 0
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"tuning.csv", "images.csv", "heat_map.png", "summary.json"}


def test_the_best_thresholds_are_told_beside_the_present_score(invoke, data, tmp_path):
    told = invoke("tune", data, "-o", tmp_path / "out", *SMALL).stdout
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert "10 pairs of thresholds, 6 with fill above peak left out." in told
    [line] = [line for line in told.splitlines() if line.startswith("cells ")]
    best = summary["sets"]["cells"]
    shown = [f"{best[name]:g}" for name in ("peak", "fill")] + [f"{best['op_csb']:.3f}"]
    assert line.split()[1:5] == ["3", *shown]
    assert "at 0.5/0.2" in told


def test_the_summary_comes_as_json_for_programs(invoke, data, tmp_path):
    told = json.loads(invoke("tune", data, "-o", tmp_path / "out", *SMALL, "--json").stdout)
    assert told == json.loads((tmp_path / "out" / "summary.json").read_text())


def test_ranges_and_steps_are_choices(invoke, data, tmp_path):
    ranges = ("--peaks", "0.4", "0.6", "--fills", "0.1", "0.2")
    told = invoke("tune", data, "-o", tmp_path / "out", *SMALL, *ranges, "--json").stdout
    assert (json.loads(told)["peaks"], json.loads(told)["pairs"]) == (
        [0.4, 0.4667, 0.5333, 0.6],
        16,
    )


def test_settings_reach_the_search(invoke, data, tmp_path):
    options = (*SMALL, "--min-size", "100000", "--json")
    told = json.loads(invoke("tune", data, "-o", tmp_path / "out", *options).stdout)
    assert told["over_all"]["op_csb"] == 0


def test_the_best_thresholds_are_stored_in_a_new_checkpoint(invoke, data, tmp_path):
    shape = LiteShape(widths=(8, 8, 12, 12), depths=(0, 1, 1, 1))
    model, out = tmp_path / "mine.safetensors", tmp_path / "tuned.safetensors"
    model.write_bytes(lite_bytes(LiteNetwork(shape), LiteHeader("mine", shape)))
    result = invoke("tune", data, "-o", tmp_path / "out", *SMALL, "--model", model, "--store", out)
    best = json.loads((tmp_path / "out" / "summary.json").read_text())["over_all"]
    header = read_lite_header(out)
    assert (header.peak, header.fill) == (best["peak"], best["fill"])
    assert header.training["thresholds"]["images"] == 3
    assert f"are the defaults of {out}" in result.stdout


def test_a_place_to_store_that_is_taken_is_refused_before_any_work(invoke, data, tmp_path):
    (tmp_path / "m.safetensors").write_text("mine")
    result = invoke(
        "tune", data, "-o", tmp_path / "out", *SMALL, "--store", tmp_path / "m.safetensors"
    )
    assert (result.exit_code, (tmp_path / "out").exists()) == (2, False)
    assert "m.safetensors exists" in result.stderr


def test_nothing_is_overwritten_unasked(invoke, data, tmp_path):
    invoke("tune", data, "-o", tmp_path / "out", *SMALL)
    refused = invoke("tune", data, "-o", tmp_path / "out", *SMALL)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "tuning.csv exists" in refused.stderr
    assert invoke("tune", data, "-o", tmp_path / "out", *SMALL, "--overwrite").exit_code == 0


def test_one_bad_image_is_told_and_the_others_go_on(invoke, data, tmp_path):
    cv2.imwrite(str(data / "labels" / "b.png"), np.eye(9, dtype=np.uint8))
    result = invoke("tune", data, "-o", tmp_path / "out", *SMALL)
    assert result.exit_code == 1
    assert "9 x 9 pixels" in result.stderr
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["images"] == 2


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--steps", "1"), "steps=1"),
        (("--peaks", "0.9", "0.1"), "range of peak"),
        (("--fills", "0", "0.5"), "range of fill"),
        (("--fills", "0.95", "0.99"), "above all peak thresholds"),
        (("--images", "{name}.png"), "images"),
        (("--kind", "drawings"), "'drawings' is unknown"),
    ],
)
def test_wrong_choices_are_refused_in_one_sentence(invoke, data, tmp_path, options, word):
    result = invoke("tune", data, "-o", tmp_path / "out", *options)
    assert result.exit_code == 2
    assert word in result.stderr
    assert "Traceback" not in result.stderr


def test_a_folder_without_labels_is_an_error_in_one_sentence(invoke, images, tmp_path):
    result = invoke("tune", images, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1


def test_an_output_that_cannot_be_made_is_told_before_any_work(invoke, data, tmp_path):
    (tmp_path / "file").write_text("")
    result = invoke("tune", data, "-o", tmp_path / "file" / "out", *SMALL)
    assert result.exit_code == 2
    assert "cannot be made or written to" in result.stderr


def test_an_unknown_model_is_refused(invoke, data, tmp_path):
    result = invoke("tune", data, "-o", tmp_path / "out", "--model", "samcell-light")
    assert result.exit_code == 2
    assert "samcell-lite" in result.stderr


def test_quiet_says_nothing_but_errors(invoke, data, tmp_path):
    result = invoke("tune", data, "-o", tmp_path / "out", *SMALL, "-q")
    assert (result.stdout, result.stderr) == ("", "")

"""``samcell-cli evaluate``: scores as a table, CSV and a page, from label files of any kind."""

import json
import subprocess
import sys

import numpy as np
import pytest
import tifffile

import imagej_bridge
import samcell_core as sc


@pytest.fixture
def truth():
    labels = np.zeros((60, 80), np.uint16)
    labels[5:20, 5:20], labels[5:20, 20:40], labels[30:50, 10:40] = 1, 2, 3
    return labels


@pytest.fixture
def folders(write_sides, truth):
    """Two images: one found wholly, one with its first two cells merged."""
    return write_sides(a=(truth, truth), b=(np.where(truth == 2, 1, truth), truth))


def test_the_table_has_each_image_and_all_cells_together(invoke, folders):
    lines = invoke("evaluate", *folders).stdout.splitlines()
    assert lines[0].split()[:3] == ["image", "true", "predicted"]
    assert [line.split()[0] for line in lines[1:]] == ["a", "b", "all"]
    assert lines[1].split()[1:7] == ["3", "3", "0", "0", "0", "0"]
    assert lines[2].split()[1:7] == ["3", "2", "1", "0", "0", "0"]


def test_columns_are_aligned(invoke, folders):
    lines = invoke("evaluate", *folders).stdout.splitlines()
    assert len({len(line) for line in lines}) == 1


def test_the_scores_are_those_of_the_engine(invoke, folders, truth):
    answer = json.loads(invoke("evaluate", *folders, "--json").stdout)
    expected = sc.pool(
        [sc.evaluate(truth, truth), sc.evaluate(np.where(truth == 2, 1, truth), truth)]
    )
    assert {name: answer["pooled"][name] for name in expected.to_dict()} == expected.to_dict()


def test_thresholds_of_ones_own_are_evaluated(invoke, folders):
    answer = json.loads(invoke("evaluate", *folders, "--at", "0.3", "--json").stdout)
    assert "average_precision_0.3" in answer["pooled"]
    assert "average_precision_0.5" not in answer["pooled"]


def test_a_threshold_out_of_range_is_a_usage_error(invoke, folders):
    assert invoke("evaluate", *folders, "--at", "1.5").exit_code == 2


def test_tables_and_page_are_written(invoke, folders, tmp_path):
    assert invoke("evaluate", *folders, "-o", tmp_path / "out").exit_code == 0
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"scores.csv", "pooled.csv", "errors.html"}
    assert (tmp_path / "out" / "scores.csv").read_text().splitlines()[1].startswith("a,ok,,1,3,3,")


def test_nothing_is_overwritten_unasked(invoke, folders, tmp_path):
    (tmp_path / "errors.html").write_text("mine")
    refused = invoke("evaluate", *folders, "-o", tmp_path)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "errors.html exists" in refused.stderr
    assert (tmp_path / "errors.html").read_text() == "mine"
    assert invoke("evaluate", *folders, "-o", tmp_path, "--overwrite").exit_code == 0


@pytest.mark.parametrize("write", ["roi_set", "geojson"])
def test_outlines_are_evaluated_to_the_pixel(invoke, folders, truth, write):
    ending = {"roi_set": "_RoiSet.zip", "geojson": ".geojson"}[write]
    (folders[0] / "a.tif").unlink()
    getattr(imagej_bridge, f"write_{write}")(folders[0] / f"a{ending}", truth)
    answer = json.loads(invoke("evaluate", *folders, "--json").stdout)
    assert [row["seg"] for row in answer["images"] if row["image"] == "a"] == [1.0]


def test_outlines_on_both_sides_need_the_images(invoke, tmp_path, truth):
    for folder in ("p", "t"):
        (tmp_path / folder).mkdir()
        imagej_bridge.write_roi_set(tmp_path / folder / "a_RoiSet.zip", truth)
    (tmp_path / "i").mkdir()
    tifffile.imwrite(tmp_path / "i" / "a.tif", np.zeros(truth.shape, np.uint8))
    sides = (tmp_path / "p", tmp_path / "t")
    assert "both hold outlines" in invoke("evaluate", *sides).stderr
    assert invoke("evaluate", *sides, "--images", tmp_path / "i").exit_code == 0


def test_a_file_without_a_partner_is_told_and_a_failure(invoke, folders):
    (folders[0] / "b.tif").unlink()
    result = invoke("evaluate", *folders)
    assert result.exit_code == 1
    assert "1 of TRUTH has no partner in PREDICTED: b.tif" in result.stderr


def test_files_without_a_partner_may_be_allowed(invoke, folders):
    (folders[0] / "b.tif").unlink()
    assert invoke("evaluate", *folders, "--allow-missing").exit_code == 0


def test_files_without_a_partner_are_in_the_table_of_scores(invoke, folders, tmp_path):
    (folders[0] / "b.tif").unlink()
    invoke("evaluate", *folders, "-o", tmp_path / "out")
    last = (tmp_path / "out" / "scores.csv").read_text().splitlines()[-1]
    assert last.startswith("b.tif,unmatched,it has no partner in PREDICTED,NaN,")


def test_one_bad_image_is_told_and_the_others_go_on(invoke, folders):
    tifffile.imwrite(folders[0] / "b.tif", np.zeros((9, 9), np.uint16))
    result = invoke("evaluate", *folders)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: b: ")
    assert "\na " in result.stdout


def test_folders_with_nothing_in_common_are_an_error_in_one_sentence(invoke, folders, tmp_path):
    (tmp_path / "empty").mkdir()
    result = invoke("evaluate", tmp_path / "empty", folders[1], "--allow-missing")
    assert result.exit_code == 2
    assert "files are matched by name" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_path_that_does_not_exist_is_a_usage_error(invoke, tmp_path):
    assert invoke("evaluate", tmp_path / "nothing", tmp_path).exit_code == 2


def test_quiet_says_nothing_but_errors(invoke, folders):
    result = invoke("evaluate", *folders, "-q")
    assert (result.stdout, result.stderr) == ("", "")


def test_torch_is_not_imported_where_it_is_not_needed():
    code = (
        "import sys, imagej_bridge;"
        "from samcell_cli import compare, evaluate, measure, models;"
        "assert 'torch' not in sys.modules and 'skimage' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_labels_of_a_stack_are_evaluated_beside_an_image_of_one_plane(
    invoke, write_sides, truth, tmp_path
):
    sides = write_sides(a=(np.stack([truth] * 2), np.stack([truth] * 2)))
    (tmp_path / "images").mkdir()
    tifffile.imwrite(tmp_path / "images" / "a.tif", np.zeros(truth.shape, np.uint8))
    out = tmp_path / "out"
    result = invoke("evaluate", *sides, "--images", tmp_path / "images", "-o", out)
    assert result.exit_code == 0
    assert "a.tif has 1 plane" in (out / "errors.html").read_text(encoding="utf-8")


def test_scores_are_written_before_the_page(invoke, folders, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise sc.SamcellError("There is no page today.")

    monkeypatch.setattr("samcell_cli.evaluate.error_page", fail)
    assert invoke("evaluate", *folders, "-o", tmp_path / "out").exit_code == 1
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "pooled.csv",
        "scores.csv",
    ]

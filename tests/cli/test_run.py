"""``samcell-cli run`` in this process."""

import csv
import json

import cv2
import numpy as np
import pytest
import tifffile
from stored_tiffs import KINDS, write_stored

import imagej_bridge
import samcell_core as sc


@pytest.fixture
def out(images):
    return images.with_name("my images_samcell")


def counts(out):
    with (out / "images.csv").open(encoding="utf-8", newline="") as stream:
        return {row["image"]: row["count"] for row in csv.DictReader(stream)}


def files(out):
    return sorted(
        path.relative_to(out).as_posix()
        for path in out.rglob("*")
        if path.is_file() and ".samcell" not in path.parts
    )


def test_results_lie_beside_the_input_by_default(invoke, images, out):
    assert invoke("run", images).exit_code == 0
    assert files(out) == [
        "cells.csv",
        "images.csv",
        "labels/a.tif",
        "labels/b.tif",
        "overlays/a.png",
        "overlays/b.png",
        "report.html",
        "rois/a_RoiSet.zip",
        "rois/b_RoiSet.zip",
        "run.json",
    ]


def test_the_last_line_says_what_was_found_and_where(invoke, images, out):
    result = invoke("run", images)
    assert result.stdout == f"8 cells in 2 images: {out / 'report.html'}\n"
    assert result.stderr == ""


def test_labels_are_those_of_the_engine(invoke, images, out, brightness):
    invoke("run", images)
    with sc.Segmenter(brightness(), device="cpu") as segmenter:
        expected = segmenter.segment(images / "a.tif").labels
    np.testing.assert_array_equal(tifffile.imread(out / "labels" / "a.tif"), expected)


def test_rois_hold_the_same_pixels_as_the_labels(invoke, images, out):
    invoke("run", images)
    labels = tifffile.imread(out / "labels" / "b.tif")
    drawn = imagej_bridge.read_roi_set(out / "rois" / "b_RoiSet.zip", labels.shape)
    np.testing.assert_array_equal(drawn.labels, labels)


def test_save_chooses_the_kinds_of_files(invoke, images, out):
    invoke("run", images / "a.tif", "-o", out, "--save", "geojson,masks-png,distance")
    assert files(out)[1:3] == ["distance/a.tif", "geojson/a.geojson"]
    assert "masks/a.png" in files(out)
    assert not any(name.startswith("labels/") for name in files(out))
    assert cv2.imread(str(out / "masks" / "a.png"), -1).max() == 3


def test_save_none_leaves_tables_and_report(invoke, images, out):
    invoke("run", images, "--save", "none")
    assert files(out) == ["cells.csv", "images.csv", "report.html", "run.json"]


def test_the_distance_map_opens_with_its_pixel_size(invoke, images, out):
    invoke("run", images, "--save", "distance")
    assert sc.read_image(out / "distance" / "a.tif").pixel_size == pytest.approx((0.5, 0.5))


def test_the_planes_of_a_stack_stay_in_their_order(invoke, tmp_path):
    stack = np.zeros((2, 3, 60, 70), np.uint8)
    for number, plane in enumerate(stack.reshape(-1, 60, 70)):
        plane[10:20, 5 : 10 + 5 * number] = 220
    tifffile.imwrite(tmp_path / "s.tif", stack, imagej=True, metadata={"axes": "TZYX"})
    out = tmp_path / "out"
    assert invoke("run", tmp_path / "s.tif", "-o", out, "--save", "labels,distance").exit_code == 0
    labels = sc.read_image(out / "labels" / "s.tif")
    assert labels.axes == "TZYX"
    np.testing.assert_array_equal(np.asarray(labels.data[...]) > 0, stack > 0)
    distance = sc.read_image(out / "distance" / "s.tif")
    np.testing.assert_array_equal(np.asarray(distance.data[...]) > 0.5, stack > 0)


def test_settings_reach_the_engine(invoke, images, out):
    invoke("run", images, "--min-size", "100000")
    assert counts(out) == {"a.tif": "0", "b.png": "0"}


def test_a_bad_image_is_told_on_stderr_and_by_the_exit_code(invoke, images, out):
    (images / "c.tif").write_bytes(b"")
    result = invoke("run", images)
    assert result.exit_code == 1
    assert result.stderr.startswith("c.tif: ")
    assert result.stderr.count("\n") == 1
    assert counts(out) == {"a.tif": "3", "b.png": "5", "c.tif": "NaN"}


def test_a_folder_without_images_is_an_error_in_one_line(invoke, tmp_path):
    result = invoke("run", tmp_path)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert result.stderr.startswith("Error: There are no images")


def test_a_second_run_skips_what_is_finished(invoke, images):
    invoke("run", images)
    assert "(2 of them before)" in invoke("run", images).stdout


def test_changed_settings_are_refused(invoke, images):
    invoke("run", images)
    result = invoke("run", images, "--peak", "0.7")
    assert result.exit_code == 2
    assert "peak was 0.5, now 0.7" in result.stderr
    assert invoke("run", images, "--peak", "0.7", "--overwrite").exit_code == 0


def test_quiet_says_nothing(invoke, images):
    result = invoke("run", images, "-q")
    assert (result.stdout, result.stderr, result.exit_code) == ("", "", 0)


def test_verbose_has_a_line_for_each_image(invoke, images):
    lines = sorted(invoke("run", images, "-v").stderr.splitlines())
    assert [line.partition(" in ")[0] for line in lines] == ["a.tif: 3 cells", "b.png: 5 cells"]


def test_json_gives_one_event_a_line(invoke, images):
    (images / "ü.tif").touch()
    result = invoke("run", images, "--json")
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert events[0]["event"] == "run-started"
    assert {e["image"]: e["count"] for e in events if e["event"] == "image-done"} == {
        "a.tif": 3,
        "b.png": 5,
    }
    assert [e["image"] for e in events if e["event"] == "image-failed"] == ["ü.tif"]
    assert (events[-1]["event"], events[-1]["cells"]) == ("run-finished", 8)


def test_a_dry_run_writes_nothing(invoke, images, out):
    result = invoke("run", images, "--dry-run")
    assert result.exit_code == 0
    assert "to do     a.tif -> a" in result.stdout
    assert not out.exists()


def test_a_dry_run_says_what_is_finished(invoke, images):
    invoke("run", images)
    result = invoke("run", images, "--dry-run")
    assert "finished  a.tif -> a" in result.stdout
    assert "0 of 2 images to do" in result.stdout


def test_sub_folders_are_mirrored(invoke, images, out):
    (images / "well A1").mkdir()
    (images / "a.tif").rename(images / "well A1" / "zelle ä.tif")
    invoke("run", images, "--recursive", "--save", "labels")
    assert "labels/well A1/zelle ä.tif" in files(out)


def test_a_name_of_200_letters_with_spaces_and_umlauts_gets_all_its_files(invoke, images, out):
    name = ("Zelle ä " * 25)[:199] + "ß"
    (images / "a.tif").rename(images / f"{name}.tif")
    assert invoke("run", images, "--save", "all").exit_code == 0
    assert [each for each in files(out) if name in each] == [
        f"distance/{name}.tif",
        f"geojson/{name}.geojson",
        f"labels/{name}.tif",
        f"masks/{name}.png",
        f"overlays/{name}.png",
        f"rois/{name}_RoiSet.zip",
    ]


def test_images_that_differ_in_their_type_alone_have_results_of_their_own(invoke, images, out):
    (images / "b.png").rename(images / "a.png")
    invoke("run", images, "--save", "labels")
    assert [
        int(tifffile.imread(out / "labels" / f"a_{kind}.tif").max()) for kind in ("tif", "png")
    ] == [3, 5]


def test_images_that_may_only_be_read_are_enough(invoke, images, tmp_path):
    for path in (*images.iterdir(), images):
        path.chmod(0o555)
    before = {path: path.stat().st_mtime_ns for path in (images, *images.iterdir())}
    assert invoke("run", images, "-o", tmp_path / "out").exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in (images, *images.iterdir())} == before


def test_the_input_may_lie_inside_out(invoke, images, tmp_path):
    images.rename(tmp_path / "out")
    for _ in range(2):
        result = invoke("run", tmp_path / "out", "-o", tmp_path / "out", "--recursive")
        assert result.exit_code == 0
    assert "8 cells in 2 images (2 of them before)" in result.stdout


def test_the_channel_that_is_chosen_of_a_hyperstack_is_segmented(invoke, tmp_path):
    stack = np.zeros((2, 3, 60, 70), np.uint8)
    stack[0, 1, 10:30, 10:30] = stack[1, 1, 40:50, 20:30] = 220
    tifffile.imwrite(tmp_path / "s.tif", stack, imagej=True, metadata={"axes": "TCYX"})
    out = tmp_path / "out"
    assert invoke("run", tmp_path / "s.tif", "-o", out, "--channel", "1").exit_code == 0
    labels = sc.read_image(out / "labels" / "s.tif")
    assert labels.axes == "TYX"
    np.testing.assert_array_equal(np.asarray(labels.data[...]) > 0, stack[:, 1] > 0)


def test_a_file_that_two_images_would_write_is_refused(invoke, images, out):
    tifffile.imwrite(images / "s.tif", np.stack([tifffile.imread(images / "a.tif")] * 2))
    (images / "s").mkdir()
    (images / "a.tif").rename(images / "s" / "0001.tif")
    result = invoke("run", images, "--recursive", "--save", "masks-png", "--workers", "1")
    assert result.exit_code == 1
    assert "masks/s/0001.png would be a file of both" in result.stderr


def test_saved_settings_make_the_same_run(invoke, images, tmp_path):
    saved = tmp_path / "s.toml"
    chosen = ["--peak", "0.6", "--fill", "auto", "--min-size", "30", "--no-fill-holes"]
    invoke("run", images, "-o", tmp_path / "one", *chosen, "--save-settings", saved)
    invoke("run", images, "-o", tmp_path / "two", "--settings", saved)
    made = [
        json.loads((tmp_path / name / "run.json").read_text(encoding="utf-8"))["made_with"]
        for name in ("one", "two")
    ]
    assert made[0] == made[1]
    assert made[0]["settings"]["min_size"] == 30


def test_the_same_command_may_be_given_again_also_where_it_saves_its_settings(
    invoke, images, tmp_path
):
    command = ["run", images, "--save-settings", tmp_path / "s.toml", "--peak", "0.6"]
    assert [invoke(*command).exit_code for _ in range(2)] == [0, 0]


def test_a_refused_run_saves_no_settings(invoke, tmp_path):
    (tmp_path / "empty").mkdir()
    result = invoke("run", tmp_path / "empty", "--save-settings", tmp_path / "s.toml")
    assert result.exit_code == 2
    assert not (tmp_path / "s.toml").exists()


def test_a_checkpoint_that_cannot_be_read_is_a_failure_and_not_a_wrong_call(images, tmp_path):
    from click.testing import CliRunner

    from samcell_cli.main import cli

    (tmp_path / "m.pt").write_bytes(b"nothing of the kind")
    result = CliRunner().invoke(cli, ["run", str(images), "--model", str(tmp_path / "m.pt")])
    assert result.exit_code == 1
    assert str(tmp_path / "m.pt") in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", "nothing/here"],
        ["run", "{images}", "--peak", "2"],
        ["run", "{images}", "--min-size", "2.5"],
        ["run", "{images}", "--markers", "centre"],
        ["run", "{images}", "--peak", "0.1", "--fill", "0.2"],
        ["run", "{images}", "--diameter", "5", "--scale", "2"],
        ["run", "{images}", "--diameter", "30"],  # the model was made for no particular size
        ["run", "{images}", "--model", "nonsense"],
        ["run", "{images}", "--device", "abacus"],
        ["run", "{images}", "--settings", "{images}/a.tif"],
        ["run", "{images}", "--pattern", "*_phase.tif"],
        ["run", "{images}", "-o", "{images}/a.tif"],
        ["run", "{images}", "--save", "labels,roi"],
        ["run", "{images}", "--workers", "0"],
        ["run", "{images}", "--unknown"],
        ["run", "{images}/a.tif", "{images}/b.png"],
        ["walk"],
    ],
)
def test_a_wrong_call_exits_with_2_and_does_nothing(invoke, images, out, arguments):
    result = invoke(*(each.format(images=images) for each in arguments))
    assert result.exit_code == 2
    assert "Error" in result.stderr
    assert not out.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_cells_are_found_however_the_pixels_are_stored(invoke, images, out, kind):
    write_stored(images / "a.tif", tifffile.imread(images / "a.tif"), kind)
    assert invoke("run", images / "a.tif", "-o", out).exit_code == 0
    assert counts(out) == {"a.tif": "3"}

"""``python -m samcell_core.training`` with SAM's network, and with data as people have it."""

import json

import cv2
import numpy as np
import pytest
from skimage.measure import find_contours

import samcell_core as sc
from samcell_core.models.samcell_file import read_samcell_header
from samcell_core.training.__main__ import main
from samcell_core.training.sam import new_network
from samcell_core.training.sam.settings import SamTrainingSettings

RECIPE = """
[model]
network = "sam"
name = "mine"
[data]
fraction = 0.25
[network]
width = 16
depth = 1
heads = 2
mlp_width = 16
global_blocks = [0]
window = 0
image_size = 128
channels = 16
decoder_mlp_width = 16
quality_width = 8
mask_channels = 8
[training]
epochs = 2
batch = 2
tile = 128
at_once = 2
checkpointing = false
warm_up = 1
precision = "fp32"
"""


@pytest.fixture
def run(disc_files, tmp_path, capsys):
    """Call the command; return its exit code, and what it said and warned."""

    def call(*arguments, data=disc_files, recipe=RECIPE, out="run"):
        (tmp_path / "recipe.toml").write_text(recipe)
        always = [str(data), "--recipe", str(tmp_path / "recipe.toml"), "--device", "cpu"]
        always += [] if out is None else ["--out", str(tmp_path / out)]
        code = main([*always, *map(str, arguments)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


@pytest.fixture
def coco(disc_files):
    """The same images with polygons in a COCO file."""
    images, annotations = [], []
    for number in range(4):
        labels = cv2.imread(str(disc_files / "labels" / f"{number}.png"), cv2.IMREAD_UNCHANGED)
        images.append({"id": number, "file_name": f"{number}.png", "height": 96, "width": 96})
        for label in np.unique(labels[labels > 0]):
            (outline,) = find_contours(np.pad(labels == label, 1), 0.5)
            polygon = (outline[:, ::-1] - 0.5).ravel().round(1).tolist()
            annotations.append(
                {"id": len(annotations), "image_id": number, "segmentation": [polygon]}
            )
        (disc_files / "labels" / f"{number}.png").unlink()
    path = disc_files / "annotations.json"
    path.write_text(json.dumps({"images": images, "annotations": annotations}))
    return disc_files


def files_in(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_run_ends_with_one_clear_line_and_what_to_do_next(run, tmp_path):
    code, said, _ = run()
    assert code == 0
    *_, end, following, tune, segment = said.splitlines()
    best = tmp_path / "run" / "best.safetensors"
    assert end.startswith("Best at epoch ")
    assert end.endswith(f", all epochs done: {best}")
    assert following.startswith("Next")
    assert "samcell-cli tune" in tune
    assert segment.endswith(f"samcell-cli run IMAGES --model {best}")


def test_what_to_do_next_takes_the_same_annotations(run, coco):
    _, said, _ = run("--kind", "coco", "--skip-unlabelled")
    *_, tune, _ = said.splitlines()
    assert "--kind=coco --skip-unlabelled" in tune


def test_each_epoch_has_a_line(run):
    lines = [line for line in run()[1].splitlines() if line.startswith("epoch ")]
    assert [line.split()[1] for line in lines] == ["1/2", "2/2"]


def test_a_run_keeps_the_report_on_its_data(run, tmp_path):
    said = run()[1]
    text = (tmp_path / "run" / "data.txt").read_text(encoding="utf-8")
    assert text.strip() in said
    assert (tmp_path / "run" / "data.csv").read_text(encoding="utf-8-sig").count("discs/") >= 4


def test_the_same_command_goes_on(run, tmp_path, monkeypatch):
    def interrupt(self, report):
        if report.epoch == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("samcell_core.training.telling.Teller.sam", interrupt)
        code, _, warned = run()
    assert (code, warned.splitlines()[-1]) == (
        130,
        "Stopped: the same command goes on from the last validation.",
    )
    said = run()[1]
    assert f"The run in {tmp_path / 'run'} goes on." in said
    assert [line.split()[1] for line in said.splitlines() if line.startswith("epoch ")] == ["2/2"]


def test_options_win_over_the_recipe(run, tmp_path):
    options = ("--epochs", 1, "--batch", 3, "--trained", "lora", "--rank", 2, "--seed", 5)
    run(*options, "--set", "learning_rate=0.5", "--set", "data.split=3")
    said = read_samcell_header(tmp_path / "run" / "best.safetensors").training["settings"]
    settings = SamTrainingSettings.from_dict(said)
    assert (settings.epochs, settings.batch, settings.trained) == (1, 3, "lora")
    assert (settings.lora_rank, settings.seed, settings.learning_rate) == (2, 5, 0.5)


def test_scenes_can_be_trained_on_too(run, tmp_path):
    run("--epochs", 1, "--scenes", 1)
    said = read_samcell_header(tmp_path / "run" / "best.safetensors").training
    assert said["images"] == {"discs": 3, "synthetic": 1}


def test_nothing_is_said_where_quiet_is_wanted(run):
    assert run("-q", "--epochs", 1) == (0, "", "")


def test_a_coco_file_is_trained_on(run, coco, tmp_path):
    assert run("--epochs", 1, data=coco / "annotations.json")[0] == 0
    said = read_samcell_header(tmp_path / "run" / "best.safetensors").training
    assert sum(said["images"].values()) == 3


def test_distance_maps_are_kept_where_wanted(run, tmp_path):
    run("--epochs", 1, "--cache", tmp_path / "maps")
    assert len(list((tmp_path / "maps").glob("*.targets"))) == 4


def test_images_can_be_brought_to_one_size(run, disc_files, tmp_path):
    for kind in ("images", "labels"):
        path = disc_files / kind / "0.png"
        wide = np.pad(cv2.imread(str(path), cv2.IMREAD_UNCHANGED), ((0, 0), (0, 50)), "reflect")
        cv2.imwrite(str(path), wide)
    assert run("--epochs", 1, "--fit", "pad", "--side", 64)[0] == 0


def test_a_crop_without_cells_is_refused(run, disc_files):
    labels = np.zeros((96, 96), np.uint8)
    labels[:9, :9] = 1
    cv2.imwrite(str(disc_files / "labels" / "0.png"), labels)
    code, _, warned = run("--fit", "crop", "--side", 64)
    assert (code, "has no cell left" in warned) == (2, True)


def test_the_network_is_told_by_what_it_starts_from(run, tiny_start, tmp_path):
    recipe = RECIPE.replace('network = "sam"', "")
    recipe = recipe[: recipe.index("[network]")] + recipe[recipe.index("[training]") :]
    assert run("--epochs", 1, "--start", tiny_start, recipe=recipe)[0] == 0
    said = read_samcell_header(tmp_path / "run" / "best.safetensors").training
    assert said["start"] == tiny_start.name


def test_a_model_keeps_thresholds_and_licence_of_what_it_starts_from(run, tiny_start, tmp_path):
    run("--epochs", 1, "--start", tiny_start)
    header = read_samcell_header(tmp_path / "run" / "best.safetensors")
    assert (header.peak, header.fill, header.licence) == (0.3, 0.1, "CC0-1.0")


@pytest.fixture
def tiny_start(tmp_path):
    """A checkpoint of the smallest network."""
    from samcell_core.models.samcell_file import SamcellHeader, samcell_bytes
    from samcell_core.training.recipe import read_recipe

    (tmp_path / "shape.toml").write_text(RECIPE)
    network = new_network(read_recipe(tmp_path / "shape.toml").shape, tile=128)
    header = SamcellHeader("start", peak=0.3, fill=0.1, licence="CC0-1.0", tile=128)
    path = tmp_path / "start.safetensors"
    path.write_bytes(samcell_bytes(network.state_dict(), header))
    return path


def test_a_dry_run_tells_what_it_would_take_and_writes_nothing(run, tmp_path):
    before = files_in(tmp_path)
    code, said, _ = run("--dry-run", "--cache", tmp_path / "maps")
    assert code == 0
    assert "3 images to train on, 1 to validate on" in said
    assert "numbers, of which" in said
    assert "an epoch of 2 updates" in said
    assert "Memory: about" in said
    assert files_in(tmp_path) == [*before, "recipe.toml"]
    assert not (tmp_path / "run").exists()


def test_a_dry_run_needs_no_folder(run):
    assert run("--dry-run", out=None)[0] == 0


def test_a_dry_run_tells_how_much_is_trained(run):
    words = [run("--dry-run", "--trained", each)[1] for each in ("all", "decoder")]
    trained = [int(each.split("of which ")[1].split()[0].replace(",", "")) for each in words]
    assert trained[0] > trained[1]


def test_a_dry_run_of_the_small_network_tells_the_same(run):
    recipe = "[network]\nwidths = [8, 8, 12, 12]\ndepths = [0, 1, 1, 1]\n[training]\ncrop = 64\n"
    code, said, _ = run("--dry-run", recipe=recipe)
    assert (code, "samcell-lite" in said, "an epoch of 1 update;" in said) == (0, True, True)


def test_a_dry_run_says_which_setting_to_change_where_memory_is_too_small(refused, monkeypatch):
    # Enough for the weights, and not for what is kept between them.
    monkeypatch.setattr("samcell_core.training.trial.memory_size", lambda: 1e6)
    assert "set at_once=1 instead of 2 (on the command line with --set)" in refused("--dry-run")


def test_a_run_that_can_never_fit_says_which_setting_to_change(run, monkeypatch):
    monkeypatch.setattr("samcell_core.training.trial.memory_size", lambda: 1e5)
    code, _, warned = run()
    assert (code, "set trained='lora and decoder'" in warned) == (1, True)


def test_images_that_do_not_fit_into_the_memory_are_refused(refused, monkeypatch):
    monkeypatch.setattr("samcell_core.training.data_report.memory_size", lambda: 1e5)
    assert "--fit pad" in refused()


def test_labels_that_look_wrong_are_pointed_out(run, disc_files):
    path = disc_files / "labels" / "1.png"
    labels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    labels[:, 14:17] = 0
    cv2.imwrite(str(path), labels)
    code, _, warned = run("--dry-run")
    assert (code, "look wrong, of 36 cells: 3 in pieces. Look at them" in warned) == (0, True)


def test_images_that_are_there_twice_are_pointed_out(run, disc_files):
    for kind in ("images", "labels"):
        (disc_files / kind / "9.png").write_bytes((disc_files / kind / "1.png").read_bytes())
    assert "1 images have the same pixels as others" in run("--dry-run")[2]


def test_several_wrong_images_are_all_named(refused, disc_files):
    for number in (1, 2):
        cv2.imwrite(str(disc_files / "labels" / f"{number}.png"), np.ones((50, 96), np.uint8))
    sentence = refused()
    assert "2 of 4 images cannot be trained on" in sentence
    assert "1.png has 50 x 96 pixels" in sentence
    assert "2.png" in sentence


def test_classes_in_place_of_cells_are_refused(refused, disc_files):
    path = disc_files / "labels" / "1.png"
    labels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    cv2.imwrite(str(path), (labels > 0).astype(np.uint8))
    assert "mask of one class" in refused()


def test_rois_that_overlap_by_much_are_refused(refused, disc_files):
    from roifile import ImagejRoi, roiwrite

    for number in range(4):
        (disc_files / "labels" / f"{number}.png").unlink()
        boxes = [ImagejRoi.frompoints(np.array([[10 + n, 10], [60, 10], [60, 60]])) for n in (0, 5)]
        roiwrite(disc_files / "images" / f"{number}_RoiSet.zip", boxes, name=["a", "b"], mode="w")
    assert "overlap" in refused()


def test_annotations_of_several_kinds_are_refused_until_the_kind_is_said(run, refused, coco):
    labels = np.zeros((96, 96), np.uint8)
    labels[20:40, 20:40] = 1
    for number in range(4):
        cv2.imwrite(str(coco / "labels" / f"{number}.png"), labels)
    assert "annotations of several kinds" in refused()
    assert run("--dry-run", "--kind", "coco")[0] == 0


def test_the_small_network_is_refused_as_a_start(refused):
    asked = ("--network", "sam", "--start", "samcell-lite")
    assert "samcell-lite is another network" in refused(*asked)


def test_a_recipe_of_the_other_network_is_refused_with_the_reason(refused, tiny_start):
    asked = ("--start", tiny_start)
    sentence = refused(*asked, recipe="[training]\nsteps = 3")
    assert "read for the network sam" in sentence
    assert "no training setting 'steps'" in sentence


def test_a_folder_with_a_run_of_other_settings_is_refused_at_once(run, refused):
    run("--epochs", 1)
    assert "holds a run with other values of epochs" in refused("--epochs", 2)


def test_a_folder_with_a_run_of_the_other_network_is_refused(run, refused):
    run("--epochs", 1)
    assert "holds a run of the network sam" in refused("--network", "lite", recipe="")


def test_a_folder_with_results_of_something_else_is_refused(refused, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "best.safetensors").touch()
    assert "no run that could go on" in refused()


def test_a_table_that_is_in_the_way_is_not_overwritten(refused, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "data.csv").write_text("my,own,table\n")
    assert "data.csv is in the way" in refused()


def test_a_folder_that_may_not_be_written_to_is_refused_before_anything_is_read(
    refused, monkeypatch, tmp_path
):
    monkeypatch.setattr("os.access", lambda *_: False)
    assert "may not be written to" in refused(data=tmp_path)


def test_a_folder_below_a_file_is_refused(refused, tmp_path):
    (tmp_path / "file").touch()
    assert "is no folder" in refused(out="file/run")


def test_a_refused_call_makes_no_folder(refused, disc_files, tmp_path):
    (disc_files / "labels" / "1.png").unlink()
    refused()
    assert not (tmp_path / "run").exists()


def test_a_checkpoint_that_is_none_is_refused(refused, tmp_path):
    (tmp_path / "notes.pth").write_text("no checkpoint")
    assert "notes.pth" in refused("--start", tmp_path / "notes.pth")


def test_the_checkpoint_segments(run, tmp_path):
    run("--epochs", 1)
    with sc.Segmenter(tmp_path / "run" / "best.safetensors", device="cpu") as segmenter:
        assert segmenter.segment(np.zeros((90, 70), np.uint8)).labels.shape == (90, 70)

"""``python -m samcell_core.training`` with the small network, as it is called."""

import subprocess
import sys

import cv2
import numpy as np
import pytest
from safetensors.torch import save_file

import samcell_core as sc
from samcell_core.models.lite_file import read_lite_header
from samcell_core.training.__main__ import main
from samcell_core.training.command import carry_out

RECIPE = """
[model]
name = "mine"
[network]
widths = [8, 8, 12, 12]
depths = [0, 1, 1, 1]
[training]
steps = 2
batch = 2
crop = 64
warm_up = 1
validate_every = 1
"""


@pytest.fixture
def run(disc_files, tmp_path, capsys):
    """Call the command; return its exit code, and what it said and warned."""

    def call(*arguments, data=disc_files, recipe=RECIPE):
        (tmp_path / "recipe.toml").write_text(recipe)
        always = [str(data), "--out", str(tmp_path / "run")]
        always += ["--recipe", str(tmp_path / "recipe.toml")]
        code = main([*always, *map(str, arguments)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_a_folder_is_trained_on(run, tmp_path):
    code, said, _ = run()
    assert (code, "Best at step" in said) == (0, True)
    assert read_lite_header(tmp_path / "run" / "best.safetensors").name == "mine"


def test_each_validation_is_told(run):
    assert run()[1].count("validation 0.") == 2


def test_the_number_of_steps_can_be_given(run):
    assert "step 1/1 " in run("--steps", 1)[1]


def test_scenes_can_be_added(run, tmp_path):
    run("--steps", 1, "--scenes", 1)
    said = read_lite_header(tmp_path / "run" / "best.safetensors").training
    assert said["images"] == {"discs": 3, "synthetic": 1}


def test_a_manifest_is_trained_on(run, disc_files):
    rows = ["image,labels", *(f"images/{n}.png,labels/{n}.png" for n in range(4))]
    (disc_files / "list.csv").write_text("\n".join(rows))
    assert run("--steps", 1, data=disc_files / "list.csv")[0] == 0


def test_a_manifest_may_lie_elsewhere(run, tmp_path):
    rows = ["image,labels", *(f"images/{n}.png,labels/{n}.png" for n in range(4))]
    (tmp_path / "list.csv").write_text("\n".join(rows))
    assert run("--steps", 1, "--manifest", tmp_path / "list.csv")[0] == 0


def test_a_checkpoint_can_be_gone_on_from(run, tmp_path):
    run("--steps", 1)
    best = tmp_path / "run" / "best.safetensors"
    assert run("--steps", 1, "--start", best, "--out", tmp_path / "second")[0] == 0


def test_the_checkpoint_of_another_network_is_refused(refused, tiny_model, tmp_path):
    other = tmp_path / "other.safetensors"
    save_file({n: t.contiguous() for n, t in tiny_model.network.state_dict().items()}, other)
    asked = ("--network", "lite", "--start", other)
    assert "not a checkpoint of samcell-lite" in refused(*asked)


def test_a_named_model_of_another_network_is_refused_before_its_download(refused):
    asked = ("--network", "lite", "--start", "samcell-generalist")
    assert "samcell-generalist is another network" in refused(*asked)


def test_a_checkpoint_of_another_shape_than_the_recipe_is_refused(run, refused, tmp_path):
    run("--steps", 1)
    best = tmp_path / "run" / "best.safetensors"
    wider = RECIPE.replace("[8, 8, 12, 12]", "[8, 8, 12, 16]")
    asked = ("--start", best, "--out", tmp_path / "second")
    assert "to start from has" in refused(*asked, recipe=wider)


def test_a_set_of_the_name_of_the_scenes_is_refused(refused, disc_files):
    renamed = disc_files.rename(disc_files.with_name("synthetic"))
    assert "called 'synthetic'" in refused("--scenes", 1, data=renamed)


def test_an_empty_folder_is_refused(refused, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "No images were found" in refused(data=tmp_path / "empty")


def test_images_without_labels_are_refused(refused, disc_files):
    (disc_files / "labels" / "1.png").unlink()
    assert "1 of 4 images" in refused()


def test_the_weight_of_a_set_that_is_not_there_is_refused_before_images_are_read(
    refused, disc_files
):
    (disc_files / "images" / "0.png").write_bytes(b"no image")
    recipe = f"{RECIPE}[training.weights]\ndiscs_of_another_lab = 2.0\n"
    assert "weights has a set 'discs_of_another_lab'" in refused(recipe=recipe)


def test_labels_of_another_size_are_refused(refused, disc_files):
    cv2.imwrite(str(disc_files / "labels" / "1.png"), np.ones((50, 96), np.uint8))
    assert "labels/1.png has 50 x 96 pixels" in refused().replace("\\", "/")


def test_an_image_given_as_labels_is_refused(refused, disc_files):
    image = cv2.imread(str(disc_files / "images" / "1.png"))
    cv2.imwrite(str(disc_files / "labels" / "1.png"), image[..., 0])
    assert "is no label image" in refused()


def test_labels_of_background_alone_are_refused(refused, disc_files):
    cv2.imwrite(str(disc_files / "labels" / "1.png"), np.zeros((96, 96), np.uint8))
    assert "has no cells" in refused()


def test_an_image_of_nan_is_refused(refused, disc_files):
    (disc_files / "images" / "1.png").unlink()
    np.save(disc_files / "images" / "1.npy", np.full((96, 96), np.nan, np.float32))
    assert "are NaN or infinite" in refused()


def test_a_wrong_recipe_is_refused(refused):
    assert "there is no table [modle]" in refused(recipe="[modle]")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["data", "--out", "run", "--steps", "many"],
        ["data", "--out", "run", "--kind", "dicom"],
        ["data", "--out", "run", "--colour", "red"],
    ],
)
def test_a_wrong_command_line_ends_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["data"], "--out is missing"),
        (["data", "--out", "run", "--images", "{name}.png"], "belong together"),
        (["list.csv", "--out", "run", "--images", "x", "--labels", "y"], "a manifest does"),
        (["data", "--out", "run", "--epochs", "3"], "--epochs does not go with the network lite"),
        (["data", "--out", "run", "--set", "colour=red"], "no training setting 'colour'"),
        (["data", "--out", "run", "--set", "batch"], "'batch' is no setting: write NAME=VALUE"),
        (["data", "--out", "run", "--device", "cuda"], "PyTorch finds no NVIDIA GPU here"),
        (["data", "--out", "run", "--start", "samcell-light"], "did you mean the model"),
        (["nowhere", "--out", "run"], "nowhere does not exist"),
    ],
)
def test_a_call_that_cannot_be_meant_is_refused_in_one_sentence(
    arguments, message, capsys, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert main(arguments) == 2
    warned = capsys.readouterr().err
    assert (message in warned, warned.count("\n")) == (True, 1)
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_ends_with_130_and_a_sentence(capsys):
    def interrupted():
        raise KeyboardInterrupt

    assert carry_out(interrupted, stopped="Stopped: go on.") == 130
    assert capsys.readouterr().err == "Stopped: go on.\n"


def test_a_defect_of_the_program_is_not_hidden():
    def defect():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        carry_out(defect, stopped="")


def test_it_runs_as_a_module():
    command = [sys.executable, "-W", "error", "-m", "samcell_core.training", "--help"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "--manifest" in said


def test_the_engine_comes_without_the_training():
    code = (
        "import sys, samcell_core as sc; sc.Segmenter; "
        "sys.exit(any(name.startswith('samcell_core.training') for name in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_public_name_is_there():
    assert [name for name in sc.training.__all__ if not hasattr(sc.training, name)] == []


def test_a_recipe_may_say_the_diameter_that_cells_are_brought_to(run, tmp_path):
    run(recipe=RECIPE.replace('name = "mine"', 'name = "mine"\ndiameter = 30'))
    assert sc.load_model(tmp_path / "run" / "best.safetensors").info.diameter == 30


def test_a_new_network_has_no_diameter_where_the_recipe_says_none(run, tmp_path):
    run()
    assert sc.load_model(tmp_path / "run" / "best.safetensors").info.diameter is None


def test_a_network_that_goes_on_from_another_keeps_its_diameter_and_thresholds(run, tmp_path):
    model, _, rest = RECIPE.partition("[network]")
    shape_left_out = model + "[training]" + rest.partition("[training]")[2]
    run("--start", "samcell-lite", recipe=shape_left_out)
    built_in = sc.load_model("samcell-lite").info
    came_out = sc.load_model(tmp_path / "run" / "best.safetensors").info
    assert [came_out.diameter, came_out.peak, came_out.fill] == [
        built_in.diameter,
        built_in.peak,
        built_in.fill,
    ]


def test_a_diameter_out_of_range_is_refused(refused):
    recipe = RECIPE.replace('name = "mine"', 'name = "mine"\ndiameter = 0')
    assert "diameter=0 should be a number from 1 to 1000" in refused(recipe=recipe)

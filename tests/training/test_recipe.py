"""What a recipe file says, and what is wrong with others."""

import re
from pathlib import Path

import pytest

import samcell_core as sc
from samcell_core.models.lite import LiteShape
from samcell_core.training import Recipe, TrainingSettings, read_recipe
from samcell_core.training.recipe import parse_setting
from samcell_core.training.sam import SamcellShape, SamTrainingSettings

WHOLE = """
[model]
name = "cells"
licence = "CC0"

[data]
fraction = 0.25
split = 4
left_out = ["a"]

[network]
widths = [8, 8, 12, 12]
depths = [0, 1, 1, 1]

[training]
steps = 10
usual = [20, 30]

[training.weights]
b = 2
"""


@pytest.fixture
def recipe(tmp_path):
    def write(text):
        (tmp_path / "r.toml").write_text(text, encoding="utf-8")
        return read_recipe(tmp_path / "r.toml")

    return write


def test_a_recipe_says_all_of_a_run(recipe):
    assert recipe(WHOLE) == Recipe(
        settings=TrainingSettings(steps=10, usual=(20.0, 30.0), weights={"b": 2}),
        shape=LiteShape((8, 8, 12, 12), (0, 1, 1, 1)),
        name="cells",
        licence="CC0",
        fraction=0.25,
        split=4,
        left_out=["a"],
    )


def test_what_an_empty_recipe_does_not_say_has_its_usual_value(recipe):
    assert recipe("") == Recipe()


def test_a_whole_number_is_a_fraction(recipe):
    assert recipe("[data]\nfraction = 0").fraction == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[model", "not valid TOML"),
        ("[modle]", r"no table \[modle\]: there are model, data, network, training"),
        ("model = 3", r"no table \[model\]"),
        ("[data]\nfractoin = 1", "no setting 'fractoin': there are fraction"),
        ("[data]\nfraction = 'x'", "fraction='x' should be a number"),
        ("[data]\nfraction = true", "fraction=True should be a number"),
        ("[data]\nsplit = 0.5", "split=0.5 should be a whole number"),
        ("[data]\nleft_out = 'a'", "left_out='a' should be a list"),
        ("[data]\nleft_out = [1]", r"left_out=\[1\] should be a list"),
        ("[model]\nname = 3", "name=3 should be a text"),
        ("[network]\nwidth = [8]", "no setting 'width'"),
        ("[network]\nwidths = 8", "widths=8 should be a list of whole numbers"),
        ("[network]\nwidths = [8, 8]", r"\[network\] does not describe a network"),
        ("[training]\nsteps = 0", "steps=0 should be a whole number from 1 on"),
        ("[training]\ncolour = 1", "no training setting 'colour'"),
        ("[training]\nweights = 3", "weights=3"),
    ],
)
def test_a_wrong_recipe_is_refused_with_its_name_and_what_is_wrong(recipe, text, message):
    with pytest.raises(sc.SettingsError, match=rf"r\.toml.*{message}"):
        recipe(text)


OF_SAM = """
[model]
network = "sam"

[data]
scenes = 20
fit = "pad"
side = 256

[network]
width = 32
global_blocks = [1]

[training]
epochs = 3
betas = [0.8, 0.9]
"""


def test_a_recipe_may_be_of_sams_network(recipe):
    assert recipe(OF_SAM) == Recipe(
        settings=SamTrainingSettings(epochs=3, betas=(0.8, 0.9)),
        shape=SamcellShape(width=32, global_blocks=(1,)),
        scenes=20,
        fit="pad",
        side=256,
    )


def test_a_recipe_tells_its_network(recipe):
    assert (recipe("").network, recipe(OF_SAM).network) == ("lite", "sam")


def test_scenes_are_a_setting_of_the_small_network_too(recipe):
    one, other = recipe("[data]\nscenes = 3"), recipe("[training]\nscenes = 3")
    assert (one, one.scenes) == (other, 3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[training]\nsteps = 3", "no training setting 'steps': there are .* epochs"),
        ("[model]\ndiameter = 30", "no setting 'diameter': there are name, licence, network"),
        ("[network]\nwidths = [8]", "no setting 'widths': there are width, depth"),
        ("[network]\nwidth = 1.5", "width=1.5 should be a whole number"),
        ("[data]\nfit = 'stretch'", "fit='stretch' should be 'pad' or 'crop'"),
        ("[data]\nside = 3", "side=3 should be a number of pixels from 64"),
        ("[data]\nscenes = -1", "scenes=-1 should be a whole number from 0 on"),
    ],
)
def test_what_does_not_go_with_sams_network_is_refused(tmp_path, text, message):
    (tmp_path / "r.toml").write_text(text)
    with pytest.raises(sc.SettingsError, match=rf"r\.toml, read for the network sam: .*{message}"):
        read_recipe(tmp_path / "r.toml", network="sam")


def test_a_network_that_is_none_is_refused(recipe):
    with pytest.raises(sc.SettingsError, match="'unet' and should be 'lite' or 'sam'"):
        recipe("[model]\nnetwork = 'unet'")


def test_changes_win_over_the_file(tmp_path):
    (tmp_path / "r.toml").write_text(WHOLE)
    changed = read_recipe(tmp_path / "r.toml", changes={"training": {"weights": {"c": 3}}})
    assert (changed.settings.weights, changed.settings.steps) == ({"b": 2, "c": 3}, 10)


def test_a_wrong_change_is_not_blamed_on_the_file(tmp_path):
    (tmp_path / "r.toml").write_text(WHOLE)
    with pytest.raises(sc.SettingsError, match=r"^There is no setting 'fractoin'"):
        read_recipe(tmp_path / "r.toml", changes={"data": {"fractoin": 1}})


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("batch=4", {"training": {"batch": 4}}),
        ("learning_rate = 1e-3", {"training": {"learning_rate": 0.001}}),
        ("trained=lora and decoder", {"training": {"trained": "lora and decoder"}}),
        ("trained='lora'", {"training": {"trained": "lora"}}),
        ("checkpointing=False", {"training": {"checkpointing": False}}),
        ("betas=[0.9, 0.99]", {"training": {"betas": [0.9, 0.99]}}),
        ("weights.mine=2", {"training": {"weights": {"mine": 2}}}),
        ("data.fraction=0.2", {"data": {"fraction": 0.2}}),
        ("network.width=32", {"network": {"width": 32}}),
    ],
)
def test_a_setting_is_read_from_a_text(text, tables):
    assert parse_setting(text) == tables


@pytest.mark.parametrize("text", ["", "batch", "=4", "batch=", "a b=3", "a..b=3"])
def test_a_text_that_sets_nothing_is_refused(text):
    with pytest.raises(sc.SettingsError, match="is no setting: write NAME=VALUE"):
        parse_setting(text)


RECIPES = Path(__file__).parents[2] / "recipes"


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.toml")), ids=lambda path: path.name)
def test_the_recipes_of_the_project_can_be_read(path):
    assert read_recipe(path).network == ("lite" if "lite" in path.stem else "sam")


def test_the_recipes_on_the_page_can_be_read(tmp_path):
    text = (RECIPES.parent / "docs" / "training.md").read_text(encoding="utf-8")
    networks = []
    for recipe in re.findall(r"```toml\n(.+?)```", text, re.DOTALL):
        (tmp_path / "page.toml").write_text(recipe, encoding="utf-8")
        networks.append(read_recipe(tmp_path / "page.toml").network)
    assert networks == ["lite", "sam"]


def test_the_recipe_of_the_paper_has_its_values():
    assert read_recipe(RECIPES / "samcell-paper.toml").settings == SamTrainingSettings()


def test_a_missing_recipe_is_named(tmp_path):
    with pytest.raises(sc.SettingsError, match=r"none.toml cannot be read"):
        read_recipe(tmp_path / "none.toml")


def test_a_recipe_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "r.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(sc.SettingsError, match="not valid TOML"):
        read_recipe(tmp_path / "r.toml")

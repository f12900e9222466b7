"""What a recipe file says, and what is wrong with others."""

import pytest

import samcell_core as sc
from samcell_core.models.lite import LiteShape
from samcell_core.training import Recipe, TrainingSettings, read_recipe

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


def test_a_missing_recipe_is_named(tmp_path):
    with pytest.raises(sc.SettingsError, match=r"none.toml cannot be read"):
        read_recipe(tmp_path / "none.toml")


def test_a_recipe_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "r.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(sc.SettingsError, match="not valid TOML"):
        read_recipe(tmp_path / "r.toml")

"""What a training's settings allow."""

import math

import pytest

import samcell_core as sc
from samcell_core.training import TrainingSettings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", 0),
        ("steps", 2.5),
        ("batch", "8"),
        ("patience", True),
        ("seed", -1),
        ("seed", 2**63),
        ("crop", 100),
        ("crop", 32),
        ("crop", 64.0),
        ("learning_rate", -1e-3),
        ("learning_rate", math.nan),
        ("weight_decay", 1.5),
        ("least_gain", -0.1),
        ("average", 1.5),
        ("inversion", None),
        ("original", 1.5),
        ("diameters", 20),
        ("diameters", (20.0,)),
        ("diameters", "ab"),
        ("usual", (50.0, 18.0)),
        ("usual", (0.0, 18.0)),
        ("weights", [1.0]),
        ("weights", {"a": -1.0}),
        ("weights", {"a": "much"}),
        ("precision", "fp16"),
    ],
)
def test_a_value_that_is_not_allowed_is_named(name, value):
    with pytest.raises(sc.SettingsError, match=f"^{name}="):
        TrainingSettings(**{name: value})


def test_an_unknown_setting_is_named():
    with pytest.raises(sc.SettingsError, match="no training setting 'stepps'"):
        TrainingSettings.from_dict({"stepps": 3})


def test_settings_come_back_from_plain_values():
    settings = TrainingSettings(steps=9, usual=(20.0, 30.0), weights={"a": 2.0})
    assert TrainingSettings.from_dict(settings.to_dict()) == settings


def test_the_learning_rate_rises_while_it_warms_up():
    settings = TrainingSettings(steps=100, warm_up=4, learning_rate=1.0)
    assert [settings.learning_rate_at(step) for step in range(4)] == [0.25, 0.5, 0.75, 1.0]


def test_the_learning_rate_falls_to_almost_nothing():
    settings = TrainingSettings(steps=100, warm_up=4, learning_rate=1.0)
    assert settings.learning_rate_at(99) < 1e-3

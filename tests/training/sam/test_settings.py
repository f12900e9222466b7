"""What the settings of the SAM-based network's training allow."""

import json
import math

import pytest

import samcell_core as sc
from samcell_core.training.sam import SamTrainingSettings


def test_the_defaults_are_the_papers():
    papers = {
        "batch": 8,
        "learning_rate": 1e-4,
        "weight_decay": 0.1,
        "betas": (0.9, 0.999),
        "warm_up": 250,
        "tile": 256,
        "rotation": 180.0,
        "scale": (0.8, 1.2),
        "brightness": (0.95, 1.05),
        "inversion": 0.5,
        "patience": 7,
        "least_gain": 1e-4,
        "trained": "all",
    }
    said = SamTrainingSettings().to_dict()
    assert {name: said[name] for name in papers} == papers


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("epochs", 2.5),
        ("batch", "8"),
        ("at_once", 0),
        ("patience", True),
        ("seed", -1),
        ("tile", 100),
        ("tile", 64),
        ("tile", 256.0),
        ("learning_rate", -1e-3),
        ("learning_rate", math.nan),
        ("weight_decay", 1.5),
        ("betas", (0.9, 1.0)),
        ("betas", 0.9),
        ("least_gain", -0.1),
        ("rotation", 200),
        ("scale", (1.2, 0.8)),
        ("scale", (0.0, 1.0)),
        ("brightness", 1.0),
        ("mirror", None),
        ("inversion", 2),
        ("score_every", -1),
        ("trained", "encoder"),
        ("trained", ["all"]),
        ("lora_rank", 0),
        ("lora_alpha", math.inf),
        ("lora_targets", ()),
        ("lora_targets", ("qkv", "qkv")),
        ("lora_targets", "qkv"),
        ("lora_targets", ("query",)),
        ("checkpointing", 1),
        ("precision", "fp16"),
    ],
)
def test_a_value_that_is_not_allowed_is_named(name, value):
    with pytest.raises(sc.SettingsError, match=f"^{name}="):
        SamTrainingSettings(**{name: value})


def test_an_unknown_setting_is_named():
    with pytest.raises(sc.SettingsError, match="no training setting 'steps'"):
        SamTrainingSettings.from_dict({"steps": 3})


def test_settings_come_back_from_json():
    settings = SamTrainingSettings(scale=(0.9, 1.1), lora_targets=("qkv",), trained="lora")
    assert SamTrainingSettings.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings


def test_the_learning_rate_rises_while_it_warms_up():
    settings = SamTrainingSettings(warm_up=4, learning_rate=1.0)
    assert [settings.learning_rate_at(step, 100) for step in range(4)] == [0.25, 0.5, 0.75, 1.0]


def test_the_learning_rate_falls_linearly_to_nothing():
    settings = SamTrainingSettings(warm_up=2, learning_rate=1.0)
    rates = [settings.learning_rate_at(step, 12) for step in range(2, 13)]
    assert rates == pytest.approx([1 - each / 10 for each in range(11)])

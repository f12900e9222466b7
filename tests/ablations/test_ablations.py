"""That each ablation is one command, from which a table and a plot come."""

import csv
from pathlib import Path

import cv2
import pytest

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.stem for path in (ROOT / "ablations").glob("*.py"))
VARIANTS = {
    "data_sets": ["nuclei alone", "cytoplasm alone", "all"],
    "network_size": [
        "width 16, depth 2",
        "width 32, depth 2",
        "width 48, depth 2",
        "width 48, depth 4",
        "width 96, depth 4",
    ],
    "patch_size": ["128 pixels", "256 pixels", "512 pixels"],
    "pretraining": ["random start", "pretrained", "pretrained, not trained further"],
    "targets": ["distance map", "two classes", "three classes"],
    "thresholds": ["the paper's", "best over all", "best of the set"],
    "trained_parts": [
        "nothing",
        "decoder alone, encoder frozen",
        "LoRA alone",
        "LoRA and decoder",
        "encoder and decoder",
    ],
}


def rows(out, name, file="table.csv"):
    with (out / name / file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_there_is_an_expectation_for_every_ablation():
    assert sorted(VARIANTS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_an_ablation_ends_well(ablation, name):
    assert ablation(name).returncode == 0, ablation(name).stderr


@pytest.mark.parametrize("name", NAMES)
def test_an_ablation_prints_the_table_that_it_writes(ablation, out, name):
    printed = ablation(name).stdout
    assert (out / name / "table.md").read_text(encoding="utf-8").strip() == printed.strip()
    assert "| OP_CSB |" in printed


@pytest.mark.parametrize("name", NAMES)
def test_an_ablation_says_what_its_scale_does_not_show_and_what_the_paper_has(ablation, name):
    printed = ablation(name).stdout
    assert "On this scale: " in printed
    assert "Not shown without the paper's data: " in printed
    assert "e0319532" in printed


@pytest.mark.parametrize("name", NAMES)
def test_the_csv_table_has_a_row_for_every_variant(ablation, out, name):
    ablation(name)
    assert set(VARIANTS[name]) == {row["variant"] for row in rows(out, name)}


@pytest.mark.parametrize("name", NAMES)
def test_every_score_is_a_number_from_0_to_1(ablation, out, name):
    ablation(name)
    scores = [float(row[kind]) for row in rows(out, name) for kind in ("op_csb", "seg", "det")]
    assert all(0 <= score <= 1 for score in scores)


@pytest.mark.parametrize("name", NAMES)
def test_the_plot_is_a_picture_with_something_blue_for_every_variant(ablation, out, name):
    ablation(name)
    picture = cv2.imread(str(out / name / "plot.png"))
    blue = (picture == (180, 119, 31)).all(axis=2)
    count, _ = cv2.connectedComponents(blue.astype("uint8"))
    assert count - 1 == len(rows(out, name))


def test_sets_are_scored_one_by_one(ablation, out):
    ablation("data_sets")
    assert {row["scored_on"] for row in rows(out, "data_sets")} == {"nuclei", "cytoplasm"}


def test_a_frozen_encoder_leaves_fewer_numbers_to_train(ablation, out):
    ablation("trained_parts")
    count = {row["variant"]: int(row["parameters_trained"]) for row in rows(out, "trained_parts")}
    assert (
        0
        == count["nothing"]
        < count["LoRA alone"]
        < count["decoder alone, encoder frozen"]
        < count["LoRA and decoder"]
        < count["encoder and decoder"]
    )


def test_three_classes_train_two_more_masks_than_two_classes(ablation, out):
    ablation("targets")
    count = {row["variant"]: int(row["parameters_trained"]) for row in rows(out, "targets")}
    assert count["distance map"] == count["two classes"] < count["three classes"]


def test_the_thresholds_found_are_in_the_table_and_their_map_beside_it(ablation, out):
    ablation("thresholds")
    paper = [row for row in rows(out, "thresholds") if row["variant"] == "the paper's"]
    assert {(row["peak"], row["fill"]) for row in paper} == {("0.47", "0.09")}
    assert cv2.imread(str(out / "thresholds" / "heat_map.png")) is not None


def test_a_second_run_trains_nothing_again(ablation, within, nuclei, cytoplasm, out):
    ablation("data_sets")
    before = rows(out, "data_sets", "trainings.csv")
    within("data_sets", "--data", str(nuclei), "--data", str(cytoplasm))
    assert rows(out, "data_sets", "trainings.csv") == before  # the seconds, too


def test_what_one_ablation_has_trained_another_one_finds(ablation, out):
    ablation("data_sets")
    ablation("thresholds")
    seconds = [
        {row["training_seconds"] for row in rows(out, name) if row["variant"] == variant}
        for name, variant in (("data_sets", "all"), ("thresholds", "the paper's"))
    ]
    assert seconds[0] == seconds[1]


def test_weights_that_are_given_are_what_is_started_from(ablation, within, nuclei, out):
    ablation("patch_size")
    weights = next((out / "trainings").glob("*/best.safetensors"))
    _, printed, _ = within("network_size", "--data", str(nuclei), "--start", str(weights))
    assert f"({weights.name})" in printed

"""That bad options of an ablation end in one sentence, and bad images, too."""

import pytest

FAILED, CALLED_WRONGLY = 1, 2  # exit codes


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--epochs", "0"), "--epochs 0 is not allowed: give a whole number from 1 to 10,000."),
        (("--seeds", "-1"), "--seeds -1 is not allowed: give a whole number from 1 to 100."),
        (("--images", "some"), "argument --images: invalid int value: 'some': --help lists"),
        (("--folds", "3"), "unrecognized arguments: --folds 3: --help lists"),
        (("--data", "no/such"), "does not exist: check the path."),
        (("--start", "a.pt", "--start", "b.pt"), "--start was given 2 times"),
        (("--data", "ablations", "--images", "3"), "leave out one of them."),
    ],
)
def test_a_bad_option_is_one_sentence(refused, options, said):
    code, error = refused("patch_size", *options)
    assert code == CALLED_WRONGLY
    assert said in error


@pytest.mark.parametrize(
    "options", [("--start", "no_such.pt"), ("--device", "abacus")], ids=["weights", "device"]
)
def test_what_is_not_there_is_named(refused, nuclei, options):
    code, error = refused("patch_size", "--data", str(nuclei), *options)
    assert code == FAILED
    assert options[1] in error


def test_one_set_alone_is_no_comparison_of_sets(refused, nuclei):
    code, error = refused("data_sets", "--data", str(nuclei))
    assert code == FAILED
    assert "give --data once for each folder" in error


def test_two_images_are_too_few_to_train_validate_and_test_on(refused, nuclei, tmp_path):
    for part in ("images", "labels"):
        (tmp_path / part).mkdir()
        for name in ("cells_0.tif", "cells_1.tif"):
            (tmp_path / part / name).write_bytes((nuclei / part / name).read_bytes())
    code, error = refused("targets", "--data", str(tmp_path))
    assert code == FAILED
    assert "has 2 images: give at least 3" in error


def test_a_file_is_no_folder_for_results(refused, nuclei, tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("")
    code, error = refused("targets", "--data", str(nuclei), "--out", str(taken))
    assert code == FAILED
    assert f"The folder {taken / 'targets'} cannot be made" in error

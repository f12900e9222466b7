"""From files and scenes to examples."""

import numpy as np
import pytest

import samcell_core as sc
from samcell_core.training import load_examples, make_scenes, pairs_in_folder
from samcell_core.training.pairs import Pair


def test_examples_come_by_set_in_the_order_of_the_pairs(disc_files):
    pairs = pairs_in_folder(disc_files)
    assert [each.name for each in load_examples(pairs)["discs"]] == [pair.name for pair in pairs]


def test_names_of_examples_are_their_set_and_path(disc_files):
    examples = load_examples(pairs_in_folder(disc_files))
    assert examples["discs"][0].name == "discs/images/0.png"


def test_a_pair_without_a_name_is_called_by_its_set_folder_and_file(disc_files):
    pair = Pair(disc_files / "images" / "0.png", disc_files / "labels" / "0.png", "a", "b")
    assert load_examples([pair])["a"][0].name == "a/images/0.png"


def test_progress_is_told(disc_files):
    told = []
    load_examples(pairs_in_folder(disc_files), progress=lambda *counts: told.append(counts))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_an_image_that_cannot_be_read_is_named(disc_files):
    (disc_files / "images" / "2.png").write_bytes(b"nonsense")
    with pytest.raises(sc.ImageError, match=r"2\.png"):
        load_examples(pairs_in_folder(disc_files))


def test_for_sam_images_of_8_bits_stay_as_they_are(disc_files):
    (example, *_) = load_examples(pairs_in_folder(disc_files), intensity="auto")["discs"]
    there = sc.read_image(disc_files / "images" / "0.png").planes()[0]
    assert np.array_equal(example.image, there.read(0, there.shape[0], 0, there.shape[1]))


def test_for_the_small_network_images_are_stretched(disc_files):
    (example, *_) = load_examples(pairs_in_folder(disc_files))["discs"]
    assert (example.image.min(), example.image.max()) == (0, 255)


def test_images_and_labels_can_be_changed_before_their_targets(disc_files):
    examples = load_examples(
        pairs_in_folder(disc_files),
        change=lambda image, labels: (image[:64, :64], labels[:64, :64]),
    )
    assert examples["discs"][0].labels.shape == (64, 64)


def test_some_cells_of_every_scene_are_whole():
    assert all(not scene.cut[scene.diameter > 0].all() for scene in make_scenes(8, seed=2))


def test_scenes_follow_from_the_seed():
    first, second = (make_scenes(2, seed=4) for _ in range(2))
    pairs = zip(first, second, strict=True)
    assert all(np.array_equal(a.levels[0], b.levels[0]) for a, b in pairs)


def test_scenes_have_names_of_their_own():
    assert len({scene.name for scene in make_scenes(3, seed=4)}) == 3

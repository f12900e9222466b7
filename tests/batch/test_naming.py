"""Names of results."""

import os
from pathlib import Path

import pytest

from samcell_core.batch import Source
from samcell_core.batch.naming import assign_names


def names(*paths, claimed=None):
    sources = [Source(Path("/images") / path, tuple(path.split("/"))) for path in paths]
    return list(assign_names(sources, claimed).values())


def test_a_name_is_the_file_name_without_its_suffix_below_its_folders():
    assert names("a.tif", "well 1/b.png") == ["a", "well 1/b"]


def test_images_of_the_same_name_keep_their_suffix():
    assert names("1.tif", "1.png", "2.tif") == ["1_tif", "1_png", "2"]


def test_capital_letters_alone_do_not_tell_names_apart():
    assert names("A.tif", "a.tif") == ["A_tif", "a_tif_2"]


def test_composed_and_decomposed_umlauts_are_the_same_name():
    assert len({name.casefold() for name in names("\u00fc.tif", "u\u0308.tif")}) == 2
    assert names("\u00fc.tif", "u\u0308.tif")[1].endswith("_2")


def test_a_name_that_another_image_would_get_is_not_taken():
    assert len(set(names("1.tif", "1.png", "1_tif.bmp"))) == 3


def test_names_of_earlier_runs_stay():
    assert names("1.tif", "1.png", claimed={"1.tif": "1"}) == ["1", "1_png"]


@pytest.mark.parametrize("name", ["Zelle ä ß 1", "x" * 200, "日本語", "a.b.c", "100% (2)"])
def test_odd_names_stay_as_they_are(name):
    assert names(f"{name}.tif") == [name]


def test_a_name_too_long_for_its_results_is_cut_and_stays_unique():
    first, second = names("x" * 250 + "1.t", "x" * 250 + "2.t")
    assert first != second
    assert max(len(f"{name}_RoiSet.zip".encode()) for name in (first, second)) <= 255


def test_a_cut_name_ends_with_a_whole_letter():
    (name,) = names("ä" * 125 + ".tif")
    assert len(name.encode()) <= 230
    assert name.startswith("ä" * 100)


def test_a_name_never_begins_with_a_dot():
    assert names(".hidden.tif") == ["hidden"]


def test_bytes_that_are_no_text_and_control_letters_are_replaced():
    assert names(os.fsdecode(b"caf\xe9.tif"), "a\nb.tif") == ["caf_", "a_b"]


def test_a_run_that_was_stopped_gives_the_same_names_as_one_that_was_not():
    images = ("1.png", "1.tif", "2.tif")
    assert names(*images, claimed={"1.png": "1_png"}) == names(*images)

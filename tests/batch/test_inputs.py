"""Which files are taken as images."""

import os
import shutil
import unicodedata
from pathlib import Path

import numpy as np
import pytest
import tifffile
from ome_series import write_ome_series

import samcell_core as sc
from samcell_core.batch import find_inputs


@pytest.fixture
def place(tmp_path):
    """Makes empty files, which is all that a search looks at."""

    def make(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        return tmp_path

    return make


def search(*inputs, out=None, **options):
    found = find_inputs(inputs, out=out or inputs[0] / "nowhere", **options)
    return [source.shown for source in found.sources]


def test_images_of_a_folder_are_found_whatever_the_case_of_their_suffix(place):
    assert search(place("a.TIF", "b.png", "notes.txt")) == ["a.TIF", "b.png"]


def test_numbers_in_names_count_as_numbers(place):
    assert search(place("img10.tif", "img2.tif", "img1.tif")) == [
        "img1.tif",
        "img2.tif",
        "img10.tif",
    ]


def test_sub_folders_are_searched_on_demand_only(place):
    folder = place("a.tif", "sub/b.tif")
    assert search(folder) == ["a.tif"]
    assert search(folder, recursive=True) == ["a.tif", "sub/b.tif"]


def test_hidden_files_are_left_out(place):
    assert search(place("a.tif", "._a.tif")) == ["a.tif"]


def test_a_pattern_chooses_among_images(place):
    assert search(place("a_phase.tif", "a_dapi.tif", "a_phase.xml"), pattern="*_phase*") == [
        "a_phase.tif"
    ]


def test_a_pattern_with_a_suffix_takes_any_suffix(place):
    assert search(place("a.dat", "b.tif"), pattern="*.dat") == ["a.dat"]


def test_a_named_file_is_taken_whatever_its_suffix(place):
    folder = place("a.dat")
    assert search(folder / "a.dat") == ["a.dat"]


def test_a_file_given_twice_is_taken_once(place):
    folder = place("a.tif")
    assert search(folder / "a.tif", folder / "." / "a.tif") == ["a.tif"]


def test_images_of_several_folders_are_told_apart_by_folder(place):
    folder = place("one/1.tif", "two/1.tif")
    assert search(folder / "one", folder / "two") == ["one/1.tif", "two/1.tif"]


def test_results_inside_the_input_are_no_input(place):
    folder = place("a.tif", "out/.samcell/x", "out/labels/a.tif", "out/overlays/a.png")
    assert search(folder, recursive=True) == ["a.tif"]


def test_results_of_this_run_are_no_input_before_the_first_one_is_there(place):
    folder = place("a.tif", "labels/old.tif")
    assert search(folder, out=folder, recursive=True) == ["a.tif"]


def test_images_inside_out_are_found(place):
    folder = place("images/a.tif", ".samcell/x", "labels/a.tif")
    assert search(folder / "images", out=folder, recursive=True) == ["a.tif"]


def test_a_folder_called_labels_is_searched_where_it_holds_no_results(place):
    assert search(place("labels/a.tif"), recursive=True) == ["labels/a.tif"]


@pytest.mark.parametrize("result", ["labels", "labels/a.tif"])
def test_results_given_as_input_are_refused(place, result):
    folder = place(".samcell/x", "labels/a.tif")
    with pytest.raises(sc.SamcellError, match="result of an earlier run"):
        search(folder / result)


def test_a_loop_of_links_ends(place):
    folder = place("a.tif", "sub/b.tif")
    (folder / "sub" / "again").symlink_to(folder, target_is_directory=True)
    assert search(folder, recursive=True) == ["a.tif", "sub/b.tif"]


def test_broken_links_are_problems_and_the_others_are_found(place):
    folder = place("a.tif")
    (folder / "gone.tif").symlink_to(folder / "nothing.tif")
    (folder / "itself.tif").symlink_to(folder / "itself.tif")
    found = find_inputs([folder], out=folder / "out")
    assert [source.shown for source in found.sources] == ["a.tif"]
    assert [problem.shown for problem in found.problems] == ["gone.tif", "itself.tif"]


def test_an_unreadable_folder_is_a_problem_and_the_others_are_searched(place, monkeypatch):
    folder = place("a.tif", "locked/b.tif")
    scandir = os.scandir

    def guarded(path):
        if os.fspath(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    found = find_inputs([folder], out=folder / "out", recursive=True)
    assert [source.shown for source in found.sources] == ["a.tif"]
    assert [(p.shown, p.reason) for p in found.problems] == [
        ("locked", "the folder cannot be read (Permission denied)")
    ]


def test_an_empty_folder_is_an_error_that_says_what_was_looked_for(tmp_path):
    with pytest.raises(sc.SamcellError, match=r"no images in .*only with --recursive.*\*\.tif"):
        search(tmp_path)


def test_what_does_not_exist_is_an_error(tmp_path):
    with pytest.raises(sc.SamcellError, match="cannot be found"):
        search(tmp_path / "nothing")


def test_a_pipe_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.tif")
    with pytest.raises(sc.SamcellError, match="neither a file nor a folder"):
        search(tmp_path / "pipe.tif")


def test_bytes_that_are_no_text_are_shown_as_question_marks(tmp_path):
    name = os.fsdecode(b"caf\xe9.tif")
    (tmp_path / name).touch()
    assert search(tmp_path) == ["caf?.tif"]


def test_a_name_that_begins_like_a_home_folder_is_taken_as_it_is(place, monkeypatch):
    folder = place("~a.tif")
    monkeypatch.chdir(folder)
    found = find_inputs([Path("~a.tif")], out=folder / "out")
    assert [source.path for source in found.sources] == [folder / "~a.tif"]


@pytest.mark.parametrize(("named", "asked"), [("NFD", "NFC"), ("NFC", "NFD")])
def test_a_pattern_finds_letters_however_they_are_stored(place, named, asked):
    name = unicodedata.normalize(named, "Zellen_\u00fc1.tif")
    pattern = unicodedata.normalize(asked, "Zellen_\u00fc*.tif")
    assert search(place(name), pattern=pattern) == [name]


@pytest.fixture
def linked(tmp_path):
    """Makes OME-TIFF files, each name an image whose planes lie in these files."""

    def write(*images):
        plane = np.zeros((4, 5), np.uint8)
        write_ome_series(tmp_path, *([(name, plane) for name in names] for names in images))
        return tmp_path

    return write


def test_a_series_of_files_is_taken_once(linked, place):
    linked(["t0.ome.tif", "t1.ome.tif", "t2.ome.tif"])
    assert search(place("other.tif")) == ["other.tif", "t0.ome.tif"]


def test_a_series_is_taken_by_the_file_that_it_begins_in(linked):
    assert search(linked(["z.ome.tif", "a.ome.tif"])) == ["z.ome.tif"]


def test_files_of_a_series_without_its_first_are_taken_once(linked):
    folder = linked(["t0.ome.tif", "t1.ome.tif", "t2.ome.tif"])
    assert search(folder / "t2.ome.tif", folder / "t1.ome.tif") == ["t1.ome.tif"]


def test_a_file_of_a_series_given_alone_is_taken(linked):
    folder = linked(["t0.ome.tif", "t1.ome.tif"])
    assert search(folder / "t1.ome.tif") == ["t1.ome.tif"]


def test_files_that_an_image_each_begins_in_are_all_taken(linked):
    folder = linked(["p0.ome.tif", "p0.ome.tif"], ["p1.ome.tif"])
    assert search(folder) == ["p0.ome.tif", "p1.ome.tif"]


def test_each_image_of_several_files_is_taken_where_two_begin_in_one(linked):
    folder = linked(["m.ome.tif", "a.ome.tif"], ["m.ome.tif", "b.ome.tif", "c.ome.tif"])
    assert search(folder) == ["b.ome.tif", "m.ome.tif"]


def test_a_file_that_does_not_know_of_its_series_is_left_to_the_one_that_does(linked):
    folder = linked(["a.ome.tif", "b.ome.tif"])
    tifffile.imwrite(folder / "a.ome.tif", np.zeros((4, 5), np.uint8), metadata=None)
    assert search(folder) == ["b.ome.tif"]


def test_a_copy_of_a_file_of_a_series_does_not_take_the_place_of_the_series(linked):
    folder = linked(["t1.ome.tif", "t2.ome.tif"])
    shutil.copy(folder / "t2.ome.tif", folder / "t0.ome.tif")
    assert search(folder) == ["t0.ome.tif", "t1.ome.tif"]


def test_a_series_behind_links_is_taken_once(linked):
    folder = linked(["t0.ome.tif", "t1.ome.tif"])
    (folder / "links").mkdir()
    for name in ("t0.ome.tif", "t1.ome.tif"):
        (folder / "links" / name).symlink_to(folder / name)
    assert search(folder / "links") == ["t0.ome.tif"]

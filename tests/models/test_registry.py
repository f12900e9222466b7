"""Names and paths of models, and what is downloaded for a name."""

from __future__ import annotations

import dataclasses
import logging
import os
import typing
from pathlib import Path
from typing import Any

import pytest

from samcell_core.errors import ModelError
from samcell_core.models import registry
from samcell_core.models.registry import (
    MODELS,
    ModelEntry,
    find_model,
    list_models,
)

CONTENT = b"weights " * 1000


# The table


@pytest.mark.parametrize("name", ["samcell-generalist", "samcell-cyto"])
def test_the_published_models_are_in_the_table(name: str) -> None:
    assert [entry.file for entry in MODELS if entry.name == name] == [f"{name}.pt"]


def test_names_and_files_of_the_table_are_unique() -> None:
    assert len({entry.name for entry in MODELS}) == len(MODELS)
    assert len({entry.file for entry in MODELS}) == len(MODELS)


@pytest.mark.parametrize("name", ["samcell-generalist", "samcell-cyto"])
def test_a_listing_says_that_the_training_data_are_not_for_commerce(name: str) -> None:
    [listed] = [model for model in list_models() if model.entry.name == name]
    assert "CC BY-NC" in listed.entry.licence


def test_every_model_of_the_table_says_what_to_cite() -> None:
    assert all(entry.citation and entry.summary for entry in MODELS)


def test_a_listing_tells_present_models_from_absent_ones(entry: ModelEntry, place: Path) -> None:
    [before] = list_models()
    find_model("test-cells")
    [after] = list_models()
    assert (before.path, before.present, after.present) == (place, False, True)


def test_a_listing_makes_no_folder(home: Path) -> None:
    list_models()
    assert not home.exists()


# Local files and folders


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".bin", ".safetensors", ".other"])
def test_a_local_file_is_found_by_its_path(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"mine{suffix}"
    path.touch()
    assert find_model(path) == (path, None)


def test_a_local_file_wins_over_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Any, entry: ModelEntry
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("test-cells").touch()
    assert find_model("test-cells") == (tmp_path / "test-cells", None)
    assert server.requests == []


def test_a_path_may_begin_with_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "mine.pt").touch()
    assert find_model("~/mine.pt") == (tmp_path / "mine.pt", None)


def test_a_folder_stands_for_its_one_checkpoint(tmp_path: Path) -> None:
    for name in ("notes.txt", "best.PTH"):
        (tmp_path / name).touch()
    assert find_model(tmp_path) == (tmp_path / "best.PTH", None)


@pytest.mark.parametrize("file", ["model.safetensors", "pytorch_model.bin"])
def test_a_hugging_face_folder_stands_for_its_weights(tmp_path: Path, file: str) -> None:
    for name in ("config.json", "training_args.bin", "optimizer.pt", file):
        (tmp_path / name).touch()
    assert find_model(tmp_path) == (tmp_path / file, None)


def test_a_linked_checkpoint_keeps_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "6f1ed002ab55").touch()
    link = tmp_path / "model.safetensors"
    try:
        link.symlink_to(tmp_path / "6f1ed002ab55")
    except OSError:  # Windows without the right to make links: a hard link shows the same
        os.link(tmp_path / "6f1ed002ab55", link)
    assert find_model(tmp_path) == (link, None)


def test_a_folder_with_several_checkpoints_is_refused_by_their_names(tmp_path: Path) -> None:
    for name in ("a.pt", "b.pt"):
        (tmp_path / name).touch()
    with pytest.raises(ModelError, match=r"several checkpoints \(a\.pt, b\.pt\)"):
        find_model(tmp_path)


def test_a_folder_without_a_checkpoint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds no checkpoint"):
        find_model(tmp_path)


def test_a_folder_of_results_called_like_a_model_does_not_hide_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: ModelEntry, place: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("test-cells").mkdir()
    assert find_model("test-cells") == (place, entry)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("samcel-generalist", "no model.*did you mean the model 'samcell-generalist'"),
        ("cyto", "no model.*known models are 'samcell-lite', 'samcell-generalist', 'samcell-cyto'"),
        ("samcell-cyto.pt", "no file.*did you mean the model 'samcell-cyto'"),
        ("/no/such/thing.pt", "no file.*or give the path of a checkpoint"),
        ("", "known models are"),
        ("a\0b", "no model"),
    ],
)
def test_what_does_not_exist_is_refused_with_a_way_on(asked: str, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        find_model(asked)


@pytest.mark.parametrize("asked", [None, 5, b"x.pt"])
def test_what_is_neither_text_nor_a_path_is_refused(asked: Any) -> None:
    with pytest.raises(ModelError, match="is no model: give the name of one, or the path"):
        find_model(asked)


def test_an_absurdly_long_name_is_refused_in_short() -> None:
    with pytest.raises(ModelError) as caught:
        find_model("x" * 5000)
    assert len(str(caught.value)) < 400


# Downloads by name


def test_a_named_model_is_downloaded_to_the_cache(entry: ModelEntry, place: Path) -> None:
    assert find_model("test-cells") == (place, entry)
    assert place.read_bytes() == CONTENT


def test_a_name_may_be_written_in_capitals(entry: ModelEntry, place: Path) -> None:
    assert find_model("Test-Cells") == (place, entry)


def test_a_download_by_name_reports_its_progress(entry: ModelEntry) -> None:
    seen = []
    find_model("test-cells", progress=lambda reached, total: seen.append((reached, total)))
    assert seen[-1] == (len(CONTENT), len(CONTENT))


def test_a_named_model_is_downloaded_once(server: Any, entry: ModelEntry) -> None:
    find_model("test-cells")
    find_model("test-cells")
    assert len(server.requests) == 1


def test_a_download_that_fails_says_how_to_place_the_file(
    server: Any, entry: ModelEntry, place: Path
) -> None:
    server.offers.clear()
    with pytest.raises(ModelError) as caught:
        find_model("test-cells")
    assert f"fetch {entry.url} in a browser and save it as {place}" in str(caught.value)


def test_a_file_that_was_placed_by_hand_is_used(
    server: Any, entry: ModelEntry, place: Path
) -> None:
    place.parent.mkdir(parents=True)
    place.write_bytes(CONTENT)
    assert find_model("test-cells") == (place, entry)
    assert server.requests == []


def test_the_first_download_shows_the_licence_to_everybody(
    entry: ModelEntry, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        find_model("test-cells")
    notes = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    assert [note for note in notes if "Licence: MIT" in note] == notes[:1]


def test_the_types_of_a_search_can_be_asked_for() -> None:
    assert typing.get_type_hints(find_model)["progress"] == registry.Progress | None


# The offline switch


@pytest.mark.parametrize("word", ["1", "true", "YES", "offline"])
def test_the_offline_switch_never_touches_the_network(
    server: Any, entry: ModelEntry, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    monkeypatch.setenv("SAMCELL_OFFLINE", word)
    with pytest.raises(ModelError, match="downloads are switched off"):
        find_model("test-cells")
    assert server.requests == []


@pytest.mark.parametrize("word", ["0", "false", "No", "off", ""])
def test_the_offline_switch_can_be_written_as_off(
    entry: ModelEntry, place: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    monkeypatch.setenv("SAMCELL_OFFLINE", word)
    assert find_model("test-cells") == (place, entry)


def test_the_offline_argument_wins_over_the_environment(
    entry: ModelEntry, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMCELL_OFFLINE", "1")
    assert find_model("test-cells", offline=False) == (place, entry)


def test_the_offline_error_names_the_address_and_the_place(entry: ModelEntry, place: Path) -> None:
    with pytest.raises(ModelError) as caught:
        find_model("test-cells", offline=True)
    assert f"fetch {entry.url} on another computer and save it as {place}" in str(caught.value)


def test_a_model_in_the_cache_is_found_offline(entry: ModelEntry, place: Path) -> None:
    find_model("test-cells")
    assert find_model("test-cells", offline=True) == (place, entry)


# A model that is part of the package


@pytest.fixture
def built_in(entry: ModelEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelEntry:
    made = dataclasses.replace(entry, url="")
    monkeypatch.setattr(registry, "MODELS", (made,))
    monkeypatch.setattr(registry, "_BUILT_IN", tmp_path)
    (tmp_path / "test-cells.pt").write_bytes(CONTENT)
    return made


def test_a_built_in_model_is_found_in_the_package(
    built_in: ModelEntry, tmp_path: Path, home: Path
) -> None:
    assert find_model("test-cells", offline=True) == (tmp_path / "test-cells.pt", built_in)
    assert not home.exists()


def test_a_built_in_model_that_is_missing_is_told(built_in: ModelEntry, tmp_path: Path) -> None:
    (tmp_path / "test-cells.pt").unlink()
    with pytest.raises(ModelError, match="install it again"):
        find_model("test-cells")

"""Names and paths of models, and the rules for the files in the cache."""

from __future__ import annotations

import dataclasses
import hashlib
import logging
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from samcell_core.errors import ModelError
from samcell_core.models import cache, registry
from samcell_core.models.registry import (
    MODELS,
    ModelEntry,
    find_model,
    import_model,
    list_models,
    remove_model,
)

CONTENT = b"weights " * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def entry(server: Any, monkeypatch: pytest.MonkeyPatch) -> ModelEntry:
    """A model of the table that the server on this machine publishes without a checksum."""
    server.offer("/v1/test-cells.pt", content=CONTENT)
    made = ModelEntry(
        name="test-cells",
        file="test-cells.pt",
        url=f"{server.address}/v1/test-cells.pt",
        licence="MIT",
        citation="nobody",
        summary="Cells of a test.",
    )
    monkeypatch.setattr(registry, "MODELS", (made,))
    return made


@pytest.fixture
def checked(entry: ModelEntry, monkeypatch: pytest.MonkeyPatch) -> ModelEntry:
    """The same model, its checksum published."""
    made = dataclasses.replace(entry, sha256=SHA256.upper())
    monkeypatch.setattr(registry, "MODELS", (made,))
    return made


@pytest.fixture
def place(home: Path) -> Path:
    """Where the file of that model belongs."""
    return home / "models" / "test-cells.pt"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The file of that model, as it came by hand."""
    path = tmp_path / "usb" / "downloaded.pt"
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    return path


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
        ("cyto", "no model.*known models are 'samcell-generalist', 'samcell-cyto'"),
        ("samcell-cyto.pt", "no file.*did you mean the model 'samcell-cyto'"),
        ("/no/such/thing.pt", "no file.*or give the path of a checkpoint"),
        ("", "known models are"),
        ("a\0b", "no model"),
    ],
)
def test_what_does_not_exist_is_refused_with_a_way_on(asked: str, words: str) -> None:
    with pytest.raises(ModelError, match=words):
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


# Checksums


def test_an_unpublished_checksum_is_shown_at_first_use(
    entry: ModelEntry, caplog: pytest.LogCaptureFixture
) -> None:
    find_model("test-cells")
    find_model("test-cells")
    [note] = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    assert SHA256 in note


def test_a_file_that_changed_since_its_first_use_is_refused_with_both_sums(
    entry: ModelEntry, place: Path
) -> None:
    find_model("test-cells")
    place.write_bytes(b"other")
    other = hashlib.sha256(b"other").hexdigest()
    with pytest.raises(ModelError, match=f"sha256 is {other}, recorded was {SHA256}"):
        find_model("test-cells")


def test_a_changed_file_stays_refused(entry: ModelEntry, place: Path) -> None:
    find_model("test-cells")
    place.write_bytes(b"other")
    for _ in range(2):
        with pytest.raises(ModelError, match="has changed since its first use"):
            find_model("test-cells")


def test_a_changed_file_is_accepted_once_its_record_is_deleted_as_the_error_says(
    entry: ModelEntry, place: Path
) -> None:
    find_model("test-cells")
    place.write_bytes(b"other")
    with pytest.raises(ModelError) as caught:
        find_model("test-cells")
    record = place.with_name("test-cells.pt.json")
    assert f"delete {record} if you changed it on purpose" in str(caught.value)
    record.unlink()
    assert find_model("test-cells") == (place, entry)


def test_a_file_that_was_only_copied_is_accepted(entry: ModelEntry, place: Path) -> None:
    find_model("test-cells")
    os.utime(place, (1, 1))
    assert find_model("test-cells") == (place, entry)


def test_an_unchanged_file_is_not_read_again(
    entry: ModelEntry, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_model("test-cells")
    os.utime(place, (1, 1))
    find_model("test-cells")
    monkeypatch.setattr(cache, "sha256_of", lambda path: pytest.fail(f"{path} was read"))
    assert find_model("test-cells") == (place, entry)


def test_a_published_checksum_is_verified_without_a_note(
    checked: ModelEntry, place: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert find_model("test-cells") == (place, checked)
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []


def test_a_download_with_another_checksum_than_published_is_not_kept(
    server: Any, checked: ModelEntry, place: Path
) -> None:
    server.offer("/v1/test-cells.pt", content=b"other")
    with pytest.raises(ModelError, match=f"published is {SHA256}, so it was removed"):
        find_model("test-cells")
    assert list(place.parent.iterdir()) == []


def test_a_wrong_file_placed_by_hand_is_refused_but_not_deleted(
    checked: ModelEntry, place: Path
) -> None:
    place.parent.mkdir(parents=True)
    place.write_bytes(b"other")
    with pytest.raises(ModelError, match=f"is not the published file.*published is {SHA256}"):
        find_model("test-cells")
    assert place.read_bytes() == b"other"


def test_a_record_that_cannot_be_read_counts_as_none(entry: ModelEntry, place: Path) -> None:
    find_model("test-cells")
    place.with_name("test-cells.pt.json").write_text("{")
    assert find_model("test-cells") == (place, entry)


def test_a_cache_that_cannot_be_written_can_still_be_read(
    entry: ModelEntry, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.parent.mkdir(parents=True)
    place.write_bytes(CONTENT)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_text", refuse)
    assert find_model("test-cells") == (place, entry)


# Files placed and removed


def test_a_file_can_be_placed_under_a_name(
    server: Any, entry: ModelEntry, place: Path, copy: Path
) -> None:
    assert import_model("test-cells", copy) == place
    assert find_model("test-cells") == (place, entry)
    assert place.read_bytes() == copy.read_bytes()
    assert server.requests == []


def test_a_folder_can_be_placed_under_a_name(entry: ModelEntry, place: Path, copy: Path) -> None:
    assert import_model("test-cells", copy.parent) == place


def test_a_placed_file_may_not_change_either(entry: ModelEntry, place: Path, copy: Path) -> None:
    import_model("test-cells", copy)
    place.write_bytes(b"other")
    with pytest.raises(ModelError, match="has changed since its first use"):
        find_model("test-cells")


def test_a_file_with_another_checksum_than_published_is_not_placed(
    checked: ModelEntry, place: Path, copy: Path
) -> None:
    copy.write_bytes(b"other")
    with pytest.raises(ModelError, match=f"not the published test-cells.*is {SHA256}"):
        import_model("test-cells", copy)
    assert not place.exists()


def test_a_file_is_not_placed_over_another_one(entry: ModelEntry, place: Path, copy: Path) -> None:
    find_model("test-cells")
    copy.write_bytes(b"other")
    with pytest.raises(ModelError, match=r"as another file .* remove that one first"):
        import_model("test-cells", copy)
    assert place.read_bytes() == CONTENT


def test_a_file_that_is_in_place_already_can_be_placed(entry: ModelEntry, place: Path) -> None:
    find_model("test-cells")
    assert import_model("test-cells", place) == place


def test_a_file_of_another_kind_is_not_placed(entry: ModelEntry, copy: Path) -> None:
    other = copy.rename(copy.with_suffix(".safetensors"))
    with pytest.raises(ModelError, match="use it by its path"):
        import_model("test-cells", other)


def test_a_missing_file_is_not_placed(entry: ModelEntry, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no checkpoint"):
        import_model("test-cells", tmp_path / "none.pt")


def test_a_copy_that_fails_leaves_nothing(
    entry: ModelEntry, place: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(registry.shutil, "copyfile", fill)
    with pytest.raises(ModelError, match="No space left on device"):
        import_model("test-cells", copy)
    assert list(place.parent.iterdir()) == []


def test_a_removed_model_leaves_nothing(entry: ModelEntry, place: Path) -> None:
    find_model("test-cells")
    place.with_name("test-cells.pt.part").touch()
    assert remove_model("test-cells")
    assert list(place.parent.iterdir()) == []


def test_a_removed_model_may_come_back_changed(server: Any, entry: ModelEntry, place: Path) -> None:
    find_model("test-cells")
    remove_model("test-cells")
    server.offer("/v1/test-cells.pt", content=b"newer")
    assert find_model("test-cells")[0].read_bytes() == b"newer"


def test_removing_an_absent_model_says_so(entry: ModelEntry) -> None:
    assert not remove_model("test-cells")


@pytest.mark.parametrize("change", [remove_model, lambda name: import_model(name, "x.pt")])
def test_only_models_of_the_table_are_placed_and_removed(change: Any) -> None:
    with pytest.raises(ModelError, match="did you mean the model 'samcell-cyto'"):
        change("samcell-cyta")


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


def test_a_built_in_model_cannot_be_removed(built_in: ModelEntry, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="part of this program"):
        remove_model("test-cells")


# The place of the cache


@pytest.mark.parametrize(
    ("platform", "variables", "folder"),
    [
        ("linux", {}, "user/.cache/samcell"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, "user/.cache/samcell"),
        ("darwin", {}, "user/Library/Caches/samcell"),
        ("win32", {}, "user/AppData/Local/samcell/cache"),
    ],
)
def test_the_cache_lies_where_the_platform_wants_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    platform: str,
    variables: dict[str, str],
    folder: str,
) -> None:
    for name in ("SAMCELL_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "user")
    assert cache.cache_folder() == tmp_path / folder


@pytest.mark.parametrize(
    ("platform", "variable", "folder"),
    [
        ("linux", "XDG_CACHE_HOME", "samcell"),
        ("win32", "LOCALAPPDATA", "samcell/cache"),
        ("linux", "SAMCELL_HOME", ""),
        ("win32", "SAMCELL_HOME", ""),
    ],
)
def test_the_cache_can_be_moved_by_the_environment(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    platform: str,
    variable: str,
    folder: str,
) -> None:
    monkeypatch.delenv("SAMCELL_HOME")
    monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setattr(sys, "platform", platform)
    assert cache.cache_folder() == tmp_path / folder


def test_a_user_without_a_home_is_told_of_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("SAMCELL_HOME")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    with pytest.raises(ModelError, match="set SAMCELL_HOME"):
        list_models()

"""Files of named models that are placed and removed by hand."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import Any

import pytest

from samcell_core.errors import ModelError
from samcell_core.models import placing, registry
from samcell_core.models.placing import import_model, remove_model
from samcell_core.models.registry import ModelEntry, find_model

CONTENT = b"weights " * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


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
    with pytest.raises(ModelError, match=r"as another file .*remove_model\('test-cells'\)"):
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

    monkeypatch.setattr(placing.shutil, "copyfile", fill)
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


@pytest.mark.parametrize("name", [None, 5, b"test-cells"])
@pytest.mark.parametrize("change", [remove_model, lambda name: import_model(name, "x.pt")])
def test_a_name_that_is_no_text_is_refused(change: Any, name: Any) -> None:
    with pytest.raises(ModelError, match="as text"):
        change(name)


@pytest.mark.parametrize("path", [None, 5, b"x.pt"])
def test_a_path_that_is_no_text_is_not_placed(entry: ModelEntry, path: Any) -> None:
    with pytest.raises(ModelError, match="as text"):
        import_model("test-cells", path)


def test_a_built_in_model_cannot_be_removed(
    entry: ModelEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "MODELS", (dataclasses.replace(entry, url=""),))
    with pytest.raises(ModelError, match="part of this program"):
        remove_model("test-cells")

"""Targets kept on disk are those that would be computed."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

import samcell_core as sc
from samcell_core.training import load_examples, make_targets, pairs_in_folder
from samcell_core.training.target_cache import TARGETS_VERSION, TargetCache

LABELS = np.zeros((40, 50), np.int32)
LABELS[2:15, 3:20], LABELS[15:30, 8:26], LABELS[0:9, 40:] = 1, 2, 4


def same(one, other):
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        and getattr(one, name).dtype == getattr(other, name).dtype
        for name in ("distance", "contact", "diameter")
    )


def entries(folder):
    return sorted(folder.glob("*.targets"))


def test_found_targets_are_those_that_are_computed(tmp_path):
    cache = TargetCache(tmp_path)
    computed, found = cache.targets(LABELS), cache.targets(LABELS)
    assert same(computed, make_targets(LABELS))
    assert same(found, computed)


def test_targets_are_computed_once(tmp_path, monkeypatch):
    TargetCache(tmp_path).targets(LABELS)
    monkeypatch.setattr("samcell_core.training.target_cache.make_targets", None)
    assert TargetCache(tmp_path).targets(LABELS).distance.max() == 1


def test_other_labels_have_targets_of_their_own(tmp_path):
    cache = TargetCache(tmp_path)
    cache.targets(LABELS)
    assert same(cache.targets(LABELS.T), make_targets(LABELS.T))


def test_targets_of_another_version_are_not_found(tmp_path, monkeypatch):
    TargetCache(tmp_path).targets(LABELS)
    monkeypatch.setattr("samcell_core.training.target_cache.TARGETS_VERSION", 0)
    TargetCache(tmp_path).targets(LABELS)
    assert len(entries(tmp_path)) == 2


def test_targets_that_change_have_another_version():
    """Where this fails, raise TARGETS_VERSION and put the new checksum here."""
    targets = make_targets(LABELS)
    arrays = (targets.distance, targets.contact, targets.diameter, targets.cut)
    checksum = hashlib.sha256(b"".join(each.tobytes() for each in arrays)).hexdigest()[:16]
    assert (TARGETS_VERSION, checksum) == (2, "0012927af4130637")


@pytest.mark.parametrize("place", [0, 60, 300, -30])
def test_a_damaged_entry_is_computed_anew(tmp_path, place):
    cache = TargetCache(tmp_path)
    cache.targets(LABELS)
    [entry] = entries(tmp_path)
    whole = entry.read_bytes()
    damaged = bytearray(whole)
    damaged[place] ^= 255
    entry.write_bytes(damaged)
    assert same(cache.targets(LABELS), make_targets(LABELS))


@pytest.mark.parametrize("size", [0, 1, 500])
def test_an_entry_that_was_cut_off_is_written_anew(tmp_path, size):
    cache = TargetCache(tmp_path)
    cache.targets(LABELS)
    [entry] = entries(tmp_path)
    whole = entry.read_bytes()
    entry.write_bytes(whole[:size])
    cache.targets(LABELS)
    assert entry.stat().st_size == len(whole)


def test_an_entry_of_other_labels_is_computed_anew(tmp_path):
    cache = TargetCache(tmp_path)
    cache.targets(LABELS)
    [first] = entries(tmp_path)
    smaller = LABELS[:20]
    cache.targets(smaller)
    [second] = set(entries(tmp_path)) - {first}
    second.write_bytes(first.read_bytes())
    assert same(cache.targets(smaller), make_targets(smaller))


def test_several_processes_use_one_folder(tmp_path):
    np.save(tmp_path / "labels.npy", LABELS)
    code = (
        "import numpy, sys; from samcell_core.training.target_cache import TargetCache\n"
        "labels = numpy.load(sys.argv[1] + '/labels.npy')\n"
        "for rows in range(4, 41):\n"
        "    TargetCache(sys.argv[1] + '/targets').targets(labels[:rows])"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    both = [subprocess.Popen(command) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert len(list((tmp_path / "targets").iterdir())) == 37
    assert same(TargetCache(tmp_path / "targets").targets(LABELS), make_targets(LABELS))


def test_what_was_not_used_for_longest_is_dropped_above_the_limit(tmp_path):
    sizes = TargetCache(tmp_path)
    sizes.targets(LABELS)
    sizes.targets(LABELS[:30])
    oldest = min(entries(tmp_path), key=lambda path: path.stat().st_size)  # of the smaller image
    os.utime(oldest, (1, 1))
    cache = TargetCache(tmp_path, limit=sizes.size)
    cache.targets(LABELS[:25])
    assert not oldest.exists()
    assert cache.size <= cache.limit


def test_an_entry_that_is_used_counts_as_new(tmp_path):
    cache = TargetCache(tmp_path)
    cache.targets(LABELS)
    [entry] = entries(tmp_path)
    os.utime(entry, (1, 1))
    cache.targets(LABELS)
    assert entry.stat().st_mtime > 1


def test_targets_that_cannot_be_kept_are_computed_and_it_is_said(tmp_path):
    cache = TargetCache(tmp_path / "gone")
    cache.folder.rmdir()
    assert same(cache.targets(LABELS), make_targets(LABELS))
    assert cache.note.startswith("Targets are not kept")


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(sc.TrainingError, match="cannot keep targets"):
        TargetCache(tmp_path / "file" / "targets")


def test_a_limit_of_nothing_is_refused(tmp_path):
    with pytest.raises(sc.SettingsError, match="limit=0"):
        TargetCache(tmp_path, limit=0)


def test_runs_side_by_side_share_a_folder(tmp_path):
    folders = {TargetCache.beside(tmp_path / run).folder for run in ("one", "two")}
    assert folders == {tmp_path / "targets"}


def test_examples_are_the_same_with_and_without_a_cache(disc_files, tmp_path):
    pairs = pairs_in_folder(disc_files)
    plain = load_examples(pairs)["discs"]
    for _ in range(2):
        cached = load_examples(pairs, cache=tmp_path / "targets")["discs"]
        for one, other in zip(plain, cached, strict=True):
            assert one.name == other.name
            assert one.typical == other.typical
            np.testing.assert_array_equal(one.diameter, other.diameter)
            for level, same_level in zip(one.levels, other.levels, strict=True):
                np.testing.assert_array_equal(level, same_level)


def test_examples_fill_the_cache(disc_files, tmp_path):
    load_examples(pairs_in_folder(disc_files), cache=tmp_path / "targets")
    assert len(entries(tmp_path / "targets")) == 4


def test_labels_that_are_none_are_refused_with_a_cache_too(tmp_path):
    with pytest.raises(sc.ImageError, match="no labels"):
        TargetCache(tmp_path).targets(LABELS.astype(float))

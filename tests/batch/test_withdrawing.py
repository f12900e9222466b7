"""An image that fails does not keep results of other settings, as if they were of this run."""

from pathlib import Path

import pytest

import samcell_core as sc
from samcell_core.batch import find_inputs, plan_run

CHANGED = {"settings": sc.Settings(peak=0.6), "overwrite": True}


@pytest.fixture
def out(bright, folder, tmp_path):
    """Results of a run in which all went well."""
    bright.run(folder, tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def failing(bright):
    """A segmenter to which one image is too much."""

    class Failing(bright.Bright):
        def segment(self, image, settings=None, progress=None):
            if image.name == "1.tif":
                raise RuntimeError("too much")
            return super().segment(image, settings, progress)

    return Failing()


def test_an_image_that_fails_loses_its_results_of_other_settings(bright, folder, out, failing):
    bright.run(folder, out, segmenter=failing, **CHANGED)
    assert sorted(path.name for path in out.glob("*/1_tif*")) == []


def test_an_image_that_fails_keeps_what_somebody_edited(bright, folder, out, failing):
    (out / "masks" / "1_tif.png").write_text("mine")
    bright.run(folder, out, segmenter=failing, **CHANGED)
    assert sorted(path.relative_to(out).as_posix() for path in out.glob("*/1_tif*")) == [
        "masks/1_tif.png"
    ]


def test_an_image_that_failed_with_other_settings_is_still_to_do(bright, folder, out, failing):
    bright.run(folder, out, segmenter=failing, **CHANGED)
    plan = plan_run(find_inputs([folder], out=out), out)
    assert [each.name for each in plan if not each.finished] == ["1_tif"]


def test_an_image_that_fails_keeps_its_results_of_the_same_settings(bright, folder, out, failing):
    (out / "overlays" / "1_tif.png").unlink()
    assert bright.run(folder, out, segmenter=failing).failed == 1
    assert (out / "masks" / "1_tif.png").is_file()


def test_earlier_results_that_cannot_be_removed_are_told(bright, folder, out, failing, monkeypatch):
    unlink = Path.unlink

    def refuse(self, missing_ok=False):
        if self.name == "1_tif.png":
            raise PermissionError(13, "Permission denied", str(self))
        unlink(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    outcome = bright.run(folder, out, segmenter=failing, **CHANGED)
    (reason,) = [row.error for row in outcome.rows if row.error]
    assert "too much (its earlier results could not be removed: Permission denied" in reason

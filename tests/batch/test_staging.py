"""What somebody writes into OUT while a run works, or cannot move its files, is not lost."""

from contextlib import contextmanager
from pathlib import Path

import cv2
import pytest

import samcell_core as sc


@pytest.fixture
def writing(bright, out):
    """A segmenter during whose work somebody writes a file of OUT."""

    def make(name):
        class Disturbed(bright.Bright):
            def segment(self, image, settings=None, progress=None):
                (out / name).parent.mkdir(parents=True, exist_ok=True)
                (out / name).write_text("mine")
                return super().segment(image, settings, progress)

        return Disturbed()

    return make


@pytest.fixture
def refused(monkeypatch):
    """While it is entered, a file cannot be replaced, as where Excel has it open."""

    @contextmanager
    def enter(path):
        replace = Path.replace

        def refuse(self, target):
            if Path(target) == path:
                raise PermissionError(13, "Permission denied", str(target))
            return replace(self, target)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", refuse)
            yield

    return enter


@pytest.fixture
def unmoved(bright, folder, out, draw, refused):
    """An OUT whose tables are finished but could not be moved over those of an earlier run."""
    bright.run(folder, out)
    cv2.imwrite(str(folder / "late.png"), draw(2))
    with refused(out / "cells.csv"), pytest.raises(sc.SamcellError, match="cannot be written"):
        bright.run(folder, out)
    return out


def test_a_table_that_appears_during_the_run_is_kept(bright, folder, out, writing):
    with pytest.raises(sc.SamcellError, match=r"cells\.csv was written by somebody else while"):
        bright.run(folder, out, segmenter=writing("cells.csv"))
    assert (out / "cells.csv").read_text() == "mine"


def test_a_table_that_is_edited_during_the_run_is_kept(bright, folder, out, writing, draw):
    bright.run(folder, out)
    cv2.imwrite(str(folder / "late.png"), draw(2))
    with pytest.raises(sc.SamcellError, match="written by somebody else"):
        bright.run(folder, out, segmenter=writing("cells.csv"))
    assert (out / "cells.csv").read_text() == "mine"


def test_the_other_files_wait_for_the_one_that_was_written(bright, folder, out, writing):
    with pytest.raises(sc.SamcellError, match="written by somebody else"):
        bright.run(folder, out, segmenter=writing("report.html"))
    assert not (out / "cells.csv").exists()


def test_finished_results_appear_once_the_way_is_free(bright, folder, out, writing, tmp_path):
    with pytest.raises(sc.SamcellError, match="written by somebody else"):
        bright.run(folder, out, segmenter=writing("cells.csv"))
    (out / "cells.csv").rename(tmp_path / "mine.csv")
    segmenter = bright.Bright()
    bright.run(folder, out, segmenter=segmenter)
    bright.run(folder, tmp_path / "fresh")
    assert segmenter.seen == []
    assert bright.tree(out) == bright.tree(tmp_path / "fresh")


def test_overwrite_replaces_what_appears_during_the_run(bright, folder, out, writing):
    bright.run(folder, out, segmenter=writing("cells.csv"), overwrite=True)
    assert (out / "cells.csv").read_text().startswith("image,")


def test_a_label_file_that_appears_during_the_run_is_kept(bright, folder, out, writing):
    outcome = bright.run(folder, out, segmenter=writing("masks/1_png.png"))
    (reason,) = [row.error for row in outcome.rows if row.error]
    assert "1_png.png was written by somebody else" in reason
    assert (out / "masks" / "1_png.png").read_text() == "mine"


def test_a_label_file_that_was_kept_makes_way_for_overwrite(bright, folder, out, writing):
    bright.run(folder, out, segmenter=writing("masks/1_png.png"))
    outcome = bright.run(folder, out, overwrite=True)
    assert (outcome.failed, cv2.imread(str(out / "masks" / "1_png.png"), -1).max()) == (0, 5)


def test_a_table_that_could_not_be_replaced_is_replaced_by_the_next_run(bright, folder, unmoved):
    assert bright.run(folder, unmoved).skipped == 4
    assert "late.png" in (unmoved / "cells.csv").read_text()


def test_a_table_that_was_edited_while_it_could_not_be_replaced_is_kept(bright, folder, unmoved):
    (unmoved / "cells.csv").write_text("my notes")
    with pytest.raises(sc.SamcellError, match="written by somebody else"):
        bright.run(folder, unmoved)
    assert (unmoved / "cells.csv").read_text() == "my notes"


def test_a_table_that_was_edited_after_a_run_with_overwrite_could_not_replace_it_is_kept(
    bright, folder, out, refused
):
    bright.run(folder, out)
    changed = {"settings": sc.Settings(peak=0.6)}
    with refused(out / "cells.csv"), pytest.raises(sc.SamcellError, match="cannot be written"):
        bright.run(folder, out, overwrite=True, **changed)
    (out / "cells.csv").write_text("my notes")
    with pytest.raises(sc.SamcellError, match="written by somebody else"):
        bright.run(folder, out, **changed)
    assert (out / "cells.csv").read_text() == "my notes"

"""A whole run with a segmenter that needs no network."""

import errno
import json
import os
import threading

import cv2
import numpy as np
import pandas as pd
import pytest
from ome_series import write_ome_series
from tables import rows

import samcell_core as sc
from samcell_core.batch import (
    ImageDone,
    ImageFailed,
    ImageSkipped,
    Output,
    RunFinished,
    RunStarted,
    find_inputs,
    plan_run,
)


def test_every_image_gets_its_files(bright, folder, out):
    bright.run(folder, out)
    assert sorted(path.name for path in (out / "overlays").iterdir()) == [
        "1_png.png",
        "1_tif.png",
        "stack.png",
    ]


def test_a_file_a_plane_has_a_folder_a_stack(bright, folder, out):
    bright.run(folder, out)
    planes = [cv2.imread(str(out / "masks" / "stack" / f"000{p}.png"), -1) for p in (0, 1)]
    assert [int(plane.max()) for plane in planes] == [2, 7]
    assert planes[0].dtype == np.uint16


def test_the_table_of_cells_has_a_row_for_each(bright, folder, out):
    bright.run(folder, out)
    cells = rows(out / "cells.csv")
    assert [row["image"] for row in cells] == ["1.png"] * 5 + ["1.tif"] * 3 + ["stack.tif"] * 9
    assert {row["area"] for row in cells} == {"36"}


def test_a_measure_that_an_image_lacks_is_nan(bright, folder, out):
    bright.run(folder, out)
    areas = {row["image"]: row["area_um2"] for row in rows(out / "cells.csv")}
    assert areas == {"1.png": "NaN", "1.tif": "9.0", "stack.tif": "NaN"}


def test_columns_are_in_the_order_of_their_declaration(bright, folder, out):
    bright.run(folder, out)
    names = list(rows(out / "cells.csv")[0])
    assert names[:6] == ["image", "id", "plane", "t", "centroid_y", "centroid_x"]


def test_the_table_of_images_has_count_confluency_and_status(bright, folder, out):
    bright.run(folder, out)
    images = rows(out / "images.csv")
    assert [(row["image"], row["status"], row["count"]) for row in images] == [
        ("1.png", "ok", "5"),
        ("1.tif", "ok", "3"),
        ("stack.tif", "ok", "9"),
    ]
    assert float(images[1]["confluency"]) == pytest.approx(3 * 36 / (48 * 64))


def test_pandas_reads_the_cells_and_joins_them_with_their_images(bright, folder, out):
    (folder / "leer, ä.tif").touch()
    bright.run(folder, out)
    cells, images = (pd.read_csv(out / f"{name}.csv") for name in ("cells", "images"))
    assert cells.groupby("image").size().to_dict() == {"1.png": 5, "1.tif": 3, "stack.tif": 9}
    assert (cells["area"].dtype.kind, cells["centroid_y"].dtype.kind) == ("i", "f")
    assert cells["area_um2"].isna().tolist() == (cells["image"] != "1.tif").tolist()
    joined = cells.merge(images, on="image", suffixes=("", "_of_image"))
    assert joined["status"].unique().tolist() == ["ok"]
    failed = images[images["status"] == "error"]
    assert failed["image"].tolist() == ["leer, ä.tif"]
    assert failed["error"].str.contains("is empty").all()


def test_a_bad_image_has_a_row_with_its_reason_and_the_others_go_on(bright, folder, out):
    (folder / "empty.tif").touch()
    outcome = bright.run(folder, out)
    assert (outcome.failed, outcome.cells) == (1, 17)
    (failed,) = [row for row in rows(out / "images.csv") if row["status"] == "error"]
    assert failed["image"] == "empty.tif"
    assert "is empty" in failed["error"]


def test_an_unforeseen_error_is_one_of_that_image_alone(bright, folder, out):
    class Moody(bright.Bright):
        def segment(self, image, settings=None, progress=None):
            if image.name == "1.tif":
                raise RuntimeError("mood")
            return super().segment(image, settings, progress)

    outcome = bright.run(folder, out, segmenter=Moody())
    assert [row.error for row in outcome.rows if row.error] == ["Unexpected RuntimeError: mood"]


def test_settings_that_fit_no_image_end_the_run(bright, folder, out):
    class Refusing(bright.Bright):
        def segment(self, *_, **__):
            raise sc.SettingsError("diameter=3 cannot be used.")

    with pytest.raises(sc.SettingsError, match="diameter=3"):
        bright.run(folder, out, segmenter=Refusing())


def test_the_input_is_left_untouched(bright, folder, out):
    before = {path: path.stat().st_mtime_ns for path in (folder, *folder.iterdir())}
    bright.run(folder, out)
    assert {path: path.stat().st_mtime_ns for path in (folder, *folder.iterdir())} == before


def test_out_inside_the_input_is_not_searched_by_the_next_run(bright, folder):
    bright.run(folder, folder / "out", recursive=True)
    again = bright.run(folder, folder / "out", recursive=True)
    assert (len(again.rows), again.skipped) == (3, 3)


def test_the_number_of_workers_changes_nothing(bright, folder, tmp_path):
    for workers in (1, 3):
        bright.run(folder, tmp_path / f"out{workers}", workers=workers)
    assert bright.tree(tmp_path / "out1") == bright.tree(tmp_path / "out3")


def test_images_are_worked_on_at_the_same_time(bright, folder, out):
    together = threading.Barrier(2, timeout=20)

    def meet(path, result, _):
        if result.shown != "stack.tif":
            together.wait()
        path.touch()

    outcome = bright.run(folder, out, outputs=[Output("x", "x", ".x", "", meet)], workers=3)
    assert outcome.failed == 0


def test_at_most_two_images_are_with_the_network(bright, folder, out, draw):
    for number in range(6):
        cv2.imwrite(str(folder / f"more{number}.png"), draw(1))
    now, most, lock = [0], [0], threading.Lock()

    class Counting(bright.Bright):
        def segment(self, image, settings=None, progress=None):
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])

            def watched(done, total):
                progress(done, total)
                if done == total:
                    with lock:
                        now[0] -= 1

            return super().segment(image, settings, watched)

    bright.run(folder, out, segmenter=Counting(0.02), workers=6)
    # The place is given back a moment before it is counted here.
    assert 2 <= most[0] <= 3


def test_events_come_in_the_thread_of_the_caller(bright, folder, out):
    events, threads = [], set()

    def listen(event):
        events.append(event)
        threads.add(threading.get_ident())

    (folder / "empty.tif").touch()
    bright.run(folder, out, listen=listen, workers=2)
    assert threads == {threading.get_ident()}
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[-1], RunFinished)
    assert sum(isinstance(event, ImageDone) for event in events) == 3
    assert [event.image for event in events if isinstance(event, ImageFailed)] == ["empty.tif"]


def test_finished_images_are_skipped(bright, folder, out):
    bright.run(folder, out)
    segmenter, events = bright.Bright(), []
    outcome = bright.run(folder, out, segmenter=segmenter, listen=events.append)
    assert (segmenter.seen, outcome.skipped, outcome.cells) == ([], 3, 17)
    assert sum(isinstance(event, ImageSkipped) for event in events) == 3


def test_a_second_run_with_nothing_to_do_changes_no_file(bright, folder, out):
    bright.run(folder, out)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    bright.run(folder, out)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_images_that_come_later_are_added(bright, folder, out, draw):
    bright.run(folder, out)
    cv2.imwrite(str(folder / "late.png"), draw(2))
    segmenter = bright.Bright()
    outcome = bright.run(folder, out, segmenter=segmenter)
    assert (segmenter.seen, outcome.cells) == (["late.png"], 19)
    assert len(rows(out / "images.csv")) == 4


def test_a_run_without_images_that_have_results_is_refused(bright, folder, out):
    bright.run(folder, out)
    (folder / "1.png").unlink()
    with pytest.raises(sc.SamcellError, match=r"1 images that are not among .*1\.png"):
        bright.run(folder, out)


def test_changed_settings_are_refused_with_what_changed(bright, folder, out):
    bright.run(folder, out)
    with pytest.raises(sc.SamcellError, match=r"\(peak was 0\.5, now 0\.6\)"):
        bright.run(folder, out, settings=sc.Settings(peak=0.6))


def test_another_model_of_the_same_name_is_refused(bright, folder, out):
    bright.run(folder, out)
    with pytest.raises(sc.SamcellError, match="model sha256 was 000"):
        bright.run(folder, out, segmenter=bright.Bright(sha256="1" * 64))


def test_changed_settings_replace_the_results_on_demand(bright, folder, out, tmp_path):
    bright.run(folder, out)
    changed = {"settings": sc.Settings(peak=0.6)}
    bright.run(folder, out, overwrite=True, **changed)
    bright.run(folder, tmp_path / "fresh", **changed)
    assert bright.tree(out) == bright.tree(tmp_path / "fresh")


def test_an_image_that_changed_is_refused_and_replaced_on_demand(bright, folder, out, draw):
    bright.run(folder, out)
    cv2.imwrite(str(folder / "1.png"), draw(1))
    outcome = bright.run(folder, out)
    assert "has changed since" in outcome.rows[0].error
    assert bright.run(folder, out, overwrite=True).cells == 13


@pytest.mark.parametrize("number", [0, 1])
def test_an_image_of_several_files_has_changed_with_any_of_them(bright, folder, out, draw, number):
    planes = [("first.ome.tif", draw(2)), ("second.ome.tif", draw(7))]
    write_ome_series(folder, planes)
    bright.run(folder, out)
    planes[number] = (planes[number][0], draw(1))
    write_ome_series(folder, planes)
    outcome = bright.run(folder, out)
    assert [row.image for row in outcome.rows if "has changed since" in row.error] == [
        "first.ome.tif"
    ]


def test_a_file_of_somebody_else_is_not_overwritten(bright, folder, out):
    (out / "masks").mkdir(parents=True)
    (out / "masks" / "1_tif.png").write_text("mine")
    outcome = bright.run(folder, out)
    assert (outcome.failed, (out / "masks" / "1_tif.png").read_text()) == (1, "mine")
    assert bright.run(folder, out, overwrite=True).failed == 0


def test_a_table_that_was_edited_is_not_overwritten(bright, folder, out, draw):
    bright.run(folder, out)
    (out / "cells.csv").write_text("my notes")
    cv2.imwrite(str(folder / "late.png"), draw(2))
    with pytest.raises(sc.SamcellError, match=r"cells\.csv exists"):
        bright.run(folder, out)
    assert (out / "cells.csv").read_text() == "my notes"


def test_a_result_that_was_deleted_is_made_again(bright, folder, out):
    bright.run(folder, out)
    before = bright.tree(out)
    (out / "masks" / "1_tif.png").unlink()
    (out / "cells.csv").unlink()
    bright.run(folder, out)
    assert bright.tree(out) == before


def test_two_runs_at_once_are_refused(bright, folder, out):
    class Nested(bright.Bright):
        def segment(self, image, settings=None, progress=None):
            with pytest.raises(sc.SamcellError, match="Another run is writing"):
                bright.run(folder, out)
            return super().segment(image, settings, progress)

    assert bright.run(folder, out, segmenter=Nested()).failed == 0


def test_out_that_is_a_file_is_refused(bright, folder, out):
    out.write_text("x")
    with pytest.raises(sc.SamcellError, match="cannot be written to"):
        bright.run(folder, out)


def test_a_full_disk_is_an_error_of_the_image_and_leaves_nothing(bright, folder, out):
    def full(path, result, _):
        path.write_bytes(b"half")
        if result.shown == "1.tif":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    outcome = bright.run(folder, out, outputs=[Output("labels", "labels", ".tif", "", full)])
    assert [row.image for row in outcome.rows if row.error] == ["1.tif"]
    assert "No space left on device" in outcome.rows[1].error
    assert not (out / "labels" / "1_tif.tif").exists()
    assert not list(out.rglob("*.draft"))


def test_an_interrupted_run_keeps_what_is_finished_and_goes_on(bright, folder, out, tmp_path):
    def interrupt(event):
        if isinstance(event, ImageDone):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bright.run(folder, out, segmenter=bright.Bright(0.1), listen=interrupt)
    assert not (out / "cells.csv").exists()
    outcome = bright.run(folder, out)
    bright.run(folder, tmp_path / "fresh")
    assert outcome.skipped >= 1
    assert bright.tree(out) == bright.tree(tmp_path / "fresh")


def test_the_record_says_what_is_needed_to_repeat_the_run(bright, folder, out):
    bright.run(folder, out, arguments=["samcell-cli", "run", "images"])
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert record["arguments"] == ["samcell-cli", "run", "images"]
    assert record["model"]["sha256"] == "0" * 64
    assert record["made_with"]["settings"]["peak"] == 0.5
    assert [image["cells"] for image in record["images"]] == [5, 3, 9]
    assert all(image["seconds"]["segmenting"] >= 0 for image in record["images"])


def test_a_name_of_200_letters_gets_all_its_results(bright, tmp_path, out, draw):
    folder = tmp_path / "long"
    folder.mkdir()
    cv2.imwrite(str(folder / ("n" * 200 + ".png")), draw(1))
    assert bright.run(folder, out).failed == 0
    assert (out / "masks" / ("n" * 200 + ".png")).is_file()


def test_a_plan_says_what_is_finished_and_writes_nothing(bright, folder, out, draw):
    bright.run(folder, out)
    cv2.imwrite(str(folder / "late.png"), draw(2))
    before = bright.tree(out)
    plan = plan_run(find_inputs([folder], out=out), out)
    assert [(each.name, each.finished) for each in plan] == [
        ("1_png", True),
        ("1_tif", True),
        ("late", False),
        ("stack", True),
    ]
    assert bright.tree(out) == before

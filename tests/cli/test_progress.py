"""What a person sees while a run goes on."""

import io

import pytest

from samcell_core.batch import ImageDone, ImageFailed, ImageSkipped, RunFinished, TilesDone


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    from samcell_cli import progress

    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def bar(clock):
    from samcell_cli.progress import Bar

    return lambda stream, **options: Bar({"a": 100, "b": 300}, stream, **options)


def last_line(stream):
    return stream.getvalue().rpartition("\x1b[K")[2]


def test_without_a_terminal_nothing_is_drawn(bar, clock):
    stream = io.StringIO()
    bar(stream)(ImageDone("a", 3, 1.0))
    assert stream.getvalue() == ""


def test_the_remaining_time_grows_with_the_size_of_what_is_left(bar, clock):
    stream = Terminal()
    draw = bar(stream)
    clock[0] += 60
    draw(ImageDone("a", 3, 60.0))
    assert last_line(stream) == f"[{'#' * 6}{'-' * 18}] 1/2 images, 3 min left"


def test_tiles_of_an_image_count_as_a_part_of_it(bar, clock):
    stream = Terminal()
    draw = bar(stream)
    clock[0] += 30
    draw(TilesDone("b", 2, 3))
    assert last_line(stream) == f"[{'#' * 12}{'-' * 12}] 0/2 images, 30 s left"


def test_images_of_an_earlier_run_do_not_make_the_time_short(bar, clock):
    stream = Terminal()
    draw = bar(stream)
    draw(ImageSkipped("a", 3))
    clock[0] += 10
    draw(TilesDone("b", 1, 2))
    assert last_line(stream).endswith("10 s left")


def test_a_failed_image_has_a_line_of_its_own(bar, clock):
    stream = io.StringIO()
    bar(stream)(ImageFailed("a", "no good"))
    assert stream.getvalue() == "a: no good\n"


def test_the_line_is_gone_at_the_end(bar, clock):
    stream = Terminal()
    draw = bar(stream)
    clock[0] += 1
    draw(ImageDone("a", 3, 1.0))
    draw(RunFinished(2, 0, 0, 3, 1.0, "out"))
    assert last_line(stream) == ""

"""The line on a terminal, and times for people."""

import io

import pytest

from samcell_core.terminal import StatusLine, duration


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def terminal():
    return Terminal()


def test_the_bar_shows_the_part_that_is_done(terminal):
    StatusLine(terminal).draw(0.25, "1/4 images")
    assert terminal.getvalue() == f"\r\x1b[K[{'#' * 6}{'-' * 18}] 1/4 images"


def test_what_comes_too_fast_for_the_eye_is_left_out(terminal):
    line = StatusLine(terminal)
    line.draw(0.25, "first")
    line.draw(0.26, "second")
    assert "second" not in terminal.getvalue()


def test_a_line_that_was_cleared_is_drawn_again_at_once(terminal):
    line = StatusLine(terminal)
    line.draw(0.25, "first")
    line.clear()
    line.draw(0.26, "second")
    assert terminal.getvalue().endswith("second")


def test_nothing_is_cleared_where_nothing_was_drawn(terminal):
    StatusLine(terminal).clear()
    assert terminal.getvalue() == ""


def test_a_file_gets_no_bar():
    file = io.StringIO()
    StatusLine(file).draw(0.5, "half")
    assert file.getvalue() == ""


def test_a_bar_nobody_wants_is_not_drawn(terminal):
    StatusLine(terminal, wanted=False).draw(0.5, "half")
    assert terminal.getvalue() == ""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.1, "1 s"),
        (59, "59 s"),
        (59.4, "59 s"),
        (90, "2 min"),
        (3600, "1 h 0 min"),
        (7200, "2 h 0 min"),
        (12000, "3 h 20 min"),
        (3e5, "3 days"),
    ],
)
def test_times_are_for_people(seconds, text):
    assert duration(seconds) == text

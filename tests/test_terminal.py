"""The line on a terminal, and times for people."""

import io

import pytest

from samcell_core.terminal import DownloadLine, StatusLine, duration


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


def test_without_a_known_end_there_are_words_and_no_bar(terminal):
    StatusLine(terminal).draw(None, "3 images")
    assert terminal.getvalue() == "\r\x1b[K3 images"


@pytest.fixture
def clock(monkeypatch):
    """Set the seconds that have passed."""
    now = [100.0]
    monkeypatch.setattr("samcell_core.terminal.time.monotonic", lambda: now[0])
    return lambda seconds: now.__setitem__(0, 100.0 + seconds)


def test_a_download_tells_how_much_has_arrived_and_how_long_it_takes(terminal, clock):
    line = DownloadLine(terminal)
    line(0, 400_000_000)
    clock(10)
    line(100_000_000, 400_000_000)
    assert terminal.getvalue().endswith("] 100.0 MB of 400.0 MB, 30 s left")


def test_what_an_earlier_attempt_brought_says_nothing_of_the_speed(terminal, clock):
    line = DownloadLine(terminal)
    line(200_000_000, 400_000_000)
    clock(10)
    line(300_000_000, 400_000_000)
    assert terminal.getvalue().endswith(", 10 s left")


def test_a_download_of_unknown_size_tells_what_has_arrived(terminal):
    DownloadLine(terminal)(5_000_000, None)
    assert terminal.getvalue() == "\r\x1b[K5.0 MB"


def test_the_line_of_a_finished_download_is_gone(terminal):
    line = DownloadLine(terminal)
    line(5_000_000, 10_000_000)
    line(10_000_000, 10_000_000)
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_the_line_of_a_download_that_failed_is_gone(terminal):
    def break_off():
        with DownloadLine(terminal) as line:
            line(5_000_000, 10_000_000)
            raise OSError("the server is gone")

    with pytest.raises(OSError, match="gone"):
        break_off()
    assert terminal.getvalue().endswith("\r\x1b[K")


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

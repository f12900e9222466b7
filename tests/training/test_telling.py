"""What a person sees while a training goes on."""

import io

from samcell_core.training.curves import HistoryRow
from samcell_core.training.reports import Report
from samcell_core.training.sam.reports import SamReport
from samcell_core.training.telling import Teller


class Terminal(io.StringIO):
    def isatty(self):
        return True


def of_sam(step, *, ends_epoch=False, notes=()):
    row = HistoryRow(step, 1, 0.05, 0.04, 0.5, 1e-4, 10.0) if ends_epoch else None
    return SamReport(step, 8, 1, 4, 0.03, 10.0, row=row, notes=notes)


def test_a_terminal_shows_a_bar():
    terminal = Terminal()
    Teller(stream=terminal).sam(of_sam(2))
    assert terminal.getvalue().endswith(
        "[######------------------] epoch 1/4, update 2/8, loss 0.0300, 30 s left"
    )


def test_the_bar_is_gone_in_the_end():
    terminal = Terminal()
    teller = Teller(stream=terminal)
    teller.sam(of_sam(2))
    teller.clear()
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_a_log_has_no_bar(capsys):
    Teller().sam(of_sam(2))
    assert capsys.readouterr() == ("", "")


def test_an_epoch_is_a_line(capsys):
    Teller().sam(of_sam(2, ends_epoch=True))
    assert capsys.readouterr().out == (
        "epoch 1/4  training loss 0.0500, validation 0.0400  10 s, 30 s left\n"
    )


def test_a_long_epoch_has_lines_in_between(capsys, monkeypatch):
    clock = iter(range(0, 1000, 31))  # looked at twice for each update
    monkeypatch.setattr("samcell_core.training.telling.time.monotonic", lambda: next(clock))
    teller = Teller()
    for step in (1, 2, 3):
        teller.sam(of_sam(step))
    assert capsys.readouterr().out.startswith("  update 2/8 (epoch 1/4)  loss 0.0300")


def test_each_update_is_a_line_where_more_is_wanted(capsys):
    Teller(1).sam(of_sam(1))
    Teller(1).lite(Report(1, 200, 0.5, 2.0))
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [
        ["update", "1/8"],
        ["step", "1/200"],
    ]


def test_the_small_network_has_a_line_each_hundred_updates(capsys):
    teller = Teller()
    for step in range(1, 201):
        teller.lite(Report(step, 200, 0.5, float(step)))
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == [
        "100/200",
        "200/200",
    ]


def test_notes_are_told(capsys):
    Teller().sam(of_sam(1, notes=("Look here.",)))
    assert capsys.readouterr().err == "Note: Look here.\n"


def test_who_wants_quiet_hears_nothing(capsys):
    teller = Teller(-1)
    teller.sam(of_sam(2, ends_epoch=True, notes=("Look here.",)))
    teller.say("done")
    assert capsys.readouterr() == ("", "")


def test_reading_shows_a_bar_too():
    terminal = Terminal()
    Teller(stream=terminal).progress("reading images")(1, 4)
    assert terminal.getvalue().endswith("[######------------------] reading images 1/4")

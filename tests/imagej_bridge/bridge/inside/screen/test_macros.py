"""Macros in a real ImageJ: what they return, and how they fail."""

import threading
import time

import numpy as np
import pytest

import samcell_core as sc


def test_a_macro_gets_its_arguments_and_gives_what_it_returns(connection):
    answer = connection.run_macro("return getArgument();", {"a": 1, "b": "two words", "c": True})
    assert answer == "a=1 b=[two words] c"


def test_a_macro_without_return_gives_nothing(connection):
    assert connection.run_macro("x = 1;") is None


def test_a_macro_is_read_from_a_file(connection, tmp_path):
    path = tmp_path / "mit Leerzeichen ä.ijm"
    path.write_text('return "ä " + getArgument();', encoding="utf-8")
    assert connection.run_macro(path, "b") == "ä b"
    assert connection.run_macro(str(path), "c") == "ä c"


def test_a_file_that_is_not_there_is_named(connection):
    with pytest.raises(sc.SamcellError, match=r"The macro nowhere\.ijm cannot be read"):
        connection.run_macro("nowhere.ijm")


@pytest.mark.parametrize(
    ("macro", "message"),
    [
        ("x = 1;\ny = ;", r"Number or numeric function expected \(line 2\)"),
        ("x = newArray(1);\n\ny = x[3];", r"Index \(3\) out of 0-0 range \(line 3\)"),
        ('run("No such command");', 'Unrecognized command: "No such command"'),
        ('run("Invert");', "There are no images open"),
        ('open("/nowhere/x.tif");', "File not found"),
        ('exit("No cells in this well");', "No cells in this well"),
        ('newImage("a", "8-bit", 9, 9, 1); run("Gaussian Blur...", "sigma=x");', "Numeric value"),
        ("f(3);", "Undefined identifier"),
        ('selectWindow("nowhere");', "nowhere"),
    ],
)
def test_a_macro_that_fails_raises_its_own_message(connection, macro, message):
    with pytest.raises(sc.SamcellError, match=message):
        connection.run_macro(macro, time_limit=60)


def test_the_name_of_the_file_is_in_the_message(connection, tmp_path):
    (tmp_path / "count.ijm").write_text('exit("nothing there");')
    with pytest.raises(sc.SamcellError, match=r"count\.ijm failed: nothing there"):
        connection.run_macro(tmp_path / "count.ijm")


@pytest.mark.parametrize("end", ["exit;", "exit();", 'print("done"); exit;'])
def test_an_exit_without_a_message_is_no_failure(connection, end):
    assert connection.run_macro(f"x = 1;\n{end}\nx = 2;") is None


def test_a_message_is_closed_and_the_macro_goes_on(connection):
    assert connection.run_macro('showMessage("Done", "all well"); return "on";') == "on"


@pytest.mark.parametrize(
    "macro",
    [
        'x = getNumber("how many cells", 3);',
        'Dialog.create("cells"); Dialog.addNumber("n", 3); Dialog.show();',
        'waitForUser("draw", "the cells");',
        'newImage("a", "8-bit", 9, 9, 1); run("Gaussian Blur...");',
    ],
)
def test_a_macro_that_asks_is_ended_where_nobody_answers(connection, macro):
    start = time.monotonic()
    with pytest.raises(sc.SamcellError, match="it asked for an answer"):
        connection.run_macro(f'{macro} newImage("on", "8-bit", 9, 9, 1);', time_limit=60)
    assert time.monotonic() - start < 30


def test_what_follows_a_question_is_not_done(connection, java):
    with pytest.raises(sc.SamcellError, match="it asked for an answer"):
        connection.run_macro('x = getNumber("n", 3); newImage("on", "8-bit", 9, 9, 1);')
    assert java("ij.WindowManager").getImage("on") is None


@pytest.mark.parametrize("macro", ["while (true) x = 1;", "wait(60000);"])
def test_a_macro_without_end_is_stopped_in_time(connection, macro):
    start = time.monotonic()
    with pytest.raises(sc.SamcellError, match=r"did not end within 0\.5 s"):
        connection.run_macro(macro, time_limit=0.5)
    assert time.monotonic() - start < 20


def test_a_macro_runs_after_one_that_was_stopped(connection):
    with pytest.raises(sc.SamcellError, match="did not end"):
        connection.run_macro("while (true) x = 1;", time_limit=0.5)
    assert connection.run_macro('return "well";') == "well"


def test_a_macro_that_fails_inside_another_is_a_failure(connection, tmp_path):
    (tmp_path / "inner.ijm").write_text("x = newArray(-3);")
    macro = f'runMacro("{(tmp_path / "inner.ijm").as_posix()}"); return "on";'
    with pytest.raises(sc.SamcellError, match="Negative array size"):
        connection.run_macro(macro)


def test_an_exception_that_imagej_only_shows_is_a_failure(connection, java):
    def disturb():
        while java("ij.macro.Interpreter").getInstance() is None:
            time.sleep(0.01)
        java("ij.IJ").handleException(java("java.io.IOException")("the disk is gone"))
        java("ij.Prefs").set("samcell.go", "yes")

    other = threading.Thread(target=disturb)
    other.start()
    macro = 'while (call("ij.Prefs.get", "samcell.go", "no") == "no") wait(10);'
    with pytest.raises(sc.SamcellError, match="IOException: the disk is gone"):
        connection.run_macro(macro, time_limit=60)
    other.join()


@pytest.mark.parametrize("trial", range(5))
@pytest.mark.parametrize(
    "macro",
    ["while (true) wait(10);", "while (1 == 1) ;", "for (; true; ) ;", "do {} while (true);"],
)
def test_a_macro_that_somebody_aborts_anywhere_was_aborted(connection, java, macro, trial):
    def abort():
        while java("ij.macro.Interpreter").getInstance() is None:
            time.sleep(0.01)
        java("ij.macro.Interpreter").abort()

    other = threading.Thread(target=abort)
    other.start()
    with pytest.raises(sc.SamcellError, match="it was aborted"):
        connection.run_macro(macro, time_limit=60)
    other.join()


def test_batch_mode_ends_with_the_macro(connection, java):
    connection.run_macro('setBatchMode(true); newImage("hidden", "8-bit", 9, 9, 1);')
    connection.to_image(np.zeros((5, 5), np.uint8), title="seen").show()
    assert java("ij.WindowManager").getImage("seen").isVisible()


def test_an_argument_that_a_macro_cannot_be_told_is_refused(connection):
    with pytest.raises(sc.SamcellError, match="cannot be told to a macro"):
        connection.run_macro("x = 1;", {"name": "a]b"})

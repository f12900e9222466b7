"""What went wrong with an image is said in one line."""

import errno

from samcell_core.batch.reasons import reason_of
from samcell_core.errors import ImageError


def test_an_error_for_people_is_told_as_it_is():
    assert reason_of(ImageError("a.tif is empty: copy it again.")) == (
        "a.tif is empty: copy it again."
    )


def test_several_lines_become_one():
    assert reason_of(RuntimeError("first\n  second")) == "Unexpected RuntimeError: first second"


def test_bytes_that_are_no_text_are_replaced():
    assert reason_of(ImageError("zelle_\udce4.tif is empty.")) == "zelle_?.tif is empty."


def test_where_memory_is_short_it_is_said_what_helps():
    assert reason_of(MemoryError(), relief="close Fiji") == (
        "Not enough memory for this image: close Fiji."
    )


def test_what_the_system_refused_is_told_with_its_file():
    error = OSError(errno.EACCES, "Permission denied", "a.tif")
    assert reason_of(error).startswith("Permission denied (a.tif): check")

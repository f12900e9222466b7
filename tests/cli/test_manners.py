"""What the commands print for other programs."""

import json

import numpy as np


def test_json_is_ascii_so_that_a_redirected_one_can_be_read_anywhere(invoke, write_sides):
    labels = np.zeros((20, 30), np.uint16)
    labels[2:9, 2:12] = 1
    printed = invoke("compare", *write_sides(Zellen_ü=(labels, labels)), "--json").stdout
    assert printed.isascii()
    assert json.loads(printed)["images"][0]["image"] == "Zellen_ü"

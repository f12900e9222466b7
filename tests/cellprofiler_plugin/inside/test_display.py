"""What the window shows, told from what the run has left for it."""

import json

import numpy as np
import pytest
from cellprofiler_core.workspace import Workspace

from conftest import discs, from_file

SMALL, MIDDLE = (40, 40, 16), (120, 120, 32)


class Figure:
    """Notes what is to be drawn where, as CellProfiler's figure takes it."""

    def __init__(self):
        self.drawn = {}

    def set_subplots(self, shape):
        self.shape = shape

    def __getattr__(self, name):
        def draw(column, row, what, title=None, **more):
            self.drawn[column, row] = (name, what, title, more)
            return f"axes {column}, {row}"

        return draw


@pytest.fixture
def shown(module, workspace):
    """Function of an image that gives what is drawn, in a workspace without that image."""

    def show(pixels):
        module.show_window = True
        module.exclude_size.value = True
        module.size_range.value = (26, 60)
        made = workspace(from_file(pixels))
        module.run(made)
        empty = Workspace(made.pipeline, module, None, None, None, None)
        empty.display_data.__dict__.update(made.display_data.__dict__)
        figure = Figure()
        module.display(empty, figure)
        return figure.drawn

    return show


def test_four_panels_are_drawn(shown):
    assert [name for name, *_ in shown(discs(SMALL, MIDDLE)).values()] == [
        "subplot_imshow_grayscale",
        "subplot_imshow_labels",
        "subplot_imshow_grayscale",
        "subplot_table",
    ]


def test_colour_is_drawn_in_colour(shown):
    colour = np.repeat(discs(SMALL, MIDDLE)[:, :, None], 3, axis=2)
    assert shown(colour)[0, 0][0] == "subplot_imshow_color"


def test_accepted_and_discarded_objects_are_outlined(shown):
    outlines = shown(discs(SMALL, MIDDLE))[0, 1][3]["cplabels"]
    accepted, discarded = (each["labels"][0] for each in outlines)
    assert accepted[120, 120] > 0
    assert discarded[40, 40] > 0
    assert discarded[120, 120] == 0
    assert accepted[40, 40] == 0


def test_the_panels_move_together(shown):
    drawn = shown(discs(SMALL, MIDDLE))
    assert drawn[1, 0][3]["sharexy"] == drawn[0, 1][3]["sharexy"] == "axes 0, 0"


def test_the_table_says_what_was_found(shown):
    _, values, _, more = shown(discs(SMALL, MIDDLE))[1, 1]
    table = dict(zip(more["row_labels"], (value for [value] in values)))
    assert table["# of accepted objects"] == "1"
    assert table["# of discarded objects"] == "1"
    assert table["Median diameter"].endswith("pixels")
    assert table["Model"] == "samcell-lite"


def test_an_image_without_objects_is_shown_too(shown):
    _, values, _, more = shown(discs())[1, 1]
    assert dict(zip(more["row_labels"], values))["# of accepted objects"] == ["0"]


def test_workers_can_send_what_is_shown(module, workspace, shown):
    shown(discs(SMALL, MIDDLE))
    made = workspace(from_file(discs(SMALL, MIDDLE)))
    module.run(made)
    rest = {k: v for k, v in made.display_data.__dict__.items() if not isinstance(v, np.ndarray)}
    assert json.loads(json.dumps(rest)) == rest


def test_nothing_is_kept_for_a_window_that_is_not_shown(module, workspace):
    made = workspace(from_file(discs(MIDDLE)))
    module.show_window = False
    module.run(made)
    assert made.display_data.__dict__ == {}

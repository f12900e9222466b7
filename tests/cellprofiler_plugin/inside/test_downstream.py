"""The modules that come after it in people's pipelines take its objects."""

import numpy as np
import pytest
from cellprofiler_core.utilities.core.modules import instantiate_module

from conftest import discs, from_file

CELLS = ((60, 60, 40), (130, 140, 40))
AT_THE_BORDER = (190, 60, 40)


@pytest.fixture
def after(module, workspace):
    """Function that runs RunSAMCell and then other modules, made by name with settings."""

    def run(*modules, cells=CELLS):
        made = workspace(from_file(discs(*cells)))
        nuclei = discs(*((row, column, 14) for row, column, _ in cells), noise=0)
        made.image_set.add("DNA", from_file(nuclei))
        module.diameter.value = 40
        module.run(made)
        for number, (name, settings) in enumerate(modules, start=2):
            following = instantiate_module(name)
            following.set_module_num(number)
            for key, value in settings.items():
                getattr(following, key).value = value
            made.pipeline.add_module(following)
            made.set_module(following)
            following.run(made)
        return made

    return run


NUCLEI = ("IdentifyPrimaryObjects", {"x_name": "DNA", "y_name": "Nuclei", "size_range": (5, 30)})
GROWN = (
    "IdentifySecondaryObjects",
    {
        "x_name": "Cells",
        "y_name": "Grown",
        "image_name": "Phase",
        "method": "Distance - N",
        "distance_to_dilate": 5,
    },
)


def test_secondary_objects_grow_around_them(after):
    objects = after(GROWN).object_set
    cells, grown = (objects.get_objects(name) for name in ("Cells", "Grown"))
    assert grown.count == cells.count == 2
    assert (grown.areas > cells.areas).all()


def test_secondary_objects_do_not_grow_into_discarded_ones(after, module):
    module.exclude_border_objects.value = True
    objects = after(GROWN, cells=((150, 60, 36), AT_THE_BORDER)).object_set
    discarded = objects.get_objects("Cells").unedited_segmented[190, 60]
    grown = objects.get_objects("Grown")
    assert discarded > 0
    assert (grown.count, grown.segmented[190, 60]) == (1, 0)


def test_nuclei_are_related_to_them(after):
    relate = ("RelateObjects", {"x_name": "Cells", "y_name": "Nuclei"})
    measurements = after(NUCLEI, relate).measurements
    assert measurements["Nuclei", "Parent_Cells"].tolist() == [1, 2]
    assert measurements["Cells", "Children_Nuclei_Count"].tolist() == [1, 1]


def test_tertiary_objects_are_what_the_nuclei_leave_of_them(after):
    tertiary = (
        "IdentifyTertiaryObjects",
        {
            "primary_objects_name": "Nuclei",
            "secondary_objects_name": "Cells",
            "subregion_objects_name": "Cytoplasm",
        },
    )
    objects = after(NUCLEI, tertiary).object_set
    cytoplasm = objects.get_objects("Cytoplasm")
    assert cytoplasm.count == 2
    assert cytoplasm.segmented[60, 60] == 0
    assert (cytoplasm.areas < objects.get_objects("Cells").areas).all()


def test_their_size_and_shape_is_measured(after):
    made = after(("MeasureObjectSizeShape", {"objects_list": "Cells"}))
    areas = made.measurements["Cells", "AreaShape_Area"]
    np.testing.assert_array_equal(areas, made.object_set.get_objects("Cells").areas)


def test_the_doubtful_ones_can_be_filtered(after):
    made = after()
    confidence = made.measurements["Cells", "SAMCell_Confidence"]
    following = instantiate_module("FilterObjects")
    following.set_module_num(2)
    following.x_name.value, following.y_name.value = "Cells", "Sure"
    following.measurements[0].measurement.value = "SAMCell_Confidence"
    following.measurements[0].min_limit.value = float(np.mean(confidence))
    made.pipeline.add_module(following)
    following.run(made)
    expected = int((confidence >= np.mean(confidence)).sum())
    assert made.object_set.get_objects("Sure").count == expected


def test_outlines_are_drawn_of_them(after):
    overlay = instantiate_module("OverlayOutlines")
    made = after()
    overlay.set_module_num(2)
    overlay.image_name.value, overlay.output_image_name.value = "Phase", "Outlined"
    overlay.outlines[0].objects_name.value = "Cells"
    made.pipeline.add_module(overlay)
    overlay.run(made)
    picture = made.image_set.get_image("Outlined").pixel_data
    assert picture.shape == (200, 200, 3)
    assert (picture.max(axis=2) != picture.min(axis=2)).any()


def test_they_become_an_image(after):
    convert = (
        "ConvertObjectsToImage",
        {"object_name": "Cells", "image_name": "Labels", "image_mode": "uint16"},
    )
    made = after(convert)
    labels = made.object_set.get_objects("Cells").segmented
    image = made.image_set.get_image("Labels").pixel_data
    np.testing.assert_array_equal(image > 0, labels > 0)

"""What CellProfiler expects of a module that makes objects."""

import numpy as np
import pytest
from cellprofiler_core.constants.measurement import COLTYPE_FLOAT, COLTYPE_INTEGER
from cellprofiler_core.measurement import Measurements
from cellprofiler_core.module import Module
from cellprofiler_core.module.image_segmentation import ImageSegmentation
from cellprofiler_core.utilities.core.modules import badmodules, get_module_names

from conftest import PLUGIN, discs

LABELS = [
    "Select the input image",
    "Name the primary objects to be identified",
    "Select the model",
    "Location of the model file",
    "Name of the model file",
    "How is the image scaled for the model?",
    "Diameter of the cells, in pixel units",
    "Factor to enlarge the image by",
    "Typical diameter of objects, in pixel units (Min,Max)",
    "Discard objects outside the diameter range?",
    "Discard objects touching the border of the image?",
    "Fill holes in identified objects?",
    "Use the model's own thresholds?",
    "Cell peak threshold",
    "Cell fill threshold",
    "Measure the confidence of each object?",
    "Save the distance map as an image?",
    "Name the distance map",
    "Where does the network run?",
    "Precision of the network",
    "Python of the engine (empty for the installed one)",
]
"""Pipelines hold the values in this order: it may only grow at its end."""


def test_cellprofiler_loads_the_module():
    assert "RunSAMCell" in get_module_names()


def test_no_file_of_the_plugin_is_refused_as_a_module():
    assert [name for name, _ in badmodules if "samcell" in name] == []


def test_the_settings_of_pipelines_keep_their_order(module):
    assert [setting.text for setting in module.settings()] == LABELS


def test_no_label_holds_a_colon_at_which_pipelines_would_be_cut(module):
    assert [label for label in LABELS if ":" in label] == []


def test_every_setting_has_a_help_text(module):
    assert [setting.text for setting in module.settings() if len(setting.doc) < 40] == []


def test_the_help_is_the_text_of_the_file(module):
    assert module.__doc__.startswith("RunSAMCell\n==========")


def test_the_help_is_valid_restructured_text(module, capfd):
    html = module.get_help()
    assert capfd.readouterr().err == ""
    assert "system-message" not in html


def test_every_setting_is_in_the_help(module):
    html = module.get_help()
    assert [text for text in LABELS if text.replace("'", "&#8217;")[:10] not in html] == []


def test_every_setting_is_in_the_page_about_it():
    page = (PLUGIN.parent / "docs/cellprofiler.md").read_text(encoding="utf-8")
    assert [label for label in LABELS if f"| {label} |" not in page] == []


def test_every_setting_can_be_seen(module):
    shown = visible(module)
    module.model.value = "Model file"
    module.exclude_size.value = True
    module.own_thresholds.value = False
    module.wants_distance.value = True
    for scaling in module.scaling.choices:
        module.scaling.value = scaling
        shown |= visible(module)
    assert {setting.text for setting in module.settings()} <= shown


def visible(module):
    return {setting.text for setting in module.visible_settings()}


@pytest.mark.parametrize(
    ("setting", "value", "label"),
    [
        ("model", "Model file", "Name of the model file"),
        ("exclude_size", True, "Typical diameter of objects, in pixel units (Min,Max)"),
        ("own_thresholds", False, "Cell peak threshold"),
        ("wants_distance", True, "Name the distance map"),
        ("scaling", "By a factor", "Factor to enlarge the image by"),
    ],
)
def test_a_setting_without_effect_is_not_shown(module, setting, value, label):
    before = visible(module)
    getattr(module, setting).value = value
    assert (label in before, label in visible(module)) == (False, True)


def test_the_defaults_are_those_of_the_engine(module, engines):
    fresh = type(module)()
    fresh.x_name.value = "Phase"
    hello = engines.engine_at("", lambda: 1).hello
    defaults = {option["name"]: option["default"] for option in hello["settings"]}
    request = fresh._request(2)
    assert {name: defaults[name] for name in request if name != "axes"} == {
        name: value for name, value in request.items() if name != "axes"
    }


@pytest.mark.parametrize(
    ("setting", "option"),
    [("diameter", "diameter"), ("factor", "scale"), ("peak", "peak"), ("fill", "fill")],
)
def test_the_ranges_are_those_of_the_engine(module, engines, setting, option):
    hello = engines.engine_at("", lambda: 1).hello
    [declared] = [each for each in hello["settings"] if each["name"] == option]
    number = getattr(module, setting)
    assert (number.min_value, number.max_value) == (declared["low"], declared["high"])


@pytest.mark.parametrize("threshold", ["peak", "fill"])
def test_the_thresholds_start_at_those_of_the_built_in_model(module, engines, threshold):
    model = engines.engine_at("", lambda: 1).load()["model"]
    assert getattr(module, threshold).value == model[threshold]


def test_the_models_are_those_of_the_engine(module, engines):
    hello = engines.engine_at("", lambda: 1).hello
    named = [model["name"] for model in hello["models"]]
    assert module.model.choices == [*named, "Model file"]


def test_it_belongs_to_the_modules_that_make_objects(module):
    assert module.category == "Object Processing"
    assert module.is_object_identification_module()


def test_it_takes_no_volumes(module):
    assert module.volumetric() is False


def test_it_overrides_nothing_that_is_not_its_own():
    from cellprofiler_core.constants.modules import do_not_override
    from cellprofiler_core.utilities.core.modules import get_module_class

    ours = get_module_class("RunSAMCell")
    assert [n for n in do_not_override if getattr(ours, n) is not getattr(Module, n)] == []


def test_the_columns_are_declared(module):
    assert module.get_measurement_columns(None) == [
        ("Cells", "Location_Center_X", COLTYPE_FLOAT),
        ("Cells", "Location_Center_Y", COLTYPE_FLOAT),
        ("Cells", "Location_Center_Z", COLTYPE_FLOAT),
        ("Cells", "Number_Object_Number", COLTYPE_INTEGER),
        ("Image", "Count_Cells", COLTYPE_INTEGER),
        ("Cells", "SAMCell_Confidence", COLTYPE_FLOAT),
        ("Image", "SAMCell_PeakThreshold_Cells", COLTYPE_FLOAT),
        ("Image", "SAMCell_FillThreshold_Cells", COLTYPE_FLOAT),
        ("Image", "SAMCell_Scale_Cells", COLTYPE_FLOAT),
    ]


def test_no_confidence_is_declared_where_none_is_measured(module):
    module.wants_confidence.value = False
    names = [name for _, name, _ in module.get_measurement_columns(None)]
    assert "SAMCell_Confidence" not in names
    assert module.get_categories(None, "Cells") == ["Location", "Number"]


def test_categories_and_measurements_name_every_column(module):
    named = {
        (owner, f"{category}_{measurement}")
        for owner in ("Image", "Cells")
        for category in module.get_categories(None, owner)
        for measurement in module.get_measurements(None, owner, category)
    }
    declared = {
        (owner, name.replace("_Cells", "") if name.startswith("SAMCell") else name)
        for owner, name, _ in module.get_measurement_columns(None)
    }
    assert named == declared


def test_other_objects_have_no_categories(module):
    assert module.get_categories(None, "Nuclei") == []
    assert module.get_measurements(None, "Nuclei", "SAMCell") == []


def test_thresholds_of_the_image_are_of_the_objects(module):
    assert module.get_measurement_objects(None, "Image", "SAMCell", "Scale") == ["Cells"]


def test_count_and_places_are_those_of_the_base_class(run, module):
    workspace = run(discs((60, 60, 30), (130, 140, 30), (199, 20, 30)))
    measurements = workspace.measurements
    names = [name for _, name, _ in ImageSegmentation.get_measurement_columns(module, None)]
    owners = [owner for owner, *_ in ImageSegmentation.get_measurement_columns(module, None)]
    ours = [measurements[owner, name] for owner, name in zip(owners, names)]
    module.add_measurements(workspace)
    for owner, name, written in zip(owners, names, ours):
        np.testing.assert_array_equal(written, measurements[owner, name])
        assert np.asarray(written).dtype == np.asarray(measurements[owner, name]).dtype


@pytest.mark.parametrize("cells", [[], [(60, 60, 30)]], ids=["without cells", "with a cell"])
def test_every_declared_column_is_written(run, module, cells):
    measurements = run(discs(*cells)).measurements
    assert isinstance(measurements, Measurements)
    missing = [
        (owner, name)
        for owner, name, _ in module.get_measurement_columns(None)
        if not measurements.has_current_measurements(owner, name)
    ]
    assert missing == []

"""Pipelines saved by this revision, by an older and by a newer one; batch files."""

import io
from pathlib import Path

import pytest
from cellprofiler_core.pipeline import Pipeline
from cellprofiler_core.utilities.core.modules import instantiate_module

from conftest import discs

SAVED = Path(__file__).parents[1] / "pipelines/revision_1.cppipe"
VALUES = {
    "x_name": "Phase",
    "y_name": "Cells",
    "model": "Model file",
    "model_file": "my model: 2.safetensors",
    "scaling": "By a factor",
    "diameter": 33.5,
    "factor": 1.25,
    "size_range": (12, 340),
    "exclude_size": True,
    "exclude_border_objects": True,
    "fill_holes": False,
    "own_thresholds": False,
    "peak": 0.55,
    "fill": 0.125,
    "wants_confidence": False,
    "wants_distance": True,
    "distance_name": "Depth",
    "device": "CPU",
    "precision": "fp32",
    "engine": "C:/Users/me/samcell/Scripts/python.exe",
}


def load(text):
    pipeline = Pipeline()
    pipeline.loadtxt(io.StringIO(text), raise_on_error=True)
    [module] = [each for each in pipeline.modules() if each.module_name == "RunSAMCell"]
    return pipeline, module


@pytest.fixture(scope="module")
def text():
    return SAVED.read_text(encoding="utf-8")


def test_a_pipeline_of_this_revision_is_in_the_data(text, module):
    assert f"variable_revision_number:{module.variable_revision_number}" in text


@pytest.mark.parametrize("name", VALUES)
def test_its_values_are_taken(text, name):
    assert getattr(load(text)[1], name).value == VALUES[name]


def test_it_is_saved_as_it_was(text):
    pipeline, _ = load(text)
    saved = io.StringIO()
    pipeline.dump(saved, save_image_plane_details=False)
    assert saved.getvalue().splitlines()[1:] == text.splitlines()[1:]


def test_settings_that_an_older_revision_lacks_have_their_defaults(text):
    lines = text.rstrip("\n").splitlines()[:-3]
    older = "\n".join(lines).replace("variable_revision_number:1|", "variable_revision_number:0|")
    module = load(older)[1]
    assert (module.distance_name.value, module.device.value) == ("Depth", "Automatic")
    assert module.engine.value == ""


def test_a_pipeline_of_a_newer_revision_loads_and_refuses_to_run(text):
    newer = text.replace("variable_revision_number:1|", "variable_revision_number:9|")
    pipeline, module = load(newer.rstrip("\n") + "\n    A setting of the future:yes\n")
    with pytest.raises(ValueError, match=r"saved by a newer RunSAMCell .revision 9, this is 1."):
        module.validate_module(pipeline)


def test_a_newer_pipeline_is_refused_without_a_window(workspace, module):
    values = [setting.get_unicode_value() for setting in module.settings()]
    module.set_settings_from_values([*values, "yes"], 9, "RunSAMCell")
    with pytest.raises(ValueError, match="samcell-cli cellprofiler install"):
        module.run(workspace(discs((60, 60, 30))))


def test_settings_survive_a_round_trip_unchanged(module):
    values = [setting.get_unicode_value() for setting in module.settings()]
    other = instantiate_module("RunSAMCell")
    other.set_settings_from_values(values, 1, "RunSAMCell")
    assert [setting.get_unicode_value() for setting in other.settings()] == values


def move(path, **_):
    return path.replace("/data/", "/cluster/")


def test_batches_look_for_the_model_file_where_it_is_for_them(module):
    module.model_folder.join_parts("Elsewhere...", "/data/models")
    module.prepare_to_create_batch(None, move)
    assert module.model_folder.custom_path == "/cluster/models"


def test_batches_look_for_the_engine_where_it_is_for_them(module):
    module.engine.value = "/data/samcell/bin/python"
    assert module.prepare_to_create_batch(None, move)
    assert module.engine.value == "/cluster/samcell/bin/python"


def test_batches_find_the_engine_themselves_where_none_is_given(module):
    module.prepare_to_create_batch(None, lambda path, **_: "/cluster/" + path)
    assert module.engine.value == ""

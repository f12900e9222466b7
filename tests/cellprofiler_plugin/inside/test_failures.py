"""What goes wrong is said in a sentence that tells what to do."""

import subprocess
import sys

import numpy as np
import pytest
from cellprofiler_core.setting import ValidationError

from conftest import PLUGIN, discs

CELL = discs((60, 60, 30))

OUT_OF_MEMORY = """#!{python}
import json, struct, sys
stream = sys.stdin.buffer
while True:
    start = stream.read(20)
    if len(start) < 20:
        break
    length, size = struct.unpack("<IQ", start[8:])
    header = json.loads(stream.read(length))
    stream.read(size)
    reply = {{"id": header["id"], "type": "result", "arrays": []}}
    if header["op"] == "hello":
        reply.update(protocol=1, engine="0", python="", pid=0, models=[], settings=[], limits={{}})
    else:
        reply.update(type="error", kind="memory", message="No memory is left: close programs.")
    text = json.dumps(reply).encode()
    sys.stdout.buffer.write(b"SAMCELL1" + struct.pack("<IQ", len(text), 0) + text)
    sys.stdout.buffer.flush()
"""


def test_no_engine_says_what_to_type(run, engines, monkeypatch):
    engines.close_engines()
    monkeypatch.delenv("SAMCELL_PYTHON")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Exception, match="samcell-cli cellprofiler install"):
        run(CELL)


def test_a_python_without_the_engine_is_named(run, module):
    module.engine.value = sys.executable  # CellProfiler's own
    with pytest.raises(Exception, match="is a Python without the SAMCell engine") as caught:
        run(CELL)
    assert sys.executable in str(caught.value)


def test_a_python_that_is_not_there_is_named(run, module):
    module.engine.value = "/nowhere/python"
    with pytest.raises(ValueError, match=r"Python of the engine.*Can't find file, /nowhere/python"):
        run(CELL)


def test_a_model_file_that_is_not_there_is_named(run, module, tmp_path):
    module.model.value = "Model file"
    module.model_folder.join_parts("Elsewhere...", str(tmp_path))
    module.model_file.value = "mine.pt"
    with pytest.raises(ValueError, match=r"There is no model file .*mine\.pt: choose its folder"):
        run(CELL)


def test_a_file_that_is_no_model_is_named(run, module, tmp_path):
    (tmp_path / "mine.pt").write_bytes(b"nothing of the kind")
    module.model.value = "Model file"
    module.model_folder.join_parts("Elsewhere...", str(tmp_path))
    module.model_file.value = "mine.pt"
    with pytest.raises(Exception, match=r"mine\.pt"):
        run(CELL)


def test_a_model_that_was_not_downloaded_says_how_to(run, module, monkeypatch, engines, tmp_path):
    engines.close_engines()
    monkeypatch.setenv("SAMCELL_HOME", str(tmp_path))
    module.model.value = "samcell-generalist"
    module.scaling.value = "Automatic"
    with pytest.raises(Exception, match="samcell-generalist"):
        run(CELL)
    engines.close_engines()


def test_out_of_memory_is_passed_on(run, module, tmp_path):
    program = tmp_path / "python"
    program.write_text(OUT_OF_MEMORY.format(python=sys.executable))
    program.chmod(0o755)
    module.engine.value = str(program)
    with pytest.raises(Exception, match="No memory is left: close programs"):
        run(CELL)


def test_a_label_image_is_refused_by_the_engine(run):
    labels = np.kron(np.arange(16).reshape(4, 4), np.ones((20, 20))).astype(np.uint8)
    labels = np.pad(labels, 60)
    with pytest.raises(Exception, match="looks like a label image"):
        run(labels)


@pytest.mark.parametrize(
    ("switch", "setting", "value", "message"),
    [
        ({"own_thresholds": False}, "peak", "1.5", "'Cell peak threshold': Must be at most 1"),
        ({"own_thresholds": False}, "fill", "a lot", "'Cell fill threshold': Value not in decimal"),
        ({}, "diameter", "0", "'Diameter of the cells, in pixel units': Must be at least 1"),
        ({"scaling": "By a factor"}, "factor", "100", "'Factor to .*': Must be at most 20"),
        ({"exclude_size": True}, "size_range", "50,10", "50 is greater than 10"),
        ({"exclude_size": True}, "size_range", "1,1", "less than one pixel"),
        ({}, "model", "samcell-huge", "'Select the model': samcell-huge is not one of"),
        ({}, "device", "Abacus", "'Where does the network run.': Abacus is not one of"),
        ({"wants_distance": True}, "distance_name", "a b", "'Name the distance map'"),
    ],
)
def test_values_out_of_range_are_refused_without_a_window(
    run, module, switch, setting, value, message
):
    for name, chosen in switch.items():
        getattr(module, name).value = chosen
    getattr(module, setting).set_value_text(value)
    with pytest.raises(ValueError, match=message):
        run(CELL)


def test_a_fill_threshold_above_the_peak_is_refused(run, module):
    module.own_thresholds.value = False
    module.peak.value, module.fill.value = 0.3, 0.4
    with pytest.raises(ValueError, match=r"fill threshold \(0.4\) is above the peak threshold"):
        run(CELL)


def test_the_window_refuses_the_same(module, workspace):
    module.own_thresholds.value = False
    module.peak.value, module.fill.value = 0.3, 0.4
    with pytest.raises(ValidationError, match="above the peak threshold"):
        module.validate_module(workspace(CELL).pipeline)


def test_a_hidden_setting_may_have_any_value(run, module):
    module.peak.set_value_text("1.5")
    assert run(CELL).object_set.get_objects("Cells").count == 1


@pytest.fixture
def alone(tmp_path):
    """Runs code that has the module without the folders beside it."""
    (tmp_path / "runsamcell.py").write_bytes((PLUGIN / "runsamcell.py").read_bytes())
    start = (
        "from cellprofiler_core.preferences import set_headless; set_headless()\n"
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from runsamcell import RunSAMCell\n"
        "module = RunSAMCell()\n"
    )

    def run_code(code):
        return subprocess.run(
            [sys.executable, "-c", start + code, str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )

    return run_code


def test_a_module_alone_loads_and_says_what_is_missing(alone):
    done = alone("from types import SimpleNamespace\nmodule.run(SimpleNamespace(pipeline=None))\n")
    assert "The folders beside" in done.stderr
    assert done.stderr.rstrip().endswith("type samcell-cli cellprofiler install")


def test_a_module_alone_keeps_the_settings_of_pipelines(alone):
    done = alone(
        "module.set_settings_from_values(['Phase', 'Cells', 'a', 'b'], 1, 'RunSAMCell')\n"
        "print([setting.get_unicode_value() for setting in module.settings()])\n"
    )
    assert done.stdout.rstrip().endswith("['Phase', 'Cells', 'a', 'b']"), done.stderr

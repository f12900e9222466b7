"""The Java classes without a window: JSON, frames, options, sizes, in one run of Java."""

from __future__ import annotations

import base64
import json
import struct
import subprocess

import pytest

from imagej_bridge.calibration import Steps, pixel_size_of
from imagej_bridge.fiji import JAR
from samcell_core.images.units import MICROMETRES
from samcell_core.models.registry import MODELS
from samcell_core.settings import Settings

ENTRY = '{"a":[1,-2.5,true,false,null,"\\u00e4\\"\\n"],"b":{}}'
WRONG_JSON = (
    "",
    "{",
    "[1,]",
    "{a:1}",
    '{"a":1,"a":2}',
    "01",
    "1.",
    "-",
    "NaN",
    '"\\x"',
    '"open',
    "[1] 2",
    "nul",
    "[" * 70 + "]" * 70,
)


def frame(header: dict[str, object], payload: bytes = b"") -> str:
    text = json.dumps(header).encode()
    start = struct.pack("<8sIQ", b"SAMCELL1", len(text), len(payload))
    return base64.b64encode(start + text + payload).decode()


def described(name: str, dtype: str, *shape: int) -> dict[str, object]:
    return {"name": name, "dtype": dtype, "shape": list(shape)}


NUMBERS = {
    "bool": ("?", [1, 0]),
    "uint8": ("B", [0, 255]),
    "int8": ("b", [-128, 127]),
    "uint16": ("H", [1, 65535]),
    "int16": ("h", [-32768, 7]),
    "uint32": ("I", [0, 2**32 - 1]),
    "int32": ("i", [-(2**31), 5]),
    "int64": ("q", [-(2**40), 2**40]),
    "float32": ("f", [0.5, -2.0]),
    "float64": ("d", [0.1, -1e300]),
}
FRAMES = {
    **{
        dtype: frame({"arrays": [described("n", dtype, 2)]}, struct.pack(f"<2{letter}", *numbers))
        for dtype, (letter, numbers) in NUMBERS.items()
    },
    "planes": frame({"id": 3, "arrays": [described("n", "uint8", 2, 1, 2)]}, bytes([1, 2, 3, 4])),
    "after noise": base64.b64encode(b"SAMCELL0" + base64.b64decode(frame({"id": 5}))).decode(),
    "too short": frame({"arrays": [described("n", "uint8", 3)]}, b"ab"),
    "too long": frame({"arrays": [described("n", "uint8", 1)]}, b"ab"),
    "negative": frame({"arrays": [described("n", "uint8", -1)]}),
    "absurd": frame({"arrays": [described("n", "uint8", 2**40, 2**40)]}),
    "other type": frame({"arrays": [described("n", "complex64", 1)]}, b"12345678"),
    "cut": frame({"id": 1})[:24],
    "no object": base64.b64encode(struct.pack("<8sIQ", b"SAMCELL1", 2, 0) + b"[]").decode(),
}
OPTIONS = {
    "as recorded": "model=samcell-lite peak=0.47 fill=0.09 min=20 labels rois overlay table",
    "presets": "peak=auto min=0 markers=auto",
    "other writing": "PEAK=.5  min=20.0 markers=CENTROID",
    "path": "model=[/a b/c [1].pt] labels",
    "variable": "min=&size",
    "all": "max=900 diameter=30.5 exclude keep_holes intensity=full batch=4 pixel=0.5",
}
# Unit and length of the step from row to row, then from column to column. ImageJ itself reads the
# micro sign that it escapes in files.
STEPS = {
    "300 dpi": ("inch", 1 / 300, "inch", 1 / 300),
    "camera in inches": ("inch", 0.0000254, "inch", 0.0000254),
    **{
        f"{length:g} um in {unit}": (unit, length / factor, unit, length / factor)
        for unit, factor in MICROMETRES.items()
        if "\\" not in unit
        for length in (0.0004, 0.5, 40.0)
    },
    "10 um of a printer": ("inch", 1 / 2540, "in", 1 / 2540),
    "a tall pixel": ("cm", 0.002, "cm", 0.00005),
    "two units": ("um", 0.5, "inch", 1 / 300),
    "blanks and capitals": (" Micron ", 0.5, "NM", 300.0),
    "no unit": ("pixel", 1.0, "pixel", 1.0),
    "other unit": ("furlong", 0.5, "furlong", 0.5),
    "mirrored": ("um", -0.5, "um", 0.5),
    "no length": ("um", 0.0, "um", 0.5),
}
QUESTIONS = [
    ["json", ENTRY],
    *(["json", text] for text in WRONG_JSON),
    *(["read", text] for text in FRAMES.values()),
    ["write", ""],
    *(["options", text] for text in OPTIONS.values()),
    ["settings", OPTIONS["as recorded"]],
    ["settings", OPTIONS["all"]],
    ["folder", "input=[/a b] min=20 channel=2 exclude recursive"],
    ["declared", "segment"],
    ["models", ""],
    *(["pixel size", json.dumps(steps)] for steps in STEPS.values()),
]


@pytest.fixture(scope="module")
def answers(helpers, ij_jar) -> dict[tuple[str, str], object]:
    text = "".join(json.dumps(question) + "\n" for question in QUESTIONS)
    done = subprocess.run(
        ["java", "-cp", f"{helpers}:{JAR}:{ij_jar}", "AskClasses"],
        input=text,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {(what, text): answer for (what, text), answer in zip(QUESTIONS, lines, strict=True)}


def test_json_is_read_and_written_alike(answers):
    assert json.loads(answers["json", ENTRY]) == json.loads(ENTRY)


@pytest.mark.parametrize("text", WRONG_JSON)
def test_what_is_no_json_is_refused(answers, text):
    assert "it is no JSON" in answers["json", text]["error"]


@pytest.mark.parametrize("dtype", NUMBERS)
def test_numbers_of_every_type_are_read(answers, dtype):
    assert answers["read", FRAMES[dtype]]["n"] == NUMBERS[dtype][1]


def test_an_array_is_read_plane_by_plane(answers):
    assert answers["read", FRAMES["planes"]]["n"] == [1, 2, 3, 4]


def test_what_comes_before_the_first_frame_is_skipped(answers):
    assert answers["read", FRAMES["after noise"]]["id"] == 5


@pytest.mark.parametrize(
    "name", ["too short", "too long", "negative", "absurd", "other type", "cut", "no object"]
)
def test_a_frame_that_is_wrong_is_refused(answers, name):
    assert answers["read", FRAMES[name]]["error"].startswith("it ")


def test_a_request_is_written_as_the_protocol_says(answers):
    data = base64.b64decode(answers["write", ""])
    magic, length, payload = struct.unpack_from("<8sIQ", data)
    assert (magic, payload, data[20 + length :]) == (b"SAMCELL1", 4, bytes([1, 0, 0, 1]))
    assert json.loads(data[20 : 20 + length]) == {
        "id": 1,
        "op": "héllo",
        "arrays": [described("image", "uint16", 1, 2)],
    }


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("as recorded", "peak=0.47 fill=0.09 min=20 labels rois overlay table"),
        ("presets", ""),
        ("other writing", "peak=0.5 min=20 markers=centroid"),
        ("path", "model=[/a b/c [1].pt] labels"),
        ("variable", "min=40"),
    ],
)
def test_options_are_read_as_macros_write_them(answers, name, written):
    assert answers["options", OPTIONS[name]] == written


@pytest.mark.parametrize("name", ["as recorded", "all"])
def test_the_engine_accepts_what_is_made_of_the_options(answers, name):
    assert Settings.from_dict(answers["settings", OPTIONS[name]])


def test_flags_become_the_settings_that_they_name(answers):
    settings = answers["settings", OPTIONS["all"]]
    assert (settings["discard_border"], settings["fill_holes"]) == (True, False)


def test_a_folder_is_called_with_channels_counted_from_0(answers):
    arguments = answers["folder", "input=[/a b] min=20 channel=2 exclude recursive"]
    assert {"--min-size=20", "--channel=1", "--discard-border", "--recursive"} <= set(arguments)
    assert arguments[-2:] == ["--", "/a b"]


def test_every_setting_of_the_engine_is_an_option(answers):
    known = {option["setting"] for option in answers["declared", "segment"]} - {""}
    assert known == {option.name for option in Settings.options()} - {"axes"}


def test_options_have_the_ranges_of_the_settings(answers):
    settings = {option.name: option for option in Settings.options()}
    for option in answers["declared", "segment"]:
        setting = settings.get(option["setting"])
        if setting is None or option["setting"] == "channel":
            continue
        if setting.choices:
            assert tuple(option["choices"]) == setting.choices
        elif bool not in setting.kinds:
            assert (option["low"], option["high"]) == (setting.low, setting.high), option["name"]


def test_options_have_the_defaults_of_the_settings(answers):
    settings = {option.name: option for option in Settings.options()}
    for option in answers["declared", "segment"]:
        setting = settings.get(option["setting"])
        if setting is not None and bool not in setting.kinds:
            default = "auto" if setting.default is None else str(setting.default)
            assert option["preset"] == default, option["name"]


def test_the_dialog_offers_the_models_of_the_registry(answers):
    assert answers["models", ""] == [model.name for model in MODELS]


@pytest.mark.parametrize("name", STEPS)
def test_a_calibration_means_the_size_of_pixels_that_it_means_in_python(answers, name):
    row_unit, height, column_unit, width = STEPS[name]
    expected = pixel_size_of({"Y": Steps(height, row_unit), "X": Steps(width, column_unit)})
    answer = answers["pixel size", json.dumps(STEPS[name])]
    assert (None if answer is None else tuple(answer)) == expected


def test_dots_per_inch_of_a_printer_are_no_size_of_pixels(answers):
    assert answers["pixel size", json.dumps(STEPS["300 dpi"])] is None


def test_inches_of_the_size_of_a_camera_pixel_are_believed(answers):
    size = answers["pixel size", json.dumps(STEPS["camera in inches"])]
    assert size == pytest.approx([0.64516, 0.64516])

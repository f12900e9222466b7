"""The settings of the module, with their help texts, in the words of CellProfiler."""
# CellProfiler is no dependency of ours.
# mypy: disable-error-code="import-not-found, misc"

from __future__ import annotations

from typing import Any

from cellprofiler_core.preferences import (
    ABSOLUTE_FOLDER_NAME,
    DEFAULT_INPUT_FOLDER_NAME,
    DEFAULT_OUTPUT_FOLDER_NAME,
)
from cellprofiler_core.setting import Binary, Divider
from cellprofiler_core.setting.choice import Choice
from cellprofiler_core.setting.range import IntegerRange
from cellprofiler_core.setting.text import Directory, Filename, Float, ImageName, Pathname

__all__ = [
    "BY_DIAMETER",
    "BY_FACTOR",
    "DEVICES",
    "MODEL_FILE",
    "PRECISIONS",
    "declare",
]

BUILT_IN = "samcell-lite"
MODEL_FILE = "Model file"
MODELS = (BUILT_IN, "samcell-generalist", "samcell-cyto", MODEL_FILE)

AUTOMATIC = "Automatic"
BY_DIAMETER = "From the diameter of the cells"
BY_FACTOR = "By a factor"
SCALINGS = (AUTOMATIC, BY_DIAMETER, BY_FACTOR)

DEVICES = {AUTOMATIC: "auto", "CPU": "cpu", "NVIDIA GPU": "cuda", "Apple GPU": "mps"}
PRECISIONS = {AUTOMATIC: "auto", "fp32": "fp32", "bf16": "bf16", "fp16": "fp16"}


def declare(module: Any) -> None:
    """Give the module its settings, as attributes, and the headings of their groups."""
    module.x_name.doc = """\
Select the image that the cells are to be found in. Grayscale or color, of any bit depth: it is
best to give the image as it came from the microscope, without smoothing or illumination
correction.
"""
    module.y_name.set_text("Name the primary objects to be identified")
    module.y_name.value = "Cells"
    module.y_name.doc = "Enter the name that you want to call the objects identified."
    _declare_model(module)
    _declare_objects(module)
    _declare_output(module)
    _declare_engine(module)


def _declare_model(module: Any) -> None:
    """Which model, and at which scale it sees the image."""
    module.model_heading = Divider("MODEL", line=False)

    module.model = Choice(
        "Select the model",
        list(MODELS),
        doc=f"""\
-  *{BUILT_IN}:* Small and built in: cells of any kind, on any computer, in seconds.
-  *samcell-generalist:* SAMCell as published, for label-free cells of any kind; large, best with
   a GPU. It was trained on images that may not be used commercially without asking.
-  *samcell-cyto:* SAMCell as published, trained on cytoplasm images of many microscopes; likewise.
-  *{MODEL_FILE}:* A checkpoint of your own, as ``samcell-cli train`` writes it, or of any SAMCell
   model.

The published ones have to be downloaded once, outside of CellProfiler:
``samcell-cli models download samcell-generalist``.
""",
    )

    module.model_folder = Directory(
        "Location of the model file",
        dir_choices=[
            ABSOLUTE_FOLDER_NAME,
            DEFAULT_INPUT_FOLDER_NAME,
            DEFAULT_OUTPUT_FOLDER_NAME,
        ],
        allow_metadata=False,
        doc=f"""\
*(Used only if "{MODEL_FILE}" is selected)*

Select the folder that holds the model file.
""",
    )

    def remember_folder(path: str) -> None:
        dir_choice, custom_path = module.model_folder.get_parts_from_path(path)
        module.model_folder.join_parts(dir_choice, custom_path)

    module.model_file = Filename(
        "Name of the model file",
        "model.safetensors",
        get_directory_fn=module.model_folder.get_absolute_path,
        set_directory_fn=remember_folder,
        browse_msg="Choose a model file",
        exts=[("Models (*.safetensors, *.pt, *.pth, *.bin)", "*.safetensors;*.pt;*.pth;*.bin")],
        doc=f"""\
*(Used only if "{MODEL_FILE}" is selected)*

Enter the name of the file: ``.safetensors``, ``.pt``, ``.pth`` or ``.bin``. No code in it is ever
run.
""",
    )

    module.scaling = Choice(
        "How is the image scaled for the model?",
        list(SCALINGS),
        doc=f"""\
-  *{AUTOMATIC}:* {BUILT_IN} looks how large the cells are, in each image; the published models
   take the image as it is.
-  *{BY_DIAMETER}:* You say how large the cells are. Choose this if they come out in pieces or
   merged. Only for models that were made for one cell size, such as {BUILT_IN}.
-  *{BY_FACTOR}:* You say by how much the image is enlarged or reduced.
""",
    )

    module.diameter = Float(
        "Diameter of the cells, in pixel units",
        40,
        minval=1,
        maxval=10000,
        doc=f"""\
*(Used only if "{BY_DIAMETER}" is selected)*

Enter the diameter of a typical cell. Nothing is discarded by it. A line drawn across a cell in an
image window, with **Tools > Measure length**, tells it.
""",
    )

    module.factor = Float(
        "Factor to enlarge the image by",
        1,
        minval=0.05,
        maxval=20,
        doc=f"""\
*(Used only if "{BY_FACTOR}" is selected)*

2 enlarges the image to twice its height and width before the network sees it, 0.5 reduces it.
Objects always have the size of the image that went in.
""",
    )


def _declare_objects(module: Any) -> None:
    """Which objects are kept, and where they end."""
    module.objects_heading = Divider("OBJECTS", line=False)

    module.exclude_size = Binary(
        "Discard objects outside the diameter range?",
        False,
        doc="""\
Select "*Yes*" to discard objects that are smaller or larger than a range of diameters, such as
debris. An object's diameter is that of the circle of its area.
""",
    )

    module.size_range = IntegerRange(
        "Typical diameter of objects, in pixel units (Min,Max)",
        (10, 100),
        minval=1,
        maxval=1000000,
        doc="""\
*(Used only if objects outside the diameter range are discarded)*

Enter the diameters of the smallest and the largest object to be kept.
""",
    )

    module.exclude_border_objects = Binary(
        "Discard objects touching the border of the image?",
        False,
        doc="""\
Select "*Yes*" to discard objects that touch the border of the image, or that of its mask if it
has one, for they may not be whole.
""",
    )

    module.fill_holes = Binary(
        "Fill holes in identified objects?",
        True,
        doc="""Select "*Yes*" to fill holes that lie wholly inside one object.""",
    )

    module.own_thresholds = Binary(
        "Use the model's own thresholds?",
        True,
        doc="""\
Select "*No*" to choose the two thresholds on the distance map yourself. Their values are reported
as measurements of the image in any case.
""",
    )

    module.peak = Float(
        "Cell peak threshold",
        0.37,
        minval=0,
        maxval=1,
        doc="""\
*(Used only if the model's own thresholds are not used)*

A cell is where the distance map rises above this value, 0 to 1. Raise it to get fewer, surer
cells; lower it if cells are missed.
""",
    )

    module.fill = Float(
        "Cell fill threshold",
        0.06,
        minval=0,
        maxval=1,
        doc="""\
*(Used only if the model's own thresholds are not used)*

A cell reaches as far as the distance map is above this value, which must not be above the peak
threshold. Raise it for tighter outlines.
""",
    )


def _declare_output(module: Any) -> None:
    """What is kept beside the objects."""
    module.output_heading = Divider("OUTPUT", line=False)

    module.wants_confidence = Binary(
        "Measure the confidence of each object?",
        True,
        doc="""\
Select "*Yes*" to get the measurement *SAMCell_Confidence*, 0 to 1, for each object.
""",
    )

    module.wants_distance = Binary(
        "Save the distance map as an image?",
        False,
        doc="""\
Select "*Yes*" to keep what the network predicted for later modules: an image with values of 0 to
1, high in the middle of cells.
""",
    )

    module.distance_name = ImageName(
        "Name the distance map",
        "DistanceMap",
        doc="""\
*(Used only if the distance map is saved)*

Enter the name of the image.
""",
    )


def _declare_engine(module: Any) -> None:
    """What runs the network."""
    module.engine_heading = Divider("ENGINE", line=False)

    module.device = Choice(
        "Where does the network run?",
        list(DEVICES),
        doc=f"""\
"*{AUTOMATIC}*" takes a GPU if the engine finds one, and else the CPU.
""",
    )

    module.precision = Choice(
        "Precision of the network",
        list(PRECISIONS),
        doc=f"""\
"*{AUTOMATIC}*" takes bf16 where the hardware is made for it, and else fp32. Choose fp32 to get the
same objects on different computers, save for a few pixels.
""",
    )

    module.engine = _OptionalPathname(
        "Python of the engine (empty for the installed one)",
        "",
        doc="""\
The Python in which samcell-suite is installed, such as ``/home/me/samcell/bin/python`` or
``C:/Users/me/samcell/Scripts/python.exe``. Leave it empty, unless you have several: then it is the
one that ``samcell-cli cellprofiler install`` noted, else that of the environment variable
SAMCELL_PYTHON, else that of the command ``samcell-cli``.
""",
    )


class _OptionalPathname(Pathname):
    """A file that may be left out."""

    def test_valid(self, pipeline: Any) -> None:
        if self.value.strip():
            super().test_valid(pipeline)

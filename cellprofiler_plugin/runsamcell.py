"""CellProfiler's module RunSAMCell: cells found by the engine of samcell-suite."""
# ruff: noqa: ARG002 - CellProfiler gives more than is needed

from __future__ import annotations

import sys
from pathlib import Path

import numpy
from cellprofiler_core.constants.measurement import (
    COLTYPE_FLOAT,
    FF_COUNT,
    IMAGE,
    M_LOCATION_CENTER_X,
    M_LOCATION_CENTER_Y,
    M_LOCATION_CENTER_Z,
    M_NUMBER_OBJECT_NUMBER,
)
from cellprofiler_core.image import Image
from cellprofiler_core.module.image_segmentation import ImageSegmentation
from cellprofiler_core.object import Objects
from cellprofiler_core.preferences import (
    ABSOLUTE_FOLDER_NAME,
    DEFAULT_INPUT_FOLDER_NAME,
    DEFAULT_OUTPUT_FOLDER_NAME,
    get_max_workers,
)
from cellprofiler_core.setting import Binary, Divider, ValidationError
from cellprofiler_core.setting.choice import Choice
from cellprofiler_core.setting.range import IntegerRange
from cellprofiler_core.setting.text import Directory, Filename, Float, ImageName, Pathname

__doc__ = """\
RunSAMCell
==========

**RunSAMCell** identifies cells, as primary objects, in microscope images of any kind: phase
contrast, brightfield, DIC, quantitative phase, fluorescence. It takes the place of
**IdentifyPrimaryObjects** where a threshold does not separate cells from the ground or from each
other. No staining is needed, and touching cells are told apart.

A neural network predicts for each pixel how far it lies inside its cell (the *distance map*), and
a watershed on that map draws the cells. The network does not run inside CellProfiler but in a
process of its own, the *engine*, which has to be installed once beside CellProfiler: type
``pip install samcell-suite`` in a Python of 3.10 or later, and then
``samcell-cli cellprofiler install``.

|

============ ============ ===============
Supports 2D? Supports 3D? Respects masks?
============ ============ ===============
YES          NO           YES
============ ============ ===============

What do I need as input?
^^^^^^^^^^^^^^^^^^^^^^^^

One image, grayscale or color, of any bit depth. Color is converted to gray by the engine. Time
series and z-stacks are taken plane by plane, as **NamesAndTypes** hands them; volumes are not
supported. If the image is masked or cropped, objects are found inside of the mask only; the
network still sees the pixels around it, unless **Crop** has removed them.

What do I get as output?
^^^^^^^^^^^^^^^^^^^^^^^^

A set of primary objects for any later module: **IdentifySecondaryObjects**,
**MeasureObjectSizeShape**, **RelateObjects**, **TrackObjects** and so on. If you choose so, the
distance map as an image with values of 0 to 1.

Measurements made by this module
^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

**Image measurements:**

-  *Count:* The number of objects.
-  *SAMCell_PeakThreshold, SAMCell_FillThreshold:* The thresholds that were used.
-  *SAMCell_Scale:* The factor by which the image was enlarged before the network saw it.

**Object measurements:**

-  *Location_Center_X, Location_Center_Y, Location_Center_Z:* The center of mass.
-  *Number_Object_Number:* The number of the object.
-  *SAMCell_Confidence:* 0 to 1, low for doubtful objects: told from how high the distance map
   rises in the object, how far it falls towards its neighbors, and how sharply it ends.
   **FilterObjects** can drop the doubtful ones.

References
^^^^^^^^^^

VandeLoo AD, Malta NJ, Sanganeriya S, Aponte E, van Zyl C, Xu D, et al. (2025) SAMCell: Generalized
label-free biological cell segmentation with segment anything. *PLoS One* 20(9): e0319532.
(`link <https://doi.org/10.1371/journal.pone.0319532>`__)
"""

_FOLDER = str(Path(__file__).absolute().parent)
if _FOLDER not in sys.path:  # it is, where CellProfiler loads its plugins
    sys.path.append(_FOLDER)

_INCOMPLETE = None
try:
    from samcell_module.engines import close_engines, engine_at
    from samcell_module.pixels import as_stored, plane_of
    from samcell_module.places import centers
    from samcell_module.replies import thresholds_and_scale
    from samcell_module.sizes import pixel_counts
    from samcell_module.window import draw, keep
except Exception as error:
    # A module that does not load is left out of the pipeline, and the rest runs and reports
    # success: it has to load, and fail when it is run.
    _INCOMPLETE = error

__all__ = ["RunSAMCell"]

CATEGORY = "SAMCell"
CONFIDENCE = "Confidence"
THRESHOLDS_AND_SCALE = ("PeakThreshold", "FillThreshold", "Scale")

BUILT_IN = "samcell-lite"
MODEL_FILE = "Model file"
MODELS = (BUILT_IN, "samcell-generalist", "samcell-cyto", MODEL_FILE)

AUTOMATIC = "Automatic"
BY_DIAMETER = "From the diameter of the cells"
BY_FACTOR = "By a factor"
SCALINGS = (AUTOMATIC, BY_DIAMETER, BY_FACTOR)

DEVICES = {AUTOMATIC: "auto", "CPU": "cpu", "NVIDIA GPU": "cuda", "Apple GPU": "mps"}
PRECISIONS = {AUTOMATIC: "auto", "fp32": "fp32", "bf16": "bf16", "fp16": "fp16"}


class RunSAMCell(ImageSegmentation):  # noqa: D101 - CellProfiler shows the text of the file
    module_name = "RunSAMCell"

    variable_revision_number = 1

    category = "Object Processing"

    def create_settings(self):
        """Declare the settings, in groups."""
        super().create_settings()
        self._refusal = ""

        self.x_name.doc = """\
Select the image that the cells are to be found in. Grayscale or color, of any bit depth: it is
best to give the image as it came from the microscope, without smoothing or illumination
correction.
"""
        self.y_name.set_text("Name the primary objects to be identified")
        self.y_name.value = "Cells"
        self.y_name.doc = "Enter the name that you want to call the objects identified."

        self.model_heading = Divider("MODEL", line=False)

        self.model = Choice(
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

        self.model_folder = Directory(
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

        def remember_folder(path):
            dir_choice, custom_path = self.model_folder.get_parts_from_path(path)
            self.model_folder.join_parts(dir_choice, custom_path)

        self.model_file = Filename(
            "Name of the model file",
            "model.safetensors",
            get_directory_fn=self.model_folder.get_absolute_path,
            set_directory_fn=remember_folder,
            browse_msg="Choose a model file",
            exts=[("Models (*.safetensors, *.pt, *.pth, *.bin)", "*.safetensors;*.pt;*.pth;*.bin")],
            doc=f"""\
*(Used only if "{MODEL_FILE}" is selected)*

Enter the name of the file: ``.safetensors``, ``.pt``, ``.pth`` or ``.bin``. No code in it is ever
run.
""",
        )

        self.scaling = Choice(
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

        self.diameter = Float(
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

        self.factor = Float(
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

        self.objects_heading = Divider("OBJECTS", line=False)

        self.exclude_size = Binary(
            "Discard objects outside the diameter range?",
            False,
            doc="""\
Select "*Yes*" to discard objects that are smaller or larger than a range of diameters, such as
debris. An object's diameter is that of the circle of its area.
""",
        )

        self.size_range = IntegerRange(
            "Typical diameter of objects, in pixel units (Min,Max)",
            (10, 100),
            minval=1,
            maxval=1000000,
            doc="""\
*(Used only if objects outside the diameter range are discarded)*

Enter the diameters of the smallest and the largest object to be kept.
""",
        )

        self.exclude_border_objects = Binary(
            "Discard objects touching the border of the image?",
            False,
            doc="""\
Select "*Yes*" to discard objects that touch the border of the image, or that of its mask if it
has one, for they may not be whole.
""",
        )

        self.fill_holes = Binary(
            "Fill holes in identified objects?",
            True,
            doc="""Select "*Yes*" to fill holes that lie wholly inside one object.""",
        )

        self.own_thresholds = Binary(
            "Use the model's own thresholds?",
            True,
            doc="""\
Select "*No*" to choose the two thresholds on the distance map yourself. Their values are reported
as measurements of the image in any case.
""",
        )

        self.peak = Float(
            "Cell peak threshold",
            0.45,
            minval=0,
            maxval=1,
            doc="""\
*(Used only if the model's own thresholds are not used)*

A cell is where the distance map rises above this value, 0 to 1. Raise it to get fewer, surer
cells; lower it if cells are missed.
""",
        )

        self.fill = Float(
            "Cell fill threshold",
            0.05,
            minval=0,
            maxval=1,
            doc="""\
*(Used only if the model's own thresholds are not used)*

A cell reaches as far as the distance map is above this value, which must not be above the peak
threshold. Raise it for tighter outlines.
""",
        )

        self.output_heading = Divider("OUTPUT", line=False)

        self.wants_confidence = Binary(
            "Measure the confidence of each object?",
            True,
            doc="""\
Select "*Yes*" to get the measurement *SAMCell_Confidence*, 0 to 1, for each object.
""",
        )

        self.wants_distance = Binary(
            "Save the distance map as an image?",
            False,
            doc="""\
Select "*Yes*" to keep what the network predicted for later modules: an image with values of 0 to
1, high in the middle of cells.
""",
        )

        self.distance_name = ImageName(
            "Name the distance map",
            "DistanceMap",
            doc="""\
*(Used only if the distance map is saved)*

Enter the name of the image.
""",
        )

        self.engine_heading = Divider("ENGINE", line=False)

        self.device = Choice(
            "Where does the network run?",
            list(DEVICES),
            doc=f"""\
"*{AUTOMATIC}*" takes a GPU if the engine finds one, and else the CPU.
""",
        )

        self.precision = Choice(
            "Precision of the network",
            list(PRECISIONS),
            doc=f"""\
"*{AUTOMATIC}*" takes bf16 where the hardware is made for it, and else fp32. Choose fp32 to get the
same objects on different computers, save for a few pixels.
""",
        )

        self.engine = _OptionalPathname(
            "Python of the engine (empty for the installed one)",
            "",
            doc="""\
The Python in which samcell-suite is installed, such as ``/home/me/samcell/bin/python`` or
``C:/Users/me/samcell/Scripts/python.exe``. Leave it empty, unless you have several: then it is the
one that ``samcell-cli cellprofiler install`` noted, else that of the environment variable
SAMCELL_PYTHON, else that of the command ``samcell-cli``.
""",
        )

    def settings(self):
        """All settings in the order in which pipelines hold them: append, never reorder."""
        return [
            self.x_name,
            self.y_name,
            self.model,
            self.model_folder,
            self.model_file,
            self.scaling,
            self.diameter,
            self.factor,
            self.size_range,
            self.exclude_size,
            self.exclude_border_objects,
            self.fill_holes,
            self.own_thresholds,
            self.peak,
            self.fill,
            self.wants_confidence,
            self.wants_distance,
            self.distance_name,
            self.device,
            self.precision,
            self.engine,
        ]

    def help_settings(self):
        """The settings in the order in which the window shows them."""
        shown = self.settings()
        shown.remove(self.size_range)
        shown.insert(shown.index(self.exclude_size) + 1, self.size_range)
        return shown

    def visible_settings(self):
        """Settings that have an effect, under the headings of their groups."""
        hidden = set()
        if self.model.value != MODEL_FILE:
            hidden |= {"model_folder", "model_file"}
        if self.scaling.value != BY_DIAMETER:
            hidden.add("diameter")
        if self.scaling.value != BY_FACTOR:
            hidden.add("factor")
        if not self.exclude_size.value:
            hidden.add("size_range")
        if self.own_thresholds.value:
            hidden |= {"peak", "fill"}
        if not self.wants_distance.value:
            hidden.add("distance_name")
        unseen = [getattr(self, name).key() for name in hidden]
        visible = [setting for setting in self.help_settings() if setting.key() not in unseen]
        for heading, first in (
            (self.model_heading, self.model),
            (self.objects_heading, self.exclude_size),
            (self.output_heading, self.wants_confidence),
            (self.engine_heading, self.device),
        ):
            visible.insert(visible.index(first), heading)
        return visible

    def upgrade_settings(self, setting_values, variable_revision_number, module_name):
        """Take the settings of an older revision; of a newer one, remember to refuse to run.

        Later revisions append settings: what an older pipeline lacks has its default value.
        """
        values = list(setting_values)
        defaults = [setting.get_unicode_value() for setting in self.settings()]
        self._refusal = ""
        if variable_revision_number > self.variable_revision_number or len(values) > len(defaults):
            self._refusal = (
                f"This pipeline was saved by a newer {self.module_name} (revision "
                f"{variable_revision_number}, this is {self.variable_revision_number}): update "
                "samcell-suite and type: samcell-cli cellprofiler install"
            )
            values = values[: len(defaults)]
        return values + defaults[len(values) :], self.variable_revision_number

    def validate_module(self, pipeline):
        """Refuse settings that do not fit each other, or with which no engine could work."""
        if _INCOMPLETE is not None:
            raise ValidationError(
                f"The folders beside {__file__} are missing or damaged ({_INCOMPLETE}): type "
                "samcell-cli cellprofiler install",
                self.engine,
            )
        if self._refusal:
            raise ValidationError(self._refusal, self.model)
        if not self.own_thresholds.value and self.fill.value > self.peak.value:
            raise ValidationError(
                f"The fill threshold ({self.fill.value:g}) is above the peak threshold "
                f"({self.peak.value:g}): give one of at most that.",
                self.fill,
            )
        if self.exclude_size.value and pixel_counts(*self.size_range.value)[1] < 1:
            raise ValidationError(
                "The largest diameter is that of less than one pixel: no object could stay.",
                self.size_range,
            )
        if self.model.value == MODEL_FILE and not Path(self._model_path()).is_file():
            raise ValidationError(
                f"There is no model file {self._model_path()}: choose its folder and name.",
                self.model_file,
            )

    def run(self, workspace):
        """Send the image to the engine; keep objects, measurements and what is to be shown."""
        self._check(workspace.pipeline)
        image = workspace.image_set.get_image(self.x_name.value)
        reply = self._ask(image)
        labels = reply.arrays["labels"]
        unfiltered = reply.arrays.get("unfiltered", labels)
        small_removed = reply.arrays.get("small_removed", labels)
        confidence = reply.arrays["cells.confidence"] if self.wants_confidence.value else None

        objects = Objects()
        objects.segmented = labels
        objects.unedited_segmented = unfiltered
        objects.small_removed_segmented = small_removed
        objects.parent_image = image
        workspace.object_set.add_objects(objects, self.y_name.value)

        if self.wants_distance.value:
            distance = Image(
                reply.arrays["distance"],
                mask=image.mask,
                parent_image=image,
                convert=False,
                dimensions=image.dimensions,
            )
            workspace.image_set.add(self.distance_name.value, distance)

        self._measure(workspace.measurements, labels)
        if confidence is not None:
            workspace.measurements.add_measurement(
                self.y_name.value, f"{CATEGORY}_{CONFIDENCE}", confidence
            )
        for name, value in thresholds_and_scale(reply.header).items():
            workspace.measurements.add_image_measurement(self._image_feature(name), value)

        if self.show_window:
            keep(
                workspace.display_data,
                image.pixel_data,
                labels,
                unfiltered,
                confidence,
                reply.header,
                cycle=workspace.measurements.image_set_number,
            )

    def display(self, workspace, figure):
        """Show the image, the outlines on it, the objects, and a table."""
        draw(workspace.display_data, figure, self.y_name.value)

    def prepare_run(self, workspace):
        """Free what test mode has left in memory, for the processes of the run to come."""
        if _INCOMPLETE is None and not workspace.pipeline.test_mode:
            close_engines()
        return True

    def post_run(self, workspace):
        """Free the memory of computer and GPU."""
        if _INCOMPLETE is None:
            close_engines()

    def prepare_to_create_batch(self, workspace, fn_alter_path):
        """Rewrite the paths to those of the computers that will run the batch."""
        self.model_folder.alter_for_create_batch_files(fn_alter_path)
        if self.engine.value:
            self.engine.value = fn_alter_path(self.engine.value)
        return True

    def is_object_identification_module(self):
        """Say that primary objects are made here."""
        return True

    def volumetric(self):
        """Say that volumes are not supported."""
        return False

    def get_measurement_columns(self, pipeline):
        """Every measurement with its type, also of images without objects."""
        columns = super().get_measurement_columns(pipeline)
        if self.wants_confidence.value:
            columns += [(self.y_name.value, f"{CATEGORY}_{CONFIDENCE}", COLTYPE_FLOAT)]
        return columns + [
            (IMAGE, self._image_feature(name), COLTYPE_FLOAT) for name in THRESHOLDS_AND_SCALE
        ]

    def get_categories(self, pipeline, object_name):
        """First parts of the names of the measurements."""
        categories = super().get_categories(pipeline, object_name)
        own = object_name == self.y_name.value and self.wants_confidence.value
        return [*categories, CATEGORY] if own or object_name == IMAGE else categories

    def get_measurements(self, pipeline, object_name, category):
        """Second parts of the names of the measurements of a category."""
        if category == CATEGORY and object_name == IMAGE:
            return list(THRESHOLDS_AND_SCALE)
        if category == CATEGORY and object_name == self.y_name.value:
            return [CONFIDENCE] if self.wants_confidence.value else []
        return super().get_measurements(pipeline, object_name, category)

    def get_measurement_objects(self, pipeline, object_name, category, measurement):
        """Objects that a measurement of the image is about."""
        if object_name == IMAGE and measurement in self.get_measurements(pipeline, IMAGE, CATEGORY):
            return [self.y_name.value] if category == CATEGORY else []
        return []

    def _measure(self, measurements, labels):
        """Write what the base class writes, which takes a tenth of the engine's time for it."""
        rows, columns = centers(labels)
        name = self.y_name.value
        measurements.add_measurement(name, M_LOCATION_CENTER_X, columns)
        measurements.add_measurement(name, M_LOCATION_CENTER_Y, rows)
        measurements.add_measurement(name, M_LOCATION_CENTER_Z, numpy.zeros(rows.size))
        measurements.add_measurement(name, M_NUMBER_OBJECT_NUMBER, numpy.arange(1, rows.size + 1))
        measurements.add_image_measurement(FF_COUNT % name, float(rows.size))

    def _image_feature(self, name):
        return f"{CATEGORY}_{name}_{self.y_name.value}"

    def _model_path(self):
        return str(Path(self.model_folder.get_absolute_path()) / self.model_file.value)

    def _check(self, pipeline):
        """Check all settings again, for without a window nobody has; a wrong one has no effect.

        CellProfiler would take the last good value in place of one that is out of its range.
        """
        try:
            for setting in self.visible_settings():
                if setting is not self.x_name and setting is not self.y_name:
                    setting.test_valid(pipeline)
            self.validate_module(pipeline)
        except ValidationError as error:
            label = error.setting.text
            raise ValueError(f"{self.module_name}, {label!r}: {error}") from error

    def _ask(self, image):
        """The engine's reply for one image."""
        name = self.x_name.value
        pixels = as_stored(plane_of(image.pixel_data, image.volumetric, name), image.scale)
        outputs = ["labels"]
        if self.exclude_size.value or self.exclude_border_objects.value:
            outputs += ["unfiltered", "small_removed"]
        if self.wants_distance.value:
            outputs.append("distance")
        if self.wants_confidence.value:
            outputs.append("cells")
        custom = self.model.value == MODEL_FILE
        return engine_at(self.engine.value.strip(), get_max_workers).segment(
            pixels,
            mask=image.mask if image.has_mask else None,
            settings=self._request(pixels.ndim),
            model=self._model_path() if custom else self.model.value,
            device=DEVICES[self.device.value],
            precision=PRECISIONS[self.precision.value],
            outputs=outputs,
            name=image.file_name or name,
        )

    def _request(self, axes):
        """The settings in the engine's words."""
        chosen = {
            "axes": "YXS"[:axes],
            "fill_holes": self.fill_holes.value,
            "discard_border": self.exclude_border_objects.value,
        }
        if self.scaling.value == BY_DIAMETER:
            chosen["diameter"] = self.diameter.value
        if self.scaling.value == BY_FACTOR:
            chosen["scale"] = self.factor.value
        if not self.own_thresholds.value:
            chosen["peak"], chosen["fill"] = self.peak.value, self.fill.value
        if self.exclude_size.value:
            chosen["min_size"], chosen["max_size"] = pixel_counts(*self.size_range.value)
        return chosen


class _OptionalPathname(Pathname):
    """A file that may be left out."""

    def test_valid(self, pipeline):
        if self.value.strip():
            super().test_valid(pipeline)

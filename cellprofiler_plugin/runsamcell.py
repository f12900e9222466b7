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
from cellprofiler_core.preferences import get_max_workers
from cellprofiler_core.setting import ValidationError
from cellprofiler_core.setting.text import Text

_FOLDER = str(Path(__file__).absolute().parent)
if _FOLDER not in sys.path:  # it is, where CellProfiler loads its plugins
    sys.path.append(_FOLDER)

_INCOMPLETE = None
try:
    from samcell_module.engines import close_engines, engine_at
    from samcell_module.order import in_pipelines, in_window, visible
    from samcell_module.page import PAGE
    from samcell_module.pixels import as_stored, plane_of
    from samcell_module.places import centers
    from samcell_module.replies import thresholds_and_scale
    from samcell_module.settings import (
        BY_DIAMETER,
        BY_FACTOR,
        DEVICES,
        MODEL_FILE,
        PRECISIONS,
        declare,
    )
    from samcell_module.sizes import pixel_counts
    from samcell_module.window import draw, keep
except Exception as error:
    _INCOMPLETE = error
else:
    __doc__ = PAGE

__all__ = ["RunSAMCell"]

CATEGORY = "SAMCell"
CONFIDENCE = "Confidence"
THRESHOLDS_AND_SCALE = ("PeakThreshold", "FillThreshold", "Scale")


class RunSAMCell(ImageSegmentation):  # noqa: D101 - CellProfiler shows the text of the file
    module_name = "RunSAMCell"

    variable_revision_number = 1

    category = "Object Processing"

    def create_settings(self):
        """Declare the settings, in groups."""
        super().create_settings()
        self._refusal = ""
        declare(self)

    def settings(self):
        """All settings in the order in which pipelines hold them."""
        return in_pipelines(self)

    def help_settings(self):
        """The settings in the order in which the window shows them."""
        return in_window(self)

    def visible_settings(self):
        """Settings that have an effect, under the headings of their groups."""
        return visible(self)

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
        if not workspace.pipeline.test_mode:
            close_engines()
        return True

    def post_run(self, workspace):
        """Free the memory of computer and GPU."""
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


class _Incomplete(ImageSegmentation):
    """Takes the place of the module where the folders beside this file are missing.

    A module that does not load is left out of the pipeline, and the rest runs and reports success:
    this one loads, keeps the settings of pipelines as they are, and fails when it is run.
    """

    module_name = RunSAMCell.module_name

    variable_revision_number = RunSAMCell.variable_revision_number

    category = RunSAMCell.category

    def create_settings(self):
        super().create_settings()
        self._kept = []

    def prepare_settings(self, setting_values):
        self._kept = [Text("", value) for value in setting_values[2:]]

    def settings(self):
        return [self.x_name, self.y_name, *self._kept]

    def visible_settings(self):
        return [self.x_name, self.y_name]

    def validate_module(self, pipeline):
        raise ValidationError(
            f"The folders beside {__file__} are missing or damaged ({_INCOMPLETE}): type "
            "samcell-cli cellprofiler install",
            self.x_name,
        )

    def run(self, workspace):
        self.validate_module(workspace.pipeline)


if _INCOMPLETE is not None:
    RunSAMCell = _Incomplete

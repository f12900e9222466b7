"""Have CellProfiler write the three example pipelines; run it with CellProfiler's Python.

python examples/cellprofiler/make_pipelines.py examples/cellprofiler
"""

from __future__ import annotations

import sys
from pathlib import Path

from cellprofiler_core.pipeline import Pipeline
from cellprofiler_core.preferences import set_headless, set_plugin_directory

ROOT = Path(__file__).parents[2]


def count_and_measure():
    """Images of one channel to counts, sizes, shapes, intensities, and pictures of outlines."""
    return make(
        ("Images", {}),
        ("Metadata", from_names(r"^(?P<Well>[A-H][0-9]{2})_(?P<Site>[0-9]+)")),
        ("NamesAndTypes", {"single_image_provider": "Phase"}),
        ("Groups", {}),
        ("RunSAMCell", {"x_name": "Phase", "y_name": "Cells"}),
        ("MeasureObjectSizeShape", {"objects_list": "Cells"}),
        ("MeasureObjectIntensity", {"images_list": "Phase", "objects_list": "Cells"}),
        (
            "OverlayOutlines",
            {
                "image_name": "Phase",
                "output_image_name": "Outlined",
                "outlines.0.objects_name": "Cells",
            },
        ),
        (
            "SaveImages",
            {
                "image_name": "Outlined",
                "file_format": "png",
                "file_name_method": "From image filename",
                "file_image_name": "Phase",
                "wants_file_name_suffix": True,
                "file_name_suffix": "_outlined",
                "overwrite": True,
            },
        ),
        ("ExportToSpreadsheet", EXPORT),
    )


def cells_and_nuclei():
    """Cells of phase contrast and their nuclei: relations, grown cells, cytoplasm."""
    return make(
        ("Images", {}),
        ("Metadata", from_names(r"^(?P<Well>[A-H][0-9]{2})_(?P<Channel>[a-z]+)")),
        ("NamesAndTypes", two_channels),
        ("Groups", {}),
        ("RunSAMCell", {"x_name": "Phase", "y_name": "Cells", "wants_distance": True}),
        (
            "IdentifyPrimaryObjects",
            {
                "x_name": "DNA",
                "y_name": "Nuclei",
                "size_range": (10, 40),
                "exclude_border_objects": False,
            },
        ),
        ("RelateObjects", {"x_name": "Cells", "y_name": "Nuclei"}),
        (
            "IdentifySecondaryObjects",
            {
                "x_name": "Cells",
                "y_name": "GrownCells",
                "image_name": "Phase",
                "method": "Distance - N",
                "distance_to_dilate": 5,
            },
        ),
        (
            "IdentifyTertiaryObjects",
            {
                "secondary_objects_name": "Cells",
                "primary_objects_name": "Nuclei",
                "subregion_objects_name": "Cytoplasm",
            },
        ),
        ("MeasureObjectSizeShape", {"objects_list": "Cells, Nuclei, GrownCells, Cytoplasm"}),
        (
            "MeasureObjectIntensity",
            {"images_list": "DNA", "objects_list": "Cells, Nuclei, Cytoplasm"},
        ),
        ("MeasureImageIntensity", {"images_list": "DistanceMap"}),
        ("ExportToSpreadsheet", EXPORT),
    )


def time_series():
    """A stack of frames to a count for each of them, and cells followed from frame to frame."""
    return make(
        ("Images", {}),
        ("Metadata", from_headers),
        ("NamesAndTypes", {"single_image_provider": "Phase"}),
        ("Groups", by_file),
        (
            "RunSAMCell",
            {
                "x_name": "Phase",
                "y_name": "Cells",
                # Looked for in each frame, the scale might jump.
                "scaling": "From the diameter of the cells",
                "diameter": 34,
                "exclude_border_objects": True,
            },
        ),
        ("MeasureObjectSizeShape", {"objects_list": "Cells"}),
        (
            "TrackObjects",
            {"object_name": "Cells", "tracking_method": "Overlap", "pixel_radius": 20},
        ),
        ("ExportToSpreadsheet", EXPORT),
    )


EXPORT = {
    "wants_prefix": False,
    "wants_overwrite_without_warning": True,
    "directory": "Default Output Folder|",
    "add_metadata": True,
}


def from_names(pattern):
    def set_up(module):
        module.wants_metadata.value = True
        module.extraction_methods[0].extraction_method.value = "Extract from file/folder names"
        module.extraction_methods[0].file_regexp.value = pattern

    return set_up


def from_headers(module):
    module.wants_metadata.value = True
    module.extraction_methods[0].extraction_method.value = "Extract from image file headers"


def two_channels(module):
    module.assignment_method.value = "Images matching rules"
    module.add_assignment()
    for number, name in enumerate(("Phase", "DNA")):
        assignment = module.assignments[number]
        assignment.rule_filter.value = f'and (file does contain "_{name.lower()}")'
        assignment.image_name.value = name
        assignment.load_as_choice.value = "Grayscale image"
    module.matching_choice.value = "Order"


def by_file(module):
    module.wants_groups.value = True
    module.grouping_metadata[0].metadata_choice.value = "FileLocation"


def make(*described):
    """A pipeline of modules by name, each with its settings or with what sets them."""
    from cellprofiler_core.utilities.core.modules import instantiate_module

    pipeline = Pipeline()
    for number, (name, settings) in enumerate(described, start=1):
        module = instantiate_module(name)
        module.set_module_num(number)
        module.show_window = name == "RunSAMCell"
        if callable(settings):
            settings(module)
        else:
            for path, value in settings.items():
                setting_at(module, path).value = value
        pipeline.add_module(module)
    return pipeline


def setting_at(module, path):
    found = module
    for part in path.split("."):
        found = found[int(part)] if part.isdigit() else getattr(found, part)
    return found


def load_modules():
    """Have CellProfiler load its modules and ours, without a window."""
    set_headless()
    set_plugin_directory(str(ROOT / "cellprofiler_plugin"), globally=False)
    import cellprofiler_core.modules  # noqa: F401 - does it


def write(pipeline, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        pipeline.dump(stream, save_image_plane_details=False)


def main():
    load_modules()
    for pipeline in (count_and_measure, cells_and_nuclei, time_series):
        name = pipeline.__name__
        write(pipeline(), Path(sys.argv[1]) / name / f"{name}.cppipe")


if __name__ == "__main__":
    main()

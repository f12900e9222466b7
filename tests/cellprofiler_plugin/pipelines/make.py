"""Have CellProfiler write the pipelines of the tests; run it with CellProfiler's Python.

python tests/cellprofiler_plugin/pipelines/make.py

`revision_1.cppipe` is not written anew: it is what revision 1 of the module saved.
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[2] / "examples/cellprofiler"))

import make_pipelines  # noqa: E402


def labels():
    """Labels of grey and coloured files, at default settings and at others, as files."""
    described = [
        ("Images", {}),
        ("Metadata", {}),
        ("NamesAndTypes", grey_and_colour),
        ("Groups", {}),
        ("RunSAMCell", {"x_name": "Grey", "y_name": "Plain"}),
        (
            "RunSAMCell",
            {
                "x_name": "Grey",
                "y_name": "Chosen",
                "scaling": "From the diameter of the cells",
                "diameter": 30,
                "exclude_size": True,
                "size_range": (20, 45),
                "exclude_border_objects": True,
                "fill_holes": False,
                "own_thresholds": False,
                "peak": 0.5,
                "fill": 0.1,
            },
        ),
        ("RunSAMCell", {"x_name": "Colour", "y_name": "Coloured"}),
    ]
    for name, source in (("Plain", "Grey"), ("Chosen", "Grey"), ("Coloured", "Colour")):
        described += [
            (
                "ConvertObjectsToImage",
                {"object_name": name, "image_name": f"{name}Labels", "image_mode": "uint16"},
            ),
            (
                "SaveImages",
                {
                    "image_name": f"{name}Labels",
                    "file_format": "tiff",
                    "bit_depth": "16-bit integer",
                    "file_name_method": "From image filename",
                    "file_image_name": source,
                    "wants_file_name_suffix": True,
                    "file_name_suffix": f"_{name}",
                    "overwrite": True,
                },
            ),
        ]
    return make_pipelines.make(*described)


def grey_and_colour(module):
    module.assignment_method.value = "Images matching rules"
    module.add_assignment()
    kinds = (("Grey", "Grayscale image"), ("Colour", "Color image"))
    for number, (name, kind) in enumerate(kinds):
        assignment = module.assignments[number]
        assignment.rule_filter.value = f'and (file does contain "{name.lower()}_")'
        assignment.image_name.value = name
        assignment.load_as_choice.value = kind
    module.matching_choice.value = "Order"


def main():
    make_pipelines.load_modules()
    make_pipelines.write(labels(), HERE / "labels.cppipe")


if __name__ == "__main__":
    main()

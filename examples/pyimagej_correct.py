"""Find the cells of an image, correct them by hand in ImageJ, and measure them again.

python examples/pyimagej_correct.py cells.tif                     ImageJ as it is found
python examples/pyimagej_correct.py cells.tif /path/to/Fiji.app   by PyImageJ
"""

from __future__ import annotations

import sys
from pathlib import Path

import imagej_bridge as ib
import samcell_core as sc


def main(path: Path, where: str | None) -> None:
    with ib.connect(where, window=True) as ij:
        image = ij.to_image(path)
        result = ij.segment(image)
        ij.show(result)
        print(f"{result.count} cells in the ROI Manager.")
        input("Delete, draw (add with t) and update ROIs there, then press Enter here. ")

        corrected = ij.from_rois(image)
        pixel_size = ij.from_image(image).pixel_size
        labels = path.with_name(f"{path.stem}_labels.tif")
        ib.write_label_tiff(
            labels, corrected.labels, axes=corrected.axes, pixel_size=pixel_size, overwrite=True
        )
        table = sc.measure(
            labels=corrected.labels,
            label_axes=corrected.axes,
            image=ij.from_image(image),
            pixel_size=pixel_size,
        )
        ij.to_table(table, f"{path.stem} cells", overwrite=True)
        table.to_csv(path.with_name(f"{path.stem}_cells.csv"), overwrite=True)
        print(f"{len(corrected.cells)} cells in {labels}, fit for training.")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)

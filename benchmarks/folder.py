"""What a run over a folder costs beyond the engine: `samcell-cli run` beside the engine alone.

    python benchmarks/folder.py
    python benchmarks/folder.py --images 20 --side 512

Both get the same drawn images; the engine's own time is segment() alone, one image after another,
as a script would call it. Prints a Markdown table with the ratio, which should stay below 1.3.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import tifffile

import samcell_core as sc
from samcell_core.synthetic import make_scene

DISTINCT = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=50)
    parser.add_argument("--side", type=int, default=1024)
    options = parser.parse_args()
    scenes = [
        make_scene("phase contrast", seed=seed, shape=(options.side,) * 2, diameter=40).image
        for seed in range(DISTINCT)
    ]
    with tempfile.TemporaryDirectory() as folder:
        images = Path(folder) / "images"
        images.mkdir()
        for number in range(options.images):
            tifffile.imwrite(images / f"{number:03}.tif", scenes[number % DISTINCT])
        paths = sorted(images.iterdir())
        with sc.Segmenter() as segmenter:
            segmenter.segment(paths[0])
            start = time.perf_counter()
            cells = sum(segmenter.segment(path).count for path in paths)
            engine = time.perf_counter() - start
        command = [sys.executable, "-m", "samcell_cli", "run", str(images), "--quiet"]
        start = time.perf_counter()
        subprocess.run(command, check=True)
        run = time.perf_counter() - start
    print(f"{options.images} images of {options.side} x {options.side}, {cells} cells\n")
    print("| | seconds |\n| --- | --- |")
    print(f"| engine alone | {engine:.1f} |")
    print(f"| samcell-cli run, start and report included | {run:.1f} |")
    print(f"| ratio | {run / engine:.2f} |")


if __name__ == "__main__":
    main()

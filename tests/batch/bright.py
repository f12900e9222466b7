"""A segmenter without a network: what is bright is a cell. Also run as a program, see `main`."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

import numpy as np
from scipy import ndimage

import samcell_core as sc
from samcell_core.batch import Output, find_inputs, run_images, write_mask, write_overlay

OUTPUTS = (
    Output("masks-png", "masks", ".png", "", write_mask, by_plane=True),
    Output("overlays", "overlays", ".png", "", write_overlay),
)


class Bright:
    """Stands for a `Segmenter`: connected pixels above half of the 8-bit range are cells."""

    device = "cpu"
    precision = "fp32"

    def __init__(self, seconds: float = 0.0, sha256: str = "0" * 64) -> None:
        self.model = sc.ModelInfo(
            name="bright", architecture="none", sha256=sha256, peak=0.5, fill=0.5
        )
        self.seen: list[str] = []
        self._seconds = seconds

    def resolve(self, settings):
        return settings.with_defaults(peak=self.model.peak, fill=self.model.fill)

    def segment(self, image, settings=None, progress=None):
        self.seen.append(image.name)
        planes = image.planes(settings.channel)
        height, width = planes.shape[-2:]
        values = np.stack([plane.read(0, height, 0, width) for plane in planes])
        progress(0, 1)
        time.sleep(self._seconds)
        progress(1, 1)
        labels = np.stack([ndimage.label(plane > 255 * settings.peak)[0] for plane in values])
        return sc.Segmentation(
            labels=labels.astype(np.uint16).reshape(planes.shape),
            distance_map=(values / np.float32(255)).astype(np.float32).reshape(planes.shape),
            settings=settings,
            model=self.model,
            axes=planes.axes,
            pixel_size=image.pixel_size,
            device=self.device,
            precision=self.precision,
        )


def run(folder: Path, out: Path, *, segmenter=None, outputs=OUTPUTS, **options):
    """Run over a folder, one worker, so that the order of what happens is fixed."""
    settings = options.pop("settings", sc.Settings())
    found = find_inputs([folder], out=out, recursive=options.pop("recursive", False))
    options.setdefault("workers", 1)
    return run_images(
        found, out, segmenter or Bright(), settings=settings, outputs=outputs, **options
    )


def tree(out: Path) -> dict[str, bytes]:
    """Every file of an OUT with its content; only the record of times may differ."""
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file()
        and path.name not in ("run.json", "lock")
        # It holds the checksum of run.json.
        and path.relative_to(out).as_posix() != ".samcell/final/record.json"
    }


def in_child(act) -> int:
    """Do something in a copy of this process; its exit code, or minus the signal that ended it."""
    child = os.fork()
    if not child:
        code = 70
        try:
            code = int(act() or 0)
        except sc.SamcellError:
            code = 1
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def count_changes(out: Path, act) -> None:
    """Call ``act(number, event, arguments)`` before every change to the files in OUT."""
    number = 0
    changing = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.truncate")
    inside = str(out)

    def hook(event: str, arguments: tuple) -> None:
        nonlocal number
        writes = event == "open" and isinstance(arguments[1], str) and arguments[1][:1] in "wxa"
        if writes or event in changing:
            if not any(isinstance(a, (str, os.PathLike)) and inside in str(a) for a in arguments):
                return
            number += 1
            act(number, event, arguments)

    sys.addaudithook(hook)


def kill_at(out: Path, last: int) -> None:
    """End this process before its change of that number to OUT."""

    def act(number: int, _: str, __: tuple) -> None:
        if number == last:
            os.kill(os.getpid(), signal.SIGKILL)

    count_changes(out, act)


def fill_disk_at(out: Path, last: int) -> None:
    """From its change of that number on, this process can make nothing new in OUT.

    What it writes goes to a device of the system that is always full; names it may still change.
    """

    def act(number: int, event: str, arguments: tuple) -> None:
        if number < last:
            return
        path = arguments[0]
        if event == "os.mkdir" or (event == "open" and "x" in arguments[1]):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        if event == "open" and not os.path.lexists(path):
            Path(path).symlink_to("/dev/full")

    count_changes(out, act)


def main() -> None:
    """Kill runs at many moments and tell what was left.

    Arguments are the folder of the images, one for the results, the step between the moments, the
    first of them, and optionally an OUT with results that the runs are to replace.
    """
    folder, base, step = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    before = Path(sys.argv[5]) if len(sys.argv) > 5 else None
    how = {"settings": sc.Settings(peak=0.6), "overwrite": True} if before else {}
    left = {}
    number = 1 + int(sys.argv[4])
    while True:
        out = base / f"killed_{number}"
        if before:
            shutil.copytree(before, out)

        def killed(out=out, last=number):
            kill_at(out, last)
            return run(folder, out, **how).failed

        code = in_child(killed)
        # Seen before the run goes on: files are whole or absent.
        left[out.name] = sorted(
            path.relative_to(out).as_posix()
            for path in out.rglob("*")
            if path.is_file() and ".samcell" not in path.parts
        )
        if code == 0:
            break
        assert code == -signal.SIGKILL, code
        partial = base / f"partial_{number}"
        for name in left[out.name]:
            (partial / name).parent.mkdir(parents=True, exist_ok=True)
            (partial / name).write_bytes((out / name).read_bytes())
        if not before:
            assert in_child(lambda out=out: run(folder, out).failed) == 0
        number += step
    sys.stdout.write(json.dumps(left))


if __name__ == "__main__":
    main()

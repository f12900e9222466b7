"""What is finished in an OUT, so that a run goes on where an earlier one stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from samcell_core.batch.folders import WORK
from samcell_core.batch.locking import only_run_in
from samcell_core.batch.staging import Promise, write_json
from samcell_core.errors import SamcellError

__all__ = ["Ledger"]

_ABOUT = """\
samcell-cli keeps here what it needs to go on with a run that was stopped: which images are
finished, and their parts of the tables and the report. Without this folder the results stay as
they are, but a further run into the same folder starts anew.
"""


class Ledger:
    """The hidden folder of an OUT.

    Parameters
    ----------
    out
        The folder of the results.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        self._work = out / WORK
        self._images = self._work / "images"
        self._made_with = self._work / "made_with.json"
        self._left_out = self._work / "left_out.json"
        self.final = Promise(out, self._work / "final")

    def identity(self) -> dict[str, Any] | None:
        """What the results in OUT were made with; ``None`` where there are none."""
        return self._read(self._made_with)

    def key(self) -> str:
        """A short name of what the results in OUT are made with, for their records."""
        text = json.dumps(self.identity(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:20]

    @contextmanager
    def open(self, identity: Mapping[str, Any], *, overwrite: bool) -> Iterator[None]:
        """Hold OUT for one run.

        Raises
        ------
        SamcellError
            OUT cannot be written to, another run is writing there, or it holds results that were
            made otherwise and may not be overwritten.
        """
        with ExitStack() as held:
            try:
                self._images.mkdir(parents=True, exist_ok=True)
                held.enter_context(only_run_in(self._work))
                before = self.identity()
                if before is not None and before != identity and not overwrite:
                    raise SamcellError(
                        f"{self.out} holds results that were made otherwise "
                        f"({_differences(before, identity)}): give another folder with -o, or "
                        "--overwrite to replace them."
                    )
                if before != identity:
                    (self._work / "README.txt").write_text(_ABOUT, encoding="utf-8")
                    # In one step: with it, all images are still to be done.
                    write_json(self._made_with, identity)
            except OSError as error:
                raise SamcellError(
                    f"{self.out} cannot be written to ({error.strerror or error}): give a folder "
                    "for the results with -o, on a disk with space left."
                ) from error
            yield

    def image(self, name: str) -> Promise:
        """The files of one image, by the name of its results."""
        return Promise(self.out, self._images / hashlib.sha256(name.encode()).hexdigest()[:20])

    def records(self) -> Iterator[dict[str, Any]]:
        """The records of all images that ever were finished; nothing is written."""
        if not self._images.is_dir():
            return
        keys = {path.name.partition(".")[0] for path in self._images.iterdir()}
        for key in sorted(keys):
            record = Promise(self.out, self._images / key).look()
            if record is not None:
                yield record

    def left_out(self) -> dict[str, str]:
        """Images that a run was about to forget when it was stopped: names of results by image."""
        return self._read(self._left_out) or {}

    def leave_out(self, images: Mapping[str, str]) -> None:
        """Forget images, all of them even if this is interrupted; their files in OUT stay."""
        if images:
            write_json(self._left_out, images)
        for name in images.values():
            self.image(name).forget()
        self._left_out.unlink(missing_ok=True)

    def _read(self, path: Path) -> dict[str, Any] | None:
        try:
            return dict(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise SamcellError(
                f"{path} cannot be read ({error}): give another folder for the results."
            ) from error


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What differs, for people: ``peak was 0.5, now 0.6``."""
    flat_before, flat_now = _flat(before), _flat(now)
    words = [
        f"{name} was {_shown(flat_before.get(name))}, now {_shown(flat_now.get(name))}"
        for name in dict.fromkeys([*flat_now, *flat_before])
        if flat_before.get(name) != flat_now.get(name)
    ]
    return "; ".join(words[:4]) + ("; and more" if len(words) > 4 else "")


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            flat.update(
                {key if name == "settings" else f"{name} {key}": value[key] for key in value}
            )
        else:
            flat[name] = value
    return flat


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    if value is None:
        return "auto"
    return repr(value) if not isinstance(value, str) else value

"""The report on the data of a run: told before hours are spent, and kept in its folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from samcell_core.datasets import Survey
from samcell_core.errors import TrainingError
from samcell_core.files import new_file
from samcell_core.machine import memory_size
from samcell_core.training.plan import Plan
from samcell_core.training.run_folder import RunFolder

__all__ = ["check_survey", "memory_of_images", "write_survey"]

_FILE, _TEXT = "data.csv", "data.txt"
# Bytes of a pixel of an example in memory: grey value, target and weight, also in smaller sizes,
# and its label.
_BYTES = 8.0


def check_survey(survey: Survey, plan: Plan, *, note: Callable[[str], None]) -> None:
    """Refuse what cannot be trained on, and tell of what looks wrong.

    Raises
    ------
    TrainingError
        An image or its labels cannot be trained on, or all of them do not fit into the memory.
    """
    refused = [image for image in survey.images if image.problem]
    if len(refused) == 1:
        raise TrainingError(refused[0].problem)
    if refused:
        names = ", ".join(image.name for image in refused[1:6])
        more = f" and {len(refused) - 6} more" if len(refused) > 6 else ""
        raise TrainingError(
            f"{len(refused)} of {len(survey.images)} images cannot be trained on. The first: "
            f"{refused[0].problem} The others: {names}{more}."
        )
    needed, there = memory_of_images(survey, plan), memory_size()
    if needed > there:
        raise TrainingError(
            f"The images take {needed / 2**30:.1f} GB of memory once they are read, and there are "
            f"{there / 2**30:.1f} GB: train on fewer of them, or on smaller ones with --fit pad."
        )
    odd = [image for image in survey.images if image.suspicious or image.overlapping]
    if odd:
        counts = {
            name.replace("_", " "): sum(getattr(each, name) for each in survey.sets)
            for name in ("in_pieces", "with_holes", "tiny", "huge")
        }
        found = [f"{count} {name}" for name, count in counts.items() if count]
        pixels = sum(each.overlapping for each in survey.sets)
        found += [f"overlaps in {pixels} pixels"] if pixels else []
        cells = sum(each.cells for each in survey.sets)
        worst = next(image for image in survey.suspicious() if image in odd)
        note(
            f"Labels that look wrong, of {cells} cells: {', '.join(found)}. Look at them, most of "
            f"all in {worst.name}, for the network learns what they say."
        )
    twice = [image for image in survey.images if image.duplicate_of]
    if twice:
        note(
            f"{len(twice)} images have the same pixels as others, such as {twice[0].name} and "
            f"{twice[0].duplicate_of}: drop them, or the validation looks better than it is."
        )


def memory_of_images(survey: Survey, plan: Plan) -> float:
    """Bytes of memory that the images take once they are read."""
    side = plan.recipe.side**2 if plan.recipe.fit else None
    return _BYTES * sum(side or image.height * image.width for image in survey.images)


def write_survey(survey: Survey, out: Path) -> None:
    """Write the report to the folder of a run: ``data.csv``, an image a line, and ``data.txt``.

    Raises
    ------
    TrainingError
        The folder cannot be made, or holds a file of that name which is no such report.
    SamcellError
        They cannot be written.
    """
    RunFolder(out)  # makes it
    heading = ",".join(survey.table().names)
    path = out / _FILE
    if path.exists() and not path.read_text("utf-8-sig", "replace").startswith(heading):
        raise TrainingError(
            f"{path} is in the way of the report on the data: move it, or give another folder."
        )
    survey.to_csv(path, overwrite=True)
    with new_file(out / _TEXT, overwrite=True, kind="report") as draft:
        draft.write_text(f"{survey.to_text()}\n", encoding="utf-8", newline="\n")

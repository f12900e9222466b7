"""What the button "Analyze images" of the desktop does, with two workers; tells JSON at the end.

python analyze_images.py PIPELINE IMAGES PLUGINS OUT
"""

import json
import logging
import queue
import sys
import time
from pathlib import Path

import psutil
from cellprofiler_core.analysis import reply as replies
from cellprofiler_core.analysis import request as requests
from cellprofiler_core.analysis._analysis import Analysis
from cellprofiler_core.analysis.event import Finished
from cellprofiler_core.constants.worker import ED_STOP
from cellprofiler_core.image import ImageSetList
from cellprofiler_core.measurement import Measurements
from cellprofiler_core.pipeline import Pipeline
from cellprofiler_core.preferences import (
    set_default_output_directory,
    set_headless,
    set_plugin_directory,
)
from cellprofiler_core.utilities.java import start_java, stop_java
from cellprofiler_core.utilities.zmq import join_to_the_boundary
from cellprofiler_core.utilities.zmq.communicable.reply import Reply
from cellprofiler_core.workspace import Workspace

WORKERS = 2


def engines(process):
    """Engines that run below a process."""
    found = {}
    for each in process.children(recursive=True):
        try:
            if "samcell_core.worker" in each.cmdline():
                found[each.pid] = each
        except psutil.Error:  # it has gone
            continue
    return found


def analyze(pipeline):
    """Measurements, and what the windows of the modules would show."""
    workspace = Workspace(pipeline, None, None, None, Measurements(), ImageSetList())
    assert pipeline.prepare_run(workspace)
    events = queue.Queue()
    analysis = Analysis(pipeline, initial_measurements=workspace.measurements)
    analysis.start(events.put, WORKERS)
    shown, problems, seen = [], [], {}
    while True:
        try:
            event = events.get(timeout=0.1)
        except queue.Empty:
            event = None
        seen.update(engines(psutil.Process()))
        if isinstance(event, requests.Display):
            shown.append(dict(event.display_data_dict["statistics"]))
            event.reply(replies.Ack())
        elif isinstance(event, requests.ExceptionReport):
            problems.append(event.exc_message)
            event.reply(Reply(disposition=ED_STOP))
        elif isinstance(event, Finished):
            return event.measurements, shown, problems, seen


def main():
    logging.root.setLevel(logging.ERROR)
    set_headless()
    set_plugin_directory(sys.argv[3], globally=False)
    set_default_output_directory(sys.argv[4])
    import cellprofiler_core.modules  # noqa: F401 - fills the list of modules

    start_java()
    try:
        pipeline = Pipeline()
        pipeline.load(sys.argv[1])
        images = Path(sys.argv[2]).absolute().iterdir()
        pipeline.add_pathnames_to_file_list([str(each) for each in images])
        measurements, shown, problems, seen = analyze(pipeline)
        counts = {}
        for number in measurements.get_image_numbers():
            name = measurements["Image", "FileName_Phase", number]
            counts[name] = measurements["Image", "Count_Cells", number]
        measurements.close()
        end = time.monotonic() + 20
        while time.monotonic() < end and any(each.is_running() for each in seen.values()):
            time.sleep(0.1)
        left = sum(each.is_running() for each in seen.values())
    finally:
        join_to_the_boundary()
        stop_java()
    told = {"counts": counts, "shown": shown, "problems": problems, "left": left}
    print(json.dumps({**told, "engines": len(seen)}))


if __name__ == "__main__":
    main()

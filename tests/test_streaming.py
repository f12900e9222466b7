"""An image of 20,000 x 20,000 pixels in little memory."""

import subprocess
import sys
import textwrap

PROGRAM = """
import threading, time
import numpy as np, psutil, torch
import samcell_core as sc

class Stripes:
    '''A huge image that is made where it is read.'''
    shape, dtype, ndim = (20_000, 20_000), np.dtype(np.uint8), 2
    def __getitem__(self, where):
        rows, columns = (np.arange(20_000)[part] for part in where)
        return ((rows[:, None] * 7 + columns * 13) % 251).astype(np.uint8)

class Brightness(torch.nn.Module):
    def forward(self, tiles):
        return tiles.float() / 255

model = sc.Model(Brightness(), sc.ModelInfo("brightness", "none"), prepare=lambda tile: tile)
process, peak, done = psutil.Process(), [0], threading.Event()

def watch():
    while not done.wait(0.02):
        peak[0] = max(peak[0], process.memory_info().rss)

rows, wrong = [0], [0]
def sink(plane, top, part):
    assert top == rows[0]
    rows[0] += len(part)
    expected = Stripes()[top : top + len(part), :]
    wrong[0] += int((np.abs(part * 255 - expected) > 0.01).sum())

image = Stripes()
with sc.Segmenter(model, device="cpu", threads=2) as segmenter:
    segmenter.predict(np.zeros((300, 300), np.uint8))
    before = process.memory_info().rss
    watcher = threading.Thread(target=watch); watcher.start()
    segmenter.predict(image, axes="YX", out=sink)
    done.set(); watcher.join()
print(rows[0], wrong[0], (peak[0] - before) / 2**20)
"""


def test_a_huge_image_streams_whole_and_right_in_less_than_a_gigabyte():
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(PROGRAM)],
        check=True,
        capture_output=True,
        text=True,
    )
    rows, wrong, megabytes = run.stdout.split()
    assert (int(rows), int(wrong)) == (20_000, 0)
    assert float(megabytes) < 1000

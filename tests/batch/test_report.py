"""The report as text; how it looks to a browser is tested with the command line."""

import re

import cv2
import numpy as np
import pytest

import samcell_core as sc
from samcell_core.batch import ImageRow, Result
from samcell_core.batch.charts import bars, histogram
from samcell_core.batch.parts import summary_of, thumbnail_side, write_parts
from samcell_core.batch.report import Facts, write_report


@pytest.fixture
def page(bright, folder, tmp_path):
    def make(out="out", **options):
        bright.run(folder, tmp_path / out, **options)
        return (tmp_path / out / "report.html").read_text(encoding="utf-8")

    return make


def test_it_does_not_depend_on_where_and_when_it_is_made(page):
    assert page("one") == page("two")


def test_every_image_has_its_picture_count_and_cover(page):
    text = page()
    assert re.findall(r'data-count="(\d+)"', text) == ["5", "3", "9"]
    cards = text[text.index('<div class="images">') :]
    assert cards.count("data:image/jpeg;base64,") == 3
    assert "5.9% covered" in cards


def test_failures_come_with_their_reason_and_as_text(page, folder):
    (folder / "<i>&.tif").touch()
    text = page()
    assert "<dt>&lt;i&gt;&amp;.tif</dt>" in text
    assert "is empty" in text
    assert "<i>&" not in text


def test_doubtful_cells_come_first_the_least_sure_before_the_others(bright, tmp_path):
    (tmp_path / "weak").mkdir()
    for number, value in enumerate((40, 30, 35)):
        image = np.zeros((40, 40), np.uint8)
        image[10:20, 10:20] = value
        cv2.imwrite(str(tmp_path / "weak" / f"{number}.png"), image)
    bright.run(tmp_path / "weak", tmp_path / "out", settings=sc.Settings(peak=0.1, fill=0.1))
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert re.findall(r"<figcaption>(\d)\.png<br><small>cell 1", text) == ["1", "2", "0"]


def test_settings_that_were_changed_stand_out(page):
    text = page(settings=sc.Settings(min_size=5))
    assert "<tr><th>min_size</th><td><b>5</b></td></tr>" in text
    assert "<tr><th>max_size</th><td>auto</td></tr>" in text


def test_it_stays_small_with_300_images(tmp_path):
    noise = np.random.default_rng(0).integers(0, 200, (1024, 1024), dtype=np.uint8)
    labels = np.kron(np.arange(1, 401).reshape(20, 20), np.ones((51, 51), int))
    labels = np.pad(labels, (2, 2))
    segmentation = sc.Segmentation(
        labels=labels.astype(np.uint16),
        distance_map=(labels > 0).astype(np.float32),
        settings=sc.Settings(),
        model=sc.ModelInfo("m", "none"),
    )
    result = Result("x", sc.as_image(noise), segmentation, sc.measure(segmentation))
    write_parts(tmp_path, result, thumbnail_side(300))
    row = ImageRow(image="x", summary=summary_of(result), part=tmp_path)
    write_report(tmp_path / "r.html", [row] * 300, Facts("x", "1", {"name": "m"}, {}))
    # Noise full of outlines: few real pictures are larger.
    assert (tmp_path / "r.html").stat().st_size < 3_500_000


def test_a_bar_says_which_image_it_is_and_how_much():
    chart = bars([3.0, float("nan"), 1200.0], ["a", "b", "c<"])
    assert re.findall(r"<title>([^<]*)</title>", chart) == ["a: 3", "c&lt;: 1,200"]


def test_confluency_is_in_percent():
    assert "<title>a: 42%</title>" in bars([0.42], ["a"], percent=True)


def test_a_histogram_counts_every_cell_and_leaves_out_what_is_no_number():
    chart = histogram([1.0, 2.0, 2.0, 500.0, float("nan")], "px")
    counts = [int(number) for number in re.findall(r": (\d+)</title>", chart)]
    assert sum(counts) == 4


def test_a_histogram_of_nothing_says_so():
    assert "No cells" in histogram([])

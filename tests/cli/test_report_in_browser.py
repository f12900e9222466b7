"""The report in a real browser: chromium has to be installed."""

import base64
import json
import re
import shutil
import subprocess

import pytest

from samcell_core.batch.ledger import Ledger
from samcell_core.batch.parts import row_of
from samcell_core.batch.report import Facts, write_report

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture
def browse(tmp_path):
    """Open a page in a browser that reaches no network; its DOM, and what its console says."""

    def open_page(page):
        program = next((path for path in map(shutil.which, BROWSERS) if path), None)
        assert program is not None, "This test needs chromium: apt-get install chromium"
        command = [program, "--headless=new", "--no-sandbox", "--disable-gpu"]
        command += [f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1200,1500"]
        command += ["--disable-background-networking", "--disable-component-update"]
        command += ["--no-first-run", "--host-resolver-rules=MAP * ~NOTFOUND"]
        command += ["--enable-logging=stderr", "--v=0"]
        command += ["--virtual-time-budget=3000", "--dump-dom", page.as_uri()]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        console = [line for line in result.stderr.splitlines() if ":CONSOLE" in line]
        return result.stdout, console

    return open_page


PROBE = """<script>
addEventListener("load", () => {
  const pictures = [...document.images];
  for (const button of document.querySelectorAll("button[data-by=count]")) button.click();
  const first = document.querySelector(".images figcaption").firstChild.textContent;
  document.body.dataset.seen = JSON.stringify({
    pictures: pictures.length,
    broken: pictures.filter((each) => !each.complete || !each.naturalWidth).length,
    wide: document.documentElement.scrollWidth <= innerWidth,
    high: document.documentElement.scrollHeight / innerHeight,
    cards: document.querySelectorAll(".images figure").length,
    charts: document.querySelectorAll("svg rect").length,
    bold: document.querySelectorAll(".failures b").length,
    asked: performance.getEntriesByType("resource").map((each) => each.name)
      .filter((name) => !name.startsWith("data:")),
    first,
  });
});
</script>"""


@pytest.fixture
def look(browse):
    """What a browser shows of a page, by a script at its end, and what its console says."""

    def at(page):
        probed = page.with_name("probed.html")
        probed.write_text(page.read_text(encoding="utf-8") + PROBE, encoding="utf-8")
        dom, console = browse(probed)
        seen = re.search(r'data-seen="([^"]+)"', dom)[1].replace("&quot;", '"')
        return json.loads(seen), console

    return at


@pytest.fixture
def out(invoke, images):
    """Results with a failed image."""
    (images / "c & <b>d.tif").touch()
    invoke("run", images)
    return images.with_name("my images_samcell")


def test_the_page_shows_its_pictures_without_network_and_without_errors(look, out):
    seen, console = look(out / "report.html")
    assert console == []
    assert (seen["pictures"] >= 2, seen["broken"]) == (True, 0)
    assert seen["asked"] == []
    assert seen["wide"]
    assert seen["charts"] > 2
    assert seen["bold"] == 0  # names are text, whatever letters they have
    assert seen["first"] == "b.png"  # with most cells, after its button was pressed


def test_a_page_of_300_images_shows_them_all_side_by_side(look, out):
    records = Ledger(out).records()
    rows = [row_of(record, Ledger(out).image(record["name"]).part("")) for record in records]
    write_report(out / "many.html", rows * 150, Facts("many", "1", {"name": "m"}, {}))
    seen, console = look(out / "many.html")
    assert (console, seen["broken"], seen["wide"]) == ([], 0, True)
    assert seen["cards"] == 300
    assert seen["high"] < 8  # screens of 1200 x 1500


def test_the_page_holds_nothing_that_points_elsewhere(invoke, images):
    invoke("run", images)
    page = (images.with_name("my images_samcell") / "report.html").read_text(encoding="utf-8")
    assert re.findall(r'(?:src|href)="(?!data:)([^"]*)"', page) == [
        "overlays/a.png",
        "overlays/b.png",
        "images.csv",
        "cells.csv",
        "run.json",
    ]
    pictures = re.findall(r"data:image/jpeg;base64,([^\"]+)", page)
    assert all(base64.b64decode(each).startswith(b"\xff\xd8") for each in pictures)

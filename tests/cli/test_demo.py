"""``samcell-cli demo``: drawn images, found cells, scores and a report."""

import pytest

from samcell_cli import demo as demonstration
from samcell_core.synthetic import files


@pytest.fixture
def demo(invoke, monkeypatch, tmp_path):
    """The demonstration with one image instead of all."""
    few = files.DEMONSTRATION[-1:]
    monkeypatch.setattr(demonstration, "DEMONSTRATION", few)
    monkeypatch.setattr(
        demonstration,
        "write_scenes",
        lambda *folders, **options: files.write_scenes(*folders, scenes=few, side=192, **options),
    )
    return lambda *options: invoke("demo", tmp_path / "demo", "--device", "cpu", *options)


def test_it_ends_with_scores_and_the_place_of_the_report(demo, tmp_path):
    result = demo()
    assert result.exit_code == 0
    assert "fluorescent_nuclei" in result.stdout
    report = tmp_path / "demo" / "results" / "report.html"
    assert str(report) in result.stdout
    assert report.is_file()


def test_bright_nuclei_are_found_even_by_their_brightness_alone(demo):
    line = next(row for row in demo().stdout.splitlines() if row.startswith("fluorescent_nuclei"))
    true, predicted = map(int, line.split()[1:3])
    assert 0.5 < predicted / true < 1.5


def test_the_page_of_errors_shows_them_over_the_image(demo, tmp_path):
    demo()
    page = (tmp_path / "demo" / "evaluation" / "errors.html").read_text(encoding="utf-8")
    assert "data:image/jpeg" in page


def test_a_folder_that_holds_something_is_refused(demo, tmp_path):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "mine.txt").touch()
    result = demo()
    assert result.exit_code == 2
    assert "holds something already" in result.stderr


def test_it_may_be_called_again(demo):
    demo()
    assert demo("--overwrite").exit_code == 0

"""The pages say what the code does."""

import re
from pathlib import Path

import pytest
import tifffile
import torch

import samcell_core as sc

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *ROOT.glob("[a-z]*/README.md")])


def settings_table():
    rows = ["| setting | default | allowed | what it does |", "| --- | --- | --- | --- |"]
    for option in sc.Settings.options():
        default = "auto" if option.default is None else repr(option.default)
        unit = f" ({option.unit})" if option.unit else ""
        rows.append(f"| `{option.name}` | {default} | {option.allowed}{unit} | {option.help} |")
    return "\n".join(rows)


def test_the_page_of_the_engine_lists_every_setting_as_it_is():
    assert settings_table() in (ROOT / "docs" / "engine.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_holds_a_placeholder(page):
    assert re.findall(r"\b(?:COMPARISON|BENCH\d|TODO|TBD|XXX)\b", page.read_text("utf-8")) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_readmes_python_example_runs(tmp_path, monkeypatch, tiny_shape, clouds):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    example = re.search(r"```python\n(.+?)```", text, re.DOTALL)[1]
    monkeypatch.chdir(tmp_path)
    torch.save(sc.random_model(tiny_shape).network.state_dict(), "samcell-generalist.pt")
    tifffile.imwrite("cells.tif", clouds((120, 150)))
    exec(compile(example, "README.md", "exec"), {})
    assert Path("labels.tif").exists()
    assert Path("cells.csv").exists()

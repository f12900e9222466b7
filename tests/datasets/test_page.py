"""The page about annotated images shows what is really told."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "datasets.md"


def test_the_survey_on_the_page_is_what_the_example_prints(tmp_path, monkeypatch, capsys):
    text = PAGE.read_text(encoding="utf-8")
    example, output = re.search(
        r"```python\n(import shutil.+?)```\s+```text\n(.+?)```", text, re.DOTALL
    ).groups()
    monkeypatch.chdir(tmp_path)
    exec(compile(example, PAGE.name, "exec"), {})
    assert capsys.readouterr().out == output
    assert Path("survey.csv").exists()

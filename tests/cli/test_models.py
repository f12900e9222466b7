"""``samcell-cli models``: models by name, and their files on this computer."""

import hashlib
import json

import pytest

import samcell_core as sc
from samcell_core.models import registry


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty folder for models, and no network."""
    monkeypatch.setenv("SAMCELL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SAMCELL_OFFLINE", "1")
    return tmp_path / "home" / "models"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "came-by-mail.pt"
    path.write_bytes(b"weights")
    return path


def test_every_model_is_listed(invoke):
    lines = invoke("models").stdout.splitlines()
    names = [entry.name for entry in registry.MODELS]
    assert [line.split()[0] for line in lines[1 : len(names) + 1]] == names


def test_list_is_what_happens_without_a_sub_command(invoke):
    assert invoke("models").stdout == invoke("models", "list").stdout


def test_the_list_is_there_for_programs(invoke):
    models = json.loads(invoke("models", "list", "--json").stdout)
    assert set(models[1]) >= {"name", "size", "licence", "source", "path", "sha256", "present"}


def test_info_tells_licence_source_and_place(invoke, home):
    text = invoke("models", "info", "samcell-generalist").stdout
    entry = registry.find_entry("samcell-generalist")
    for what in (entry.licence, entry.url, str(home / entry.file), entry.citation):
        assert what in text


def test_info_tells_the_thresholds_with_which_the_built_in_model_is_used(invoke):
    facts = json.loads(invoke("models", "info", "samcell-lite", "--json").stdout)
    used = sc.load_model("samcell-lite").info
    assert [facts[name] for name in ("peak", "fill", "diameter")] == [
        used.peak,
        used.fill,
        used.diameter,
    ]


def test_info_of_a_checkpoint_tells_what_is_in_it(invoke, tmp_path, tiny_shape):
    import torch

    path = tmp_path / "mine.pt"
    torch.save(sc.random_model(tiny_shape).network.state_dict(), path)
    facts = json.loads(invoke("models", "info", path, "--json").stdout)
    assert facts["name"] == "mine"
    assert facts["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_an_imported_file_is_the_model(invoke, file, home):
    assert invoke("models", "import", "samcell-cyto", file).exit_code == 0
    assert invoke("models", "path", "samcell-cyto").stdout.strip() == str(home / "samcell-cyto.pt")
    assert json.loads(invoke("models", "info", "samcell-cyto", "--json").stdout)["sha256"] == (
        hashlib.sha256(b"weights").hexdigest()
    )


def test_a_removed_model_is_gone(invoke, file):
    invoke("models", "import", "samcell-cyto", file)
    assert "is removed" in invoke("models", "remove", "samcell-cyto").stdout
    assert invoke("models", "path", "samcell-cyto").exit_code == 1
    assert "was not on this computer" in invoke("models", "remove", "samcell-cyto").stdout


def test_the_path_of_a_model_that_is_not_there_is_an_error_with_advice(invoke):
    result = invoke("models", "path", "samcell-cyto")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "samcell-cli models download samcell-cyto" in result.stderr


def test_what_is_here_is_not_downloaded_again(invoke, file):
    invoke("models", "import", "samcell-cyto", file)
    assert "is here already" in invoke("models", "download", "samcell-cyto").stdout


def test_offline_a_download_says_what_to_fetch_and_where_to_put_it(invoke, home):
    result = invoke("models", "download", "samcell-cyto")
    assert result.exit_code == 1
    assert registry.find_entry("samcell-cyto").url in result.stderr
    assert str(home / "samcell-cyto.pt") in result.stderr


def test_a_misspelt_model_is_an_error_with_the_nearest_name(invoke):
    result = invoke("models", "info", "samcell-generalst")
    assert result.exit_code == 2
    assert "did you mean the model 'samcell-generalist'" in result.stderr

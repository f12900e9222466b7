"""A small file of a trained network."""

import subprocess
import sys

import pytest
import torch

import samcell_core as sc
from samcell_core.models.lite import LiteNetwork
from samcell_core.models.lite_file import LiteHeader, lite_bytes, read_lite_header
from samcell_core.models.loading import read_lite
from samcell_core.models.registry import find_model
from samcell_core.training.export import export, main


@pytest.fixture
def network(tiny_lite):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return LiteNetwork(tiny_lite)


@pytest.fixture
def best(network, tmp_path):
    header = LiteHeader(
        name="run", shape=network.shape, licence="CC0", training={"settings": {"steps": 3}}
    )
    (tmp_path / "best.safetensors").write_bytes(lite_bytes(network, header))
    return tmp_path / "best.safetensors"


@pytest.fixture
def other(tiny_lite, tmp_path):
    with torch.random.fork_rng():
        torch.manual_seed(1)
        network = LiteNetwork(tiny_lite)
    header = LiteHeader(name="before", shape=network.shape, training={"settings": {"steps": 2}})
    (tmp_path / "other.safetensors").write_bytes(lite_bytes(network, header))
    return tmp_path / "other.safetensors"


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out.safetensors"


def test_the_new_file_is_about_half_as_large(best, out):
    export(best, out)
    assert out.stat().st_size < 0.6 * best.stat().st_size


def test_weights_are_those_of_the_run_to_half_precision(best, out, network):
    export(best, out)
    exported, _ = read_lite(out)
    weights = zip(network.parameters(), exported.parameters(), strict=True)
    assert all(torch.allclose(one, other, rtol=1e-3, atol=1e-7) for one, other in weights)


def test_in_full_precision_weights_are_those_of_the_run(best, out, network):
    export(best, out, half=False)
    exported, _ = read_lite(out)
    weights = zip(network.parameters(), exported.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in weights)


def test_the_header_says_what_is_given(best, out):
    export(best, out, name="mine", peak=0.5, fill=0.1, diameter=32.0, licence="MIT")
    info = sc.load_model(out).info
    assert (info.name, info.peak, info.fill, info.diameter, info.licence) == (
        "mine",
        0.5,
        0.1,
        32.0,
        "MIT",
    )


def test_the_header_keeps_what_is_not_given(best, out):
    export(best, out, peak=0.5)
    before, after = read_lite_header(best), read_lite_header(out)
    assert (after.name, after.fill, after.licence, after.training) == (
        before.name,
        before.fill,
        before.licence,
        before.training,
    )


def test_an_existing_file_is_not_written_over_unasked(best, out):
    out.write_text("mine")
    with pytest.raises(sc.SettingsError, match=r"out.safetensors exists"):
        export(best, out)
    assert out.read_text() == "mine"


def test_an_existing_file_is_written_over_on_demand(best, out):
    out.write_text("mine")
    export(best, out, overwrite=True)
    assert read_lite_header(out) is not None


def test_a_run_is_never_written_over(best):
    with pytest.raises(sc.SettingsError, match=r"best.safetensors exists"):
        export(best, best, overwrite=True)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"peak": 0.0}, "peak=0.0"),
        ({"peak": float("nan")}, "peak=nan"),
        ({"fill": 1.0}, "fill=1.0"),
        ({"peak": 0.3, "fill": 0.4}, "fill=0.4 is above peak=0.3"),
        ({"diameter": 0.5}, "diameter=0.5"),
    ],
)
def test_values_outside_their_range_are_refused(best, out, values, message):
    with pytest.raises(sc.SettingsError, match=message):
        export(best, out, **values)


def test_another_ending_is_refused(best, tmp_path):
    with pytest.raises(sc.SettingsError, match=r"should end in \.safetensors"):
        export(best, tmp_path / "out.pt")


def test_a_folder_that_is_not_there_is_named(best, tmp_path):
    with pytest.raises(sc.TrainingError, match=r"no folder .*none"):
        export(best, tmp_path / "none" / "out.safetensors")


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path, out):
    with pytest.raises(sc.ModelError, match="no checkpoint"):
        export(tmp_path / "none.safetensors", out)


def test_weights_too_large_for_half_precision_are_refused(network, tmp_path, out):
    torch.nn.init.constant_(network.to_size.weight, 1e6)
    header = LiteHeader(name="run", shape=network.shape)
    (tmp_path / "large.safetensors").write_bytes(lite_bytes(network, header))
    with pytest.raises(sc.ModelError, match="too large for half precision"):
        export(tmp_path / "large.safetensors", out)


def test_the_command_writes_the_file(best, out, capsys):
    assert main([str(best), str(out), "--name", "mine", "--peak", "0.5"]) == 0
    assert read_lite_header(out).name == "mine"
    assert "MB" in capsys.readouterr().out


def test_the_command_says_what_is_wrong_in_a_line(best, out, capsys):
    assert main([str(best), str(out), "--peak", "2"]) == 1
    assert capsys.readouterr().err == (
        "Error: peak=2.0 is not allowed: give a number between 0 and 1.\n"
    )


def test_the_command_runs_as_a_module():
    command = [sys.executable, "-W", "error", "-m", "samcell_core.training.export", "--help"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "--diameter" in said


def test_weights_are_the_mean_of_those_averaged(best, other, out, network):
    export(best, out, average_with=[other], half=False)
    exported, _ = read_lite(out)
    another, _ = read_lite(other)
    each = zip(network.parameters(), another.parameters(), exported.parameters(), strict=True)
    assert all(torch.allclose((one + two) / 2, mean) for one, two, mean in each)


def test_the_header_tells_what_was_averaged(best, other, out):
    export(best, out, average_with=[other])
    told = read_lite_header(other).training
    assert read_lite_header(out).training["averaged with"] == [told]


def test_networks_of_other_sizes_are_not_averaged(best, out):
    with pytest.raises(sc.ModelError, match="another size"):
        export(best, out, average_with=[find_model("samcell-lite")[0]])

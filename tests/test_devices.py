import pytest
import torch

import samcell_core as sc
from samcell_core import devices
from samcell_core.machine import available_cores


def test_an_unknown_device_is_refused_with_the_known_ones():
    with pytest.raises(sc.SettingsError, match=r"device='gpu' is not known: give .*'cuda'"):
        devices.choose_device("gpu")


@pytest.mark.parametrize("name", ["cpu:", "auto:", "cuda:", "cuda:\u00b2", "mps:0", "", None])
def test_a_half_written_device_is_refused(name):
    with pytest.raises(sc.SettingsError, match="device="):
        devices.choose_device(name)


def test_an_absent_gpu_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(sc.DeviceError, match="device='cuda': PyTorch finds no NVIDIA GPU"):
        devices.choose_device("cuda")


def test_a_gpu_with_a_number_beyond_those_there_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(sc.DeviceError, match=r"device='cuda:2': this machine has 2 GPU"):
        devices.choose_device("cuda:2")


def test_an_absent_apple_gpu_is_refused(monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(sc.DeviceError, match="device='mps'"):
        devices.choose_device("mps")


@pytest.mark.parametrize(
    ("cuda", "mps", "chosen"), [(True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")]
)
def test_auto_takes_the_fastest_device_there_is(monkeypatch, cuda, mps, chosen):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert devices.choose_device("auto").type == chosen


def test_every_gpu_is_listed_behind_the_cpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"GPU {device.index}")
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: True)
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict, raising=False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert devices.list_devices() == [
        devices.Device("cpu", "Processor", "fp32", automatic=False),
        devices.Device("cuda:0", "GPU 0", "bf16", automatic=True),
        devices.Device("cuda:1", "GPU 1", "bf16", automatic=False),
    ]


@pytest.mark.parametrize(
    ("feature", "precision"), [("amx_bf16", "bf16"), ("avx512_bf16", "bf16"), ("avx2", "fp32")]
)
def test_auto_precision_on_a_cpu_is_what_it_multiplies_fast(monkeypatch, feature, precision):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {feature: True}, raising=False)
    assert devices.choose_precision("auto", torch.device("cpu")) == precision


def test_auto_precision_on_an_apple_gpu_is_fp32():
    assert devices.choose_precision("auto", torch.device("mps")) == "fp32"


def test_an_unknown_precision_is_refused_with_the_known_ones():
    with pytest.raises(sc.SettingsError, match=r"precision='int8' is not known: give .*'bf16'"):
        devices.choose_precision("int8", torch.device("cpu"))


def test_a_gpu_without_bf16_is_refused_it(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda *_, **__: False)
    with pytest.raises(sc.DeviceError, match="precision='bf16'"):
        devices.choose_precision("bf16", torch.device("cuda"))


@pytest.mark.parametrize("threads", [0, -1, 2.0, True, "4"])
def test_a_wrong_thread_count_is_refused(threads):
    with pytest.raises(sc.SettingsError, match="threads="):
        devices.choose_threads(threads)


def test_threads_default_to_the_cores_this_process_may_use():
    assert devices.choose_threads(None) == min(available_cores(), 16)

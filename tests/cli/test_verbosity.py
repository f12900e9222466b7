"""How much commands say."""

import logging

import pytest


@pytest.mark.parametrize("option", ["-q", "-v"])
def test_a_caller_keeps_its_own_level_of_logging(invoke, tmp_path, option):
    before = logging.getLogger().level
    invoke("train", tmp_path, "--dry-run", option)
    assert logging.getLogger().level == before

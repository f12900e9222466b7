"""A Fiji that PyImageJ starts: SAMCELL_FIJI names its folder, or an endpoint."""

import os

import pytest

import imagej_bridge as ib


@pytest.fixture(scope="session")
def connection():
    with ib.connect(os.environ["SAMCELL_FIJI"]) as made:
        yield made

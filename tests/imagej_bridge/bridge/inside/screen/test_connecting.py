"""Connecting to the ImageJ that runs."""

from types import SimpleNamespace

import numpy as np
import pytest

import imagej_bridge as ib
import samcell_core as sc


def test_a_bare_jar_says_what_it_lacks(connection):
    assert list(connection.missing) == ["to_imglabeling"]
    assert repr(connection).startswith("Connection(ImageJ 1.")
    with pytest.raises(sc.SamcellError, match="to_imglabeling needs ImageJ2"):
        connection.to_imglabeling(np.zeros((3, 3), int))


def test_connecting_again_gives_the_same_imagej(connection, jar):
    connection.to_image(np.zeros((3, 4), np.uint8), title="mine").show()
    for where in ((), (jar,)):
        assert ib.connect(*where).from_image().name == "mine"


def test_another_imagej_in_the_same_process_is_refused(connection):
    with pytest.raises(sc.SamcellError, match=r"can be started only once: restart Python"):
        ib.connect("sc.fiji:fiji")


def test_what_is_no_gateway_is_refused(connection):
    with pytest.raises(sc.SamcellError, match="A int is no gateway of PyImageJ"):
        ib.connect(3)


def test_imagejs_window_is_shown_on_demand(connection, java):
    assert not java("ij.IJ").getInstance().isShowing()
    ib.connect(window=True)
    assert java("ij.IJ").getInstance().isShowing()
    java("ij.IJ").getInstance().setVisible(False)


def test_a_gateway_converts_datasets(connection, java):
    image = connection.to_image(np.eye(4, dtype=np.uint8))
    dataset = java("java.util.ArrayList")()
    images = {id(dataset): image}
    py = SimpleNamespace(to_imageplus=lambda given: images[id(given)])
    other = ib.connect(SimpleNamespace(py=py, IJ=java("ij.IJ")))
    np.testing.assert_array_equal(other.from_image(dataset).data, np.eye(4))
    assert dict(other.missing) == {}

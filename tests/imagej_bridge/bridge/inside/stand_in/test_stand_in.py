"""An ImageJ that PyImageJ started, without a screen."""

import numpy as np
import pytest

import imagej_bridge as ib
import samcell_core as sc


def test_pyimagej_is_asked_for_the_folder_without_a_screen(connection, fiji, started):
    assert started == [(str(fiji), "headless")]


def test_connecting_again_starts_nothing(connection, fiji, started):
    assert ib.connect(fiji).missing == ib.connect().missing == connection.missing
    assert len(started) == 1


def test_it_says_what_needs_a_screen(connection):
    assert set(connection.missing) == {"show", "to_rois", "from_rois"}
    for ask in (connection.to_rois, connection.show):
        with pytest.raises(sc.SamcellError, match="needs a screen"):
            ask(ib.LabelImage(np.eye(3, dtype=int), "YX", None))


def test_images_and_labels_come_back_the_same(connection, blobs):
    stack = np.stack([blobs(seed=seed) for seed in range(3)])
    back = connection.from_image(connection.to_image(stack, axes="ZYX"))
    np.testing.assert_array_equal(back.data, stack)
    np.testing.assert_array_equal(
        connection.from_labels(connection.to_labels(blobs())).labels, blobs()
    )


def test_a_roi_set_is_written_and_read_without_a_screen(connection, blobs, tmp_path):
    connection.to_rois(blobs(), tmp_path / "RoiSet.zip")
    back = connection.from_rois(blobs(), tmp_path / "RoiSet.zip")
    np.testing.assert_array_equal(back.labels, blobs())


def test_a_table_comes_back_the_same(connection):
    table = connection.to_table({"area": np.array([1.5, 2.5])})
    assert connection.from_table(table)["area"].tolist() == [1.5, 2.5]


@pytest.mark.parametrize(
    ("macro", "message"),
    [
        ("x = 1;\ny = ;", "Number or numeric function expected"),
        ('exit("No cells here");', "cancelled in line 1"),
        ('waitForUser("draw");', "failed"),
    ],
)
def test_a_macro_that_fails_raises(connection, macro, message):
    with pytest.raises(sc.SamcellError, match=message):
        connection.run_macro(macro, time_limit=20)


@pytest.mark.parametrize("macro", ["x = 1; exit;", "exit();"])
def test_an_exit_without_a_message_is_no_failure(connection, macro):
    assert connection.run_macro(macro) is None


def test_a_macro_gives_what_it_returns(connection):
    assert connection.run_macro("return getArgument();", {"a": 1.5}) == "a=1.5"


def test_an_imglabeling_is_made_of_numbers_and_their_names(connection, monkeypatch):
    # That class is ImageJ2's: here we see what it would be called with.
    class ImgLabeling:
        @staticmethod
        def fromImageAndLabels(image, labels):  # noqa: N802
            return image, labels

    import scyjava

    def classes(name):
        return ImgLabeling if name.endswith("ImgLabeling") else scyjava.jimport(name)

    monkeypatch.setattr("imagej_bridge.imglabelings.java_class", classes)
    image, names = connection.to_imglabeling(np.array([[0, 3], [1, 0]]))
    assert (image.dtype, image.tolist()) == (np.uint16, [[0, 3], [1, 0]])
    assert [int(name) for name in names] == [1, 2, 3]

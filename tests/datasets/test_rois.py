"""ROIs of ImageJ: they are filled as ImageJ fills them, and what is refused."""

import numpy as np
import pytest
import roifile
from roifile import ROI_TYPE, ImagejRoi

import samcell_core as sc
from samcell_core.datasets import find_annotated


def bounded(kind, left, top, right, bottom, name="cell", **more):
    return ImagejRoi(
        roitype=kind, left=left, top=top, right=right, bottom=bottom, name=name, **more
    )


def ring(kind, *corners, **more):
    roi = ImagejRoi.frompoints(np.array(corners), name=more.pop("name", "cell"), **more)
    roi.roitype = kind
    return roi


def square(left, top, side, name="cell", **more):
    corners = [(left, top), (left + side, top), (left + side, top + side), (left, top + side)]
    return ring(ROI_TYPE.POLYGON, *corners, name=name, **more)


def with_hole():
    """A square of 8 pixels a side with a hole of 2."""
    path = []
    for left, top, side in ((2, 2, 8), (5, 5, 2)):
        for kind, x, y in ((0, 0, 0), (1, side, 0), (1, side, side), (1, 0, side)):
            path += [kind, left + x, top + y]
        path.append(4)
    numbers = np.array(path, np.float32)
    return bounded(
        ROI_TYPE.RECT, 2, 2, 10, 10, shape_roi_size=len(numbers), multi_coordinates=numbers
    )


@pytest.fixture
def rois(put):
    """A folder with ``a.tif`` and ``a_RoiSet.zip`` of these ROIs."""

    def write(*rois, name="a_RoiSet.zip"):
        folder = put("a.tif")
        names = [f"{number:04}-{roi.name}" for number, roi in enumerate(rois, start=1)]
        roifile.roiwrite(folder / name, rois, name=names, mode="w")
        return folder

    return write


def labels_of(folder):
    [item] = find_annotated(folder)
    return item.read()[1]


@pytest.mark.parametrize("kind", [ROI_TYPE.POLYGON, ROI_TYPE.FREEHAND, ROI_TYPE.TRACED])
def test_a_ring_holds_the_pixels_between_its_corners(rois, kind):
    labels = labels_of(rois(ring(kind, (2, 3), (8, 3), (8, 7), (2, 7))))
    expected = np.zeros_like(labels)
    expected[3:7, 2:8] = 1
    np.testing.assert_array_equal(labels, expected)


def test_a_rectangle_ends_before_its_right_and_lower_edge(rois):
    labels = labels_of(rois(bounded(ROI_TYPE.RECT, 2, 3, 8, 7)))
    assert np.argwhere(labels).max(axis=0).tolist() == [6, 7]


def test_an_oval_of_four_pixels_lacks_its_corners(rois):
    labels = labels_of(rois(bounded(ROI_TYPE.OVAL, 2, 3, 6, 7)))
    expected = [[0, 1, 1, 0], [1, 1, 1, 1], [1, 1, 1, 1], [0, 1, 1, 0]]
    np.testing.assert_array_equal(labels[3:7, 2:6], expected)


def test_a_composite_keeps_its_hole(rois):
    labels = labels_of(rois(with_hole()))
    assert (labels.sum(), labels[5:7, 5:7].sum()) == (60, 0)


def test_corners_between_pixels_count_by_pixel_centres(rois):
    labels = labels_of(rois(ring(ROI_TYPE.FREEHAND, (2.6, 3), (8.4, 3), (8.4, 7), (2.6, 7))))
    assert np.flatnonzero(labels[4]).tolist() == [3, 4, 5, 6, 7]


@pytest.mark.parametrize("name", ["a_RoiSet.zip", "a.zip", "a-rois.zip", "rois/a.zip", "a.roi"])
def test_sets_of_rois_belong_to_images_by_name(rois, put, name):
    folder = put("a.tif")
    (folder / name).parent.mkdir(exist_ok=True)
    roifile.roiwrite(folder / name, square(2, 3, 5))
    assert labels_of(folder).max() == 1


def test_a_nameless_set_belongs_to_the_only_image_of_its_folder(put):
    folder = put("1/cells.tif", "2/cells.tif")
    for number in "12":
        roifile.roiwrite(folder / number / "RoiSet.zip", [square(2, 3, 4 + int(number))])
    areas = [int((item.read()[1] > 0).sum()) for item in find_annotated(folder)]
    assert areas == [25, 36]


def test_a_manifest_may_name_sets_of_rois(rois):
    folder = rois(square(2, 3, 5), square(12, 3, 5))
    (folder / "list.csv").write_text("image,labels\na.tif,a_RoiSet.zip\n")
    assert find_annotated(folder / "list.csv")[0].read()[1].max() == 2


def test_a_pattern_may_name_sets_of_rois(rois):
    folder = rois(square(2, 3, 5), name="a_cells.zip")
    [item] = find_annotated(folder, images="{name}.tif", labels="{name}_cells.zip")
    assert item.read()[1].max() == 1


def test_a_little_overlap_counts_for_the_first_roi(rois):
    labels = labels_of(rois(square(2, 3, 10), square(11, 3, 8)))
    assert ((labels == 1).sum(), (labels == 2).sum()) == (100, 56)


def test_rois_that_overlap_much_are_refused(rois):
    # 30 pixels of 170 are of both.
    with pytest.raises(sc.ImageError, match=r"a_RoiSet.zip overlap on 18% of the pixels"):
        labels_of(rois(square(2, 3, 10), square(9, 3, 10)))


def test_a_roi_drawn_twice_is_refused_by_its_name(rois):
    with pytest.raises(sc.ImageError, match=r"1 ROIs of .*a_RoiSet.zip have no pixel .*twin"):
        labels_of(rois(square(2, 3, 5), square(2, 3, 5, name="twin")))


def test_a_roi_beside_the_image_is_refused(rois):
    with pytest.raises(sc.ImageError, match=r"no pixel of their own .*lost.* 24 x 30"):
        labels_of(rois(square(2, 3, 5), square(200, 300, 5, name="lost")))


def test_rois_of_several_slices_are_refused(rois):
    with pytest.raises(sc.ImageError, match=r"a_RoiSet.zip holds ROIs of several slices"):
        labels_of(rois(square(2, 3, 5, position=0), square(12, 3, 5, position=1)))


def test_rois_of_one_slice_are_taken(rois):
    folder = rois(square(2, 3, 5, position=4), square(12, 3, 5, position=4))
    assert labels_of(folder).max() == 2


def test_a_set_of_points_has_no_cells(rois):
    with pytest.raises(sc.ImageError, match=r"a_RoiSet.zip has no cells"):
        labels_of(rois(ring(ROI_TYPE.POINT, (2, 3), (4, 5))))


def test_a_damaged_set_is_named(put):
    with pytest.raises(sc.ImageError, match=r"a_RoiSet.zip is damaged"):
        labels_of(put("a.tif", a_RoiSet__zip=b"PK\3\4nonsense"))


def test_a_roi_that_cannot_be_filled_exactly_is_refused_with_its_file(rois):
    with pytest.raises(sc.ImageError, match=r"a_RoiSet.zip: The ROI .*round corners"):
        labels_of(rois(bounded(ROI_TYPE.RECT, 2, 3, 9, 9, rounded_rect_arc_size=4)))


def test_an_image_without_rois_is_refused(rois, put):
    rois(square(2, 3, 5))
    with pytest.raises(sc.TrainingError, match=r"1 of 2 images .* no labels \(b.tif\)"):
        find_annotated(put("b.tif"))


def test_rois_without_an_image_are_refused(rois):
    folder = rois(square(2, 3, 5))
    (folder / "b_RoiSet.zip").write_bytes((folder / "a_RoiSet.zip").read_bytes())
    with pytest.raises(sc.TrainingError, match=r"1 of 2 label files .* no image \(b_RoiSet.zip\)"):
        find_annotated(folder)

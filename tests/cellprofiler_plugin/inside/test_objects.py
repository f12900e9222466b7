"""The objects: how many, which are discarded, what masks and colours do."""

import numpy as np
import pytest
from cellprofiler_core.image import Image

from conftest import discs, from_file

TWO = ((60, 60, 30), (130, 140, 30))
SMALL, MIDDLE, LARGE = (40, 40, 20), (50, 140, 32), (140, 100, 48)
AT_THE_BORDER = (0, 100, 32)


def objects_of(workspace):
    return workspace.object_set.get_objects("Cells")


def count(labels):
    return len(np.unique(labels)) - 1


@pytest.mark.parametrize("number", [0, 1, 2])
def test_as_many_objects_as_cells(run, number):
    workspace = run(discs(*TWO[:number]))
    assert objects_of(workspace).count == number
    assert workspace.measurements.get_current_image_measurement("Count_Cells") == number


def test_objects_lie_where_the_cells_are(run):
    measurements = run(discs(*TWO)).measurements
    rows = measurements.get_current_measurement("Cells", "Location_Center_Y")
    columns = measurements.get_current_measurement("Cells", "Location_Center_X")
    np.testing.assert_allclose(rows, [60, 130], atol=2)
    np.testing.assert_allclose(columns, [60, 140], atol=2)


def test_objects_are_as_large_as_the_cells(run):
    areas = objects_of(run(discs(*TWO))).areas
    np.testing.assert_allclose(np.sqrt(4 * areas / np.pi), 30, rtol=0.2)


def test_objects_are_numbered_without_gaps(run, module):
    module.exclude_size.value = True
    module.size_range.value = (26, 40)
    labels = objects_of(run(discs(SMALL, MIDDLE, LARGE, *TWO[1:]))).segmented
    assert sorted(np.unique(labels)) == list(range(labels.max() + 1))


def test_the_parent_is_the_image(run, workspace, module):
    made = workspace(discs(*TWO))
    module.run(made)
    assert objects_of(made).parent_image is made.image_set.get_image("Phase")


def test_small_and_large_objects_are_discarded(run, module):
    module.exclude_size.value = True
    module.size_range.value = (26, 40)
    objects = objects_of(run(discs(SMALL, MIDDLE, LARGE)))
    assert count(objects.segmented) == 1
    assert objects.segmented[50, 140] == 1


def test_discarded_objects_stay_among_the_unedited_ones(run, module):
    module.exclude_size.value = True
    module.size_range.value = (26, 40)
    assert count(objects_of(run(discs(SMALL, MIDDLE, LARGE))).unedited_segmented) == 3


def test_objects_of_the_wrong_size_are_not_among_the_small_removed(run, module):
    module.exclude_size.value = True
    module.exclude_border_objects.value = True
    module.size_range.value = (26, 60)
    labels = objects_of(run(discs(SMALL, MIDDLE, AT_THE_BORDER))).small_removed_segmented
    assert labels[SMALL[:2]] == 0
    assert labels[MIDDLE[:2]] > 0


def test_objects_at_the_border_stay_among_the_small_removed(run, module):
    module.exclude_border_objects.value = True
    labels = objects_of(run(discs(MIDDLE, AT_THE_BORDER))).small_removed_segmented
    assert labels[2, 100] > 0


def test_objects_at_the_border_are_discarded_when_asked(run, module):
    module.exclude_border_objects.value = True
    objects = objects_of(run(discs(MIDDLE, AT_THE_BORDER)))
    assert (objects.count, objects.segmented[2, 100]) == (1, 0)


def test_objects_at_the_border_stay_when_not_asked(run):
    assert objects_of(run(discs(MIDDLE, AT_THE_BORDER))).count == 2


def masked(pixels, mask):
    return from_file(pixels, mask=mask)


def left_half(shape=(200, 200)):
    mask = np.zeros(shape, bool)
    mask[:, :100] = True
    return mask


def test_no_object_is_outside_of_the_mask(run):
    objects = objects_of(run(masked(discs(*TWO), left_half())))
    assert objects.count == 1
    assert not objects.unedited_segmented[:, 100:].any()


def test_an_object_across_the_mask_ends_at_it(run):
    objects = objects_of(run(masked(discs((60, 100, 40)), left_half())))
    assert objects.segmented[60, 99] == 1
    assert not objects.segmented[:, 100:].any()


def test_an_object_at_the_border_of_the_mask_is_discarded_when_asked(run, module):
    module.exclude_border_objects.value = True
    workspace = run(masked(discs((60, 100, 40), (130, 50, 30)), left_half()))
    assert objects_of(workspace).segmented[130, 50] == 1
    assert objects_of(workspace).count == 1
    assert len(workspace.measurements["Cells", "SAMCell_Confidence"]) == 1


def test_a_mask_that_hides_all_gives_no_objects(run):
    assert objects_of(run(masked(discs(*TWO), np.zeros((200, 200), bool)))).count == 0


def test_objects_of_a_cropped_image_have_its_size(run):
    crop = np.zeros((200, 200), bool)
    crop[20:120, 10:110] = True
    whole = from_file(discs(*TWO))
    cropped = Image(
        whole.pixel_data[20:120, 10:110],
        mask=np.ones((100, 100), bool),
        crop_mask=crop,
        parent_image=whole,
    )
    objects = objects_of(run(cropped))
    assert objects.segmented.shape == (100, 100)
    assert objects.segmented[40, 50] == 1


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_colour_is_converted(run, channels):
    grey = discs(*TWO)
    colour = np.repeat(grey[:, :, None], channels, axis=2)
    assert objects_of(run(from_file(colour))).count == 2


def test_many_channels_are_refused_with_what_to_do(run):
    stack = np.repeat(discs(*TWO)[:, :, None], 5, axis=2)
    with pytest.raises(
        ValueError, match="Phase has 5 channels: choose one of them with ColorToGray"
    ):
        run(from_file(stack))


def test_a_volume_is_refused_with_what_to_do(run):
    volume = np.repeat(discs(*TWO)[None], 3, axis=0)
    with pytest.raises(ValueError, match="Phase is a volume: set 'Process as 3D"):
        run(from_file(volume, dimensions=3))


@pytest.mark.parametrize("white", [255, 4095, 65535])
def test_the_same_cells_at_every_bit_depth(run, white):
    numbers = np.rint(discs(*TWO) / 255.0 * white).astype(np.uint16)
    assert objects_of(run(from_file(numbers, white))).count == 2


def test_holes_are_filled_unless_not_wished(run, module):
    module.fill_holes.value = False
    plain = objects_of(run(discs(*TWO))).segmented
    module.fill_holes.value = True
    filled = objects_of(run(discs(*TWO))).segmented
    assert (filled > 0).sum() >= (plain > 0).sum()


def test_the_distance_map_is_saved_when_wished(run, module):
    module.wants_distance.value = True
    workspace = run(discs(*TWO))
    distance = workspace.image_set.get_image("DistanceMap")
    assert distance.pixel_data.shape == (200, 200)
    assert distance.pixel_data.dtype == np.float32
    assert 0.5 < distance.pixel_data[60, 60] <= 1
    assert distance.pixel_data[100, 10] < 0.2


def test_the_distance_map_has_the_mask_and_the_parent_of_the_image(run, module):
    module.wants_distance.value = True
    image = masked(discs(*TWO), left_half())
    distance = run(image).image_set.get_image("DistanceMap")
    assert distance.parent_image is image
    np.testing.assert_array_equal(distance.mask, left_half())


def test_no_distance_map_unless_wished(run):
    assert "DistanceMap" not in run(discs(*TWO)).image_set.names


def test_cells_are_sure_of_themselves(run):
    confidence = run(discs(*TWO)).measurements["Cells", "SAMCell_Confidence"]
    assert confidence.shape == (2,)
    assert ((confidence > 0.3) & (confidence <= 1)).all()


def test_the_models_own_thresholds_are_measured(run, engines):
    measurements = run(discs(*TWO)).measurements
    model = engines.engine_at("", lambda: 1).load()["model"]
    assert measurements["Image", "SAMCell_PeakThreshold_Cells"] == model["peak"]
    assert measurements["Image", "SAMCell_FillThreshold_Cells"] == model["fill"]


def test_chosen_thresholds_are_used_and_measured(run, module):
    module.own_thresholds.value = False
    module.peak.value, module.fill.value = 0.6, 0.3
    tight = run(discs(*TWO))
    module.fill.value = 0.05
    wide = run(discs(*TWO))
    assert tight.measurements["Image", "SAMCell_FillThreshold_Cells"] == 0.3
    assert objects_of(tight).areas.sum() < objects_of(wide).areas.sum()


def test_the_scale_of_a_diameter_is_measured(run, module, engines):
    model = engines.engine_at("", lambda: 1).load()["model"]
    scale = run(discs(*TWO)).measurements["Image", "SAMCell_Scale_Cells"]
    assert scale == pytest.approx(model["diameter"] / 30)


def test_a_factor_is_used_and_measured(run, module):
    module.scaling.value = "By a factor"
    module.factor.value = 0.8
    assert run(discs(*TWO)).measurements["Image", "SAMCell_Scale_Cells"] == 0.8


def test_the_automatic_scale_is_measured(run, module):
    module.scaling.value = "Automatic"
    assert 0.1 < run(discs(*TWO)).measurements["Image", "SAMCell_Scale_Cells"] < 10

"""The public door: images in, cells out."""

import cv2
import numpy as np
import pytest
import tifffile
import torch

import samcell_core as sc


@pytest.fixture
def two_cells():
    """Two bright discs on a dark ground."""
    image = np.zeros((90, 120), np.uint8)
    cv2.circle(image, (30, 40), 15, 200, -1)
    cv2.circle(image, (85, 50), 20, 255, -1)
    return cv2.GaussianBlur(image, (0, 0), 2)


def test_cells_are_numbered_without_gaps(blocks, two_cells):
    result = blocks.segment(two_cells)
    assert np.unique(result.labels).tolist() == [0, 1, 2]
    assert result.count == 2


def test_labels_reach_as_far_as_the_fill_threshold(blocks, two_cells):
    result = blocks.segment(two_cells)
    np.testing.assert_array_equal(result.labels > 0, result.distance_map > 0.2)


def test_labels_are_uint16_and_the_map_is_float32(blocks, two_cells):
    result = blocks.segment(two_cells)
    assert (result.labels.dtype, result.distance_map.dtype) == (np.uint16, np.float32)


def test_the_result_says_what_was_used(blocks, two_cells):
    result = blocks.segment(two_cells, min_size=3, pixel_size=0.65)
    assert (result.settings.peak, result.settings.fill, result.settings.min_size) == (0.5, 0.2, 3)
    assert result.model.name == "brightness"
    assert result.pixel_size == (0.65, 0.65)
    assert (result.device, result.precision, result.axes) == ("cpu", blocks.precision, "YX")


def test_settings_and_changes_go_together(blocks, two_cells):
    result = blocks.segment(two_cells, sc.Settings(peak=0.3), fill=0.1)
    assert (result.settings.peak, result.settings.fill) == (0.3, 0.1)


def test_a_fill_above_the_models_own_peak_is_refused(blocks, two_cells):
    with pytest.raises(sc.SettingsError, match=r"fill=0\.6 is above peak=0\.5"):
        blocks.segment(two_cells, fill=0.6)


def test_cells_out_of_the_size_range_are_dropped(blocks, two_cells):
    assert blocks.segment(two_cells, min_size=1200).count == 1
    assert blocks.segment(two_cells, max_size=1200).count == 1


def test_cells_at_the_border_are_dropped_on_demand(blocks, two_cells):
    assert blocks.segment(two_cells[:, :100], discard_border=True).count == 1


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (7, 5), (63, 900), (257, 31), (400, 777)])
def test_every_size_of_image_comes_back_in_its_size(blocks, clouds, shape):
    image = clouds(shape)
    result = blocks.segment(image)
    np.testing.assert_allclose(result.distance_map, image / np.float32(255), atol=1e-6)


def test_a_stack_is_segmented_plane_by_plane(tiny, clouds):
    stack = np.stack([clouds((60, 70), seed) for seed in range(6)]).reshape(3, 2, 60, 70)
    result = tiny.segment(stack, axes="TZYX")
    single = tiny.segment(stack[2, 1])
    assert (result.labels.shape, result.axes) == ((3, 2, 60, 70), "TZYX")
    np.testing.assert_array_equal(result.labels[2, 1], single.labels)
    np.testing.assert_array_equal(result.distance_map[2, 1], single.distance_map)


def test_a_channel_is_chosen_by_number(blocks, two_cells):
    image = np.stack([np.zeros_like(two_cells), two_cells])
    assert blocks.segment(image, axes="CYX", channel=1).count == 2


def test_several_channels_without_a_choice_are_refused(blocks, two_cells):
    with pytest.raises(sc.ImageError, match="channel="):
        blocks.segment(np.stack([two_cells] * 2), axes="CYX")


def test_colour_is_turned_grey(blocks, two_cells):
    colour = np.stack([two_cells] * 3, -1)
    np.testing.assert_array_equal(blocks.segment(colour).labels, blocks.segment(two_cells).labels)


def test_bright_16_bit_images_do_not_wrap(tiny, clouds):
    image = clouds((100, 130), dtype=np.uint16)
    settings = sc.Settings(intensity="full")
    in_8_bits = tiny.segment(np.rint(image / 257).astype(np.uint8))
    np.testing.assert_array_equal(tiny.segment(image, settings).labels, in_8_bits.labels)


def test_a_file_gives_the_same_cells_as_its_array(blocks, two_cells, tmp_path):
    path = tmp_path / "Zellen äöü 1.tif"
    tifffile.imwrite(path, two_cells, imagej=True, resolution=(2, 2), metadata={"unit": "um"})
    result = blocks.segment(path)
    np.testing.assert_array_equal(result.labels, blocks.segment(two_cells).labels)
    assert result.pixel_size == (0.5, 0.5)


def test_a_scaled_image_comes_back_in_its_own_size(blocks, two_cells):
    result = blocks.segment(two_cells, scale=2)
    same = blocks.segment(two_cells)
    assert result.labels.shape == two_cells.shape
    assert result.count == 2
    assert np.abs(result.distance_map - same.distance_map).max() < 0.1


def test_a_diameter_scales_to_what_the_model_knows(brightness, two_cells):
    from dataclasses import replace

    model = brightness()
    model = replace(model, info=replace(model.info, diameter=30.0))
    with sc.Segmenter(model, device="cpu", threads=1) as segmenter:
        by_diameter = segmenter.segment(two_cells, diameter=60)
        by_scale = segmenter.segment(two_cells, scale=0.5)
    np.testing.assert_array_equal(by_diameter.distance_map, by_scale.distance_map)


def test_a_diameter_for_a_model_without_one_is_refused(blocks, two_cells):
    with pytest.raises(sc.SettingsError, match=r"diameter=30 .* 'brightness'.* scale="):
        blocks.segment(two_cells, diameter=30)


def test_a_label_image_is_refused(blocks, two_cells):
    labels = blocks.segment(np.tile(two_cells, (3, 3))).labels
    with pytest.raises(sc.ImageError, match="looks like a label image"):
        blocks.segment(labels)


def test_progress_is_told_from_nothing_to_all(blocks, clouds):
    seen = []
    blocks.segment(clouds((500, 300)), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 6) for done in range(7)]


def test_an_exception_from_progress_stops_the_work(blocks, clouds):
    class CancelledError(Exception):
        pass

    def stop(done, total):
        if done == 2:
            raise CancelledError

    with pytest.raises(CancelledError):
        blocks.segment(clouds((500, 300)), progress=stop)
    assert blocks.segment(clouds((50, 30))).labels.shape == (50, 30)


def test_prediction_fills_a_given_array(tiny, clouds, tmp_path):
    image = clouds((300, 200))
    out = np.lib.format.open_memmap(tmp_path / "map.npy", "w+", np.float32, image.shape)
    assert tiny.predict(image, out=out) is out
    np.testing.assert_array_equal(out, tiny.predict(image))


def test_prediction_fills_the_planes_of_a_stack(tiny, clouds):
    stack = np.stack([clouds((60, 70), seed) for seed in range(6)]).reshape(3, 2, 60, 70)
    filled = tiny.predict(stack, axes="TZYX", out=np.empty(stack.shape, np.float16))
    np.testing.assert_allclose(filled[1, 1], tiny.predict(stack[1, 1]), atol=1e-3)


def test_prediction_hands_finished_rows_to_a_function(blocks, clouds):
    image, rows = clouds((700, 300)), []
    blocks.predict(image, out=lambda plane, top, part: rows.append((plane, top, part)))
    assert len(rows) > 1
    assert [top for _, top, _ in rows] == sorted(top for _, top, _ in rows)
    np.testing.assert_allclose(np.vstack([part for *_, part in rows]) * 255, image, atol=1e-3)


def test_prediction_refuses_an_array_of_another_shape(blocks, two_cells):
    with pytest.raises(sc.ImageError, match=r"\(5, 5\).*\(90, 120\)"):
        blocks.predict(two_cells, out=np.empty((5, 5), np.float32))


@pytest.mark.parametrize(
    ("out", "words"),
    [
        (np.zeros((90, 120), np.uint8), "array of uint8"),
        (np.broadcast_to(np.float32(0), (90, 120)), "cannot be written"),
        ([1], "a list"),
    ],
)
def test_prediction_refuses_what_cannot_take_a_map(blocks, two_cells, out, words):
    with pytest.raises(sc.ImageError, match=words):
        blocks.predict(two_cells, out=out)


def test_a_closed_segmenter_says_so(brightness, two_cells):
    segmenter = sc.Segmenter(brightness(), device="cpu", threads=1)
    segmenter.close()
    segmenter.close()
    with pytest.raises(sc.DeviceError, match="closed"):
        segmenter.segment(two_cells)


def test_settings_of_another_kind_are_refused(blocks, two_cells):
    with pytest.raises(sc.SettingsError, match=r"sc\.Settings"):
        blocks.segment(two_cells, {"peak": 0.5})


def test_a_peak_below_the_models_own_fill_says_so(blocks, two_cells):
    with pytest.raises(sc.SettingsError, match=r"peak=0\.1 is below the fill threshold of the mod"):
        blocks.segment(two_cells, peak=0.1)


def test_a_result_too_large_for_memory_is_refused(blocks):
    huge = np.lib.stride_tricks.as_strided(np.zeros(1, np.uint8), (2**20, 2**19), (0, 0))
    with pytest.raises(sc.ImageError, match=r"GB.*predict\(\)"):
        blocks.segment(huge)


def test_the_image_is_never_changed(tiny, clouds):
    image = clouds((100, 130))
    before = image.copy()
    tiny.segment(image)
    np.testing.assert_array_equal(image, before)


def test_no_image_changes_the_result_of_the_next(tiny, clouds):
    image = clouds((300, 200))
    before = tiny.segment(image)
    tiny.segment(clouds((40, 30), 5))
    np.testing.assert_array_equal(tiny.segment(image).distance_map, before.distance_map)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("threads", [1, 3])
def test_the_number_of_threads_changes_no_value(tiny_model, clouds, precision, threads):
    image = clouds((300, 400))
    maps = []
    for count in (2, threads):
        with sc.Segmenter(
            tiny_model, device="cpu", precision=precision, threads=count
        ) as segmenter:
            maps.append(segmenter.predict(image))
    np.testing.assert_array_equal(*maps)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_other_tiles_in_a_batch_change_no_value(tiny_model, clouds, precision):
    image = clouds((300, 400))
    both = np.stack([image[:224, :224], image[:224, 100:324]])
    with sc.Segmenter(tiny_model, device="cpu", precision=precision, threads=2) as segmenter:
        alone = segmenter.predict(both[0], batch=4)
        among = segmenter.predict(both, axes="TYX", batch=4)
    np.testing.assert_array_equal(alone, among[0])


def test_torchs_thread_setting_changes_no_value(tiny_model, clouds):
    image, before, maps = clouds((300, 200)), torch.get_num_threads(), []
    try:
        for count in (1, 4):
            torch.set_num_threads(count)
            with sc.Segmenter(tiny_model, device="cpu", precision="fp32") as segmenter:
                maps.append(segmenter.predict(image))
    finally:
        torch.set_num_threads(before)
    np.testing.assert_array_equal(*maps)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("batch", [1, 3])
def test_callers_in_several_threads_get_the_same_values(tiny_model, clouds, precision, batch):
    from concurrent.futures import ThreadPoolExecutor

    images = [clouds((120, 300), seed) for seed in range(4)]
    with (
        sc.Segmenter(tiny_model, device="cpu", precision=precision, threads=2) as segmenter,
        ThreadPoolExecutor(4) as pool,
    ):
        alone = [segmenter.predict(image, batch=batch) for image in images]
        together = pool.map(lambda image: segmenter.predict(image, batch=batch), images)
        for one, other in zip(alone, together, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(("precision", "tolerance"), [("bf16", 0.2), ("fp16", 0.05)])
def test_precisions_agree_within_what_the_docs_say(tiny_model, clouds, precision, tolerance):
    maps = []
    for name in ("fp32", precision):
        with sc.Segmenter(tiny_model, device="cpu", precision=name) as segmenter:
            maps.append(segmenter.predict(clouds((256, 256))))
    difference = np.abs(maps[0] - maps[1])
    assert difference.max() < tolerance
    assert difference.mean() < tolerance / 10


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("device", "tpu", sc.SettingsError),
        ("precision", "int4", sc.SettingsError),
        ("threads", 0, sc.SettingsError),
    ],
)
def test_a_wrong_way_to_run_is_refused_before_the_model_is_read(name, value, error):
    with pytest.raises(error, match=f"{name}="):
        sc.Segmenter("no-such-file.pt", **{name: value})


def test_a_missing_checkpoint_is_refused():
    with pytest.raises(sc.ModelError, match=r"no-such-file\.pt"):
        sc.Segmenter("no-such-file.pt")


BAD_IMAGES = {
    "zero-sized": (np.zeros((0, 5), np.uint8), {}),
    "five unexplained axes": (np.zeros((2, 2, 2, 8, 8), np.uint8), {}),
    "axes that do not match": (np.zeros((8, 8), np.uint8), {"axes": "TYX"}),
    "text": (np.array([["a", "b"]]), {}),
    "complex numbers": (np.zeros((4, 4), complex), {}),
    "a missing file": ("not/there.tif", {}),
}


@pytest.mark.parametrize("case", BAD_IMAGES)
def test_a_bad_image_is_refused_with_one_sentence(blocks, case):
    image, changes = BAD_IMAGES[case]
    with pytest.raises(sc.ImageError) as refusal:
        blocks.segment(image, **changes)
    assert "\n" not in str(refusal.value)

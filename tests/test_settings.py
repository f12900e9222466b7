import numpy as np
import pytest

import samcell_core as sc


def test_defaults_leave_the_thresholds_to_the_model():
    assert (sc.Settings().peak, sc.Settings().fill) == (None, None)


def test_defaults_drop_no_cell():
    settings = sc.Settings()
    assert (settings.min_size, settings.max_size, settings.discard_border) == (0, None, False)


@pytest.mark.parametrize("option", sc.Settings.options(), ids=lambda option: option.name)
def test_every_option_has_help_and_a_default_that_it_allows(option):
    assert option.help.endswith(".")
    assert option.check(option.default) == option.default


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("peak", -0.1),
        ("peak", 1.1),
        ("peak", float("nan")),
        ("peak", "0.5"),
        ("fill", True),
        ("min_size", -1),
        ("min_size", 2.5),
        ("max_size", 0),
        ("fill_holes", 1),
        ("markers", "centre"),
        ("scale", 0),
        ("diameter", float("inf")),
        ("channel", -1),
        ("channel", ""),
        ("pixel_size", 0.0),
        ("intensity", "log"),
        ("batch", 0),
        ("min_size", 10**400),
        ("peak", 10**400),
    ],
)
def test_a_wrong_value_is_refused_with_its_name_itself_and_what_is_allowed(name, value):
    with pytest.raises(sc.SettingsError) as refusal:
        sc.Settings(**{name: value})
    allowed = next(o.allowed for o in sc.Settings.options() if o.name == name)
    for part in (name, repr(value), allowed):
        assert part in str(refusal.value)


def test_fill_above_peak_is_refused():
    with pytest.raises(sc.SettingsError, match=r"fill=0\.6 is above peak=0\.5"):
        sc.Settings(peak=0.5, fill=0.6)


def test_smallest_size_above_largest_is_refused():
    with pytest.raises(sc.SettingsError, match="min_size=50 is above max_size=40"):
        sc.Settings(min_size=50, max_size=40)


def test_diameter_and_scale_together_are_refused():
    with pytest.raises(sc.SettingsError, match="not both"):
        sc.Settings(diameter=30, scale=2)


def test_an_unknown_name_is_refused_with_the_nearest_one():
    with pytest.raises(sc.SettingsError, match="did you mean 'min_size'"):
        sc.Settings.from_dict({"minsize": 3})


def test_an_unknown_name_is_refused_by_the_class_itself():
    with pytest.raises(sc.SettingsError, match="did you mean 'peak'"):
        sc.Settings(peek=0.5)


def test_a_value_without_a_name_is_refused():
    with pytest.raises(sc.SettingsError, match="by name"):
        sc.Settings(0.5)


def test_settings_survive_pickling():
    import pickle

    assert pickle.loads(pickle.dumps(sc.Settings(peak=0.4))) == sc.Settings(peak=0.4)


def test_whole_numbers_serve_as_numbers():
    assert isinstance(sc.Settings(peak=1).peak, float)


def test_numpy_numbers_are_taken():
    assert sc.Settings(min_size=np.int64(7), peak=np.float32(0.5)).to_dict()["min_size"] == 7


def test_settings_cannot_be_changed():
    with pytest.raises(AttributeError):
        sc.Settings().peak = 0.3


def test_a_copy_is_checked_like_a_new_one():
    with pytest.raises(sc.SettingsError):
        sc.Settings(peak=0.5).replace(fill=0.7)


def test_dict_and_back_is_the_same():
    settings = sc.Settings(peak=0.4, channel="DIC", axes="TYX")
    assert sc.Settings.from_dict(settings.to_dict()) == settings


def test_auto_thresholds_become_the_models_own():
    settings = sc.Settings(fill=0.2).with_defaults(peak=0.47, fill=0.09)
    assert (settings.peak, settings.fill) == (0.47, 0.2)


def test_markers_become_those_of_the_model():
    assert sc.Settings().with_defaults(peak=0.4, fill=0.1, markers="summit").markers == "summit"


def test_markers_that_were_chosen_stay():
    settings = sc.Settings(markers="centroid").with_defaults(peak=0.4, fill=0.1, markers="summit")
    assert settings.markers == "centroid"


def test_a_settings_error_is_also_a_value_error():
    assert issubclass(sc.SettingsError, ValueError)

"""Options are made from the declaration of the settings, and agree with it."""

import json
import re

import click
import pytest

import samcell_core as sc

OPTIONS = sc.Settings.options()


@pytest.fixture
def chosen(tmp_path):
    """The settings that a command with these arguments gets."""
    from samcell_cli.settings_options import chosen_settings, settings_options

    def parse(*arguments):
        found = []

        @click.command()
        @settings_options
        def command(settings_file, **values):
            found.append(chosen_settings(values, settings_file))

        command.main([str(each) for each in arguments], standalone_mode=False)
        return found[0]

    return parse


@pytest.fixture(scope="module")
def page():
    """The help of ``run`` without its line breaks."""
    from click.testing import CliRunner

    from samcell_cli.main import cli

    return re.sub(r"\s+", " ", CliRunner().invoke(cli, ["run", "--help"]).stdout)


def flag(option):
    return "--" + option.name.replace("_", "-")


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_the_help_shows_each_setting_with_its_help_and_default(page, option):
    # Words are hyphenated at line ends by nothing but their own hyphens.
    text = page.replace("- ", "-")
    assert flag(option) in text
    assert re.sub(r"\s+", " ", option.help).replace("- ", "-") in text
    default = option.default
    if option.kinds == (bool,):
        assert f"[default: {'yes' if default else 'no'}]" in text
    else:
        shown = f"auto, {option.auto}" if default is None else str(default)
        assert f"default: {shown}]" in text


@pytest.mark.parametrize(
    "option", [o for o in OPTIONS if o.low is not None], ids=lambda option: option.name
)
def test_the_range_is_that_of_the_setting(chosen, page, option):
    assert f"{option.low:g}" in page
    assert getattr(chosen(flag(option), f"{option.low:.9g}"), option.name) == option.low
    with pytest.raises(click.UsageError, match="is not allowed"):
        chosen(flag(option), f"{option.low - 1:.9g}")
    if option.high is not None:
        assert f"{option.low:g} to {option.high:g}" in page
        with pytest.raises(click.UsageError, match="is not allowed"):
            chosen(flag(option), f"{option.high * 2:.0f}")


@pytest.mark.parametrize(
    "option", [o for o in OPTIONS if o.choices], ids=lambda option: option.name
)
def test_the_choices_are_those_of_the_setting(chosen, page, option):
    assert f"[{'|'.join(option.choices)}]" in page
    for choice in option.choices:
        assert getattr(chosen(flag(option), choice), option.name) == choice


def test_without_options_the_settings_are_the_defaults(chosen):
    assert chosen() == sc.Settings()


def test_a_channel_may_be_a_number_or_a_name(chosen):
    assert chosen("--channel", "2").channel == 2
    assert chosen("--channel", "GFP").channel == "GFP"


def test_text_for_a_number_is_refused(chosen):
    with pytest.raises(click.UsageError, match="'many' is not allowed: give a whole number"):
        chosen("--max-size", "many")


def test_truths_have_a_negative(chosen):
    assert chosen("--no-fill-holes").fill_holes is False


@pytest.fixture
def toml(tmp_path):
    def write(text):
        path = tmp_path / "settings.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_settings_file_is_read_and_options_win_over_it(chosen, toml):
    settings = chosen("--settings", toml("peak = 0.6\nmin_size = 30\n"), "--peak", "0.7")
    assert (settings.peak, settings.min_size) == (0.7, 30)


def test_auto_takes_back_what_a_file_says(chosen, toml):
    assert chosen("--settings", toml("peak = 0.6\n"), "--peak", "auto").peak is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("peek = 0.5", "did you mean 'peak'"),
        ("peak = 3", "peak=3 is not allowed"),
        ("peak = ", "cannot be read as TOML"),
    ],
)
def test_a_wrong_settings_file_is_refused_with_the_reason(chosen, toml, text, message):
    with pytest.raises(sc.SettingsError, match=message):
        chosen("--settings", toml(text))


def test_saved_settings_are_read_back_the_same(chosen, tmp_path):
    from samcell_cli.settings_options import save_settings

    settings = sc.Settings(
        peak=0.55, pixel_size=1e-6, channel='a "b" \\ ü', fill_holes=False, max_size=10**12
    )
    save_settings(tmp_path / "s.toml", settings, overwrite=False)
    assert chosen("--settings", tmp_path / "s.toml") == settings


def test_saved_settings_are_not_overwritten_unasked(tmp_path):
    from samcell_cli.settings_options import save_settings

    (tmp_path / "s.toml").write_text("mine")
    with pytest.raises(sc.SettingsError, match="holds something else"):
        save_settings(tmp_path / "s.toml", sc.Settings(), overwrite=False)


def test_run_saves_the_settings_it_uses(invoke, images, tmp_path):
    result = invoke("run", images, "--peak", "0.4", "--save-settings", tmp_path / "s.toml")
    assert result.exit_code == 0
    assert "\npeak = 0.4\n" in (tmp_path / "s.toml").read_text(encoding="utf-8")


def test_run_records_the_settings(invoke, images, tmp_path):
    invoke("run", images, "-o", tmp_path / "out", "--peak", "0.4")
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert record["made_with"]["settings"]["peak"] == 0.4

"""Command-line options made from the one declaration of the settings, and settings files."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from samcell_core.errors import SettingsError
from samcell_core.files import new_file
from samcell_core.settings import Option, Settings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["chosen_settings", "flag", "save_settings", "settings_options"]

Command = TypeVar("Command", bound=Callable[..., Any])

_AUTO = "auto"


class SettingValue(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """The value of a setting, checked as the setting itself checks it."""

    def __init__(self, option: Option) -> None:
        self.option = option
        self.name = _kind(option)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002
        """What stands for the value in the help."""
        if self.option.choices:
            return "[" + "|".join(self.option.choices) + "]"
        return self.name.upper()

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """From text to the value; ``auto`` stays a word, for it differs from saying nothing."""
        if self.option.auto and value == _AUTO and not self.option.choices:
            return _AUTO
        try:
            return self.option.check(_parsed(value, self.option))
        except SettingsError:
            allowed = self.option.allowed.replace("None (", f"{_AUTO} (")
            self.fail(f"{value!r} is not allowed: give {allowed}.", param, ctx)

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 - as click asks
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """Words that the Tab key offers."""
        words = self.option.choices or ((_AUTO,) if self.option.auto else ())
        return [CompletionItem(word) for word in words if word.startswith(incomplete)]


def settings_options(command: Command) -> Command:
    """Give a command an option for each setting, and ``--settings`` for a file of them.

    Those that were given arrive as the argument ``given``.
    """
    for option in reversed(Settings.options()):
        command = _click_option(option)(command)
    return click.option(
        "--settings",
        "settings_file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Settings from a TOML file, as --save-settings writes it; options win over it.",
    )(command)


def chosen_settings(values: Mapping[str, Any], file: Path | None) -> Settings:
    """Settings from a file, and from the options that were given.

    Parameters
    ----------
    values
        Arguments of the command by name; ``None`` where an option was not given.
    file
        The settings file.
    """
    chosen: dict[str, Any] = {} if file is None else _read(file)
    for option in Settings.options():
        value = values.get(option.name)
        if value is not None:
            chosen[option.name] = value
    return Settings.from_dict(_without_auto(chosen))


def save_settings(path: Path, settings: Settings, *, overwrite: bool) -> None:
    """Write all settings with their meaning as TOML; those on *auto* as a comment.

    A file that holds them already is left as it is, so that a command can be given again.
    """
    lines = ["# Settings of samcell-cli: samcell-cli run INPUT --settings FILE", ""]
    values = settings.to_dict()
    for option in Settings.options():
        value = values[option.name]
        lines.append(f"# {option.help} Allowed: {option.allowed}.")
        lines.append(
            f"# {option.name} = (auto)" if value is None else f"{option.name} = {_toml(value)}"
        )
        lines.append("")
    text = "\n".join(lines)
    if path.exists() and not overwrite:
        if path.read_bytes() == text.encode():
            return
        raise SettingsError(
            f"{path} exists and holds something else: give another file for --save-settings, or "
            "--overwrite."
        )
    with new_file(path, overwrite=overwrite, kind="settings file") as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")


def flag(name: str) -> str:
    """The option of a setting on the command line."""
    return "--" + name.replace("_", "-")


def _click_option(option: Option) -> Callable[[Command], Command]:
    if bool in option.kinds:
        return click.option(
            f"{flag(option.name)}/--no-{option.name.replace('_', '-')}",
            option.name,
            default=None,
            help=f"{option.help} [default: {'yes' if option.default else 'no'}]",
        )
    return click.option(
        flag(option.name),
        option.name,
        type=SettingValue(option),
        default=None,
        help=f"{option.help} {_allowed(option)}",
    )


def _allowed(option: Option) -> str:
    """Range, unit and default in brackets, for the help."""
    words = []
    if option.low is not None and option.high is not None:
        words.append(f"{option.low:g} to {option.high:g}")
    elif option.low is not None:
        words.append(f"at least {option.low:g}")
    if option.unit:
        words.append(option.unit)
    default = option.default
    words.append(f"default: {f'{_AUTO}, {option.auto}' if default is None else default}")
    return "[" + "; ".join(words) + "]"


def _kind(option: Option) -> str:
    if option.kinds == (float,):
        return "number"
    return "integer" if option.kinds == (int,) else "text"


def _parsed(text: Any, option: Option) -> Any:
    """The value that a text means, in the narrowest type that the setting takes, else the text."""
    if not isinstance(text, str):
        return text
    for kind in (int, float):
        if kind in option.kinds:
            try:
                return kind(text)
            except ValueError:
                continue
    return text


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file} cannot be read as TOML ({error}): correct it.") from error


def _without_auto(values: Mapping[str, Any]) -> dict[str, Any]:
    """The word *auto* means ``None`` where a setting can be automatic and has no such choice."""
    automatic = {o.name for o in Settings.options() if o.auto and _AUTO not in o.choices}
    return {
        name: None if name in automatic and value == _AUTO else value
        for name, value in values.items()
    }


def _toml(value: Any) -> str:
    # JSON's numbers, texts and truths are TOML's, too.
    return json.dumps(value)

"""Dialogs that a macro opens where nobody is there to answer them."""

from __future__ import annotations

from typing import Any

from imagej_bridge.gateway import java_class

__all__ = ["Dialogs", "private_value"]

# They tell something and ask nothing; "Macro Error" and "No Image" are of a kind that may ask.
_MESSAGES = ("ij.gui.MessageDialog", "ij.gui.HTMLDialog")
_ERROR_TITLES = ("Macro Error", "No Image")


class Dialogs:
    """The dialogs that opened since this was made.

    Attributes
    ----------
    messages
        Texts of those that only told something, closed since.
    errors
        Texts of those that told of an error of a macro, closed since.
    questions
        Titles and texts of those that asked for something, cancelled since.
    """

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.errors: list[str] = []
        self.questions: list[str] = []
        self._known = {int(window.hashCode()) for window in _showing()}

    def close(self) -> bool:
        """Close those that are open, and tell whether one of them asked for something."""
        asked = False
        for dialog in _showing():
            if int(dialog.hashCode()) in self._known:
                continue
            title, text = str(dialog.getTitle() or ""), " ".join(_texts(dialog))
            if str(dialog.getClass().getName()) in _MESSAGES:
                self.messages.append(text or title)
            elif title in _ERROR_TITLES:
                self.errors.append(text)
            else:
                self.questions.append(f"{title}: {text}" if title and text else title or text)
                asked = True
                # As its button does: what only vanishes is taken for an OK.
                event = java_class("java.awt.event.WindowEvent")
                dialog.dispatchEvent(event(dialog, event.WINDOW_CLOSING))
            dialog.dispose()
        return asked


def private_value(owner: Any, class_name: str, field: str) -> Any:
    """Value of a field that Java code has no method for; ``None`` where there is no such field."""
    try:
        found = java_class(class_name).class_.getDeclaredField(field)
        found.setAccessible(True)
        return found.get(owner)
    except Exception:  # another version of ImageJ
        return None


def _showing() -> list[Any]:
    dialog = java_class("java.awt.Dialog")
    windows = java_class("java.awt.Window").getWindows()
    return [each for each in windows if isinstance(each, dialog) and each.isShowing()]


def _texts(component: Any) -> list[str]:
    """Texts that a dialog shows, without those of its buttons."""
    name = str(component.getClass().getName())
    if name == "ij.gui.MultiLineLabel":
        lines = private_value(component, name, "lines")
        return [] if lines is None else [str(line).strip() for line in lines if str(line).strip()]
    if name in ("java.awt.Label", "javax.swing.JLabel"):
        return [str(component.getText() or "").strip()]
    if not hasattr(component, "getComponents"):
        return []
    return [text for each in component.getComponents() for text in _texts(each) if text]

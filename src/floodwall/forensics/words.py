"""Text from evidence, made harmless before anybody reads it."""

import unicodedata

_HARMLESS = 160


def printable(raw: bytes | str, longest: int = _HARMLESS) -> str:
    """Return text without control, format or invalid characters, cut to a length."""
    text = raw[: longest * 4].decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    if len(text) <= longest and text.isascii() and text.isprintable():
        return text
    shown = "".join(_shown(letter) for letter in text[: longest + 1])
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def _shown(letter: str) -> str:
    """Categories C* hold controls, direction marks, surrogates and what has no meaning yet."""
    if unicodedata.category(letter)[0] == "C" or letter in "\u2028\u2029":
        return "\N{MIDDLE DOT}"
    return letter

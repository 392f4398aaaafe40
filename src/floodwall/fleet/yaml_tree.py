"""The part of YAML that inventories are written in: mappings by indentation, and their scalars.

Law: what is not understood is refused with its line, never guessed.  Values that no inventory needs
(lists, blocks of text, vaults) are stepped over, and known as such.  YAML 1.2, chapters 7 and 8.
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final, NoReturn

from floodwall.core.errors import ConfigError

DEEPEST = 64
_HINT: Final = "ansible-inventory -i FILE --list --yaml prints it in the plainest form"
_COMMENT = r"\s*(?:\s#.*)?"
_BLOCK = re.compile(rf"(?:![\w!-]+ +)?[|>][-+0-9]{{0,2}}{_COMMENT}")
_DOUBLE = re.compile(rf'"([^"\\]*)"{_COMMENT}')
_SINGLE = re.compile(rf"'((?:[^']|'')*)'{_COMMENT}")
_FLOW_MAP = re.compile(rf"\{{([^{{}}\[\]\"'&*!]*)\}}{_COMMENT}")
_FLOW_LIST = re.compile(rf"\[[^\[\]{{}}]*\]{_COMMENT}")
_KEY = re.compile(r"""(?:"([^"\\]*)"|'([^']*)'|([^\s"'#&*!|>%@`{}\[\],?].*?))\s*:(?:\s+(.*))?""")
_NOTHING = {"", "~", "null", "Null", "NULL"}


class Opaque(Enum):
    """What was stepped over."""

    VALUE = "a list, a block of text or a vault"


Node = dict[str, "Node"] | str | Opaque | None
"""A mapping, a scalar, what was stepped over, or nothing."""


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    indent: int
    text: str

    @property
    def is_item(self) -> bool:
        """Tell whether it is an element of a list."""
        return self.text == "-" or self.text.startswith("- ")


def parse_tree(text: str, name: str) -> dict[str, Node]:
    """Read a document that is a mapping; `name` is how errors call it."""
    reader = _Reader(name)
    for number, raw in enumerate(text.split("\n"), 1):
        words = raw.strip()
        if not words or words[0] == "#" or (words == "---" and not reader.lines):
            continue
        indent = len(raw) - len(raw.lstrip(" "))
        line = _Line(number, indent, words)
        if raw[indent] == "\t":
            reader.refuse(line, "is indented with a tab")
        if indent == 0 and words[:3] in {"---", "..."}:
            reader.refuse(line, "begins a second document")
        reader.lines.append(line)
    if not reader.lines:
        return {}
    found = reader.mapping(reader.lines[0].indent, 0)
    if reader.place < len(reader.lines):
        reader.refuse(reader.lines[reader.place], "is indented less than the first line")
    return found


class _Reader:
    """Goes through the lines once."""

    def __init__(self, name: str) -> None:
        self.lines: list[_Line] = []
        self.place = 0
        self._name = name

    def refuse(self, line: _Line, why: str) -> NoReturn:
        """End the reading."""
        raise ConfigError(f"{self._name}:{line.number}: {why}", hint=_HINT)

    def mapping(self, indent: int, depth: int) -> dict[str, Node]:
        """Read the lines of one indentation, and what is below them."""
        found: dict[str, Node] = {}
        while (line := self._next()) is not None and line.indent >= indent:
            if line.indent > indent:
                self.refuse(line, "is indented more than the line that it belongs to")
            if depth > DEEPEST:
                self.refuse(line, f"is nested more than {DEEPEST} deep")
            matched = _KEY.fullmatch(line.text)
            if line.is_item or matched is None:
                self.refuse(line, "is not 'name: value'")
            key = next(each for each in matched.groups()[:3] if each is not None)
            if key in found:
                self.refuse(line, f"says {key[:80]!r} a second time")
            self.place += 1
            found[key] = self._value(line, (matched[4] or "").strip(), depth)
        return found

    def _next(self) -> _Line | None:
        return self.lines[self.place] if self.place < len(self.lines) else None

    def _value(self, line: _Line, text: str, depth: int) -> Node:
        if not text or text[0] == "#":
            return self._below(line, depth)
        if _BLOCK.fullmatch(text):
            return self._step_over(line.indent)
        if text[0] == "{":
            return self._flow(line, text)
        return Opaque.VALUE if _FLOW_LIST.fullmatch(text) else self._scalar(line, text)

    def _scalar(self, line: _Line, text: str) -> Node:
        if found := _DOUBLE.fullmatch(text):
            return found[1]
        if found := _SINGLE.fullmatch(text):
            return found[1].replace("''", "'")
        if text[0] in "\"'&*!|>[]}%@`?":
            self.refuse(line, "has a value in a form that is not read here")
        return self._plain(line, text)

    def _below(self, line: _Line, depth: int) -> Node:
        following = self._next()
        if following is None or following.indent < line.indent:
            return None
        if following.is_item:
            return self._step_over(line.indent)
        if following.indent == line.indent:
            return None
        return self.mapping(following.indent, depth + 1)

    def _step_over(self, indent: int) -> Opaque:
        """Go on behind everything that is deeper, or an element of the list of this line."""
        while (line := self._next()) is not None and (
            line.indent > indent or (line.indent == indent and line.is_item)
        ):
            self.place += 1
        return Opaque.VALUE

    def _flow(self, line: _Line, text: str) -> Node:
        found = _FLOW_MAP.fullmatch(text)
        if found is None:
            self.refuse(line, "has a value in a form that is not read here")
        pairs = (each.partition(":") for each in found[1].split(",") if each.strip())
        return {key.strip(): self._plain(line, value.strip()) for key, _, value in pairs}

    def _plain(self, line: _Line, text: str) -> str | None:
        value = text.partition(" #")[0].rstrip()
        if ": " in value or value.endswith(":"):
            self.refuse(line, "has two colons")
        return None if value in _NOTHING else value

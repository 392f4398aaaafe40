"""Find the line of each key in a TOML text, which tomllib does not tell."""

import re

Path = tuple[str, ...]
"""A key with the tables that it is in."""

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_TABLE = re.compile(rf"^\s*\[\[?\s*({_DOTTED})\s*\]\]?")
_KEY = re.compile(rf"^\s*({_DOTTED})\s*=")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|' + r"'[^']*'")
_QUOTES = ('"""', "'''")


def key_lines(text: str) -> dict[Path, int]:
    """Map each table and key of a valid TOML text to its first line, counted from 1."""
    found: dict[Path, int] = {}
    table: Path = ()
    scanner = _Scanner()
    for number, line in enumerate(text.splitlines(), start=1):
        if scanner.inside:
            scanner.feed(line)
            continue
        if header := _TABLE.match(line):
            table = _split(header[1])
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault(table + _split(key[1]), number)
            scanner.feed(line[key.end() :])
    return found


class _Scanner:
    """Knows whether the next line still belongs to a value that began above it."""

    def __init__(self) -> None:
        self.depth = 0
        self.quote = ""

    @property
    def inside(self) -> bool:
        """Tell whether an array or a multi-line string is open."""
        return bool(self.quote) or self.depth > 0

    def feed(self, line: str) -> None:
        """Read one line of a value."""
        if self.quote:
            _, closed, line = line.partition(self.quote)
            if not closed:
                return
            self.quote = ""
        for quote in _QUOTES:
            while quote in line:
                before, _, rest = line.partition(quote)
                _, closed, after = rest.partition(quote)
                if not closed:
                    self.quote = quote
                    line = before
                    break
                line = before + after
        bare = _STRING.sub("", line).partition("#")[0]
        self.depth += bare.count("[") - bare.count("]")


def _split(dotted: str) -> Path:
    return tuple(part.strip("\"'") for part in re.findall(_PART, dotted))

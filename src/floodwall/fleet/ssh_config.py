"""The names that a configuration of ssh has for machines, ssh_config(5)."""

import shlex
from collections.abc import Iterator
from pathlib import Path

from floodwall.fleet.host import is_address

LARGEST_BYTES = 1 << 20
_DEEPEST = 16  # as ssh, READCONF_MAX_DEPTH
_MOST_FILES = 256


def configured_names(path: Path, home: Path) -> list[str]:
    """Return every name without wildcards behind `Host`, in order, each once."""
    return list(dict.fromkeys(_names(path, home, 0, [0])))


def _names(path: Path, home: Path, depth: int, read: list[int]) -> Iterator[str]:
    read[0] += 1
    if depth > _DEEPEST or read[0] > _MOST_FILES:
        return
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST_BYTES).decode(errors="replace")
    except OSError:
        return  # ssh says what is wrong with it
    for line in text.split("\n"):
        keyword, words = _line(line)
        if keyword == "host":
            yield from (word for word in words if is_address(word))
        elif keyword == "include":
            for word in words:
                for each in _included(word, home):
                    yield from _names(each, home, depth + 1, read)


def _line(line: str) -> tuple[str, list[str]]:
    """Return keyword and arguments; the two may be separated by an equals sign."""
    try:
        words = shlex.split(line.strip(), comments=True)
    except ValueError:
        return "", []
    if not words:
        return "", []
    keyword, equals, first = words[0].partition("=")
    rest = words[1:]
    if rest and rest[0] == "=":
        rest = rest[1:]
    return keyword.lower(), [first, *rest] if equals and first else rest


def _included(word: str, home: Path) -> list[Path]:
    """Return the files of a pattern; those of a user are below ~/.ssh."""
    if word.startswith("~/"):
        word = str(home / word[2:])
    place = Path(word) if word.startswith("/") else home / ".ssh" / word
    try:
        return sorted(Path(place.anchor).glob(str(place.relative_to(place.anchor))))
    except (OSError, ValueError, NotImplementedError):
        return []

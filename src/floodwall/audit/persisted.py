"""Sysctls that files set at boot, in the order in which systemd-sysctl(8) or procps apply them.

Law: a file of the same name in an earlier directory hides the later ones; the files are then
applied in the order of their names, and the last value wins; a name that is written out beats a
pattern wherever it stands, sysctl.d(5).
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase

from floodwall.audit.facts import Line, Persisted, UnreadError
from floodwall.audit.source import Source

DIRECTORIES = (
    "/etc/sysctl.d",
    "/run/sysctl.d",
    "/usr/local/lib/sysctl.d",
    "/usr/lib/sysctl.d",
    "/lib/sysctl.d",
)
"""Of two files with one name, that in the earlier directory counts."""

MAIN = "/etc/sysctl.conf"
UFW_SWITCH, UFW = "/etc/ufw/ufw.conf", "/etc/ufw/sysctl.conf"
_SYSTEMD = "/run/systemd/system"
_WILD = frozenset("*?[")
_MOST_PATTERNS = 256
"""Each is held against every sysctl."""


def read_persisted(source: Source, present: Iterable[str]) -> Persisted:
    """Read every file; `present` are the sysctls that the patterns are held against."""
    lines: list[Line] = []
    broken: list[str] = []
    for path in boot_files(source):
        _read(source, path, lines, broken)
    idle: list[Line] = []
    read = {line.file for line in lines}
    if MAIN not in read and not _is_linked(source):
        _read(source, MAIN, idle, [])
    explicit = {line.name for line in lines if not _WILD & set(line.name)}
    excluded = {line.name for line in lines if not line.value}
    patterns = [line for line in lines if _WILD & set(line.name)]
    if len(patterns) > _MOST_PATTERNS:
        raise UnreadError(f"sysctl files have {len(patterns)} patterns, {patterns[0].place} on")
    applied: list[Line] = []
    for line in lines:
        applied += _spread(line, present, explicit | excluded) if line.value else ()
    winners = {line.name: line for line in applied}
    overruled = [line for line in applied if not _same(line.value, winners[line.name].value)]
    return Persisted(winners, tuple(overruled), tuple(idle), tuple(lines), tuple(broken))


def boot_files(source: Source) -> Iterator[str]:
    """Yield the files that are applied at boot, in order."""
    chosen: dict[str, str] = {}
    for directory in DIRECTORIES:
        for name in _names(source, directory):
            if name.endswith(".conf"):
                chosen.setdefault(name, f"{directory}/{name}")
    yield from (chosen[name] for name in sorted(chosen) if not _is_masked(source, chosen[name]))
    if not _exists(source, _SYSTEMD):
        # The init scripts of procps and of Red Hat's 6 end with, or are only, this file.
        yield MAIN
    if "ENABLED=yes" in _text(source, UFW_SWITCH):
        yield UFW


def parse(text: str, file: str) -> Iterator[Line | str]:
    """Yield settings in their order, and the place of each line that is none."""
    for number, raw in enumerate(text.splitlines(), 1):
        words = raw.strip()
        if not words or words[0] in "#;":
            continue
        tolerant = words.startswith("-")
        name, equals, value = words.lstrip("-").partition("=")
        if not name.strip() or (not equals and not tolerant):
            yield f"{file}:{number}"
            continue
        yield Line(dotted(name.strip()), " ".join(value.split()), file, number, tolerant=tolerant)


def dotted(name: str) -> str:
    """Return a name with dots between its parts, as both separators are allowed."""
    if "/" not in name or ("." in name and name.index(".") < name.index("/")):
        return name
    # Behind a slash first, dots belong to the name of an interface: eth0.100.
    return name.replace(".", "\0").replace("/", ".").replace("\0", "/")


def _read(source: Source, path: str, lines: list[Line], broken: list[str]) -> None:
    for each in parse(_text(source, path), path):
        if isinstance(each, Line):
            lines.append(each)
        else:
            broken.append(each)


def _spread(line: Line, present: Iterable[str], taken: set[str]) -> Iterator[Line]:
    """Turn a pattern into the sysctls that it means."""
    if not _WILD & set(line.name):
        yield line
        return
    for name in present:
        # A star stands for one part of a name.
        same_depth = name.count(".") == line.name.count(".")
        if same_depth and fnmatchcase(name, line.name) and name not in taken:
            yield replace(line, name=name)


def _is_masked(source: Source, path: str) -> bool:
    try:
        return source.link(path) == "/dev/null"
    except OSError:
        return False


def _is_linked(source: Source) -> bool:
    """Tell whether a file of a directory is a link to /etc/sysctl.conf, as Debian had it."""
    for name in _names(source, "/etc/sysctl.d"):
        try:
            if source.link(f"/etc/sysctl.d/{name}") in {"../sysctl.conf", MAIN}:
                return True
        except OSError:
            continue
    return False


def _names(source: Source, path: str) -> list[str]:
    try:
        return source.names(path)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _text(source: Source, path: str) -> str:
    try:
        return source.text(path)
    except FileNotFoundError:
        return ""


def _exists(source: Source, path: str) -> bool:
    try:
        source.names(path)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def _same(one: str, other: str) -> bool:
    return one.split() == other.split()

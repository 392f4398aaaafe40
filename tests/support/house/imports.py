"""Imports point one way, and the core cannot reach the outside world."""

import ast
from collections.abc import Iterator

CORE: frozenset[str] = frozenset({"core"})
KERNEL = CORE | {"kernel"}
HANDS = KERNEL | {"sense", "act", "forensics", "audit", "store"}

# Which packages each package may import from, itself apart.
MAY_IMPORT: dict[str, frozenset[str]] = {
    "core": frozenset(),
    "kernel": CORE,
    "sense": KERNEL,
    "act": KERNEL,
    "forensics": KERNEL,
    "audit": KERNEL,
    "store": KERNEL,
    "bundle": HANDS,
    "alerts": HANDS | {"app", "console"},
    "doctor": HANDS,
    "fleet": HANDS | {"doctor"},
    "lab": HANDS,
    "app": HANDS,
    "console": HANDS | {"app", "bundle"},
    "cli": HANDS | {"bundle", "console", "alerts", "app", "doctor", "fleet", "lab"},
}

# Modules without access to files, clocks, entropy, processes or sockets.
PURE = frozenset(
    """
    __future__ abc annotated_types base64 binascii bisect collections contextlib copy dataclasses
    datetime decimal difflib enum fractions functools hashlib heapq ipaddress itertools json math
    msgspec operator pydantic pydantic_core re shlex statistics string struct textwrap tomllib types
    typing typing_extensions zlib
    """.split()  # noqa: SIM905 # a list of 36 quoted words would take 36 lines
)
IMPURE_CALLS = frozenset({"open", "print", "input", "exec", "eval", "__import__"})


def package_of(path: str) -> str:
    """Return the package of a module of src/floodwall, "" for the modules at its top."""
    parts = path.removeprefix("src/floodwall/").split("/")
    return parts[0] if len(parts) > 1 else ""


def imported(path: str, source: str) -> Iterator[tuple[int, str]]:
    """Yield line and absolute name of everything that a module imports, lazily or not."""
    here = path.removeprefix("src/").removesuffix(".py").split("/")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(here[: -node.level]) + "." if node.level else ""
            for name in node.names:
                yield node.lineno, f"{base}{node.module or ''}.{name.name}".replace("..", ".")


def against_the_layers(path: str, source: str) -> Iterator[str]:
    """Yield the imports that point from a lower layer to a higher one."""
    package = package_of(path)
    if not package:
        return
    for line, name in imported(path, source):
        parts = name.split(".")
        target = parts[1] if parts[0] == "floodwall" and len(parts) > 1 else ""
        if target in MAY_IMPORT and target not in MAY_IMPORT[package] | {package}:
            yield f"{path}:{line}: {package} may not import {target} ({name})"


def against_purity(path: str, source: str) -> Iterator[str]:
    """Yield what would let a module of the core do I/O or read a clock."""
    if package_of(path) != "core":
        return
    for line, name in imported(path, source):
        if (top := name.split(".")[0]) not in PURE | {"floodwall"}:
            yield f"{path}:{line}: the core may not import {top}"
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        if called in IMPURE_CALLS or called.endswith((".now", ".today", ".utcnow")):
            yield f"{path}:{node.lineno}: the core may not call {called}()"

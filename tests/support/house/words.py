"""What the words in the tree must and must not say."""

import ast
import re
from collections.abc import Iterator

_DEBT = re.compile(r"\b(?:TO[D]O|FI[X]ME|HA[C]K)\b(?!.*#\d)")
_FOREIGN = re.compile(
    r"(?<![\w}])/(?:work|root|home/\w+|tmp/brief)/"  # a path of somebody's machine
    r"|\b(?:pypi\.org|pythonhosted\.org|deb\.debian\.org|proxy\.golang\.org|npmjs\.\w+)"
)
_EXCUSE = re.compile(r"# (?:type: ignore|noqa)\b")
_CODED = re.compile(r"# (?:type: ignore\[[\w, -]+\]|noqa: [A-Z]+\d+(?:, [A-Z]+\d+)*)(.*)")
_LIMIT = re.compile(r"LIMIT: (.+?\.)(?:\s|$)", re.DOTALL)
_LISTED = re.compile(r"^- `((?:bpf|src)/[^`]+)`: (.+?\.)(?:\s|$)", re.DOTALL | re.MULTILINE)
_MARGIN = re.compile(r"\n[ \t]*(?:\*(?!/)|#)?[ \t]*")
SPDX = "SPDX-License-Identifier: GPL-2.0-or-later"


def debts(path: str, source: str) -> Iterator[str]:
    """Yield the notes to oneself that name no issue."""
    for number, line in enumerate(source.splitlines(), 1):
        if _DEBT.search(line):
            yield f"{path}:{number}: work left over without an issue number"


def foreign_names(path: str, source: str) -> Iterator[str]:
    """Yield the paths and hosts that belong to somebody's machine."""
    for number, line in enumerate(source.splitlines(), 1):
        if found := _FOREIGN.search(line):
            yield f"{path}:{number}: {found[0]} is a name of one machine"


def bare_excuses(path: str, source: str) -> Iterator[str]:
    """Yield the switched-off checks without code, or without a reason behind or above them."""
    above = ""
    for number, line in enumerate(source.splitlines(), 1):
        if _EXCUSE.search(line):
            coded = _CODED.search(line)
            reason = coded and (coded[1].strip(" #") or above.strip().startswith("# "))
            if not reason:
                yield f"{path}:{number}: a check is switched off without code and reason"
        above = line


def missing_docstrings(path: str, source: str) -> Iterator[str]:
    """Yield the module and the public names that no sentence describes."""
    tree = ast.parse(source)
    if not _sentence(ast.get_docstring(tree)):
        yield f"{path}: the module has no sentence of purpose"
    for name, node in _public(tree):
        if not _sentence(ast.get_docstring(node)):
            yield f"{path}:{node.lineno}: {name} has no sentence that describes it"


def missing_purpose(path: str, source: str) -> Iterator[str]:
    """Yield the C file if it does not open with its licence and one sentence of purpose."""
    first, _, rest = source.partition("\n")
    if SPDX not in first:
        yield f"{path}: the first line does not name the licence"
    if not re.match(r"(?:/\*|//)\s*(?:\*\s*)?[A-Za-z`]", rest):
        yield f"{path}: no sentence of purpose behind the licence"


def limits(source: str) -> Iterator[str]:
    """Yield the known holes that a source admits: what stands between the mark and a full stop."""
    for found in _LIMIT.finditer(source):
        yield _MARGIN.sub(" ", found[1])


def listed_limits(page: str) -> Iterator[tuple[str, str]]:
    """Yield file and first sentence of each hole in a document's list."""
    for path, hole in _LISTED.findall(page):
        yield path, _MARGIN.sub(" ", hole)


def _sentence(docstring: str | None) -> bool:
    first = (docstring or "").split("\n\n")[0].strip()
    return len(first.split()) > 1 and first.endswith((".", "?", "!", ":"))


def _public(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef | ast.ClassDef]]:
    waiting: list[ast.Module | ast.ClassDef] = [tree]
    while waiting:
        for node in waiting.pop().body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name[0] != "_":
                yield node.name, node
                if isinstance(node, ast.ClassDef):
                    waiting.append(node)

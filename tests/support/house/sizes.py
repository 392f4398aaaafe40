"""Nothing grows beyond what fits in a head.

An exception stands on a line of its own, above the function or among the first lines of the file,
with its new limit and its reason: `# size: 430 lines, because ...`.
"""

import ast
import re
from collections.abc import Iterator

MODULE_LINES = 400
FUNCTION_LINES = 50
BPF_FILE_LINES = 300
BPF_FUNCTION_LINES = 60
LINE_COLUMNS = 100
TAB_COLUMNS = 8
HEAD_LINES = 12

_EXCEPTION = re.compile(r"^\s*(?:#|/?\*)\s*size: (\d+) lines, because \S.{9,}$")


def long_lines(path: str, source: str) -> Iterator[str]:
    """Yield the lines that are wider than the page."""
    for number, line in enumerate(source.splitlines(), 1):
        columns = len(line.expandtabs(TAB_COLUMNS))
        if columns > LINE_COLUMNS and "E501" not in line:
            yield f"{path}:{number}: {columns} columns, at most {LINE_COLUMNS}"


def long_modules(path: str, source: str) -> Iterator[str]:
    """Yield the module if it is too long."""
    yield from _long_file(path, source, MODULE_LINES)


def long_bpf_files(path: str, source: str) -> Iterator[str]:
    """Yield the BPF source if it is too long."""
    yield from _long_file(path, source, BPF_FILE_LINES)


def long_functions(path: str, source: str) -> Iterator[str]:
    """Yield the Python functions that are too long, docstring included, decorators apart."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > _allowed(lines[first - 2 : first - 1], FUNCTION_LINES):
                yield f"{path}:{node.lineno}: {node.name} has {length} lines"


def long_bpf_functions(path: str, source: str) -> Iterator[str]:
    """Yield the C functions that are too long, from the opening to the closing brace."""
    lines = source.splitlines()
    opened = 0
    for number, line in enumerate(lines, 1):
        if line == "{":
            opened = number
        elif line == "}" and opened:
            length = number - opened + 1
            if length > _allowed(lines[max(0, opened - 5) : opened], BPF_FUNCTION_LINES):
                yield f"{path}:{opened}: a function of {length} lines"
            opened = 0


def _long_file(path: str, source: str, limit: int) -> Iterator[str]:
    lines = source.splitlines()
    if len(lines) > _allowed(lines[:HEAD_LINES], limit):
        yield f"{path}: {len(lines)} lines, at most {limit}"


def _allowed(places: list[str], limit: int) -> int:
    found = [int(match[1]) for line in places if (match := _EXCEPTION.match(line))]
    return max([limit, *found])

"""What the documents promise: their links, and the commands that they show."""

import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

import click

_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_COMMAND = re.compile(r"(?:^|[`\s])(?:bin/)?floodwall ([a-z-]+)([^`\n#|]*)", re.MULTILINE)
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)


def broken_links(path: str, source: str, existing: frozenset[str]) -> Iterator[str]:
    """Yield the links to files of this tree that do not exist."""
    for target in _LINK.findall(source):
        if "://" in target or target.startswith("mailto:"):
            continue
        place = _normal(PurePosixPath(path).parent / target)
        if not any(name == place or name.startswith(f"{place}/") for name in existing):
            yield f"{path}: no {place}"


def unknown_commands(path: str, source: str, root: click.Group) -> Iterator[str]:
    """Yield the verbs and options in code, inline or in blocks, that the program does not know."""
    context = click.Context(root)
    for code in _CODE.findall(source):
        for verb, rest in _COMMAND.findall(code):
            command = root.get_command(context, verb)
            if command is None:
                yield f"{path}: floodwall has no verb {verb}"
                continue
            known = {option for part in _parts(command, rest) for option in _options(part)}
            for option in _OPTION.findall(rest):
                if option not in known | {"--help"}:
                    yield f"{path}: floodwall {verb} has no option {option}"


def missing_tests(path: str, source: str, text: Callable[[str], str]) -> Iterator[str]:
    """Yield the tests that a document names, and that are not there; `text` reads a file."""
    for file, name in _TEST.findall(source):
        try:
            there = re.search(rf"^def {name}\(", text(file), re.MULTILINE)
        except OSError:
            there = None
        if not there:
            yield f"{path}: no {file}::{name}"


def _parts(command: click.Command, rest: str) -> Iterator[click.Command]:
    """The verb, and the verbs below it that the line names."""
    yield command
    for word in rest.split():
        if isinstance(command, click.Group):
            below = command.get_command(click.Context(command), word)
            if below is not None:
                yield below


def _options(command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        yield from (*parameter.opts, *parameter.secondary_opts)


def _normal(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            del parts[-1:]
        else:
            parts.append(part)
    return "/".join(parts)

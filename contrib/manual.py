"""Writes the manual page from the command line's own declarations.

`python -m contrib.manual` writes it beside this file; a test compares it with the commands.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import click

import floodwall

PAGE = Path(__file__).resolve().parent / "floodwall.1"
TAIL = r"""
.SH EXIT STATUS
.TP
.B 0
Done, nothing found.
.TP
.B 1
Done, and something was found.
.TP
.B 2
The command line or the settings are wrong.
.TP
.B 3
A privilege or a feature of the kernel is missing; the message names it.
.SH FILES
.TP
.I /run/floodwall/
What a running daemon keeps, one directory for each network namespace.
.TP
.I /sys/fs/bpf/floodwall/
The pinned programs, links and maps, which outlive the daemon.
.SH ENVIRONMENT
.TP
.B FLOODWALL_MASK
Features to do without, as if the kernel lacked them, for tests: for instance
.IR handover,native_xdp .
.SH SEE ALSO
.BR tcp (7),
.BR bpf (2),
.BR nft (8),
.BR ss (8)
"""


def manual(root: click.Group) -> str:
    """Return the manual page, section 1, in the man macro language."""
    context = click.Context(root, info_name="floodwall")
    summary, _, description = (root.help or "").partition("\n\n")
    return "\n".join(
        [
            f'.TH FLOODWALL 1 "" "Floodwall {floodwall.__version__}" "User Commands"',
            ".SH NAME",
            rf"floodwall \- {_text(summary).rstrip('.')}",
            ".SH SYNOPSIS",
            r".B floodwall",
            r".I COMMAND",
            r"[\fIOPTION\fR...] [\fIARGUMENT\fR...]",
            *([".SH DESCRIPTION", *_paragraphs(description)] if description else []),
            ".SH COMMANDS",
            *_commands(root, context, "floodwall"),
            TAIL.strip(),
            "",
        ]
    )


def _commands(group: click.Group, context: click.Context, path: str) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            yield from _commands(command, inner, f"{path} {name}")
        else:
            yield from _command(command, inner, f"{path} {name}")


def _command(command: click.Command, context: click.Context, path: str) -> Iterator[str]:
    pieces = " ".join(command.collect_usage_pieces(context))
    yield f".SS {_text(f'{path} {pieces}')}"
    yield from _paragraphs(command.help or "")
    for parameter in command.get_params(context):
        name, meaning = parameter.get_help_record(context) or ("", "")
        if meaning and "--help" not in parameter.opts:
            yield from (".TP", f".B {_text(name)}", _text(meaning))
    if command.epilog:
        yield ".PP"
        yield from _lines(command.epilog)


def _paragraphs(prose: str) -> Iterator[str]:
    for number, paragraph in enumerate(prose.replace("\b", "").strip().split("\n\n")):
        if number:
            yield ".PP"
        yield _text(paragraph)


def _lines(words: str) -> Iterator[str]:
    """Keep the line ends that the author chose."""
    yield from (
        ".nf",
        *(_text(line) for line in words.replace("\b", "").strip().splitlines()),
        ".fi",
    )


def _text(words: str) -> str:
    """Return words as one line that the man macros take literally."""
    line = re.sub(r"\s+", " ", words).strip().replace("\\", "\\e").replace("-", r"\-")
    return rf"\&{line}" if line[:1] in {".", "'"} else line


def main() -> None:
    """Write the page."""
    from floodwall.cli.main import main as root  # noqa: PLC0415 # the tests bring their own

    PAGE.write_text(manual(root))


if __name__ == "__main__":
    main()

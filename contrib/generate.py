"""Writes the manual page and the shell completions from the command line's own declarations.

`python -m contrib.generate` writes them beside this file; a test compares them with the commands.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

import floodwall

HERE = Path(__file__).resolve().parent
SHELLS: dict[str, type[ShellComplete]] = {
    "bash": BashComplete,
    "zsh": ZshComplete,
    "fish": FishComplete,
}
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


def completion(root: click.Group, shell: str) -> str:
    """Return the script that makes a shell ask floodwall how a line could go on."""
    script = SHELLS[shell](root, {}, "floodwall", "_FLOODWALL_COMPLETE").source()
    return "\n".join(line.rstrip() for line in script.strip().splitlines()) + "\n"


def files(root: click.Group) -> dict[str, str]:
    """Return everything that is generated, by its name in this folder."""
    made = {f"completion/floodwall.{shell}": completion(root, shell) for shell in SHELLS}
    return {"floodwall.1": manual(root)} | made


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
        record = parameter.get_help_record(context)
        if record is None or parameter.name == "help":
            continue
        yield ".TP"
        yield f".B {_text(record[0])}"
        yield _text(record[1])


def _paragraphs(prose: str) -> Iterator[str]:
    for number, paragraph in enumerate(prose.replace("\b", "").strip().split("\n\n")):
        if number:
            yield ".PP"
        yield _text(paragraph)


def _text(words: str) -> str:
    """Return words as one line that the man macros take literally."""
    line = re.sub(r"\s+", " ", words).strip().replace("\\", "\\e").replace("-", r"\-")
    return rf"\&{line}" if line[:1] in {".", "'"} else line


def main() -> None:
    """Write the files."""
    from floodwall.cli.main import main as root  # noqa: PLC0415 # the commands load late, too

    for name, content in files(root).items():
        (HERE / name).parent.mkdir(exist_ok=True)
        (HERE / name).write_text(content)


if __name__ == "__main__":
    main()

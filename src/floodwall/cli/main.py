"""The entry point: finds the verb, and turns errors into one sentence and an exit code."""

import errno
import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click

from floodwall import __version__
from floodwall.core.errors import FloodwallError

# What a verb needs is imported when it is called: `floodwall ban` must not wait for a plot.
_VERBS = {
    "run": "floodwall.cli.run:command",
    "status": "floodwall.cli.status:command",
    "console": "floodwall.cli.console:command",
    "off": "floodwall.cli.off:command",
    "ban": "floodwall.cli.ban:command",
    "unban": "floodwall.cli.unban:command",
    "bans": "floodwall.cli.bans:command",
    "allow": "floodwall.cli.allow:command",
    "incidents": "floodwall.cli.incidents:command",
    "why": "floodwall.cli.why:command",
    "events": "floodwall.cli.events:command",
    "arm": "floodwall.cli.arm:command",
    "calm": "floodwall.cli.calm:command",
    "apply": "floodwall.cli.apply:command",
    "confirm": "floodwall.cli.confirm:command",
    "top": "floodwall.cli.top:command",
    "report": "floodwall.cli.report:command",
    "metrics": "floodwall.cli.metrics:command",
    "alerts": "floodwall.cli.alerts:command",
    "settings": "floodwall.cli.settings:command",
    "completion": "floodwall.cli.completion:command",
    "doctor": "floodwall.cli.doctor:command",
    "analyze": "floodwall.cli.analyze:command",
    "audit": "floodwall.cli.audit:command",
    "harden": "floodwall.cli.harden:command",
    "lab": "floodwall.cli.lab:command",
}
_HINT_OF_DENIAL = "run as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON"
_DENIED = 3
_HINTS = {
    errno.ENOSPC: "make room, and say it again",
    errno.EDQUOT: "make room, and say it again",
    errno.EMFILE: "raise the limit of open files: ulimit -n, LimitNOFILE= of a unit",
}
_INTERRUPTED = 130
"""As a shell counts a command that SIGINT ended."""
_UNHEARD = 141
"""As a shell counts a command that SIGPIPE ended: 1 would be a finding."""


class Verbs(click.Group):
    """The verbs, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Return the verbs in the order of the help page."""
        return list(_VERBS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002  click's signature
        cmd_name: str,
    ) -> click.Command | None:
        """Import a verb."""
        if cmd_name not in _VERBS:
            return None
        module, _, name = _VERBS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Read the command line; `--help` is answered here."""
        with _in_one_sentence():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a verb; an error of ours becomes a sentence, a hint and its exit code."""
        with _in_one_sentence():
            return super().invoke(ctx)


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 fine, 1 a finding, 2 usage or settings, 3 missing privilege or feature.",
)
@click.version_option(__version__, prog_name="floodwall")
def main() -> None:
    """Keep this server reachable while it is being SYN flooded."""


@contextmanager
def _in_one_sentence() -> Iterator[None]:
    """Say what went wrong, and leave with the code of whoever must act."""
    try:
        yield
    except FloodwallError as error:
        _complain(error.message, error.hint)
        raise SystemExit(error.exit_code) from error
    except PermissionError as error:
        _complain(str(error), _HINT_OF_DENIAL)
        raise SystemExit(_DENIED) from error
    except KeyboardInterrupt as error:
        raise SystemExit(_INTERRUPTED) from error
    except BrokenPipeError as error:
        _hear_nobody()
        raise SystemExit(_UNHEARD) from error
    except OSError as error:
        _hear_nobody()
        what = f"{error.filename}: " if error.filename else ""
        _complain(f"{what}{error.strerror or error}", _HINTS.get(error.errno or 0, ""))
        raise SystemExit(_DENIED) from error


def _hear_nobody() -> None:
    """Let what was not written go: at the end Python would try again, and fail with 120."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(message: str, hint: str) -> None:
    click.echo(f"floodwall: {message}", err=True)
    if hint:
        click.echo(f"hint: {hint}", err=True)

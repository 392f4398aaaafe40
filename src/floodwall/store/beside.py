"""Writes to the record beside a daemon that is gone: what an operator did by hand, and `off`.

Law: it never waits for a disk or for another writer, and never makes a record where there is none.
"""

from collections.abc import Sequence
from pathlib import Path

from floodwall.core.commands import Ban, Lift
from floodwall.store import bans, incidents, statements
from floodwall.store.account import Account
from floodwall.store.recordfile import RecordFile, Run, UnusableError
from floodwall.store.retention import Bounds
from floodwall.store.statements import Statement

_ANY_SIZE = Bounds(max_bytes=1 << 40, max_age_ns=0)


def write_by_hand(path: Path, run: Run, command: Ban | Lift) -> str:
    """Write what was done by hand; return why that was not possible, or nothing."""
    at = run.began.moment
    account = Account(run.token, 0, at.ns)
    written = [*account.orders(at, [command], {}), *account.results(at, [""])]
    if isinstance(command, Lift):
        written.append(bans.end(at, command.network, f"lifted: {command.decision.text}"))
    return _write(path, run, written)


def end_bans(path: Path, run: Run, how: str) -> str:
    """Write that all bans and incidents have ended; return why that is not possible, or nothing."""
    at = run.began.moment
    written = [
        statements.event(at, "note", how),
        statements.end_bans(at, how, lift=True),
        # Left open by a daemon that was killed.
        incidents.close_all(at, how),
    ]
    return _write(path, run, written)


def _write(path: Path, run: Run, written: Sequence[Statement]) -> str:
    if not path.exists():
        return ""
    file = RecordFile(path, _ANY_SIZE, run)
    try:
        file.open()
        file.write([*written, *statements.finish_run(run.began.moment, "by hand")])
    except (UnusableError, ValueError) as error:
        return str(error)
    finally:
        file.release()
    return ""

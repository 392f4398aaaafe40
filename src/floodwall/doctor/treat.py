"""What `--fix` does: safe remedies, each with an exact way back that outlives this process.

Law: what was before is on record before anything is changed, in the ledger that `floodwall off`
puts back, too.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from floodwall.act.sysctl import restore_sysctls, set_sysctl
from floodwall.core.diagnosis.ailment import Diagnosis, Remedy
from floodwall.core.errors import FloodwallError, NotSupported
from floodwall.kernel.bpffs import run_directory
from floodwall.kernel.failure import kernel_error
from floodwall.kernel.netns import current_inode
from floodwall.store.journal import Journal
from floodwall.store.undo import UndoLedger

LAYER = "doctor"
"""What was changed here lies in a layer of its own."""

_RUN = Path("/run/floodwall")


def safe_remedies(diagnosis: Diagnosis) -> tuple[Remedy, ...]:
    """Return those that may be run without harm to users, and exactly undone."""
    return tuple(remedy for remedy in diagnosis.remedies if remedy.setting is not None)


def carry_out(remedies: Iterable[Remedy], run: Path | None = None) -> Iterator[str]:
    """Run the safe ones; yield a sentence for each, also for what the kernel refused."""
    place = run or ledger_directory()
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise kernel_error("make directory", error.errno or 0, str(place)) from error
    ledger, journal = UndoLedger(place), Journal(place)
    for remedy in remedies:
        if remedy.setting is None:
            continue
        name, value = remedy.setting.name, remedy.setting.value
        try:
            done = set_sysctl(name, value, ledger, LAYER)
        except FloodwallError as error:
            told = f"could not set {name} to {value}: {error.message}"
        else:
            told = f"set {name} to {value}; undo: floodwall doctor --undo, or {remedy.undo}"
            if done is None:
                told = f"{name} is {value} already"
        journal.write(f"doctor: {told}")
        yield told


def take_back(run: Path | None = None) -> Iterator[str]:
    """Put back everything that `carry_out` ever changed here; yield a sentence for each."""
    place = run or ledger_directory()
    ledger = UndoLedger(place)
    if not any(change.layer == LAYER for change in ledger.changes()):
        return
    journal = Journal(place)
    for told in restore_sysctls(ledger, LAYER):
        journal.write(f"doctor: {told}")
        yield told


def ledger_directory() -> Path:
    """Return where changes in this network namespace are on record.

    Before 5.14 namespaces have no number of their own, and are known by their inode.
    """
    try:
        return run_directory()
    except NotSupported:
        return _RUN / f"net-{current_inode()}"

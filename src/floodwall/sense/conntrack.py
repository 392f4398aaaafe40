"""How full the table of connection tracking is, and what it gave up."""

from pathlib import Path

from floodwall.core.errors import NotSupported
from floodwall.core.signs import Conntrack
from floodwall.kernel import sysctl
from floodwall.kernel.failure import kernel_error

_STATISTICS = Path("/proc/thread-self/net/stat/nf_conntrack")


def read_conntrack(statistics: Path = _STATISTICS) -> Conntrack | None:
    """Return the state of this network namespace's table; None if nothing tracks connections."""
    try:
        entries = int(sysctl.read("net.netfilter.nf_conntrack_count"))
        limit = int(sysctl.read("net.netfilter.nf_conntrack_max"))
    except NotSupported:
        return None  # the module is not loaded
    try:
        totals = add_up(statistics.read_text())
    except OSError as error:
        raise kernel_error("read", error.errno or 0, str(statistics)) from error
    return Conntrack(
        entries=entries,
        limit=limit,
        early_drops=totals.get("early_drop", 0),
        insert_failures=totals.get("insert_failed", 0),
        drops=totals.get("drop", 0),
    )


def add_up(text: str) -> dict[str, int]:
    """Read names above one line of hexadecimal numbers a CPU; return the sum of each column."""
    names, *rows = [line.split() for line in text.splitlines()] or [[]]
    columns = zip(*rows, strict=False)
    return {
        name: sum(int(value, 16) for value in column)
        for name, column in zip(names, columns, strict=False)
    }

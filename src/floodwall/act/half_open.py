"""Takes half-open connections out of the queues of listeners."""

from collections.abc import Callable, Iterable

from floodwall.core.address import Address, Network
from floodwall.core.commands import DestroyHalfOpen
from floodwall.core.networks import NetworkSet
from floodwall.kernel import sockdiag


def destroy_half_open(command: DestroyHalfOpen) -> str:
    """Destroy the entries; return the sentence for the journal."""
    handles = [
        entry.handle for entry in command.entries if isinstance(entry.handle, sockdiag.HalfOpen)
    ]
    destroyed = sockdiag.destroy(handles)
    return f"destroyed {destroyed} half-open entries of {command.service}"


def destroy_banned(networks: Iterable[Network], is_spared: Callable[[Address], bool]) -> str | None:
    """Destroy the half-open entries of sources that were banned just now.

    A ban alone does not empty a queue: an entry waits for an answer that can never come.
    """
    banned = NetworkSet(networks)
    if not len(banned):
        return None
    rows = [row for row in sockdiag.half_open() if row.source in banned]
    worthless = [row for row in rows if not is_spared(row.source)]
    destroyed = sockdiag.destroy(worthless) if worthless else 0
    return f"destroyed {destroyed} half-open entries of banned sources" if destroyed else None

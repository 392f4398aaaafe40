"""Takes half-open connections out of the queues of listeners."""

from floodwall.core.commands import DestroyHalfOpen
from floodwall.kernel import sockdiag


def destroy_half_open(command: DestroyHalfOpen) -> str:
    """Destroy the entries; return the sentence for the journal."""
    handles = [
        entry.handle for entry in command.entries if isinstance(entry.handle, sockdiag.HalfOpen)
    ]
    destroyed = sockdiag.destroy(handles)
    return f"destroyed {destroyed} half-open entries of {command.service}"

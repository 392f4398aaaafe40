"""What this machine shows at this moment: /proc, and netlink where the kernel has it."""

import os
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from floodwall.core.errors import FloodwallError
from floodwall.core.signs import LinkLoad
from floodwall.doctor import live_sockets
from floodwall.doctor.reading import read_sample
from floodwall.doctor.sample import Sample
from floodwall.doctor.tree import read_tree
from floodwall.kernel import rtnetlink
from floodwall.sense.links import LinkSensor
from floodwall.sense.processes import NOBODY, Owner, socket_owners

_PROC = Path("/proc")
_NS_IN_S = 1e9
_TICKS = slice(11, 13)  # utime and stime behind the command name, proc(5)


@dataclass(slots=True)
class Eyes:
    """Takes samples; remembers which processes own the listeners."""

    reduced: bool = False
    """Use /proc alone, as on a kernel without socket diagnostics."""
    owners: Mapping[int, Owner] = field(default_factory=dict)
    """By inode of the listener."""
    _links: LinkSensor = field(default_factory=LinkSensor)

    def look(self) -> Sample:
        """Return what can be seen now."""
        tree = read_tree(sockets=self.reduced)
        sample = read_sample(tree, time.monotonic())
        if not self.reduced:
            sample = self._closer(sample)
        self._meet(sample)
        pids = {owner.pid for owner in self.owners.values() if owner.pid is not None}
        return replace(sample, cpu_s=_processor_seconds(pids))

    def _closer(self, sample: Sample) -> Sample:
        """Add what netlink tells; where it does not, /proc does."""
        try:
            sample = replace(sample, sockets=live_sockets.read_sockets())
        except FloodwallError as error:
            self.reduced = True
            why = f"backlogs, and what connections received: {error.message}"
            again = read_sample(read_tree(), sample.at_s)
            return replace(again, unseen=(*again.unseen, why))
        try:
            return replace(sample, links=self._loads(sample.at_s))
        except FloodwallError as error:
            return replace(sample, unseen=(*sample.unseen, f"link speeds: {error.message}"))

    def _loads(self, at_s: float) -> tuple[LinkLoad, ...]:
        wanted = {link.index for link in rtnetlink.links() if link.up and not link.loopback}
        return self._links.read(int(at_s * _NS_IN_S), wanted)

    def _meet(self, sample: Sample) -> None:
        """Find out once who owns each listener."""
        inodes = {one.inode for one in sample.sockets.listening} if sample.sockets else set()
        if unknown := inodes - self.owners.keys():
            found = socket_owners(unknown)
            self.owners = {**self.owners, **dict.fromkeys(unknown, NOBODY), **found}


def _processor_seconds(pids: Collection[int], proc: Path = _PROC) -> dict[int, float]:
    ticks = os.sysconf("SC_CLK_TCK")
    found = {}
    for pid in pids:
        try:
            stat = (proc / str(pid) / "stat").read_text()
        except OSError:
            continue  # ended since
        found[pid] = sum(map(int, stat.rpartition(")")[2].split()[_TICKS])) / ticks
    return found

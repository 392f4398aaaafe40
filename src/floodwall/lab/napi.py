"""The kernel thread that receives for an interface: made, pinned, and its CPU time read.

Minimum kernel: 5.12 (threaded NAPI).
"""

import os
from pathlib import Path

from floodwall.core.errors import NotSupported
from floodwall.lab.namespace import Namespace
from floodwall.lab.wait import until

# sysfs shows the namespace it was mounted in, so a mount of its own is made and gone at once.
_THREADED = 'mount -t sysfs sysfs /sys && echo 1 > "/sys/class/net/$1/threaded"'


def pin(namespace: Namespace, interface: str, cpu: int) -> int:
    """Give the interface a receiving thread on one CPU and return its process id."""
    namespace.run(["unshare", "--mount", "sh", "-c", _THREADED, "sh", interface])
    found = until(lambda: thread_of(interface), 2.0)
    if found is None:
        raise NotSupported(
            f"{interface} got no receiving thread",
            feature="threaded NAPI",
            minimum_kernel="5.12",
            hint="the lab measures the CPU time of this thread; run it in the host's pid namespace",
        )
    os.sched_setaffinity(found, {cpu})
    return found


def thread_of(interface: str) -> int | None:
    """Find the receiving thread, named napi/INTERFACE-ID by the kernel."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            name = (entry / "comm").read_text()
        except OSError:  # it ended in between
            continue
        if name.startswith(f"napi/{interface}-"):
            return int(entry.name)
    return None


def cpu_ns(process: int) -> int:
    """Return the CPU time of a process in ns, exact: the first field of schedstat."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0])

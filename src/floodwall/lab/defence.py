"""Floodwall under test: the real daemon, as an operator would start it, beside the server."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from floodwall.core.address import pack
from floodwall.core.errors import KernelError
from floodwall.core.settings import AttachMode
from floodwall.kernel import _abi as abi
from floodwall.kernel.bpffs import StateDirectory
from floodwall.kernel.dataplane import DataPlane
from floodwall.kernel.sockdiag import half_open
from floodwall.kernel.tables import Tables
from floodwall.lab.addresses import Family, server
from floodwall.lab.namespace import Namespace
from floodwall.lab.nginx import PORT
from floodwall.lab.process import die_with_parent
from floodwall.lab.wait import until

_READY_WITHIN_S = 20.0
_STOP_WITHIN_S = 10.0
_WHERE = {1: "native XDP", 2: "generic XDP"}  # XDP_ATTACHED_* of linux/if_link.h
_ATTACHED = "link_xdp"  # how the pin begins that says so
_MOST_TOLD = 1 << 26  # bytes: a kilobyte a second for most of a day
_LAST_TOLD = 1000  # bytes of it that explain a failure
_RECORD = "STATE_DIRECTORY"  # where it keeps its record, systemd.exec(5)
_COMMAND = (sys.executable, "-I", "-m", "floodwall", "run", "--json")


class Daemon:
    """One running daemon, and what its data plane says."""

    def __init__(
        self,
        namespace: Namespace,
        interface: str,
        *,
        generic: bool,
        settings: str = "",
        record: Path | None = None,
    ) -> None:
        """Start it with the text of a settings file; `wait_ready` tells when it protects.

        Its record is kept in a directory that is removed with it, unless `record` is another one.
        """
        # Native is no default on a veth; here the other end runs XDP too: the sink.
        mode = AttachMode.GENERIC if generic else AttachMode.NATIVE
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 # a pipe would fill: nobody empties it
        self._told = tempfile.TemporaryFile()  # noqa: SIM115 # as above
        self._home = tempfile.TemporaryDirectory(prefix="floodwall-lab-")
        home = Path(self._home.name)
        file = home / "floodwall.toml"
        file.write_text(settings)
        options = ["--interface", interface, "--mode", mode.value, "--config", str(file)]
        self._namespace = namespace
        self.half_open_at_start = len(namespace.call(lambda: half_open(PORT)))
        self.started_ns = time.monotonic_ns()
        self.ready_ns = 0
        self._process = subprocess.Popen(
            namespace.command([*_COMMAND, *options]),
            stdin=subprocess.DEVNULL,
            stdout=self._told,
            stderr=self._said,
            env={**os.environ, _RECORD: str(record or home)},
            preexec_fn=lambda: die_with_parent(signal.SIGTERM),  # noqa: PLW1509 # no lock is held
        )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def wait_ready(self) -> None:
        """Wait until the server's port is protected on both families and the lease runs."""
        if not until(self._protects, _READY_WITHIN_S):
            said = self.complained() or self.told()[-_LAST_TOLD:]
            raise KernelError(
                f"Floodwall does not protect the server after {_READY_WITHIN_S} s: {said}"
            )
        self.ready_ns = time.monotonic_ns()

    def told(self) -> str:
        """Return what it wrote to its output so far: JSON lines."""
        return os.pread(self._told.fileno(), _MOST_TOLD, 0).decode(errors="replace")

    def complained(self) -> str:
        """Return what it wrote to its error output so far."""
        return os.pread(self._said.fileno(), _MOST_TOLD, 0).decode(errors="replace").strip()

    @contextmanager
    def tables(self) -> Iterator[Tables]:
        """Open the maps of its data plane by their pins."""
        state = self._namespace.call(StateDirectory.find)
        if state is None:
            raise KernelError("Floodwall has pinned nothing in the server's namespace")
        with DataPlane.from_pins(state) as tables:
            yield tables

    def place(self) -> Path | None:
        """Return where it keeps its pins, which must be gone after it."""
        state = self._namespace.call(StateDirectory.find)
        return state.pins if state else None

    def kill(self) -> None:
        """Kill it as the kernel does when memory runs out, and wait until it is gone."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it as Ctrl-C would; whoever cannot end well is told."""
        asked = self._process.poll() is None
        if asked:
            self._process.send_signal(signal.SIGINT)
        try:
            if self._process.wait(_STOP_WITHIN_S) and asked:
                raise KernelError(self._ended())
        except subprocess.TimeoutExpired as error:
            self._process.kill()
            self._process.wait()
            raise KernelError(f"Floodwall runs {_STOP_WITHIN_S:.0f} s after SIGINT") from error
        finally:
            self._said.close()
            self._told.close()
            self._home.cleanup()

    def _ended(self) -> str:
        return f"Floodwall ended with {self._process.returncode}: {self.complained()}"

    def _protects(self) -> bool:
        if self._process.poll() is not None:
            raise KernelError(self._ended())
        state = self._namespace.call(StateDirectory.find)
        if state is None or not state.pinned(_ATTACHED):
            return False
        with DataPlane.from_pins(state) as tables:
            leased = tables.lease() > time.monotonic_ns()
            return leased and all(service_of(tables, family) is not None for family in Family)


def service_of(tables: Tables, family: Family) -> int | None:
    """Return the number of the service at the server's address, None while it is not protected."""
    key = pack(server(family)) + PORT.to_bytes(2, "big") + b"\0\0"
    raw = tables.service_keys.lookup(key)
    return None if raw is None else int.from_bytes(raw, "little")


def states(tables: Tables) -> list[abi.State]:
    """Return the states of the server's services."""
    numbers = {service_of(tables, family) for family in Family}
    return [tables.state(number) for number in numbers if number is not None]


def mechanism(tables: Tables, namespace: Namespace, interface: str) -> str:
    """Return where the data plane sits and how it makes challenges, such as `xdp, handover`."""
    number = service_of(tables, Family.IPV4)
    how = "none" if number is None else abi.Mechanism(tables.limits(number).mechanism).name.lower()
    shown = json.loads(namespace.run(["ip", "-json", "link", "show", "dev", interface]))[0]
    return f"{_WHERE.get(shown.get('xdp', {}).get('mode'), 'no XDP')}, {how}"

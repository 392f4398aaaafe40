"""New connections a second that real clients complete, at rising rates of forged SYNs."""

import argparse
import re
import subprocess
import time
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path

from benchmarks import subjects
from benchmarks.flooding import flooding
from benchmarks.table import Row, Table
from floodwall.lab.addresses import Family, server
from floodwall.lab.flood import Flood, Sources
from floodwall.lab.nginx import PORT, nginx
from floodwall.lab.process import be_a_client
from floodwall.lab.sink import sink
from floodwall.lab.topology import Options, Topology, topology

_CLIENT_NETWORK = 1
_AT_A_TIME = 32
_SUBJECTS = {
    "kernel, cookies on": subjects.kernel_cookies,
    "Floodwall": subjects.floodwall_auto,
}


def main(arguments: list[str] | None = None) -> int:
    """Measure each rate with each subject in turns and print one table a rate."""
    parser = argparse.ArgumentParser(prog="benchmarks/run new_connections", description=__doc__)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rates", type=int, nargs="*", default=[0, 200_000, 400_000])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    for rate in options.rates:
        turns: dict[str, list[float]] = {name: [] for name in _SUBJECTS}
        for _ in range(options.turns):
            for name, subject in _SUBJECTS.items():
                with topology(Options()) as lab:
                    turns[name].append(_measure(lab, subject(lab), rate, options.seconds))
        rows = [Row(name, found) for name, found in turns.items()]
        title = f"New connections, {_AT_A_TIME} at a time, beside {rate:,} random SYN/s"
        table = Table(title, "connects/s", rows)
        print(table.json() if options.json else "\n".join([*table.lines(), ""]))
    return 0


def _measure(lab: Topology, attached: AbstractContextManager[None], rate: int, s: int) -> float:
    line = lab.server_line
    with ExitStack() as stack:
        stack.enter_context(sink(lab.router, line.router_end))
        stack.enter_context(nginx(lab.server, lab.server_cpu))
        stack.enter_context(attached)
        flood = Flood(Sources.RANDOM, float(rate))
        stack.enter_context(flooding(lab, flood, PORT, s + 2.0) if rate else nullcontext())
        time.sleep(1.0)  # the flood arms the service, the generator sets itself up
        return _closed_loop(lab, s)


def _closed_loop(lab: Topology, seconds: int) -> float:
    """Run wrk with a new connection for each request; return requests a second."""
    clients = lab.clients[_CLIENT_NETWORK]
    clients.call(_free_ports)
    command = ["wrk", "-t1", f"-c{_AT_A_TIME}", f"-d{seconds}s", "-H", "Connection: close",
               f"http://{server(Family.IPV4)}:{PORT}/"]  # fmt: skip
    done = subprocess.run(
        clients.command(command),
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: be_a_client(lab.clients_cpu),
    )
    found = re.search(r"Requests/sec:\s*([\d.]+)", done.stdout)
    return float(found[1]) if found else 0.0


def _free_ports() -> None:
    Path("/proc/sys/net/ipv4/ip_local_port_range").write_text("1024 65535")


if __name__ == "__main__":
    raise SystemExit(main())

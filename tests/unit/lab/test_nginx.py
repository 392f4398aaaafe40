"""The server under attack."""

import os
import re
from pathlib import Path

import pytest

from floodwall.core.errors import NotSupported
from floodwall.kernel.sockdiag import listeners
from floodwall.lab.nginx import PORT, nginx
from floodwall.lab.topology import Topology
from floodwall.lab.wait import until

pytestmark = pytest.mark.root


def test_it_listens_with_the_backlog_asked_for(network: Topology) -> None:
    """One socket for both families: one queue."""
    with nginx(network.server, network.server_cpu, backlog=128):
        found = [one for one in network.server.call(listeners) if one.port == PORT]

    assert [(one.backlog, one.v6only) for one in found] == [(128, False)]


def test_it_listens_on_more_ports_if_asked_for(network: Topology) -> None:
    """A queue each."""
    with nginx(network.server, network.server_cpu, more_ports=(22, 8001)):
        found = {one.port for one in network.server.call(listeners)}

    assert found == {22, PORT, 8001}


def test_its_open_files_are_limited_if_asked_for(network: Topology) -> None:
    """Below its connections, as happens when only one of the two is raised."""
    with nginx(network.server, network.server_cpu, descriptors=500) as master:
        (worker,) = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        limits = Path(f"/proc/{worker}/limits")
        wanted = re.compile(r"Max open files +500 +500 ")  # it sets them when it begins its work

        assert until(lambda: wanted.search(limits.read_text()), 5.0)


def test_its_worker_runs_on_the_server_s_cpu_and_ends_with_it(network: Topology) -> None:
    """Nothing of it is left."""
    with nginx(network.server, network.server_cpu) as master:
        (worker,) = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        affinity = os.sched_getaffinity(int(worker))

    assert affinity == {network.server_cpu}
    assert until(lambda: not Path(f"/proc/{worker}").exists(), 5.0)


def test_where_it_is_missing_the_package_is_named(
    network: Topology, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is written."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NotSupported) as caught, nginx(network.server, 0):
        pass

    assert caught.value.hint == "apt install nginx-light"

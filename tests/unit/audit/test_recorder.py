"""The script records a machine so that it is judged as if we were there."""

import os
import shutil
import subprocess

import pytest

from floodwall.audit.archive import Archive, parse_archive
from floodwall.audit.machine import Machine
from floodwall.audit.reader import read_facts
from floodwall.audit.recorder import recorder
from floodwall.core.errors import FloodwallError
from floodwall.sense.processes import socket_owners

SHELLS = [shell for shell in ("dash", "bash") if shutil.which(shell)]


def recorded(shell: str, **environment: str) -> Archive:
    """Run the script as `ssh host sh` would, and read what it printed."""
    done = subprocess.run(
        [shell],
        input=recorder(),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
        env={**os.environ, **environment},
    )
    assert done.stderr == ""
    return parse_archive(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS)
def test_this_machine_is_the_same_from_afar(shell: str) -> None:
    """Sysctls, files, cards, memory, CPUs, kernel and what stands around it."""
    far, near = read_facts(recorded(shell)), read_facts(Machine(socket_owners))
    moving = "net.netfilter.nf_conntrack_count"
    values = {name: value for name, value in near.here.sysctls.items() if name != moving}
    assert {name: far.here.sysctls[name] for name in values} == values
    assert far.release == near.release
    assert far.persisted == near.persisted
    assert far.cards == near.cards
    assert (far.memory_bytes, far.cpus) == (near.memory_bytes, near.cpus)
    assert far.site == near.site


def test_it_writes_nothing() -> None:
    """No redirection leads to a file, and nothing is installed, removed or set."""
    text = recorder()
    redirected = text.replace("->", "").split(">")[1:]
    assert {part.split()[0].strip(";)") for part in redirected} == {"/dev/null", "&1"}
    for word in ("rm ", "sysctl -w", "apt", "tee ", "mktemp", "curl", "wget"):
        assert word not in text


def test_an_archive_that_was_cut_in_a_line_is_refused() -> None:
    """A session that broke off must not pass for a machine."""
    with pytest.raises(FloodwallError):
        parse_archive("=== /proc/meminfo\n\tMemTotal: 1 kB\n==")

"""Hardening of a real network namespace, with an /etc of its own, and the way back."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from floodwall.audit.facts import Facts
from floodwall.audit.machine import Machine
from floodwall.audit.persisted import read_persisted
from floodwall.audit.plan import FILE
from floodwall.audit.reader import read_facts
from floodwall.audit.report import audit
from floodwall.sense.processes import socket_owners
from tests.support.household import eventually
from tests.support.namespace import own_namespace, write_sysctl

pytestmark = [pytest.mark.root, pytest.mark.live]

WEAK = {"net.ipv4.tcp_syncookies": 0, "net.ipv4.tcp_synack_retries": 5, "net.core.somaxconn": 128}
STRONG = {"net.ipv4.tcp_syncookies": "1", "net.ipv4.tcp_synack_retries": "3"}


def values() -> dict[str, str]:
    """Return every sysctl of this namespace that can be read, to the byte."""
    found = {}
    for path in Path("/proc/sys/net").rglob("*"):
        try:
            found[str(path)] = path.read_text()
        except OSError:
            continue
    # These count, and change by themselves.
    return {
        name: text for name, text in found.items() if not name.endswith(("_count", "stable_secret"))
    }


def files(root: Path) -> dict[str, bytes]:
    """Return every file below a root, our own state apart."""
    return {
        str(path): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "var/lib" not in str(path)
    }


def harden(root: Path, *arguments: str) -> tuple[int, str]:
    """Run the verb in the namespace of this thread."""
    done = subprocess.run(
        [sys.executable, "-m", "floodwall", "harden", "--root", str(root), *arguments],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def facts(root: Path) -> Facts:
    """Read the facts of the namespace of this thread."""
    return read_facts(Machine(socket_owners, root))


@contextmanager
def weak_machine(root: Path) -> Iterator[None]:
    """Be in a namespace that is set up badly, with a file of somebody that makes it so at boot."""
    place = root / "etc/sysctl.d"
    place.mkdir(parents=True)
    (place / "10-bad.conf").write_text("net.ipv4.tcp_syncookies = 0\n")
    (root / "run/systemd/system/x").mkdir(parents=True)
    with own_namespace():
        for name, value in WEAK.items():
            write_sysctl(name, value)
        yield


def strong() -> bool:
    """Tell whether the two best known values are as the profile has them."""
    return all(
        Path("/proc/sys", *name.split(".")).read_text().strip() == value
        for name, value in STRONG.items()
    )


def test_harden_and_rollback_leave_runtime_and_files_as_they_were(tmp_path: Path) -> None:
    """To the byte; in between nothing is left to do, and the audit is content."""
    with weak_machine(tmp_path):
        before = values(), files(tmp_path)
        assert audit(facts(tmp_path)).findings()[0].check.id == "syncookies"

        code, said = harden(tmp_path, "--yes")
        assert code == 0, said
        assert strong()
        hardened = values(), files(tmp_path)
        assert hardened != before
        found = audit(facts(tmp_path)).findings()
        # Other namespaces of this machine are others' business.
        ids = {each.check.id for each in found if "(pid" not in each.outcome.subject}
        assert ids.isdisjoint({"syncookies", "cookies-at-boot", "boot-values", "somaxconn"})

        code, said = harden(tmp_path, "--yes")
        assert (code, said.startswith("nothing to do")) == (0, True), said
        assert (values(), files(tmp_path)) == hardened

        code, said = harden(tmp_path, "--rollback")
        assert (code, f"removed {FILE}" in said) == (0, True), said
        assert (values(), files(tmp_path)) == before


def test_a_rollback_after_a_reboot_leads_back_too(tmp_path: Path) -> None:
    """A new namespace is what a boot begins with; then the files are applied, in their order."""
    with weak_machine(tmp_path):
        assert harden(tmp_path, "--yes")[0] == 0
    with own_namespace():
        for line in read_persisted(Machine(socket_owners, tmp_path), ()).winners.values():
            write_sysctl(line.name, int(line.value))
        assert strong()
        assert harden(tmp_path, "--rollback")[0] == 0
        assert Path("/proc/sys/net/ipv4/tcp_syncookies").read_text() == "0\n"
        assert Path("/proc/sys/net/core/somaxconn").read_text() == "128\n"
        assert list(files(tmp_path)) == [str(tmp_path / "etc/sysctl.d/10-bad.conf")]


def test_a_trial_that_nobody_keeps_goes_back_by_itself(tmp_path: Path) -> None:
    """The command that began it has ended long before."""
    with weak_machine(tmp_path):
        before = values(), files(tmp_path)
        code, said = harden(tmp_path, "--yes", "--confirm", "2s")
        assert (code, "on trial for 2s" in said) == (0, True), said
        assert strong()
        assert files(tmp_path) == before[1]
        assert eventually(lambda: values() == before[0], 10)
        assert harden(tmp_path, "--keep")[0] == 2


def test_a_trial_that_is_kept_stays(tmp_path: Path) -> None:
    """The guard sees it and leaves."""
    with weak_machine(tmp_path):
        assert harden(tmp_path, "--yes", "--confirm", "2s")[0] == 0
        code, said = harden(tmp_path, "--keep")
        assert (code, f"wrote {FILE}" in said) == (0, True), said
        time.sleep(2.2)  # the guard must not act: there is no condition to wait for
        assert strong()


def test_a_container_with_cookies_off_is_found_from_outside(tmp_path: Path) -> None:
    """By its own values; its listener makes it worth looking at."""
    script = (
        "import pathlib, socket, sys\n"
        "pathlib.Path('/proc/sys/net/ipv4/tcp_syncookies').write_text('0')\n"
        "listener = socket.create_server(('127.0.0.2', 8081))\n"
        "print('ready', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with own_namespace():
        inner = subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
    with inner:
        assert inner.stdout
        assert inner.stdout.readline() == "ready\n"
        with own_namespace():
            report = audit(facts(tmp_path))
        inner.communicate("", timeout=5)
    off = {
        each.outcome.subject
        for each in report.findings()
        if each.check.id == "syncookies" and each.outcome.text.startswith("0:")
    }
    assert [name for name in off if name.endswith(f"(pid {inner.pid})")]

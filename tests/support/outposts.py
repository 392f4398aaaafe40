"""Machines that can be reached over a real sshd, each with namespaces and an /etc of its own.

Law: every packet stays between their namespaces and ours; what is made here is removed here.
"""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from floodwall.kernel.netns import enter
from tests.support.household import eventually
from tests.support.namespace import ip

_NETNS = Path("/run/netns")
# What counts by itself, and what all namespaces of a kernel share.
_CHANGING = ("_count", "stable_secret", "flush", "conntrack_max", "_buckets", "expect_max")

# Its own /etc, /var/lib and /run; other processes and mounts are not to be seen.
_BOOT = """
mount --make-rprivate /
for place in etc var/lib run; do mount --bind "$1/$place" "/$place"; done
exec /usr/sbin/sshd -D -f "$1/sshd_config" -E "$1/sshd.log"
"""
_SSHD_CONFIG = """\
HostKey {here}/hostkey
AuthorizedKeysFile {common}/key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
"""
_SSH_CONFIG = """\
Host *
  User root
  IdentityFile {common}/key
  IdentitiesOnly yes
  UserKnownHostsFile {common}/known_hosts
  GlobalKnownHostsFile /dev/null
"""


class Outpost:
    """A machine with an sshd."""

    def __init__(self, name: str, address: str, namespace: str, here: Path) -> None:
        self.name, self.address, self.namespace = name, address, namespace
        self.here = here
        self.process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Write what a machine has: users, a key, places of its own."""
        for place in ("etc/sysctl.d", "var/lib", "run/sshd", "run/systemd/system"):
            (self.here / place).mkdir(parents=True)
        etc = self.here / "etc"
        (etc / "passwd").write_text(
            "root:x:0:0::/:/bin/sh\nsshd:x:103:65534::/run/sshd:/usr/sbin/nologin\n"
        )
        (etc / "group").write_text("root:x:0:\nnogroup:x:65534:\n")
        (etc / "shadow").write_text("root:*:19000:0:99999:7:::\n")
        make_key(self.here / "hostkey")
        common = self.here.parent
        config = _SSHD_CONFIG.format(here=self.here, common=common)
        (self.here / "sshd_config").write_text(config)

    def boot(self) -> None:
        """Start its sshd, in namespaces of its own."""
        self.process = subprocess.Popen(
            [
                *("nsenter", f"--net={_NETNS / self.namespace}"),
                *("unshare", "--mount", "--uts", "--ipc", "--pid", "--fork", "--mount-proc"),
                *("--kill-child", "sh", "-c", _BOOT, "sh", str(self.here)),
            ],
            stdin=subprocess.DEVNULL,
        )

    def is_up(self) -> bool:
        """Tell whether its sshd listens."""
        with suppress(OSError):
            return "listening on 0.0.0.0" in (self.here / "sshd.log").read_text()
        return False

    def end(self) -> None:
        """End it; the kernel ends what it runs."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def set(self, name: str, value: str) -> None:
        """Set a sysctl there."""
        with enter(_NETNS / self.namespace):
            Path("/proc/sys", *name.split(".")).write_text(value)

    def get(self, name: str) -> str:
        """Return a sysctl from there, to the byte."""
        with enter(_NETNS / self.namespace):
            return Path("/proc/sys", *name.split(".")).read_text()

    def state(self) -> tuple[dict[str, str], dict[str, tuple[bytes, int, int]]]:
        """Return every sysctl of the network and every file, each file with mode and time."""
        values = {}
        with enter(_NETNS / self.namespace):
            for path in Path("/proc/sys/net").rglob("*"):
                if not str(path).endswith(_CHANGING):
                    with suppress(OSError):
                        values[str(path)] = path.read_text()
        files = {}
        for place in ("etc", "var/lib"):
            for path in (self.here / place).rglob("*"):
                told = path.lstat()
                content = path.read_bytes() if path.is_file() else b""
                when = told.st_mtime_ns if path.is_file() else 0
                files[str(path)] = (content, told.st_mode, when)
        return values, files


class Outposts:
    """Some of them, and a namespace from which they are visited."""

    def __init__(self, common: Path, names: tuple[str, ...]) -> None:
        tag = secrets.token_hex(3)
        self.common, self.home = common, f"fwt{tag}c"
        self.all = {
            name: Outpost(name, f"10.97.{number}.1", f"fwt{tag}{number}", common / name)
            for number, name in enumerate(names)
        }

    def __getitem__(self, name: str) -> Outpost:
        """Return one of them."""
        return self.all[name]

    def build(self) -> None:
        """Make namespaces, links and keys, and start them."""
        make_key(self.common / "key")
        (self.common / "ssh_config").write_text(_SSH_CONFIG.format(common=self.common))
        ip("netns", "add", self.home)
        ip("-n", self.home, "link", "set", "lo", "up")
        for number, each in enumerate(self.all.values()):
            each.prepare()
            ip("netns", "add", each.namespace)
            ip("-n", each.namespace, "link", "set", "lo", "up")
            ip(
                *("link", "add", "eth0", "netns", each.namespace, "type", "veth"),
                *("peer", "name", f"to{number}", "netns", self.home),
            )
            for namespace, device, address in (
                (each.namespace, "eth0", each.address),
                (self.home, f"to{number}", f"10.97.{number}.2"),
            ):
                ip("-n", namespace, "address", "add", f"{address}/24", "dev", device)
                ip("-n", namespace, "link", "set", device, "up")
            each.boot()
            self._introduce(each)
        if not eventually(lambda: all(each.is_up() for each in self.all.values()), 20):
            raise RuntimeError("an sshd did not start")

    def _introduce(self, each: Outpost) -> None:
        """Let ssh know its name and its key."""
        with (self.common / "ssh_config").open("a") as config:
            config.write(f"Host {each.name}\n  HostName {each.address}\n")
        with (self.common / "known_hosts").open("a") as known:
            known.write(f"{each.address} {(each.here / 'hostkey.pub').read_text()}")

    def floodwall(self, *arguments: str, timeout_s: float = 50) -> tuple[int, str, str]:
        """Run a verb from our namespace; return exit code, output and errors."""
        done = subprocess.run(
            [
                *("nsenter", f"--net={_NETNS / self.home}"),
                *(sys.executable, "-m", "floodwall", arguments[0]),
                *("--ssh-config", str(self.common / "ssh_config"), *arguments[1:]),
            ],
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def remove(self) -> None:
        """End them all, and take the namespaces away."""
        for each in self.all.values():
            each.end()
            with suppress(subprocess.CalledProcessError):
                ip("netns", "delete", each.namespace)
        with suppress(subprocess.CalledProcessError):
            ip("netns", "delete", self.home)


@contextmanager
def outposts(common: Path, *names: str) -> Iterator[Outposts]:
    """Have machines that can be visited."""
    made = Outposts(common, names)
    try:
        made.build()
        yield made
    finally:
        made.remove()


def make_key(path: Path) -> None:
    """Make a pair of keys without a passphrase."""
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(path)], check=True
    )

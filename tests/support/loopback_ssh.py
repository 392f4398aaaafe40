"""A program in the place of ssh: `away` is this machine, by a shell; others fail as ssh does.

What it runs is really run; only the way there is left out.
"""

from __future__ import annotations

from pathlib import Path

from floodwall.fleet.session import Wire

_PROGRAM = r"""#!/bin/sh
cd "$(dirname "$0")" || exit
printf '%s\n' "$*" >>calls
case " $*" in *" -G "*) printf 'hostname real.example\nport 2222\n'; exit 0 ;; esac
while [ "$1" != -- ]; do shift; done
host=$2
shift 2
say() { printf '%s\r\n' "$@" >&2; exit 255; }
case $host in
  away*) echo 'Welcome, have a nice day'; exec "$@" ;;
  changed) say '@@@@@@@@@@' '@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @' \
    'Host key verification failed.' ;;
  stranger) say 'Host key verification failed.' ;;
  keyless) say 'root@keyless: Permission denied (publickey,password).' ;;
  down) say 'ssh: connect to host down port 22: Connection refused' ;;
  silent) exec sleep 60 ;;
  endless) exec cat /dev/zero ;;
  cut) head -c 100 >/dev/null; printf '\nbegin-0\n=== sysctl\n'; exit 0 ;;
  hostile) printf '\033]0;owned\007\n' >&2; exit 255 ;;
  sudoer) printf 'sudo: a password is required\n' >&2; exit 1 ;;
  shared) sleep 60 </dev/null >/dev/null & echo $! >shared; exec "$@" ;;
esac
"""


def loopback(here: Path, *, timeout_s: float = 20.0) -> Wire:
    """Return how to reach those hosts; what it was called with is in `here`/calls."""
    program = here / "ssh"
    program.write_text(_PROGRAM)
    program.chmod(0o755)
    return Wire(str(program), timeout_s=timeout_s)


def calls(here: Path) -> list[str]:
    """Return what it was called with."""
    return (here / "calls").read_text().splitlines()

"""The script that records a machine for `--recorded`: plain POSIX sh, writes nothing there.

It is sent over the standard input of a shell on that machine, and prints an archive.
"""

from floodwall.audit.cards import LINKS
from floodwall.audit.persisted import DIRECTORIES, MAIN, UFW, UFW_SWITCH
from floodwall.audit.reader import CONTACT, OF_INTERFACES, REHEARSAL, WATCHED
from floodwall.audit.source import LARGEST_BYTES, LEGACY_RULES, RULES, SOCKETS, sysctl_path

_HEAD = """\
# Prints what `floodwall audit --recorded` reads of a machine.  Writes nothing, installs nothing.
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
"""

# What each network namespace has of its own; the same text is run by nsenter in the others.
_SCOPE = """\
tab=$(printf '\\t')
put() { printf '=== %s\\n' "$1"; sed "s/^/$tab/"; }
file() {
  [ -e "$1" ] || return 0
  if text=$(head -c @BYTES@ "$1" 2>/dev/null); then printf '%s\\n' "$text" | put "$1"
  else printf '=== %s !permission denied\\n' "$1"; fi
}
run() {
  command -v "${1%% *}" >/dev/null 2>&1 || return 0
  text=$($1 2>/dev/null </dev/null) || return 0
  printf '%s\\n' "$text" | put "\\$ $1"
}
for name in @WATCHED@; do file "$name"; done
for each in /proc/sys/net/ipv4/conf/*; do
  for name in @OF_INTERFACES@; do file "$each/$name"; done
done
run '@SOCKETS@'
command -v ss >/dev/null 2>&1 || { file /proc/net/tcp; file /proc/net/tcp6; }
"""

_REST = """\
link() { if [ -L "$1" ]; then printf '=== %s -> %s\\n' "$1" "$(readlink "$1")"; fi; }
there() { if [ -e "$1" ]; then printf '=== %s\\n' "$1"; fi; }
for name in /proc/sys/kernel/osrelease /proc/meminfo /proc/cmdline /proc/interrupts /proc/net/dev \\
  /sys/devices/system/cpu/online @FILES@; do file "$name"; done
for directory in @DIRECTORIES@; do
  for name in "$directory"/*.conf; do link "$name"; file "$name"; done
done
if [ -d /run/systemd/system ]; then printf '=== /run/systemd/system/here\\n'; fi
there /run/systemd/timesync/synchronized
there /dev/null
for name in /dev/ipmi*; do there "$name"; done
for each in /sys/class/net/*; do
  link "$each/device"; link "$each/device/driver"
  file "$each/flags"; file "$each/mtu"
  for queue in "$each"/queues/rx-*; do file "$queue/rps_cpus"; done
done
for each in /proc/irq/[0-9]*; do
  file "$each/effective_affinity_list"; file "$each/smp_affinity_list"
done
for each in /proc/[0-9]*; do
  if { read -r text <"$each/comm"; } 2>/dev/null; then
    printf '=== %s/comm\\n\\t%s\\n' "$each" "$text"
  else file "$each/stat"; fi
done
run '@RULES@'
run '@LEGACY@'
run '@LINKS@'
for each in /sys/class/net/*; do run "ethtool -k ${each##*/}"; done
if [ "$(id -u)" != 0 ]; then exit 0; fi
seen=" $(readlink /proc/self/ns/net) "
for each in /proc/[0-9]*; do
  space=$(readlink "$each/ns/net" 2>/dev/null) || continue
  case $seen in *" $space "*) continue ;; esac
  seen="$seen$space "
  read -r text <"$each/comm" || continue
  printf '=== namespace %s (pid %s)\\n' "$text" "${each##*/}"
  nsenter --net="$each/ns/net" sh -c "$scope" </dev/null || continue
done
"""


def recorder() -> str:
    """Return the script."""
    scope = _fill(_SCOPE)
    quoted = scope.replace("'", "'\\''")
    return f"{_HEAD}scope='{quoted}'\neval \"$scope\"\n{_fill(_REST)}"


def _fill(text: str) -> str:
    words = {
        "BYTES": str(LARGEST_BYTES),
        "WATCHED": " ".join(sysctl_path(name) for name in WATCHED),
        "OF_INTERFACES": " ".join(OF_INTERFACES),
        "FILES": f"{MAIN} {UFW_SWITCH} {UFW} {CONTACT} {REHEARSAL}",
        "DIRECTORIES": " ".join(DIRECTORIES),
        "SOCKETS": SOCKETS,
        "RULES": RULES,
        "LEGACY": LEGACY_RULES,
        "LINKS": LINKS,
    }
    for name, value in words.items():
        text = text.replace(f"@{name}@", value)
    return text

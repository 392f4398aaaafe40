"""Sysctls net.* and the stack's counters, of the network namespace that this thread is in."""

from pathlib import Path

from floodwall.core.errors import ConfigError, NotSupported
from floodwall.kernel.failure import kernel_error

_ROOT = Path("/proc/sys")
_COUNTERS = (Path("/proc/thread-self/net/netstat"), Path("/proc/thread-self/net/snmp"))


def read(name: str) -> str:
    """Return the value of a sysctl such as net.ipv4.tcp_syncookies."""
    path = _path(name)
    try:
        return path.read_text().strip()
    except FileNotFoundError as error:
        raise _missing(name) from error
    except OSError as error:
        raise kernel_error("read sysctl", error.errno or 0, name) from error


def write(name: str, value: str | int) -> None:
    """Set a sysctl; what it was before is the caller's to keep."""
    path = _path(name)
    try:
        path.write_text(f"{value}\n")
    except FileNotFoundError as error:
        raise _missing(name) from error
    except OSError as error:
        hint = f"the kernel refused {value!r}; in a container /proc/sys may be read-only"
        raise kernel_error("write sysctl", error.errno or 0, name, hint=hint) from error


def counters() -> dict[str, int]:
    """Return the stack's counters by the names of nstat: TcpExtListenOverflows, TcpInSegs, ..."""
    found: dict[str, int] = {}
    for path in _COUNTERS:
        try:
            text = path.read_text()
        except OSError as error:
            raise kernel_error("read counters", error.errno or 0, path.name) from error
        found.update(parse_counters(text))
    return found


def parse_counters(text: str) -> dict[str, int]:
    """Read pairs of lines, names above values, each begun by a group: `TcpExt: A B`."""
    found: dict[str, int] = {}
    lines = text.splitlines()
    for names, values in zip(lines[::2], lines[1::2], strict=False):
        group, *columns = names.split()
        prefix = group.rstrip(":")
        for column, value in zip(columns, values.split()[1:], strict=False):
            found[prefix + column] = int(value)
    return found


def _path(name: str) -> Path:
    """Accept dots, or slashes for names that have a dot inside, like sysctl(8)."""
    parts = name.split("/" if "/" in name else ".")
    if parts[0] != "net" or ".." in parts or "" in parts:
        raise ConfigError(f"{name} is not a sysctl of the network", hint="names begin with net.")
    return _ROOT.joinpath(*parts)


def _missing(name: str) -> NotSupported:
    return NotSupported(f"this kernel has no sysctl {name}", feature=name)

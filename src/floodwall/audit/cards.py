"""Network interfaces from sysfs, /proc/interrupts, ethtool and ip."""

import re
from collections.abc import Iterable, Iterator

from floodwall.audit.facts import Card, UnreadError
from floodwall.audit.source import Source

LINKS = "ip -d link"
_NET = "/sys/class/net"
_XDP = re.compile(r"prog/xdp\w* id (\d+)(?: name (\S+))?")
_HEAD = re.compile(r"\d+: ([^:@]+)[:@]")
_OURS = frozenset({"xdp_ingress", "floodwall"})
_IFF_UP = 1
_LAST_CPU = 1 << 16
_MOST_DASHES = 16

_Interrupts = dict[str, list[tuple[str, str]]]
"""Number and name, by what the name begins with."""


def read_cards(source: Source) -> tuple[Card, ...]:
    """Read every interface but the loopback.

    A sysfs shows the interfaces of the network namespace that it was mounted in, which need not be
    ours after `nsenter --net`.
    """
    listed = set(source.names(_NET)) - {"bonding_masters"}
    # Of this thread, minimum kernel 3.17; of the process before that and in archives.
    devices = ("/proc/thread-self/net/dev", "/proc/net/dev")
    own = _interfaces(next(filter(None, (_text(source, path) for path in devices)), ""))
    if own and own != listed:
        raise UnreadError("/sys shows the interfaces of another network namespace")
    interrupts = _interrupts(source)
    programs = _programs(source)
    return tuple(_card(source, name, interrupts, programs) for name in sorted(listed - {"lo"}))


def _interfaces(text: str) -> set[str]:
    """Return the names in /proc/net/dev, behind its two lines of head."""
    return {line.partition(":")[0].strip() for line in text.splitlines()[2:]}


def programs_of(text: str) -> Iterator[tuple[str, str]]:
    """Yield interface and XDP program from what `ip -d link` prints."""
    name = ""
    for line in text.splitlines():
        if head := _HEAD.match(line):
            name = head[1]
        if (program := _XDP.search(line)) and program[2] not in _OURS:
            yield name, program[2] or f"program {program[1]}"


def _card(source: Source, name: str, interrupts: _Interrupts, programs: dict[str, str]) -> Card:
    place = f"{_NET}/{name}"
    queues = [each for each in _names(source, f"{place}/queues") if each.startswith("rx-")]
    masks = [_text(source, f"{place}/queues/{queue}/rps_cpus") for queue in queues]
    device = _base(source, f"{place}/device")
    return Card(
        name=name,
        driver=_base(source, f"{place}/device/driver"),
        up=bool(int(_text(source, f"{place}/flags") or "0", 0) & _IFF_UP),
        mtu=int(_text(source, f"{place}/mtu") or "1500"),
        receive_queues=max(len(queues), 1),
        rps_cpus=_union(masks).bit_count(),
        irq_cpus=_spread(source, interrupts, {name, device} - {""}),
        lro=_lro(source, name),
        xdp=programs.get(name, ""),
    )


def _interrupts(source: Source) -> _Interrupts:
    """Return the interrupts by what their names begin with, up to a dash: eth0 of eth0-rx-0."""
    found: _Interrupts = {}
    for line in _text(source, "/proc/interrupts").splitlines()[1:]:
        number, _, rest = line.partition(":")
        if number.strip().isdigit() and rest.split():
            # The name of each interrupt is its driver's; that of an interface may have dashes too.
            label = rest.split()[-1]
            parts = label.split("-", _MOST_DASHES)
            for count in range(1, len(parts) + 1):
                begin = "-".join(parts[:count])
                found.setdefault(begin, []).append((number.strip(), label))
    return found


def _spread(source: Source, interrupts: _Interrupts, names: Iterable[str]) -> int | None:
    """Count the CPUs that the interrupts of a card's receive queues may go to."""
    cpus: set[int] = set()
    for number, label in (each for name in names for each in interrupts.get(name, ())):
        if label.endswith(("-config", "-output")) or "-output." in label:
            continue
        for file in ("effective_affinity_list", "smp_affinity_list"):
            text = _text(source, f"/proc/irq/{number}/{file}")
            if text:
                cpus.update(_numbers(text))
                break
    return len(cpus) or None


def _numbers(text: str) -> Iterator[int]:
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        if int(last or first) > _LAST_CPU:
            raise ValueError(f"no machine has the CPUs {text!r}")
        yield from range(int(first), int(last or first) + 1)


def _union(masks: Iterable[str]) -> int:
    whole = 0
    for mask in masks:
        whole |= int(mask.replace(",", "") or "0", 16)
    return whole


def _lro(source: Source, name: str) -> bool | None:
    try:
        text = source.output(f"ethtool -k {name}")
    except UnreadError:
        return None
    found = re.search(r"large-receive-offload: (on|off)", text)
    return None if found is None else found[1] == "on"


def _programs(source: Source) -> dict[str, str]:
    try:
        return dict(programs_of(source.output(LINKS)))
    except UnreadError:
        return {}


def _base(source: Source, path: str) -> str:
    try:
        return source.link(path).rpartition("/")[2]
    except OSError:
        return ""


def _names(source: Source, path: str) -> list[str]:
    try:
        return source.names(path)
    except OSError:
        return []


def _text(source: Source, path: str) -> str:
    try:
        return source.text(path).strip()
    except OSError:
        return ""

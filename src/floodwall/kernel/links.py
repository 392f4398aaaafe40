"""One BPF link: the attachment of a program, which a pin keeps and an update replaces atomically.

Minimum kernel: 5.9 (XDP), 6.6 (TCX), 5.8 (pin of a raw tracepoint).
"""

import ctypes
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Self

from floodwall.kernel.bpffs import StateDirectory
from floodwall.kernel.descriptor import Descriptor, inspect, open_pin, pin
from floodwall.kernel.failure import check
from floodwall.kernel.libbpf import LinkCreateOpts, XdpQueryOpts, libbpf

_BPF_XDP = 37  # enum bpf_attach_type
_BPF_TCX_INGRESS = 46
_BPF_TCX_EGRESS = 47
_SKB_MODE = 2  # XDP_FLAGS_SKB_MODE
_DRV_MODE = 4  # XDP_FLAGS_DRV_MODE
_BEFORE = 8  # BPF_F_BEFORE of linux/bpf.h: with nobody named, before everybody


class LinkType(IntEnum):
    """The kinds of link that Floodwall uses, enum bpf_link_type of linux/bpf.h."""

    UNKNOWN = 0
    RAW_TRACEPOINT = 1
    XDP = 6
    TCX = 11

    @classmethod
    def _missing_(cls, _value: object) -> "LinkType":
        return cls.UNKNOWN


_ON_INTERFACE = frozenset({LinkType.XDP, LinkType.TCX})


@dataclass(frozen=True, slots=True)
class LinkInfo:
    """What the kernel knows of a link; `ifindex` is 0 once the interface is gone."""

    id: int
    type: LinkType
    prog_id: int
    ifindex: int


class RawLinkInfo(ctypes.Structure):
    """The first fields of struct bpf_link_info; the union begins with ifindex for XDP and TCX."""

    _fields_ = (
        ("type", ctypes.c_uint32),
        ("id", ctypes.c_uint32),
        ("prog_id", ctypes.c_uint32),
        ("_pad", ctypes.c_uint32),
        ("ifindex", ctypes.c_uint32),
        ("_rest", ctypes.c_uint8 * 60),
    )


class Link(Descriptor):
    """An attachment; it lasts as long as a descriptor or a pin of it."""

    def __init__(self, fd: int, path: Path | None = None) -> None:
        """Take over the descriptor of a link, pinned at `path` if given."""
        self.fd = fd
        self.path = path

    @classmethod
    def xdp(cls, program_fd: int, ifindex: int, *, native: bool = True) -> Self:
        """Attach to the driver (native) or to the generic hook of an interface."""
        flags = _DRV_MODE if native else _SKB_MODE
        return cls(_create(program_fd, ifindex, _BPF_XDP, flags))

    @classmethod
    def tcx_ingress(cls, program_fd: int, ifindex: int) -> Self:
        """Attach to the tc ingress hook of an interface, in front of what is there.

        Whoever comes first may end the chain for the others (TCX_PASS); ours goes on with the next.
        LIMIT: a program that is put in front of ours later, and ends the chain, keeps cookies that
        are right from their listener.  Minimum kernel: 6.6.
        """
        return cls(_create(program_fd, ifindex, _BPF_TCX_INGRESS, _BEFORE))

    @classmethod
    def tcx_egress(cls, program_fd: int, ifindex: int) -> Self:
        """Attach to the tc egress hook of an interface.  Minimum kernel: 6.6."""
        return cls(_create(program_fd, ifindex, _BPF_TCX_EGRESS, 0))

    @classmethod
    def raw_tracepoint(cls, program_fd: int, name: str) -> Self:
        """Attach to a raw tracepoint of the kernel by name."""
        calls = libbpf().calls
        fd = calls.bpf_raw_tracepoint_open(name.encode(), program_fd)
        return cls(check(fd, "attach to tracepoint", name))

    @classmethod
    def from_pin(cls, path: Path) -> Self:
        """Open the link pinned at `path`."""
        return cls(open_pin(path), path)

    def pin(self, path: Path) -> None:
        """Keep the attachment alive under `path` in a bpffs."""
        pin(self.fd, path)
        self.path = path

    def unpin(self) -> None:
        """Remove the pin, if there is one; the link ends with its last descriptor."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)
            self.path = None

    def update(self, program_fd: int) -> None:
        """Put another program in the place of this one, with no packet in between."""
        result = libbpf().calls.bpf_link_update(self.fd, program_fd, None)
        check(result, "replace program of link", str(self.path or self.fd))

    def info(self) -> LinkInfo:
        """Ask the kernel what this link is."""
        raw = inspect(self.fd, RawLinkInfo(), "link", str(self.path or self.fd))
        kind = LinkType(raw.type)
        ifindex = int(raw.ifindex) if kind in _ON_INTERFACE else 0
        return LinkInfo(int(raw.id), kind, int(raw.prog_id), ifindex)

    def detach(self) -> None:
        """End the attachment now, whatever else holds it: descriptors, pins."""
        self.unpin()
        libbpf().calls.bpf_link_detach(self.fd)  # raw tracepoints cannot: they end by closing
        self.close()


@dataclass(frozen=True, slots=True)
class XdpOnInterface:
    """The XDP program that an interface has; `prog_id` 0 for none."""

    prog_id: int
    native: bool


def xdp_on(ifindex: int) -> XdpOnInterface:
    """Ask which XDP program an interface has, whoever attached it."""
    options = XdpQueryOpts(ctypes.sizeof(XdpQueryOpts))
    result = libbpf().calls.bpf_xdp_query(ifindex, 0, ctypes.byref(options))
    check(result, "query XDP of interface", str(ifindex))
    present = (options.drv_prog_id, options.hw_prog_id, options.skb_prog_id)
    found = next((int(number) for number in present if number), int(options.prog_id))
    return XdpOnInterface(found, bool(options.drv_prog_id or options.hw_prog_id))


def _create(program_fd: int, ifindex: int, attach_type: int, flags: int) -> int:
    options = LinkCreateOpts(ctypes.sizeof(LinkCreateOpts), flags, 0)
    calls = libbpf().calls
    fd = calls.bpf_link_create(program_fd, ifindex, attach_type, ctypes.byref(options))
    kind = "XDP" if attach_type == _BPF_XDP else "TCX"
    return check(fd, f"attach {kind} to interface", str(ifindex))


def detach_pinned(state: StateDirectory) -> list[str]:
    """End every pinned link at once, whoever holds it; return the names of the pins."""
    paths = [*state.pinned("link_"), *state.pinned("new_link_")]
    for path in paths:
        Link.from_pin(path).detach()
    return [path.name for path in paths]

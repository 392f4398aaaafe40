"""The frames of captures one by one, as a replay wants them."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from floodwall.core.errors import ConfigError
from floodwall.forensics.captures.frames import Frames, Trouble
from floodwall.forensics.captures.link import ip_positions
from floodwall.forensics.captures.reader import frames_of
from floodwall.forensics.evidence import Format
from floodwall.forensics.identify import identify
from floodwall.forensics.read.opening import opened

_ETHERNET: Final = 1
_KINDS: Final = {4: b"\x08\x00", 6: b"\x86\xdd"}
_MADE_UP: Final = bytes.fromhex("020000000001020000000002")
_LARGEST: Final = 3500  # what fits into the page of a program without fragments


class Packet(NamedTuple):
    """One frame: its time, all of it with an Ethernet header, and where IP begins in it."""

    at: float
    frame: bytes
    ip: int


def packets_of(paths: Iterable[str]) -> Iterator[Packet]:
    """Yield what can be read of captures, in their order; what is no IP is left out."""
    for path in paths:
        with opened(path) as source:
            form, _ = identify(source.head())
            if form not in (Format.PCAP, Format.PCAPNG):
                raise ConfigError(
                    f"{path} is no capture: there is nothing to replay",
                    hint="give files of tcpdump or Wireshark alone with --replay",
                )
            for part in frames_of(source, form):
                if not isinstance(part, Trouble):
                    yield from _packets(part)


def _packets(frames: Frames) -> Iterator[Packet]:
    positions = ip_positions(frames)
    if positions is None:
        return
    content = memoryview(frames.buffer.data).cast("B")
    rows = zip(
        frames.at.tolist(),
        frames.start.tolist(),
        positions.tolist(),
        frames.end.tolist(),
        strict=True,
    )
    for at, start, ip, end in rows:
        if not 0 <= ip < end:
            continue
        packet = bytes(content[ip:end])
        kind = _KINDS.get(packet[0] >> 4)
        if kind is None:
            continue
        whole = _whole(packet)
        if frames.link == _ETHERNET:
            link = bytes(content[start:ip])
            yield Packet(at, link + whole, len(link))
        else:
            yield Packet(at, _MADE_UP + kind + whole, 14)


def _whole(packet: bytes) -> bytes:
    """Fill up what the capture has cut off: nothing here looks at the payload."""
    if packet[0] >> 4 == 4:
        length = int.from_bytes(packet[2:4])
    else:
        length = 40 + int.from_bytes(packet[4:6])
    return packet[:_LARGEST].ljust(min(length, _LARGEST), b"\0")

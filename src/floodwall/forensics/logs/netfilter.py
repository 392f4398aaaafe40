"""The LOG lines of iptables and nftables: one packet each."""

import re
from functools import lru_cache
from ipaddress import ip_address

from floodwall.forensics.evidence import Flag, words_of

_PACKET = re.compile(
    rb"IN=\S{0,32} OUT=\S{0,32} (?:PHYSIN=\S+ )?(?:PHYSOUT=\S+ )?(?:MAC=\S* )?.{0,80}?"
    rb"SRC=(?P<source>[0-9a-fA-F.:]{2,45}) DST=(?P<victim>[0-9a-fA-F.:]{2,45}) "
    rb"LEN=(?P<length>\d{1,7}) .{0,300}?PROTO=TCP "
    rb"(?:INCOMPLETE|SPT=(?P<sport>\d{1,5}) DPT=(?P<port>\d{1,5}) "
    rb"(?:SEQ=(?P<sequence>\d{1,10}) ACK=(?P<ack>\d{1,10}) )?"
    rb"(?:WINDOW=(?P<window>\d{1,5}) RES=0x[0-9a-f]{2} (?P<flags>[A-Z ]{0,40}?)URGP=\d+)?)"
)
_TTL = re.compile(rb" (?:TTL|HOPLIMIT)=(\d{1,3}) ")
_MSS = re.compile(rb"OPT \((?:[0-9A-F]{2})*?0204([0-9A-F]{4})")
_FLAG = {flag.name.encode(): int(flag) for flag in Flag if flag.name}

Fields = tuple[tuple[int, int], tuple[int, int], int, int, int, int, int, int, int, int, int]
"""Source, victim, source port, port, flags, TTL, window, MSS, sequence, acknowledgement, data."""


@lru_cache(maxsize=8_192)
def _words(text: bytes) -> tuple[int, int]:
    return words_of(ip_address(text.decode("ascii")))


def read_packet(message: bytes) -> Fields | None:
    """Return the TCP packet that a LOG line tells of; None for other lines and protocols."""
    found = _PACKET.search(message)
    if found is None or found["sport"] is None:
        return None
    try:
        source, victim = _words(found["source"]), _words(found["victim"])
    except ValueError:
        return None
    sport, port = int(found["sport"]), int(found["port"])
    if sport > 65535 or port > 65535:
        return None
    flags = sum(_FLAG.get(word, 0) for word in (found["flags"] or b"").split())
    ttl = _TTL.search(message)
    mss = _MSS.search(message)
    return (
        source,
        victim,
        sport,
        port,
        flags,
        min(255, int(ttl[1])) if ttl else 0,
        min(65535, int(found["window"] or 0)),
        int(mss[1], 16) if mss else 0,
        int(found["sequence"] or 0) & 0xFFFFFFFF,
        int(found["ack"] or 0) & 0xFFFFFFFF,
        0,
    )

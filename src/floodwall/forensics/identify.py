"""What a file is, by its content; names and extensions lie."""

import re

from floodwall.forensics.evidence import Format

_CAPTURES = {
    b"\xa1\xb2\xc3\xd4": Format.PCAP,
    b"\xd4\xc3\xb2\xa1": Format.PCAP,
    b"\xa1\xb2\x3c\x4d": Format.PCAP,
    b"\x4d\x3c\xb2\xa1": Format.PCAP,
    b"\xa1\xb2\xcd\x34": Format.PCAP,
    b"\x34\xcd\xb2\xa1": Format.PCAP,
    b"\x0a\x0d\x0d\x0a": Format.PCAPNG,
}
_NAMED = {
    b"snoop\x00\x00\x00": "a Sun snoop capture: convert it to pcap first",
    b"\x1f\x8b": "compressed twice: unpack it once",
    b"\xfd7zXZ\x00": "compressed twice: unpack it once",
    b"PK\x03\x04": "a zip archive: unpack it",
    b"\x7fELF": "a program, no evidence",
    b"SQLite format 3\x00": "a database, no evidence",
}
_STATES = (
    rb"(?:LISTEN|ESTAB|SYN-RECV|SYN-SENT|TIME-WAIT|FIN-WAIT-[12]|CLOSE-WAIT|LAST-ACK|CLOSING"
    rb"|UNCONN)"
)
# In this order: the first that matches any of the first lines decides.
_TEXTS = (
    (Format.PROC_NET_TCP, re.compile(rb"^ +sl +local_address +rem", re.MULTILINE)),
    (Format.PROC_NET_NETSTAT, re.compile(rb"^TcpExt: [A-Z]\w+[ \n]", re.MULTILINE)),
    (
        Format.NSTAT,
        re.compile(
            rb"^(?:#kernel|\{\s*\"kernel\": ?\{"
            rb"|(?:Tcp|Ip|TcpExt|IpExt|Udp)[A-Z]\w+ +\d+ +\d+\.\d+$)",
            re.MULTILINE,
        ),
    ),
    (
        Format.NETSTAT,
        re.compile(
            rb"^(?:Active (?:Internet|LOCAL)|Proto +Recv-Q|tcp[46]{0,2} +\d+ +\d+ +\S+ +\S+ +[A-Z]"
            rb"|  ?TCP {2,}\S+:\d+ +\S+)",
            re.MULTILINE,
        ),
    ),
    (
        Format.SS,
        re.compile(
            rb"^(?:(?:Netid +)?(?:State +Recv-Q|Recv-Q +Send-Q +Local)|(?:tcp +)?"
            + _STATES
            + rb" +\d+ +\d+ +\S)",
            re.MULTILINE,
        ),
    ),
    (
        Format.NETSTAT_STATISTICS,
        re.compile(
            rb"^(?:Ip|Tcp|TcpExt|tcp):$|SYNs to LISTEN sockets|SYN cookies sent"
            rb"|listen queue of a socket overflowed",
            re.MULTILINE,
        ),
    ),
    (Format.INCIDENT, re.compile(rb"\A\s*\[?\s*\{\s*\"id\": ?\d+,\s*\"service\": ")),
)
_LOG_AHEAD = re.compile(
    rb"^(?:<\d|\d{4}-\d\d-\d\d[T ]|[A-Z][a-z]{2} +\d{1,2} \d\d:|\{\"(?!kernel\": ?\{)|kernel: "
    rb"|\[ *\d+\.\d)"
)
_MOST_CONTROL = 0.05


def identify(head: bytes) -> tuple[Format, str]:
    """Return the format of a file from its first bytes, and what is wrong if it has none."""
    if capture := _CAPTURES.get(head[:4]):
        return capture, ""
    if not head.strip(b"\x00\r\n\t "):
        return (Format.EMPTY, "") if len(head) == 0 else (Format.UNKNOWN, "nothing but blanks")
    for magic, what in _NAMED.items():
        if head.startswith(magic):
            return Format.UNKNOWN, what
    if _is_binary(head):
        return Format.UNKNOWN, "neither text nor a capture that is known here"
    if not _LOG_AHEAD.match(head):
        for form, pattern in _TEXTS:
            if pattern.search(head):
                return form, ""
    return Format.LOG, ""


def _is_binary(head: bytes) -> bool:
    """Tell whether control characters are more than a hostile line would have."""
    control = sum(head.count(bytes([code])) for code in range(32) if code not in b"\t\n\r\x1b\f")
    return control > len(head) * _MOST_CONTROL

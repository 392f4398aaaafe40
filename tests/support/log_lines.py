"""Lines of logs of a flood: well-formed, forged, broken, and of other kinds."""

from hypothesis import strategies as st

STAMPS = st.one_of(
    st.integers(0, 5).map(lambda second: b"Feb 28 09:27:%02d" % second),
    st.sampled_from([
        b"Dec 31 23:59:59", b"Jan  1 00:00:00", b"Jul  9 12:00:00", b"Feb 29 00:00:01",
        b"Feb 28 09:61:00", b"Feb 28  9:27:37", b"", b"2004-02-28T09:27:37Z",
    ]),
    st.integers(0, 10**6 - 1).map(lambda part: b"2004-02-28T09:27:37.%06d+01:00" % part),
    st.sampled_from([b"2004-02-28T09:27:37.12x456+01:00", b"2004-02-30T09:27:37.123456+01:00"]),
)  # fmt: skip
DROP = b"kernel: TCP: drop open request from %b/%b"
FIREWALL = b"TOS=0 TTL=1 ID=0 PROTO=TCP SPT=1 DPT=80 WINDOW=1 RES=0x00 SYN URGP=0"
ADDRESSES = st.one_of(
    st.integers(0, 9).map(lambda last: b"192.0.2.%d" % last),
    st.lists(st.integers(0, 300), min_size=4, max_size=4).map(lambda o: b"%d.%d.%d.%d" % tuple(o)),
    st.sampled_from([
        b"01.2.3.4", b"1.2.3", b"1.2.3.4.5", b"1..3.4", b"1.2.3/4", b"x.y.z.w", b"2001:db8::1",
        b"::ffff:192.0.2.1", b"1.2.3.1234", b"255.255.255.255", b"0.0.0.0", b"1.2.3.x4",
        b"-1.2.3.4",
    ]),
)  # fmt: skip
PORTS = st.one_of(
    st.integers(0, 70_000).map(lambda port: b"%d" % port),
    st.sampled_from([b"00080", b"000080", b"x", b"8x0", b"", b"80 ", b"80\r", b"1.2"]),
)
DROPS = st.tuples(ADDRESSES, PORTS).map(lambda both: DROP % both)
ODD = st.sampled_from([
    b"kernel: eth0: link up",
    b"sshd[5]: drop open request from 192.0.2.1/80",
    b"sshd[5]: Failed password",
    b"sshd[5]: Failed password for a user of a very long name, which is longer than a row overflow",
    b"kernel: possible SYN flooding on port 80. Sending cookies.",
    b"kernel: DROP IN=e OUT= SRC=192.0.2.1 DST=192.0.2.9 LEN=40 " + FIREWALL,
    b"kernel: Out of socket memory",
    b"kernel: [ 12.000000] Out of socket memory",
    b"kernel: [ 12.000000] TCP: drop open request from 192.0.2.1/80",
    b"xkernel: TCP: drop open request from 192.0.2.1/80",
    b"kernel: [T1] TCP: drop open request from 192.0.2.1/80",
    b"kernel - - - [   12.345678] TCP: drop open request from 192.0.2.1/80",
    b"other kernel: TCP: drop open request from 192.0.2.1/80",
    b"last message repeated 3 times",
    b"kernel: message repeated 2 times: [ TCP: drop open request from 192.0.2.1/80]",
    b"kernel: something of an overflow",
    b"kernel: NET: 99999999999 messages suppressed.",
    b"kernel: NET: 5 messages suppressed. And more",
    b"kernel: net_ratelimit: 5 callbacks suppressed",
    b"",
])  # fmt: skip
HIDDEN = st.tuples(
    st.sampled_from([b"NET", b"NET", b"printk", b"__ratelimit"]), st.integers(0, 999)
).map(lambda both: b"kernel: %b: %d messages suppressed." % both)
HOSTS = st.sampled_from(
    [
        b" nap1 ",
        b" nap1 ",
        b" nap1 ",
        b" b ",
        b" ",
        b"  nap1 ",
        b" kern.info ",
        b" nap1 kern.warn ",
        b" nap1 user.warn ",
    ]
)


HEADS = st.sampled_from([b"", b"", b"", b"<4>", b"<30>", b"<4>1 ", b"<4> "])
UPTIMES = st.one_of(
    st.integers(0, 10**12).map(lambda us: b"[%5d.%06d] " % divmod(us, 10**6)),
    st.sampled_from([b"[    1.000000]", b"[1.0000000] ", b"[ 1 2.000000] ", b"[     .000000] "]),
)


@st.composite
def logs(draw: st.DrawFn) -> list[bytes]:
    """Draw lines; runs of the same stamp and host, as logs have them."""
    lines = []
    for _ in range(draw(st.integers(1, 6))):
        head, stamp, host = draw(HEADS), draw(STAMPS), draw(HOSTS)
        messages = draw(st.lists(st.one_of(DROPS, DROPS, HIDDEN, ODD), max_size=8))
        if draw(st.integers(0, 3)) == 0:
            messages = [
                one.replace(b"kernel: ", b"kernel: " + draw(UPTIMES), 1) for one in messages
            ]
        lines += [head + stamp + host + message for message in messages]
    return lines


@st.composite
def broken(draw: st.DrawFn, block: bytes) -> bytes:
    """Draw a block of which some bytes are changed, are gone, or are there twice."""
    made = bytearray(block)
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(made)))
        match draw(st.integers(0, 3)):
            case 0:
                made[at : at + 1] = draw(st.binary(max_size=2))
            case 1:
                del made[at : at + draw(st.integers(1, 9))]
            case 2:
                made[at:at] = made[at : at + 30]
            case _:
                made[at:at] = draw(st.sampled_from([b"\n", b"\0", b"9", b" ", b"/", b".", b"\xff"]))
    return bytes(made)

"""Evidence of every kind in small, from which fuzzers make garbage."""

import gzip

from floodwall.forensics.evidence import Format
from tests.support.evidence import pcap, pcapng
from tests.support.packets import TCP, Ethernet, IPv4, IPv6, Vlan

PACKET = b"PROTO=TCP SPT=42186 DPT=3735 WINDOW=1024 RES=0x00 SYN URGP=0 OPT (020405B4)"
LINES = [
    b"Feb 28 09:27:37 nap1 kernel: TCP: drop open request from 192.0.2.7/3755",
    b"Feb 28 09:27:37 nap1 kernel: NET: 2263 messages suppressed.",
    b"<4>1 2016-06-21T15:27:15.771223+08:00 host kernel - - - [ 3132.531409] TCP: too many orphan",
    b"[Wed Feb 20 11:18:44 2019] TCP: request_sock_TCP: Possible SYN flooding on port [::]:97. ok.",
    b'{"_TRANSPORT":"kernel","MESSAGE":"NET: 7 messages suppressed.","__REALTIME_TIMESTAMP":"1"}',
    b"6,1,5,-;nf_conntrack: nf_conntrack: table full, dropping packet",
    b"Nov 5 06:27:01 U kernel: [W]IN=e OUT= MAC=7 SRC=8.8.8.8 DST=1.1.1.1 LEN=40 TTL=237 " + PACKET,
    b"kernel: sonewconn: pcb 0xfffff80168dc6000: Listen queue overflow: 193 already (5 occ)",
    b"Feb 29 23:59:60 h last message repeated 7 times",
]
TABLES = [
    (b"SYN-RECV 0 0 192.0.2.1:80 203.0.113.7:4000\n", Format.SS),
    (b"tcp4 0 0 192.0.2.1.80 203.0.113.7.4000 SYN_RCVD\n", Format.NETSTAT),
    (b" 1: 010200C0:0050 077100CB:0FA0 03 00000000:00000000 01:00000015\n", Format.PROC_NET_TCP),
]
COUNTERS = b"TcpExt: SyncookiesSent ListenDrops\nTcpExt: 7 3\nTcpExtListenDrops 3 0.0\n"
FRAMES = [
    (1.5, bytes(Ethernet() / IPv4() / TCP(flags="S"))),
    (2.5, bytes(Ethernet() / Vlan(7) / IPv6() / TCP(flags="SA"))),
]
CAPTURES = [pcap(FRAMES), pcap(FRAMES, 1, ">", nano=True), pcapng(FRAMES), pcapng(FRAMES, 1, ">")]
INCIDENT = b'{"incidents": [{"id": 1, "kind": "syn_flood", "started": 1.5, "ended": 9.5}]}'
SEEDS = [
    *(line + b"\n" for line in LINES),
    b"\n".join([LINES[0], LINES[1]] * 20) + b"\n",
    b"__REALTIME_TIMESTAMP=1\n_TRANSPORT=kernel\nMESSAGE=NET: 7 messages suppressed.\n\n",
    b"State Recv-Q Send-Q Local Address:Port Peer Address:Port\n" + TABLES[0][0] * 3,
    b"Proto Recv-Q Send-Q Local Address Foreign Address (state)\n" + TABLES[1][0] * 3,
    b"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when\n" + TABLES[2][0] * 3,
    COUNTERS,
    INCIDENT,
    *CAPTURES,
    gzip.compress(LINES[0] + b"\n", mtime=0),
]

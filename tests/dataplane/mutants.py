"""Bugs that somebody could make in the data plane, each as one edit of a source file.

Law: the old text occurs in its file exactly as often as `times` says; if the code moves on, the
check says that the mutant is out of date.
"""

from __future__ import annotations

from tests.dataplane.mutant import Mutant
from tests.dataplane.mutants_of_sources import SOURCE

PARSE = (
    Mutant("one VLAN tag fewer", "parse.h", "i < FW_VLAN_MAX;", "i < FW_VLAN_MAX - 1;"),
    Mutant(
        "too many tags are no IP",
        "parse.h",
        "return FW_PASS_TOO_MANY_TAGS",
        "return FW_PASS_NOT_IP",
    ),
    Mutant("802.1ad unknown", "parse.h", "bpf_htons(ETH_P_8021AD)", "bpf_htons(0x9100)", 2),
    Mutant("group address is ours", "parse.h", "eth->h_dest[0] & 1", "0"),
    Mutant("IPv4 later fragment forgotten", "parse.h", "(fragment & IPV4_OFFSET) != 0", "0"),
    Mutant("IPv6 later fragment forgotten", "parse.h", "if (fragment & IPV6_OFFSET)", "if (0)"),
    Mutant("IPv6 fragment is never the first", "parse.h", "|= fragment & IPV6_MORE", "|= 0"),
    Mutant(
        "one extension header fewer", "parse.h", "i < FW_IPV6_EXT_MAX;", "i < FW_IPV6_EXT_MAX - 1;"
    ),
    Mutant("extension header length in words", "parse.h", "(length + 1) * 8", "(length + 1) * 4"),
    Mutant("AH length in 8 bytes", "parse.h", "(length + 2) * 4", "(length + 2) * 8"),
    Mutant(
        "segments left ignored",
        "parse.h",
        "IPPROTO_ROUTING && header[3]",
        "IPPROTO_ROUTING && header[2]",
    ),
    Mutant("destination options unknown", "parse.h", "header == IPPROTO_DSTOPTS || ", ""),
    Mutant("mapped IPv6 accepted", "parse.h", "if (parse_is_mapped(&p->src) || ", "if ("),
    Mutant("IHL not used", "parse.h", "p->l4 = p->l3 + length;", "p->l4 = p->l3 + sizeof(*ip);"),
    Mutant("IP length not used", "parse.h", "at + sizeof(*tcp) > p->ip_end", "0"),
    Mutant("options beyond the IP length", "parse.h", "at + length > p->ip_end", "0"),
    Mutant("short data offset", "parse.h", "if (length < sizeof(*tcp))", "if (length < 16)"),
    Mutant("tiny fragments pass", "parse.h", "? FW_DROP_TINY_FRAGMENT", "? FW_PASS_BAD_TCP", 2),
    Mutant("ports swapped", "parse.h", "p->sport = tcp->source;", "p->sport = tcp->dest;"),
)

OPTIONS = (
    Mutant("MSS by another kind", "options.h", "at[0] == OPTION_MSS &&", "at[0] == 5 &&"),
    Mutant("MSS of zero taken", "options.h", " && (at[2] || at[3])", ""),
    Mutant(
        "window scale not capped",
        "options.h",
        "at[2] > OPTION_WSCALE_MAX ? OPTION_WSCALE_MAX : at[2]",
        "at[2]",
    ),
    Mutant(
        "SACK of any length",
        "options.h",
        "at[0] == OPTION_SACK && length == 2",
        "at[0] == OPTION_SACK",
    ),
    Mutant("timestamps crossed", "options.h", "options_be32(at + 2)", "options_be32(at + 6)"),
    Mutant("TCP-AO forgotten", "options.h", " || at[0] == OPTION_AO", ""),
    Mutant("broken list goes on", "options.h", "length < 2 ||", "length < 1 ||"),
    Mutant("option beyond the header", "options.h", "at + length > size", "at + length > size + 4"),
)

COOKIE = (
    Mutant("SipHash rotates by 20", "cookie.h", "COOKIE_ROTL(s->v3, 21)", "COOKIE_ROTL(s->v3, 20)"),
    Mutant("source port not bound", "cookie.h", "(__u32)p->sport | ", ""),
    Mutant(
        "half an IPv6 source not bound",
        "cookie.h",
        "cookie_pair(p->src.words[2], p->src.words[3])",
        "cookie_pair(0, p->src.words[3])",
    ),
    Mutant("timestamps not bound", "cookie.h", "(timestamps ? 1 : 0)", "(timestamps ? 0 : 0)"),
    Mutant(
        "one state too many",
        "cookie.h",
        "if (state >= COOKIE_STATES)",
        "if (state > COOKIE_STATES)",
    ),
    Mutant("any timestamp will do", "cookie.h", "if ((stamp & 0xffff) || ", "if ("),
    Mutant(
        "MSS of another entry",
        "cookie.h",
        "cookie_mss_index(p->is_ipv6, stamp >> 16) != state / COOKIE_PER_MSS",
        "0",
    ),
    Mutant(
        "key need not be valid",
        "cookie.h",
        "key && key->valid && cookie_check_key",
        "key && cookie_check_key",
    ),
    Mutant("previous key forgotten", "cookie.h", "slot < FW_KEYS;", "slot < 1;"),
    Mutant("acknowledgement off by one", "cookie.h", "p->ack_seq - 1 - ", "p->ack_seq - "),
    Mutant(
        "window scale of no key",
        "cookie.h",
        "out->rcv_wscale = key->window_scale",
        "out->rcv_wscale = 7",
    ),
    Mutant(
        "IPv6 has the table of IPv4",
        "cookie.h",
        "is_ipv6 ? cookie_mss_ipv6 : cookie_mss_ipv4",
        "!is_ipv6 ? cookie_mss_ipv6 : cookie_mss_ipv4",
        2,
    ),
    Mutant("ECN without SACK", "challenge.h", "(o->present & FW_OPTION_SACK) && ", ""),
    Mutant("sysctl of SACK ignored", "challenge.h", "!(cfg->flags & FW_FLAG_SACK)", "0"),
    Mutant(
        "cookie made by the first key", "challenge.h", "s->cfg->key_current & (FW_KEYS - 1)", "0"
    ),
)

REPLY = (
    Mutant("MAC addresses stay", "reply.h", "\treply_swap_mac(data);\n", ""),
    Mutant(
        "sequence acknowledged without the SYN",
        "reply.h",
        "bpf_htonl(p->seq + 1)",
        "bpf_htonl(p->seq)",
    ),
    Mutant("padding repeats the SYN", "reply.h", "\t\t*byte = 0;\n", ""),
    Mutant(
        "MSS of no family",
        "challenge.h",
        "p->is_ipv6 ? s->cfg->mss_ipv6 : s->cfg->mss_ipv4",
        "s->cfg->mss_ipv4",
        2,
    ),
    Mutant("ECN not answered", "reply.h", "(r->options & FW_OPTION_ECN ? TCP_ECE : 0)", "0"),
    Mutant("frame never shrinks", "reply.h", "return want == have ? 0", "return want <= have ? 0"),
    Mutant(
        "checksum folded once",
        "reply.h",
        "\tsum = (sum & 0xffff) + (sum >> 16);\n\tsum = (sum & 0xffff) + (sum >> 16);\n",
        "\tsum = (sum & 0xffff) + (sum >> 16);\n",
    ),
)

SERVICE = (
    Mutant(
        "arms at high",
        "service.h",
        "s->state->pending > (__s64)s->limits->high",
        "s->state->pending >= (__s64)s->limits->high",
    ),
    Mutant(
        "holds half as long",
        "service.h",
        "s->now + s->limits->hold_ns",
        "s->now + s->limits->hold_ns / 2",
    ),
    Mutant(
        "arms are counted each time",
        "service.h",
        "if (s->now >= s->state->armed_until_ns) {",
        "if (1) {",
    ),
    Mutant(
        "old slices stay pending",
        "service.h",
        "&state->pending, -gone",
        "&state->pending, -(gone & 0)",
    ),
    Mutant("one slice stays", "service.h", "i <= FW_SLICES;", "i < FW_SLICES;"),
    Mutant("clock back empties the window", "service.h", "(__s64)steps <= 0 || ", "!steps || ", 2),
    Mutant("reset ignored", "service.h", "\tservice_obey_reset(s);\n", ""),
    Mutant(
        "pending below zero", "service.h", "if (change < 0 && s->state->pending <= 0)", "if (0)"
    ),
    Mutant("completion frees nothing", "service.h", "\tservice_add_pending(s, -1);\n", ""),
    Mutant("forced time ignored", "service.h", "s->now < s->limits->forced_until_ns ||", ""),
    Mutant(
        "pressure not scaled",
        "service.h",
        "\tunanswered *= beats_in_window;\n",
        "\tunanswered *= beats_in_window ? 1 : 1;\n",
    ),
    Mutant("one beat stays", "service.h", "i <= FW_BEATS;", "i < FW_BEATS;"),
    Mutant(
        "low is high",
        "service.h",
        "? s->limits->low : s->limits->high",
        "? s->limits->high : s->limits->high",
    ),
    Mutant(
        "proofs take no pressure off", "service.h", "service_press(s, -1)", "service_press(s, 0)"
    ),
    Mutant(
        "cookies live half as long",
        "service.h",
        "FW_COOKIE_LIFE_S * NS_PER_SECOND",
        "64 * NS_PER_SECOND",
    ),
    Mutant(
        "first challenge not noted",
        "service.h",
        "\t\ts->state->first_challenge_ns = clock_exact(s->cfg);\n",
        "\t\t;\n",
    ),
)

JUDGE = (
    Mutant("lease never ends", "judge.h", "granted && now < granted->until_ns", "granted && now"),
    Mutant("land attack passes", "judge.h", "a->words[3] == p->dst.words[3]", "0"),
    Mutant("source port 0 passes", "judge.h", "if (!p->sport)", "if (0)"),
    Mutant("loopback sources pass", "judge.h", "a->bytes[12] == 127 || ", ""),
    Mutant("multicast sources pass", "judge.h", "a->bytes[12] >= 224", "a->bytes[12] >= 240"),
    Mutant(
        "SYN with RST passes",
        "floodwall.bpf.c",
        "(p->flags & (TCP_FIN | TCP_RST))",
        "(p->flags & TCP_FIN)",
    ),
    Mutant(
        "SYN-ACK is a SYN",
        "floodwall.bpf.c",
        "if ((p->flags & TCP_SYN) && !(p->flags & TCP_ACK))",
        "if (p->flags & TCP_SYN)",
    ),
    Mutant(
        "observed service is defended",
        "floodwall.bpf.c",
        "if (s->limits->mode == FW_MODE_OBSERVE)",
        "if (0)",
    ),
    Mutant("TIME_WAIT has a budget", "judge.h", "state == BPF_TCP_TIME_WAIT ||", ""),
    Mutant(
        "unseen sources are looked up",
        "judge.h",
        "if (!source_was_seen(source, s->now))",
        "if (!source_was_seen(source, s->now) && 0)",
    ),
    Mutant("closed ports of others count", "judge.h", " ||\n\t    !judge_is_ours(p))", ")"),
    Mutant("budget off by one", "count.h", "budget->spent >= rate", "budget->spent > rate"),
    Mutant("budget never renewed", "count.h", "\t\tbudget->spent = 0;\n", ""),
    Mutant(
        "stray ACKs pass while armed",
        "judge.h",
        "if (!guarded)\n\t\treturn FW_PASS_CALM_ACK",
        "if (1)\n\t\treturn FW_PASS_CALM_ACK",
    ),
    Mutant(
        "guard ignored",
        "judge.h",
        "service_is_armed(s) || s->limits->ack_guard",
        "service_is_armed(s)",
    ),
    Mutant(
        "cookies forgotten when calm",
        "judge.h",
        "if (!guarded && s->now >= s->state->check_until_ns)",
        "if (!guarded)",
    ),
    Mutant("bad ACKs not counted", "judge.h", "\t\ts->tally->bad_acks++;\n", "\t\t;\n"),
    Mutant(
        "known SYN not counted as passed",
        "judge.h",
        "\t\t\ts->tally->passed++;\n\t\t\treturn FW_PASS_KNOWN_SYN;",
        "\t\t\treturn FW_PASS_KNOWN_SYN;",
    ),
    Mutant(
        "kernel cookies refused",
        "judge.h",
        "\t\treturn FW_PASS_STACK_COOKIE;\n",
        "\t\treturn FW_DROP_BAD_ACK;\n",
    ),
    Mutant("metadata not written", "judge.h", "\t*meta = *h;\n", "\tmeta->magic = h->magic ^ 1;\n"),
    Mutant(
        "follows too long",
        "follow.h",
        "now - cell->at_ns < FW_FOLLOW_MS",
        "now - cell->at_ns <= FW_FOLLOW_MS",
    ),
    Mutant("follows by tuple alone", "follow.h", "cell->ack == p->ack_seq &&", ""),
    Mutant("follows too far", "follow.h", "p->seq - cell->seq <= FW_FOLLOW_BYTES", "1"),
    Mutant(
        "full listener is followed",
        "socket.h",
        "sk && sk->sk_ack_backlog > sk->sk_max_ack_backlog",
        "sk && sk->sk_ack_backlog > 1000000",
    ),
)

WIRE = (
    Mutant("no room is not said", "follow.h", "\tnote->no_metadata = 1;\n", ""),
    Mutant(
        "left behind for tc, but nothing",
        "follow.h",
        "\tcell->handover = *h;\n",
        "\tcell->handover = *h;\n\tcell->handover.magic = 0;\n",
    ),
    Mutant(
        "taken twice from the table",
        "follow.h",
        "\t*h = cell->handover;\n\tcell->handover.magic = 0;\n",
        "\t*h = cell->handover;\n",
    ),
    Mutant(
        "handshakes of all namespaces",
        "handshake.h",
        "net_cookie) != fw_netns_cookie",
        "net_cookie) == 0",
    ),
    Mutant(
        "handshake of no port",
        "handshake.h",
        "h->local_port = BPF_CORE_READ(common, skc_num)",
        "h->local_port = 0",
    ),
    Mutant(
        "handshake proves nothing", "handshake.h", "\tsource_note_proof(&h.remote, s.now);\n", ""
    ),
    Mutant(
        "window scales crossed",
        "handover.h",
        "attrs->snd_wscale = h->snd_wscale",
        "attrs->snd_wscale = h->rcv_wscale",
    ),
    Mutant(
        "SACK not handed over",
        "handover.h",
        "attrs->sack_ok = !!(h->options & FW_OPTION_SACK)",
        "attrs->sack_ok = 0",
    ),
    Mutant("nothing handed over", "handover.h", "if (sk->state == BPF_TCP_LISTEN)", "if (0)"),
)

MUTANTS = PARSE + OPTIONS + COOKIE + REPLY + SOURCE + SERVICE + JUDGE + WIRE

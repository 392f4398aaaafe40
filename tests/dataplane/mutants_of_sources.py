"""Bugs in what is remembered of sources: bans, rates, debts, who was seen."""

from __future__ import annotations

from tests.dataplane.mutant import Mutant

SOURCE = (
    Mutant(
        "never-ban does not stop a ban",
        "ban.h",
        "if (source_is_protected(addr))",
        "if (source_is_protected(addr) && 0)",
    ),
    Mutant(
        "never-ban does not stop a net ban",
        "ban.h",
        "!ban_holds(ban, now) || source_is_protected(addr)",
        "!ban_holds(ban, now) || (source_is_protected(addr) && 0)",
    ),
    Mutant(
        "never-ban asked once for all time",
        "ban.h",
        "hits >> BAN_HITS_BITS == cfg->guard_epoch",
        "hits >> BAN_HITS_BITS",
    ),
    Mutant("first cell alone", "ban.h", "&bucket->cells[1], addr", "&bucket->cells[0], addr"),
    Mutant(
        "half an address is enough", "ban.h", "hash_word(&cell->addr, 1) == hash_word(addr, 1)", "1"
    ),
    Mutant(
        "the other half is enough", "ban.h", "hash_word(&cell->addr, 0) == hash_word(addr, 0)", "1"
    ),
    Mutant("overflow not looked at", "ban.h", "bucket->cells[0].until & BAN_MORE", "0"),
    Mutant("ban a tick longer", "ban.h", "tick >= cell->until >> 1", "tick > cell->until >> 1"),
    Mutant("hits of a cell not counted", "ban.h", "\t__sync_fetch_and_add(&cell->hits, 1);\n", ""),
    Mutant("last hit of a cell not noted", "ban.h", "\t\tcell->last_hit = tick;\n", "\t\t;\n"),
    Mutant(
        "never-ban does not stop a drop",
        "judge.h",
        "source_is_protected(&p->src) ? FW_PASS_NEVER_BAN : reason",
        "source_is_protected(&p->src) ? reason : reason",
    ),
    Mutant("ban a nanosecond longer", "ban.h", "now < ban->expires_ns", "now <= ban->expires_ns"),
    Mutant("endless ban never holds", "ban.h", "!ban->expires_ns || ", ""),
    Mutant("hits not counted", "ban.h", "\t__sync_fetch_and_add(&ban->hits, 1);\n", ""),
    Mutant("a rate lets one more through", "rate.h", ">= max", "> max"),
    Mutant(
        "a rate hits who shares its cell", "rate.h", "\tif (cell->tag != tag)\n\t\treturn 0;\n", ""
    ),
    Mutant("a rate goes on for ever", "rate.h", "\t\tcell->syns = 0;\n", ""),
    Mutant("port not in its rate", "rate.h", "hash_mix(source, port), cfg", "source, cfg"),
    Mutant(
        "rates counted while everybody is challenged",
        "judge.h",
        "!armed || s->limits->rate_drop",
        "1",
    ),
    Mutant(
        "a rate drops without a word",
        "judge.h",
        "over && s->limits->rate_drop",
        "over",
    ),
    Mutant(
        "debt never halves",
        "source.h",
        "debt->owed >> (age > 31 ? 31 : age)",
        "debt->owed >> (age > 31 ? 0 : 0)",
    ),
    Mutant("old debt comes back", "source.h", "(age > 31 ? 31 : age)", "(age & 31)"),
    Mutant("prefix of 16 bits", "source.h", "bpf_htonl(0xffffff00)", "bpf_htonl(0xffff0000)"),
    Mutant(
        "port not in its debt", "source.h", "hash_mix(source, port)", "hash_mix(source, port & 0)"
    ),
    Mutant("forgives one", "debt.h", "#define DEBT_FORGIVEN 2", "#define DEBT_FORGIVEN 1"),
    Mutant("limit of debt off by one", "debt.h", "tick) >= max", "tick) > max"),
    Mutant("seen for one epoch", "source.h", "cell->epoch + 1 >= epoch", "cell->epoch >= epoch"),
    Mutant("seen for ever", "source.h", "\t\tcell->bits = 0;\n", "\t\t;\n"),
    Mutant("proof counts once", "source.h", "\t\t__sync_fetch_and_add(&proof->count, 1);\n", ""),
)

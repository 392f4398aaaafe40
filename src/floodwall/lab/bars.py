"""From the rows of a scenario to its verdict: pure."""

from collections.abc import Iterator, Sequence

from floodwall.core.verdict import Kind
from floodwall.lab.addresses import Family
from floodwall.lab.result import Check, Defence, Row, RowResult, Verdicts
from floodwall.lab.scenario import Bar
from floodwall.lab.words import verdict

HALF_OPEN_BEHIND = 16
"""What a gateway lets stand on each server, of a queue of 128."""

SHARE_OF_SYNPROXY = 0.25
"""CPU for each SYN, of what nftables' synproxy takes for it."""

_P99_FLOOR_MS = 1.0  # three times of less is below what two shared CPUs can tell apart


def judge(bar: Bar, rows: Sequence[RowResult]) -> tuple[Check, ...]:
    """Hold every row of Floodwall against the bar; the other rows are there to compare."""
    cookies = next((row for row in rows if row.row is Row.ON), None)
    proxy = next((row for row in rows if row.row is Row.SYNPROXY), None)
    ours = [row for row in rows if row.row.is_floodwall]
    return (
        *(check for row in ours for check in _checks(bar, row, cookies)),
        *(check for row in ours for check in _behind(bar, row, proxy)),
        *_leaks(rows),
    )


def _checks(bar: Bar, row: RowResult, cookies: RowResult | None) -> Iterator[Check]:
    service = row.service
    yield _check("served", f">= {bar.success:.1%}", _percent(service.success),
                 met=service.success >= bar.success)  # fmt: skip
    if bar.p99_times_quiet is not None:
        yield _p99(bar.p99_times_quiet, row)
    if bar.options_kept:
        kept = (service.window_scale_kept, service.sack_kept)
        found = ", ".join("-" if one is None else _percent(one) for one in kept)
        yield _check("window scale, SACK kept", "100.0%", found, met=kept == (1.0, 1.0))
    if bar.cpu_share_of_cookies is not None and cookies is not None:
        yield _cpu_share(bar.cpu_share_of_cookies, row, cookies)
    quiet = not row.established.resets and not row.established.stalls
    found = f"{row.established.resets} resets, {row.established.stalls} stalls"
    yield _check("open connections unharmed", "0 resets, 0 stalls over 1 s", found, met=quiet)
    if bar.answers_per_syn is not None and row.attack is not None:
        each = row.attack.answered / max(row.attack.offered, 1)
        yield _check("answers a forged SYN", f"<= {bar.answers_per_syn:g}", f"{each:.2f}",
                     met=each <= bar.answers_per_syn)  # fmt: skip
    if row.defence is not None:
        yield from _defence(bar, row.defence)
        yield from _verdicts(bar, row.defence.verdicts)


def _behind(bar: Bar, row: RowResult, proxy: RowResult | None) -> Iterator[Check]:
    seen, most = row.behind, bar.half_open_behind
    if seen is None or most is None:
        return
    yield _check("half-open on a server behind", f"<= {most}", str(seen.half_open_max),
                 met=seen.half_open_max <= most)  # fmt: skip
    both = most * len(Family)
    yield _check("forged SYNs that came through", f"<= {both}", str(seen.forged),
                 met=seen.forged <= both)  # fmt: skip
    ours = row.attack and row.attack.cpu_s_per_million
    theirs = proxy and proxy.attack and proxy.attack.cpu_s_per_million
    if bar.cpu_share_of_synproxy is not None and ours and theirs:
        most_share, share = bar.cpu_share_of_synproxy, ours / theirs
        yield _check("CPU a SYN, of synproxy's", f"<= {most_share:g}", f"{share:.2f}",
                     met=share <= most_share)  # fmt: skip


def _defence(bar: Bar, defence: Defence) -> Iterator[Check]:
    yield _check("bans of unproven sources", "0", str(defence.unproven_bans),
                 met=not defence.unproven_bans)  # fmt: skip
    yield _check("bans of clients, server, gateway", "0", str(defence.innocent_bans),
                 met=not defence.innocent_bans)  # fmt: skip
    if bar.arming_ms is not None:
        yield _at_most("armed to first challenge", bar.arming_ms, defence.arming_ms, "ms")
    if bar.calm_s is not None:
        yield _at_most("flood's end to calm", bar.calm_s, defence.calm_after_s, "s")
    if bar.back_s is not None:
        yield _at_most("start to service back", bar.back_s, defence.back_after_s, "s")
    if bar.unchallenged:
        made = sum(n for name, n in defence.reasons.items() if name.startswith("CHALLENGE"))
        yield _check("challenges", "0", str(made), met=not made)


def _verdicts(bar: Bar, said: Verdicts) -> Iterator[Check]:
    attacked = bar.verdicts[0] is not Kind.CALM
    limit = f" within {bar.verdict_s:g} s" if attacked else ""
    soon = said.after_s is not None and said.after_s <= bar.verdict_s
    after = f" after {said.after_s:.2f} s" if attacked and said.after_s is not None else ""
    yield _check(
        "verdict",
        " or ".join(verdict(kind) for kind in bar.verdicts) + limit,
        verdict(said.shown) + after,
        met=said.shown in bar.verdicts and (soon or not attacked),
    )
    yield _check("attacks told while nobody attacked", "0 s", f"{said.false_s} s",
                 met=not said.false_s)  # fmt: skip
    if bar.names:
        yield _check("evidence names", bar.names, said.words or "nothing",
                     met=bar.names in said.words)  # fmt: skip


def _p99(times: float, row: RowResult) -> Check:
    quiet, attacked = row.quiet.connect_p99_ms, row.service.connect_p99_ms
    limit = None if quiet is None else times * max(quiet, _P99_FLOOR_MS / times)
    wanted = f"<= {times:g} x quiet" + ("" if limit is None else f" ({limit:.2f} ms)")
    found = "-" if attacked is None else f"{attacked:.2f} ms"
    met = attacked is not None and limit is not None and attacked <= limit
    return _check("p99 to connect", wanted, found, met=met)


def _cpu_share(most: float, row: RowResult, cookies: RowResult) -> Check:
    ours = row.attack and row.attack.cpu_s_per_million_answered
    theirs = cookies.attack and cookies.attack.cpu_s_per_million_answered
    share = ours / theirs if ours and theirs else None
    found = "-" if share is None else f"{share:.2f}"
    return _check("CPU an answer, of kernel cookies'", f"<= {most:g}", found,
                  met=share is not None and share <= most)  # fmt: skip


def _at_most(name: str, most: float, value: float | None, unit: str) -> Check:
    found = "never" if value is None else f"{value:.3g} {unit}"
    return _check(name, f"<= {most:g} {unit}", found, met=value is not None and value <= most)


def _leaks(rows: Sequence[RowResult]) -> Iterator[Check]:
    left = sorted({leak for row in rows for leak in row.leaks})
    yield _check("nothing left behind", "nothing", ", ".join(left) or "nothing", met=not left)


def _check(name: str, wanted: str, found: str, *, met: bool) -> Check:
    return Check(name, wanted, found, met)


def _percent(share: float) -> str:
    return f"{share * 100:.1f}%" if share in {0.0, 1.0} else f"{share * 100:.2f}%"

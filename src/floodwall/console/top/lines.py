"""The screen as lines of text: are my users getting in, what is attacking, what are we doing.

Law: what is shown follows from a snapshot alone, and colour says nothing that words do not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich.text import Text

from floodwall.console.feed import Link, Snapshot
from floodwall.console.top.amounts import amount, bits, clock, milliseconds, share
from floodwall.core.duration import format_duration
from floodwall.core.live import CanaryTally, LiveService
from floodwall.core.verdict import Kind
from floodwall.forensics.words import printable

SMALLEST: Final = (60, 16)
"""Columns and lines that it needs."""

_FIXED: Final = 8  # title, health, three headings, machine, dropped, message
_INCIDENTS: Final = 2
_NAME: Final = 19
_WIDEST_NAME: Final = 40
_COLUMNS: Final = (("SYN/s", 7), ("chall.", 8), ("proven", 7), ("queue", 10), ("forged", 7))
_LONGEST: Final = 300
_FILLING: Final = 0.5  # of the connection tracking table: less is no news


@dataclass(frozen=True, slots=True)
class View:
    """What is looked at, and what was said last."""

    snapshot: Snapshot
    selected: str = ""
    """Name of the service that requests are about; empty is the first."""
    message: str = ""
    bad: bool = False
    """Whether the message is an error."""

    @property
    def service(self) -> LiveService | None:
        """Return the selected service; the most troubled one where none is, or it is gone."""
        services = self.snapshot.services
        return next((s for s in services if s.name == self.selected), next(iter(services), None))


def screen(view: View, width: int, height: int) -> list[Text]:
    """Return exactly so many lines, none longer than the width."""
    if width < SMALLEST[0] or height < SMALLEST[1]:
        wanted = f"needs {SMALLEST[0]} columns and {SMALLEST[1]} lines"
        return _fitted([Text(wanted)], width, height)
    snapshot = view.snapshot
    more = [*_incidents(snapshot), *_selected(view)] if snapshot.live else []
    shown = _window(view, max(1, (height - _FIXED - len(more)) // 3))
    name = min(_WIDEST_NAME, max(_NAME, width - 80 + _NAME))
    sections = [
        [_heading("Are my users getting in?"), *(_users(view, s, name) for s in shown)],
        [_attack_heading(name), *(_attack(view, s, name) for s in shown), _machine(snapshot)],
        [_heading("What are we doing?"), *(_doing(view, s, name) for s in shown), *more],
    ]
    sections[2].append(_dropped(snapshot))
    room = height - 3 - sum(map(len, sections))
    lines = [_title(snapshot), _health(snapshot)]
    for section in sections:
        if room > 0:
            lines.append(Text())
            room -= 1
        lines += section
    hidden = len(snapshot.services) - len(shown)
    lines = [*lines[: height - 1], *[Text()] * (height - 1 - len(lines)), _message(view, hidden)]
    return _fitted(lines, width, height)


def plain(text: str) -> str:
    """Return text of others that steers no terminal."""
    return printable(text, _LONGEST)


def _fitted(lines: Sequence[Text], width: int, height: int) -> list[Text]:
    fitted = [*lines[:height], *[Text()] * (height - len(lines))]
    for line in fitted:
        line.no_wrap = True
        line.truncate(width, overflow="ellipsis")
    return fitted


def _window(view: View, most: int) -> Sequence[LiveService]:
    """Return the services that fit, with the selected one among them."""
    services, chosen = view.snapshot.services, view.service
    place = services.index(chosen) if chosen is not None else 0
    begin = max(0, min(place - most + 1, len(services) - most))
    return services[begin : begin + most]


def _title(snapshot: Snapshot) -> Text:
    standing, now_s = snapshot.standing, snapshot.at_wall_s
    if snapshot.link is Link.NEVER:
        return Text(f"Floodwall  NO DAEMON  {clock(now_s)}", "bold reverse")
    if snapshot.link is Link.STALE and snapshot.since_wall_s is not None:
        since_s = snapshot.since_wall_s
        ago = format_duration(now_s - since_s)
        return Text(
            f"Floodwall  STALE  nothing heard since {clock(since_s)}, {ago} ago: all below is old",
            "bold reverse red",
        )
    facts = [
        clock(now_s),
        plain(standing.rung),
        f"lease {format_duration(standing.lease_s)}",
        f"bans {standing.bans:,}",
        f"you may {snapshot.role}",
    ]
    return Text.assemble(("Floodwall  ", "bold"), ("LIVE  ", "bold green"), "  ".join(facts))


def _health(snapshot: Snapshot) -> Text:
    trial = snapshot.standing.trial
    text = Text()
    if trial:
        left = format_duration(float(trial.get("left_s", 0)))
        text.append(f"settings on trial, {left} left: floodwall confirm  ", "bold yellow")
    if snapshot.health.good:
        return text.append("the defence is whole", "dim")
    reasons = "; ".join(map(plain, snapshot.health.reasons))
    hint = f" ({plain(snapshot.hint)})" if snapshot.hint else ""
    return text.append(f"not whole: {reasons}{hint}", "bold yellow")


def _heading(text: str) -> Text:
    return Text(text, "bold")


def _attack_heading(name: int) -> Text:
    heads = "".join(f"{word:>{wide}}" for word, wide in _COLUMNS)
    return Text.assemble((f"{'What is attacking?':<{name + 2}}", "bold"), (f"{heads}  is", "dim"))


def _named(view: View, service: LiveService, name: int) -> Text:
    chosen = service == view.service
    shown = plain(service.name)
    cut = shown if len(shown) <= name else shown[: name - 1] + "…"
    return Text.assemble((f"{'>' if chosen else ' '} {cut:<{name}}", "bold" if chosen else ""))


def _users(view: View, service: LiveService, name: int) -> Text:
    text = _named(view, service, name)
    word, style, told = _answer(service.canary)
    text.append(f" {word:<7}", style)
    text.append(told)
    if service.established is not None:
        text.append(f"; {amount(service.established)} connected", "dim")
    return text


def _answer(canary: CanaryTally | None) -> tuple[str, str, str]:
    if canary is None or not canary.tried:
        return "?", "yellow", "no handshake of our own was tried"
    good = canary.tried - canary.failed
    told = f"{good}/{canary.tried} tries"
    if not good:
        return "NO", "bold red", f"{told}: {plain(canary.why)}"
    took = f"{told}, {milliseconds(canary.median_ms)}, worst {milliseconds(canary.worst_ms)}"
    if not canary.connected:
        return "PARTLY", "bold yellow", f"{took}, last: {plain(canary.why)}"
    return "YES", "bold green", took


def _attack(view: View, service: LiveService, name: int) -> Text:
    text = _named(view, service, name)
    rates = service.rates
    queue = f"{amount(service.pending)}/{amount(service.high)}"
    forged = share(service.spoof.value) if service.spoof else "-"
    cells = (*(amount(rates.get(key)) for key in ("syns", "challenged", "proven")), queue, forged)
    for cell, (_, wide) in zip(cells, _COLUMNS, strict=True):
        text.append(f"{cell:>{wide}}")
    kind = plain(service.kind).replace("_", " ")
    sure = "" if service.confidence is None else f" {service.confidence:.0%}"
    text.append(f"  {kind}{sure}", _style(service.kind))
    return text


def _machine(snapshot: Snapshot) -> Text:
    if snapshot.live is None:
        return Text("  machine: not known", "dim")
    machine = snapshot.machine
    kind = plain(machine.kind).replace("_", " ")
    text = Text("  machine: ", "dim")
    text.append(kind, _style(machine.kind))
    told = [f"in {bits(machine.received_bit_s)}, out {bits(machine.sent_bit_s)}"]
    told.append(f"CPU {share(machine.busy)}, softirq {share(machine.softirq)}")
    if machine.conntrack is not None and machine.conntrack >= _FILLING:
        told.append(f"conntrack {share(machine.conntrack)}")
    return text.append(f"; {'; '.join(told)}", "dim")


def _doing(view: View, service: LiveService, name: int) -> Text:
    text = _named(view, service, name)
    if service.armed_for_s is None:
        text.append(" calm          ", "green")
    else:
        text.append(f" ARMED {format_duration(service.armed_for_s):<8}", "bold yellow")
    because = f": {plain(service.reason)}" if service.reason else ""
    return text.append(f"{plain(service.mode)}, {plain(service.rung)}{because}")


def _incidents(snapshot: Snapshot) -> Iterator[Text]:
    incidents = snapshot.live.incidents if snapshot.live else ()
    for one in incidents[:_INCIDENTS]:
        told = f"  incident for {format_duration(one.lasted_s):<8} {plain(one.service)}: "
        told += plain(one.words)
        yield Text(told, _style(one.kind))
    if len(incidents) > _INCIDENTS:
        yield Text(f"  {len(incidents) - _INCIDENTS} more incidents are open", "bold")


def _selected(view: View) -> Iterator[Text]:
    """Say why the selected service is called what it is, and what its operator can do."""
    service = view.service
    if service is None:
        yield Text("  no service is protected: nothing listens that can be reached", "yellow")
        return
    because = next((each.text for each in service.evidence if each.text), "")
    if because and service.kind != Kind.CALM:
        yield Text(f"  because: {plain(because)}")
    if service.advice:
        yield Text(f"  advice: {plain(service.advice)}", "bold")


def _dropped(snapshot: Snapshot) -> Text:
    live = snapshot.live
    if live is None or not live.counted:
        return Text(f"  dropped: {'not known' if live is None else 'nothing is counted'}", "dim")
    reasons = snapshot.machine.reasons
    moving = sorted(((n, name) for name, n in reasons.items() if n >= 1), reverse=True)
    told = [
        f"{name.removeprefix('drop_').replace('_', ' ')} {amount(rate)}"
        for rate, name in moving
        if name.startswith("drop_")
    ]
    return Text(f"  dropped a second: {plain(', '.join(told)) or 'nothing'}", "dim")


def _message(view: View, hidden: int) -> Text:
    if view.message:
        return Text(plain(view.message), "bold red" if view.bad else "bold")
    if hidden > 0:
        return Text(f"{hidden} more services: up and down show them", "dim")
    return Text()


def _style(kind: str) -> str:
    if kind == Kind.CALM:
        return "green"
    attack = kind in set(Kind) and Kind(kind).is_attack
    return "bold red" if attack else "bold yellow"

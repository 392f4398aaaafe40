"""The account as one page for a browser: nothing is loaded, nothing runs, all text is escaped."""

from collections.abc import Iterable, Sequence
from typing import Final

from floodwall import __version__
from floodwall.forensics.account import Account
from floodwall.forensics.evidence import Input
from floodwall.forensics.finding import Finding, Hint, Sources, Talker
from floodwall.forensics.moments import iso
from floodwall.forensics.outputs.charts import heat_map, over_time, safe, share_bar, source_ports
from floodwall.forensics.outputs.frame import BAR, capital, framed, table
from floodwall.forensics.outputs.sentences import TITLES, sentences

_FOOT: Final = (
    f"<footer>Made by floodwall analyze {safe(__version__)} from the inputs above; times are UTC. "
    "Every number is exact, or stands with its interval or its reason.</footer>"
)
_MOST_FINDINGS: Final = 100


def page(account: Account) -> str:
    """Return the whole page; the same account makes the same page."""
    verdict = "nothing could be read" if account.is_blind else "no attack found"
    if account.verdict:
        verdict = TITLES[account.verdict]
    shown = account.findings[:_MOST_FINDINGS]
    sections = [section(index, finding) for index, finding in enumerate(shown, 1)]
    hidden = len(account.findings) - len(shown)
    head = (
        f'<header class="{"attack" if account.is_attack else "calm"}"><p>Floodwall</p>'
        f"<h1>{safe(capital(verdict))}</h1><p>{safe(_summary(account))}</p></header>"
    )
    body = [
        head,
        "<main>",
        *sections,
        f"<p>{hidden:,} more findings are in the JSON.</p>" if hidden else "",
        _hints(account.hints),
        _inputs(account.inputs),
        "</main>",
        _FOOT,
    ]
    return framed(f"{capital(verdict)}: floodwall analyze", body)


def _summary(account: Account) -> str:
    count, files = len(account.findings), len(account.inputs)
    found = "1 finding" if count == 1 else f"{count:,} findings"
    records = sum(item.records for item in account.inputs)
    inputs = "1 input" if files == 1 else f"{files:,} inputs"
    return f"{found} in {inputs} with {records:,} records."


def section(index: int, finding: Finding) -> str:
    """Return what is known about one finding; `index` is its place in the page."""
    name = f"f{index}"
    kind = "attack" if finding.kind.is_attack else "calm"
    rate, sources = finding.rate, finding.sources
    facts = "".join(
        f"<dt>{safe(word) or '&nbsp;'}</dt><dd>{safe(text)}</dd>"
        for word, text in sentences(finding)
    )
    head = (
        f'<section class="{kind}" aria-labelledby="{name}-h"><h2 id="{name}-h">'
        f"{safe(capital(TITLES[finding.kind]))} <small>confidence {finding.confidence:.0%}"
        f"</small></h2><dl>{facts}</dl>"
    )
    parts = [
        head,
        over_time(f"{name}-rate", rate.series, relative=finding.relative),
        _series(finding),
        _sources(name, sources, finding.requests.observed),
        source_ports(f"{name}-ports", finding.source_ports),
        _ports(finding),
        _shapes(finding),
        _ttls(finding),
        "</section>",
    ]
    return "\n".join(part for part in parts if part)


def _series(finding: Finding) -> str:
    rows = [
        (iso(round(at, 3), relative=finding.relative) or "unknown", f"{value:,.3f}")
        for at, value in finding.rate.series
    ]
    rates = table("", ("from", "requests a second"), rows)
    return f"<details><summary>These rates as a table</summary>{rates}</details>" if rows else ""


def _sources(name: str, sources: Sources, total: int) -> str:
    exact = sources.exact
    parts = [
        _talkers("Sources with most requests", "source", sources.top, total, exact=exact),
        _talkers("Endpoints with most requests", "source and port", sources.endpoints, total),
        *(heat_map(f"{name}-space{index}", space) for index, space in enumerate(sources.spaces)),
        _talkers("Prefixes with most requests", "prefix", sources.prefixes, total, exact=exact),
    ]
    return "\n".join(part for part in parts if part)


def _talkers(
    title: str, what: str, talkers: Sequence[Talker], total: int, *, exact: bool = True
) -> str:
    if not talkers:
        return ""
    naive = any(talker.naive is not None for talker in talkers)
    placed = any(talker.country or talker.network for talker in talkers)
    low = not exact or any(talker.error for talker in talkers)
    heads = [what, "requests at least" if low else "requests", BAR]
    heads += ["naive reading"] * naive + ["country", "network"] * placed
    rows = []
    for talker in talkers:
        row = [talker.name, f"{talker.requests:,}", share_bar(talker.requests, total)]
        row += [f"{talker.naive or 0:,}"] * naive
        row += [talker.country, talker.network] * placed
        rows.append(row)
    note = (
        '<p class="told">The naive reading credits suppressed messages to the source of the next '
        "line; nothing in the log supports that.</p>"
    )
    shown = table(title, heads, rows) + note * naive
    if len(talkers) > 1 and talkers[0].requests == talkers[-1].requests < total / len(talkers):
        most = f"None stands out: none of them sent more than {talkers[0].requests:,}."
        return f"<details><summary>{safe(title)}: {safe(most)}</summary>{shown}</details>"
    return shown


def _ports(finding: Finding) -> str:
    rows = [
        (str(victim.address or "unnamed"), str(victim.port or "any")) for victim in finding.victims
    ]
    return table("What was hit", ("address", "port"), rows[:40]) if rows else ""


def _shapes(finding: Finding) -> str:
    total = max(finding.requests.observed, sum(one.requests for one in finding.fingerprints))
    rows = [
        (
            shape.options or "none",
            str(shape.window),
            str(shape.mss or "-"),
            str(shape.ttl or "-"),
            shape.flags,
            f"{shape.requests:,}",
            share_bar(shape.requests, total),
        )
        for shape in finding.fingerprints
    ]
    heads = ("options", "window", "MSS", "TTL sent", "flags", "requests", BAR)
    return table("Fingerprints: forms of SYN", heads, rows)


def _ttls(finding: Finding) -> str:
    known = [(ttl, count) for ttl, count in finding.ttls if ttl]
    total = sum(count for _, count in known)
    rows = [(str(ttl), f"{count:,}", share_bar(count, total)) for ttl, count in known]
    return table("TTL as it was probably sent", ("TTL", "requests", BAR), rows)


def _hints(hints: Sequence[Hint]) -> str:
    if not hints:
        return ""
    rows = [
        (f"{hint.count:,}", hint.name.replace("_", " "), "; ".join((hint.text, *hint.details)))
        for hint in hints
    ]
    return "<section><h2>Also seen</h2>" + table("", ("count", "what", "why"), rows) + "</section>"


def _inputs(inputs: Iterable[Input]) -> str:
    rows = []
    for item in inputs:
        remarks = [*item.errors, *item.notes, *item.clock.ambiguous]
        if item.clock.year is not None:
            remarks.append(item.clock.how)
        rows.append((item.path, item.format.value, f"{item.records:,}", "; ".join(remarks)))
    read = table("", ("input", "is", "records", "remarks"), rows)
    return f"<section><h2>Inputs</h2>{read}</section>"

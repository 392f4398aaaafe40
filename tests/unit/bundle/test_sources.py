"""Who is accused, and who is not."""

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from floodwall.bundle.case import Case
from floodwall.bundle.sources import by_prefix, sources_of
from floodwall.store.rows import ActionRow, DecisionRow, IncidentRow
from tests.support.cases import ABUSER, ABUSER6, case_in, free, write_record

INCIDENT = IncidentRow(1, "*:80", "mixed_flood", "", "", "", None, "", None, 1, {})


def row(network: str | None, number: int = 1, **more: Any) -> DecisionRow:
    """Return a ban of an abuser."""
    fields: dict[str, Any] = {
        "id": number,
        "at": f"2027-01-15T08:00:{number:02}.000+00:00",
        "act": "ban",
        "rule": "limits.concurrent",
        "subject": str(network),
        "text": "",
        "service": "*:80",
        "network": network,
        "until": None,
        "undone_by": "",
        "who": "floodwall",
        "evidence": [{"name": "open", "value": 900, "limit": 300, "text": "900 open"}],
        "incident": 1,
    }
    return DecisionRow(**(fields | more))


def judged(*rows: DecisionRow, words: tuple[DecisionRow, ...] = ()) -> dict[str, str]:
    """Return who is named, with why if not accused and nothing else."""
    found = sources_of(Case(INCIDENT, decisions=rows, words=words))
    return {str(one.network): "" if one.accused else one.why for one in found}


def test_on_record_only_the_abusers_are_accused(tmp_path: Path) -> None:
    """Recipes count what can be forged, an operator measures nothing, 192.168 is nobody's."""
    found = sources_of(case_in(write_record(tmp_path)))

    assert [str(one.address) for one in found if one.accused] == [ABUSER, ABUSER6]
    assert {str(one.network) for one in found if not one.accused} == {
        "203.0.113.5/32",
        "203.0.113.0/24",
        "192.168.7.7/32",
    }
    assert all(one.why for one in found)


@pytest.mark.parametrize("rule", ["limits.concurrent", "limits.idle", "limits.new_rate"])
@pytest.mark.parametrize("act", ["ban", "would_ban"])
def test_a_limit_of_connections_accuses(rule: str, act: str) -> None:
    """What is measured counts, not what was done about it."""
    assert judged(row("203.0.113.9/32", rule=rule, act=act)) == {"203.0.113.9/32": ""}


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"rule": "recipes.half_open"}, "a SYN can be forged"),
        ({"rule": "recipes.address_rate"}, "a SYN can be forged"),
        ({"rule": "recipes.subnet", "network": "203.0.113.0/24"}, "a SYN can be forged"),
        ({"rule": "operator"}, "a word of an operator"),
        ({"act": "refuse"}, "must not be"),
        ({"rule": "from.the.future"}, "measures nothing that proves"),
        ({"network": "203.0.113.0/24"}, "a network is not one source"),
        ({"network": "10.1.2.3/32"}, "of private use"),
        ({"network": "fd00::1/128"}, "of private use"),
    ],
)
def test_nobody_else_is(more: dict[str, Any], why: str) -> None:
    """And it is said why."""
    (found,) = judged(row(**({"network": "203.0.113.9/32"} | more))).values()

    assert why in found


@pytest.mark.parametrize("network", ["203.0.113.9/32", "203.0.113.0/24"])
def test_whom_an_operator_let_in_again_is_not_accused(network: str) -> None:
    """By the address itself or by its network; a word from before the ban is none."""
    charge = row("203.0.113.9/32", 5)
    word = row(network, 6, rule="operator", act="lift")

    assert judged(charge, words=(word,)) == {"203.0.113.9/32": "an operator let it in again"}
    assert judged(row("203.0.113.9/32", 7), words=(word,)) == {"203.0.113.9/32": ""}
    other = row("2001:db8::/32", 6, rule="operator", act="allow")
    assert judged(charge, words=(other,)) == {"203.0.113.9/32": ""}


def test_a_lifted_ban_on_record_frees(tmp_path: Path) -> None:
    """A report that is made again is right again."""
    path = write_record(tmp_path)
    free(tmp_path, ABUSER)

    assert [str(s.address) for s in sources_of(case_in(path)) if s.accused] == [ABUSER6]


def test_what_names_no_network_accuses_nobody() -> None:
    """Nor does what cannot be read."""
    assert judged(row(None), row("nonsense"), row("203.0.113.9/32", act="arm")) == {}


def test_the_worst_come_first() -> None:
    """By how often the limit is in what was measured; damaged evidence counts nothing."""
    mild = row("203.0.113.1/32", evidence=[{"name": "open", "value": 400, "limit": 300}])
    odd = row("203.0.113.2/32", evidence=[{"name": "open", "value": "x", "limit": 0}, {}])

    assert list(judged(odd, mild, row("203.0.113.3/32"))) == [
        "203.0.113.3/32",
        "203.0.113.1/32",
        "203.0.113.2/32",
    ]


def test_sources_are_grouped_by_their_prefix() -> None:
    """The largest group first; a wider network is its own."""
    names = ("198.51.100.1/32", "203.0.113.1/32", "203.0.113.2/32", "203.0.0.0/16", "2001:db8::1")
    found = sources_of(Case(INCIDENT, decisions=[row(name) for name in names]))

    assert [(prefix, len(group)) for prefix, group in by_prefix(found)] == [
        ("203.0.113.0/24", 2),
        ("198.51.100.0/24", 1),
        ("2001:db8::/64", 1),
        ("203.0.0.0/16", 1),
    ]


def test_only_what_was_done_is_a_ban() -> None:
    """A plan is none, nor is a failure."""

    def banned(state: str) -> bool:
        action = ActionRow("", "Ban", "203.0.113.9/32", {}, state, "", None)
        made = row("203.0.113.9/32", actions=[action])
        return sources_of(Case(INCIDENT, decisions=[made]))[0].banned

    assert [banned(state) for state in ("done", "planned", "failed")] == [True, False, False]


def test_a_network_knows_its_first_address() -> None:
    """For its place and its order."""
    (found,) = sources_of(Case(INCIDENT, decisions=[row("203.0.113.0/24")]))

    assert found.address == ip_network("203.0.113.0/24")[0]

"""Destinations that netfilter rewrites."""

import shutil
import subprocess
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from floodwall.core.errors import KernelError
from floodwall.core.model import Translation
from floodwall.sense import translated
from floodwall.sense.translated import (
    Rewriting,
    has_legacy_nat,
    has_nat,
    read_rewriting,
    translations,
)

Rule = dict[str, Any]


def match(protocol: str, field: str, right: Any, op: str = "==") -> Rule:
    """Compare a field as `nft -j` writes it."""
    left = {"payload": {"protocol": protocol, "field": field}}
    return {"match": {"op": op, "left": left, "right": right}}


def ruleset(*chains: tuple[str, str | None, list[list[Rule]]]) -> dict[str, Any]:
    """Make a ruleset of chains: name, hook and rules."""
    items: list[dict[str, Any]] = []
    for name, hook, rules in chains:
        place = {"family": "ip", "table": "nat"}
        chain = {**place, "name": name} | ({"hook": hook} if hook else {})
        items.append({"chain": chain})
        items += [{"rule": {**place, "chain": name, "expr": rule}} for rule in rules]
    return {"nftables": items}


def found(*rules: list[Rule]) -> set[Translation]:
    """Return what these rules before routing rewrite."""
    return set(translations(ruleset(("PREROUTING", "prerouting", list(rules)))))


DNAT: Rule = {"dnat": {"addr": "172.17.0.2", "port": 80}}
BY_PORT: Rule = {
    "dnat": {
        "addr": {
            "map": {
                "key": {"payload": {"protocol": "tcp", "field": "dport"}},
                "data": {"set": [[81, "10.1.1.2"], [{"range": [90, 99]}, "10.1.1.3"]]},
            }
        }
    }
}
PORT_8080 = match("tcp", "dport", 8080)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ([PORT_8080, DNAT], {Translation(8080, 8080)}),
        ([PORT_8080, {"redirect": {"port": 9}}], {Translation(8080, 8080)}),
        ([PORT_8080, {"xt": {"type": "target", "name": "DNAT"}}], {Translation(8080, 8080)}),
        (
            [match("tcp", "dport", {"set": [443, {"range": [80, 90]}]}), DNAT],
            {Translation(443, 443), Translation(80, 90)},
        ),
        ([match("tcp", "dport", "@named"), DNAT], {Translation(1, 65535)}),
        ([match("tcp", "dport", 8080, "!="), DNAT], {Translation(1, 65535)}),
        (
            [match("ip", "daddr", "192.0.2.1"), PORT_8080, DNAT],
            {Translation(8080, 8080, ip_network("192.0.2.1"))},
        ),
        (
            [match("ip", "daddr", {"prefix": {"addr": "10.0.0.0", "len": 8}}), DNAT],
            {Translation(1, 65535, ip_network("10.0.0.0/8"))},
        ),
        (
            [match("ip", "daddr", {"range": ["10.0.0.1", "10.0.0.9"]}), DNAT],
            {Translation(1, 65535)},
        ),
        ([BY_PORT], {Translation(81, 81), Translation(90, 99)}),
        ([match("udp", "dport", 53), DNAT], set()),
        ([PORT_8080, {"accept": None}], set()),
    ],
)
def test_rules_that_rewrite_are_found(rule: list[Rule], expected: set[Translation]) -> None:
    """What cannot be read narrows nothing: better leave a port alone than break it."""
    assert found(rule) == expected


def test_jumps_are_followed_with_what_they_ask() -> None:
    """As containers and service proxies write them, also in circles and through verdict maps."""
    by_map = {
        "vmap": {
            "key": {"payload": {"protocol": "tcp", "field": "dport"}},
            "data": {"set": [[443, {"goto": {"target": "WEB"}}]]},
        }
    }
    rules = ruleset(
        ("PREROUTING", "prerouting", [[PORT_8080, {"jump": {"target": "ONE"}}], [by_map]]),
        ("ONE", None, [[{"jump": {"target": "TWO"}}]]),
        ("TWO", None, [[{"jump": {"target": "ONE"}}], [DNAT]]),
        ("WEB", None, [[match("tcp", "dport", 443), DNAT]]),
        ("UNUSED", None, [[match("tcp", "dport", 7), DNAT]]),
        ("OUTPUT", "output", [[match("tcp", "dport", 8), DNAT]]),
    )

    assert set(translations(rules)) == {Translation(8080, 8080), Translation(443, 443)}


def test_no_rules_rewrite_nothing() -> None:
    """An empty answer is an answer."""
    assert translations({"nftables": [{"metainfo": {"version": "1.0.6"}}]}) == ()
    assert translations({}) == ()


def test_without_nft_there_is_nothing_to_see(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without it has no such rules."""
    monkeypatch.setattr(shutil, "which", lambda _: None)

    monkeypatch.setattr(translated, "has_legacy_nat", lambda: False)

    assert read_rewriting() == Rewriting()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (subprocess.CalledProcessError(1, "nft", stderr="Operation not permitted\n"), "permitted"),
        (subprocess.TimeoutExpired("nft", 5), "timed out"),
        ("not JSON", "nft cannot list the rules"),
    ],
)
def test_a_failing_nft_is_an_error(
    monkeypatch: pytest.MonkeyPatch, answer: Exception | str, error: str
) -> None:
    """It is told, and never taken for an empty answer."""

    def run(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        if isinstance(answer, Exception):
            raise answer
        return subprocess.CompletedProcess([], 0, stdout=answer)

    monkeypatch.setattr(shutil, "which", lambda _: "/usr/sbin/nft")
    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(KernelError, match=error):
        read_rewriting()


def test_nat_is_known_by_its_chains() -> None:
    """Whichever way they rewrite, and if they have no rule: masquerading has no destination."""
    chain = {"family": "ip", "table": "nat", "name": "c", "hook": "postrouting", "prio": 100}

    assert has_nat({"nftables": [{"metainfo": {}}, {"chain": {**chain, "type": "nat"}}]})
    assert not has_nat({"nftables": [{"metainfo": {}}, {"chain": {**chain, "type": "filter"}}]})
    assert not has_nat({})


def test_the_legacy_nat_table_is_known(tmp_path: Path) -> None:
    """The kernel lists the tables that are loaded here."""
    six, four = tmp_path / "six", tmp_path / "four"
    six.write_text("mangle\nfilter\n")
    before = has_legacy_nat((tmp_path / "none", six))
    four.write_text("nat\nfilter\n")

    assert not before
    assert has_legacy_nat((six, four))

"""What Prometheus is told."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from floodwall.console.feed import Health, Link, Snapshot, Standing
from floodwall.console.metrics import LABEL_MAX, exposition, samples
from floodwall.core.live import SERVICES_MAX, Live, LiveService
from tests.support.fake_daemon import CALM, FLOOD, FLOODED, MACHINE, SSH
from tests.support.tree import ROOT

NOW_S = 1_700_000_000.0
RULES = ("contrib/prometheus/alerts.yml", "contrib/grafana/floodwall.json")


def seen(*services: LiveService, **more: Any) -> Snapshot:
    """Return the snapshot of a daemon that answers."""
    described: dict[str, Any] = {"machine": MACHINE, "incidents": (FLOOD,)} | more
    return Snapshot(
        link=Link.LIVE,
        at_wall_s=NOW_S,
        since_wall_s=NOW_S,
        standing=Standing(pid=1, uptime_s=60.0, lease_s=598.0, bans=2, never_ban=7),
        live=Live(1, NOW_S, services=services, **described),
        health=Health(),
    )


def scraped(snapshot: Snapshot) -> dict[tuple[str, ...], float]:
    """Return each sample of a scrape by its name and the values of its labels."""
    text = exposition(snapshot).decode()
    found: dict[tuple[str, ...], float] = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation, family.name
        for sample in family.samples:
            key = (sample.name, *(value for _, value in sorted(sample.labels.items())))
            assert key not in found
            found[key] = sample.value
    return found


def test_a_flood_is_told_service_by_service() -> None:
    """Counters end in _total, times are seconds, shares are shares."""
    found = scraped(seen(FLOODED, SSH))

    assert found["floodwall_up",] == 1
    assert found["floodwall_lease_seconds",] == 598
    assert found["floodwall_service_attacked", FLOODED.name] == 1
    assert found["floodwall_service_attacked", SSH.name] == 0
    assert found["floodwall_service_users_get_in", FLOODED.name] == 1
    assert found["floodwall_service_canary_seconds", FLOODED.name] == pytest.approx(0.00009)
    assert found["floodwall_service_syns_total", FLOODED.name] == 41000
    assert found["floodwall_service_spoof_ratio", "low", FLOODED.name] == 0.996
    verdict = ("spoofed_flood", "protect", "challenge", FLOODED.name)
    assert found["floodwall_service_verdict_info", *verdict] == 1
    assert found["floodwall_packets_total", "drop_banned"] == 12
    assert found["floodwall_incidents_open", "spoofed_flood"] == 1
    assert found["floodwall_incidents_open", "syn_scan"] == 0


@pytest.mark.parametrize("link", [Link.STALE, Link.NEVER])
def test_a_silent_daemon_is_said_to_be_down_and_nothing_else(link: Link) -> None:
    """What was known before is not told as if it were known now."""
    heard = None if link is Link.NEVER else NOW_S
    found = scraped(replace(seen(FLOODED), link=link, since_wall_s=heard))

    assert found["floodwall_up",] == 0
    assert {name for name, *_ in found} <= {
        "floodwall_up",
        "floodwall_build_info",
        "floodwall_last_heard_timestamp_seconds",
    }
    assert (("floodwall_last_heard_timestamp_seconds",) in found) == (heard is not None)


def test_what_is_not_known_is_left_out() -> None:
    """A service without canary, counters and queue has none of these samples; 0 would be a lie."""
    bare = LiveService(0, "*:80", 80, "protect", "handover")
    found = scraped(seen(bare, counted=False))
    names = {name for name, *_ in found}

    assert "floodwall_service_users_get_in" not in names
    assert "floodwall_service_syns_total" not in names
    assert "floodwall_service_half_open" not in names
    assert "floodwall_lease_seconds" not in names
    assert found["floodwall_counted",] == 0


def test_a_daemon_that_has_not_looked_yet_is_up() -> None:
    """Its standing is known, and no service."""
    found = scraped(replace(seen(), live=None))

    assert found["floodwall_up",] == 1
    assert not any(name.startswith("floodwall_service") for name, *_ in found)


def test_the_number_of_series_is_bounded() -> None:
    """Whatever a daemon says: ten thousand services, sensors, reasons and kinds."""
    many = tuple(
        replace(CALM, index=n, name=f"*:{n} x", spoof=FLOODED.spoof) for n in range(10_000)
    )
    names = {f"n{number}": number for number in range(10_000)}
    snapshot = seen(
        *many,
        blind=dict.fromkeys(names, ""),
        losses=names,
        machine=replace(MACHINE, reason_totals=names),
        incidents=tuple(replace(FLOOD, kind=name) for name in names),
    )
    per_service = len(scraped(seen(FLOODED)))

    assert len(scraped(snapshot)) <= SERVICES_MAX * per_service + 300


def test_those_that_are_not_told_are_added_up_as_rates() -> None:
    """A counter of changing members would jump."""
    found = scraped(seen(CALM, more_services=9, rest={"syns": 120.0, "passed": 100.0}))

    assert found["floodwall_services",] == 10
    assert found["floodwall_other_services_per_second", "syns"] == 120
    assert ("floodwall_other_services_per_second", "proven") not in found


def test_hostile_and_equal_names_spoil_no_scrape() -> None:
    """Quotes, line ends, lone surrogates, endless ones; two alike are told apart."""
    odd = ['a"} 1\nfloodwall_up 7', "\udcff\x1b[31m", "x" * 9999, "same", "same"]
    services = [replace(CALM, index=n, name=name) for n, name in enumerate(odd)]
    found = scraped(seen(*services))
    names = {key[1] for key in found if key[0] == "floodwall_service_armed"}

    assert found["floodwall_up",] == 1
    assert names == {'a"} 1?floodwall_up 7', "??[31m", "x" * LABEL_MAX, "same", "same #4"}


def test_no_label_is_an_address_of_a_source() -> None:
    """A flood has millions."""
    labels = re.findall(r"(\w+)=\"", exposition(seen(FLOODED, SSH)).decode())
    assert set(labels) == {"version", "service", "reason", "kind", "rung", "mode", "bound"}


def test_rules_and_dashboard_use_names_that_exist() -> None:
    """A metric that is renamed is renamed there too."""
    full = replace(FLOODED, totals=dict.fromkeys(FLOODED.rates, 1))
    rich = seen(full, blind={"queues": "x"}, losses={"queues": 1}, rest={"syns": 1.0})
    known = {name for name, *_ in scraped(rich)}
    for page in RULES:
        used = set(re.findall(r"\bfloodwall_\w+", (ROOT / page).read_text()))
        assert len(used) > 5
        assert used - known == set()


def test_every_panel_of_the_dashboard_asks_for_something() -> None:
    """And each has a title, a place of its own, and the data source of whoever looks."""
    board = json.loads((ROOT / "contrib/grafana/floodwall.json").read_text())
    places = set()
    for panel in board["panels"]:
        assert panel["title"]
        assert panel["targets"]
        assert panel["datasource"]["uid"] == "${datasource}"
        place = panel["gridPos"]
        places |= {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
    area = sum(panel["gridPos"]["w"] * panel["gridPos"]["h"] for panel in board["panels"])
    assert len(places) == area
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def test_programs_get_the_same_values() -> None:
    """As `--json` prints them."""
    rows = {json.dumps([row["name"], row["labels"]]): row["value"] for row in samples(seen(CALM))}
    assert rows['["floodwall_up", {}]'] == 1.0

"""Why something is as it is."""

import json
from ipaddress import ip_network
from pathlib import Path

import pytest

from floodwall.app.why import Answer, Topic, explain, understand
from floodwall.core.decision import Act
from floodwall.core.errors import ConfigError
from floodwall.core.model import Guard
from floodwall.core.verdict import Kind
from floodwall.store.history import History
from floodwall.store.moment import Anchor
from tests.support.records import BEGAN_NS, HOUR_NS, Diary, ban, moment, network, note

WIDE = ip_network("198.51.100.0/24")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Keep the record of a flood during which a network was banned."""
    diary = Diary(tmp_path)
    diary.second(0)
    commands = [
        note(Act.OPEN_INCIDENT, "*:80: a SYN flood", service=0),
        ban(WIDE, BEGAN_NS + HOUR_NS, service=0),
    ]
    diary.second(1, commands, Kind.SPOOFED_FLOOD)
    diary.done(1, "", "")
    diary.flush()
    return tmp_path


def ask(directory: Path, text: str, **more: object) -> Answer:
    """Return the answer a minute after the beginning."""
    guards = {ip_network("192.0.2.1/32"): Guard.GATEWAY}
    services = [
        {"name": "*:80 nginx", "armed_for_s": more.get("armed_for_s")},
        {"name": "*:8080", "armed_for_s": 5},
    ]
    with History.of(directory / "record.db", Anchor("boot", moment(60))) as history:
        return explain(understand(text), history, guards, services)


@pytest.mark.parametrize(
    ("text", "topic", "subject"),
    [
        ("203.0.113.9", Topic.NETWORK, "203.0.113.9/32"),
        (" 2001:db8::/48 ", Topic.NETWORK, "2001:db8::/48"),
        ("::1", Topic.NETWORK, "::1/128"),
        ("443", Topic.PORT, ":443"),
        (":80", Topic.PORT, ":80"),
        ("*:80", Topic.PORT, ":80"),
        ("80/tcp", Topic.PORT, ":80"),
        ("I12", Topic.INCIDENT, "I12"),
        ("i12", Topic.INCIDENT, "I12"),
        ("#12", Topic.INCIDENT, "I12"),
        ("incident 12", Topic.INCIDENT, "I12"),
    ],
)
def test_what_is_asked_about_is_understood(text: str, topic: Topic, subject: str) -> None:
    """As operators write it."""
    question = understand(text)

    assert (question.topic, question.text) == (topic, subject)


@pytest.mark.parametrize("text", ["nginx", "70000", "0", "", "203.0.113.9/12", "I", "1" * 30])
def test_what_is_nothing_is_refused(text: str) -> None:
    """With what would be right."""
    with pytest.raises(ConfigError) as caught:
        understand(text)
    assert caught.value.hint


def test_an_address_in_a_banned_network_is_explained(directory: Path) -> None:
    """By the ban that covers it, and the decision behind it."""
    answer = ask(directory, "198.51.100.7")

    assert answer.finding
    assert [row.network for row in answer.bans] == [str(WIDE)]
    assert [row.rule for row in answer.decisions] == ["abuse.silent"]
    assert answer.decisions[0].evidence[0]["limit"] == 64


def test_who_must_never_be_banned_is_told_why(directory: Path) -> None:
    """Nothing else is known about it."""
    answer = ask(directory, "192.0.2.0/30")

    assert (answer.guard, answer.finding, answer.empty) == ("gateway", False, False)
    assert ask(directory, "192.0.2.9").empty


def test_the_decision_of_an_old_ban_is_found(tmp_path: Path) -> None:
    """Though hundreds were made about the same network since."""
    diary = Diary(tmp_path)
    diary.second(0, [ban(network(0), 0, rule="first")])
    refused = [note(Act.REFUSE, "refused", network=network(0)) for _ in range(150)]
    diary.second(1, refused)
    diary.flush()
    answer = ask(tmp_path, "198.18.0.0")

    assert answer.decisions[-1].rule == "first"


def test_a_port_is_explained_by_what_goes_on_there(directory: Path) -> None:
    """On record, and now; another port that ends alike is another one."""
    answer = ask(directory, "80")

    assert answer.finding
    assert [row.id for row in answer.incidents] == [1]
    assert [row.kind for row in answer.verdicts] == ["spoofed_flood"]
    assert [each["name"] for each in answer.services] == ["*:80 nginx"]
    assert ask(directory, "8080").finding
    assert not ask(directory, "443").finding


def test_an_incident_is_explained_by_its_decisions(directory: Path) -> None:
    """One that never was is refused."""
    answer = ask(directory, "I1")

    assert answer.finding
    assert [row.act for row in answer.decisions] == ["ban", "open_incident"]
    with pytest.raises(ConfigError, match="there is no incident I7"):
        ask(directory, "I7")


def test_an_answer_is_json(directory: Path) -> None:
    """All of it."""
    told = json.loads(json.dumps(ask(directory, "198.51.100.7").as_json()))

    assert told["topic"] == "network"
    assert told["decisions"][0]["actions"][0]["state"] == "done"


def test_what_was_only_rehearsed_is_told_and_held_against_nobody(tmp_path: Path) -> None:
    """For the address, and in the incident of the service that is only observed."""
    text = "mode strict would ban 198.51.100.0/24"
    diary = Diary(tmp_path)
    commands = [
        note(Act.OPEN_INCIDENT, "*:80: a connection flood", service=0),
        note(Act.WOULD_BAN, text, service=0, network=WIDE, until_ns=BEGAN_NS + HOUR_NS),
    ]
    diary.second(1, commands, Kind.CONNECTION_FLOOD)
    diary.flush()
    answer, incident = ask(tmp_path, "198.51.100.7"), ask(tmp_path, "I1")

    assert (answer.finding, list(answer.bans)) == (False, [])
    assert [each.text for each in answer.decisions] == [text]
    assert text in [each.text for each in incident.decisions]

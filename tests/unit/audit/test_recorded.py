"""Machines of nine kernel generations, made from documented formats, are judged as their time was.

Each archive has the sysctls, tools and habits of its release: init scripts or systemd, ss with and
without `pid=`, iptables or nft, and what its kernel does or does not know.
"""

import json
from pathlib import Path

import pytest

from floodwall.audit.archive import parse_archive
from floodwall.audit.check import Status
from floodwall.audit.document import as_json
from floodwall.audit.reader import read_facts
from floodwall.audit.report import Report, audit
from tests.support.schema import faults
from tests.support.tree import text

MACHINES = Path(__file__).parent / "machines"

FOUND = {
    "2.6.32": {
        "somaxconn", "rfc1337", "tw-recycle", "stateful-in-front", "syn-flag-rule", "xdp-driver",
        "receive-queues", "contradicting-baseline", "management", "provider-contact", "rehearsal",
    },
    "3.10": {
        "cookie-timestamps", "listener-backlog", "somaxconn", "rfc1337", "needless-listeners",
        "shared-address", "tuners", "managers", "contradicting-baseline", "management",
        "provider-contact", "rehearsal",
    },
    "3.16": {
        "syncookies", "cookies-at-boot", "half-open-room", "somaxconn", "synack-retries",
        "rfc1337", "contradicting-baseline", "clock", "management", "provider-contact",
        "rehearsal",
    },
    "4.4": {
        "somaxconn", "rfc1337", "stateful-in-front", "contradicting-baseline", "boot-values",
        "management", "provider-contact", "rehearsal",
    },
    "4.19": {
        "cookies-behind", "somaxconn", "rfc1337", "xdp-mtu", "interrupt-spread", "boot-values",
        "overruled-lines", "clock", "provider-contact", "rehearsal",
    },
    "5.4": {
        "syncookies", "cookies-behind", "half-open-room", "somaxconn", "synack-retries", "rfc1337",
        "namespaces", "managers", "management", "provider-contact", "rehearsal",
    },
    "5.10": {"rfc1337", "log-blindness", "management", "provider-contact", "rehearsal"},
    "6.1": {"rfc1337", "xdp-lro", "other-xdp", "boot-values", "broken-lines"},
    "6.18": {"receive-queues", "boot-values", "idle-files", "provider-contact", "rehearsal"},
}  # fmt: skip


def judged(name: str) -> Report:
    """Audit one recorded machine."""
    return audit(read_facts(parse_archive((MACHINES / f"{name}.txt").read_text())))


def said(name: str, check: str) -> list[str]:
    """Return what one check says of a recorded machine, with the subjects."""
    return [
        f"{each.outcome.subject}: {each.outcome.text}"
        for each in judged(name).judged
        if each.check.id == check
    ]


@pytest.mark.parametrize("name", FOUND)
def test_each_generation_has_its_findings(name: str) -> None:
    """Exactly these: neither more nor fewer."""
    assert {each.check.id for each in judged(name).findings()} == FOUND[name]


@pytest.mark.parametrize("name", FOUND)
def test_each_generation_can_be_told_to_programs(name: str) -> None:
    """By the schema."""
    schema = json.loads(text("docs/audit.schema.json"))
    assert list(faults(json.loads(json.dumps(as_json(judged(name)))), schema, schema)) == []


def test_every_archive_is_judged() -> None:
    """None is there for show."""
    assert {path.stem for path in MACHINES.iterdir()} == set(FOUND)


def test_an_entry_stayed_three_minutes_on_the_oldest() -> None:
    """189 s, and the queue was a power of two."""
    assert said("2.6.32", "synack-retries") == [": 5: an unanswered entry stays 189 s"]
    (web, _) = said("2.6.32", "half-open-room")
    assert web.startswith("*:80 httpd: room for 256 half-open, limited by the backlog; 256 entries")


def test_without_cookies_three_quarters_of_the_sysctl_are_left() -> None:
    """One and a half SYN/s lock everybody out."""
    (web,) = said("3.16", "half-open-room")
    assert "room for 96 half-open, limited by three quarters of tcp_max_syn_backlog" in web
    assert web.endswith("96 entries / 63 s = 1.52 SYN/s fill it, and cookies are off")


def test_the_file_that_wins_is_named_whatever_its_directory() -> None:
    """50 in /usr/lib beats 10 in /etc; ufw beats both."""
    (router,) = said("4.19", "boot-values")
    assert router.endswith("1 now, 0 after the next boot (/usr/lib/sysctl.d/50-more.conf:1)")
    (sack,) = said("4.4", "boot-values")
    assert sack.endswith("(/etc/ufw/sysctl.conf:2)")


def test_a_container_with_cookies_off_is_found() -> None:
    """The machine around it is well."""
    assert said("5.4", "syncookies") == [
        ": 1: cookies answer as soon as a queue is full",
        "nginx (pid 1020): 0: a queue that is full turns everybody away",
    ]


def test_a_set_up_with_synproxy_is_not_told_to_undo_it() -> None:
    """2 and no loose are right there, and the file that sets them too."""
    for check in ("syncookies", "conntrack-loose", "contradicting-baseline"):
        assert check not in FOUND["5.10"]
    assert said("5.10", "syncookies") == [": 2: cookies always, as a set-up with synproxy wants it"]


def test_what_the_newest_did_not_show_is_unreadable() -> None:
    """No rules, no /dev: said, and not guessed."""
    unread = {
        each.check.id for each in judged("6.18").judged if each.outcome.status is Status.UNREADABLE
    }
    assert unread == {"stateful-in-front", "syn-flag-rule", "xdp-lro", "management"}

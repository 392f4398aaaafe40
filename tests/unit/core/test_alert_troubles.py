"""What troubles there are, and how they read."""

from __future__ import annotations

import pytest

from floodwall.core.alert_troubles import (
    TROUBLES_MAX,
    SeenIncident,
    SeenService,
    Sighting,
    Trouble,
    Urgency,
    ends_unseen,
    troubles_of,
)
from floodwall.core.settings_alerts import AlertPolicy
from floodwall.core.verdict import Kind
from tests.support.alerts import WEB, flood, look, silent

POLICY = AlertPolicy()


def only(seen: Sighting) -> Trouble:
    """Return the one trouble of a look."""
    (trouble,) = troubles_of(seen, POLICY)
    return trouble


def test_a_usual_day_has_none() -> None:
    """Services that work are no news."""
    services = (SeenService(WEB, users_get_in=True), SeenService("*:22 sshd"))
    assert troubles_of(look(services=services), POLICY) == ()


def test_a_flood_answers_the_five_questions() -> None:
    """What, to whom, do users get in, what we did, what to do."""
    trouble = only(flood(syns_per_s=48251.0, advice="listen 443 backlog=4096"))

    assert trouble.urgency is Urgency.WARNING
    assert trouble.what == "A SYN flood from forged addresses, 48,251 SYNs a second."
    assert trouble.to_whom == f"{WEB} (incident I12)."
    assert trouble.users == "Yes: our own handshake takes 3 ms."
    assert trouble.did == (
        "Every SYN is challenged; rung challenge; 2 bans in force on this machine."
    )
    assert trouble.do_now == (
        "Nothing urgent. listen 443 backlog=4096. The evidence: `floodwall why I12`."
    )


def test_a_flood_that_keeps_users_out_is_critical() -> None:
    """And says where to look."""
    trouble = only(flood(users=False))

    assert trouble.urgency is Urgency.CRITICAL
    assert trouble.users == f"NO: our own handshake fails at {WEB}."
    assert "provider" in trouble.do_now


def test_without_a_canary_nothing_is_claimed() -> None:
    """Not known is neither yes nor no."""
    assert only(flood(users=None)).users == "Not known: no canary tries this."


@pytest.mark.parametrize("kind", [Kind.FLASH_CROWD, Kind.SLOW_APPLICATION])
def test_what_is_no_attack_is_called_none(kind: Kind) -> None:
    """A crowd is news; one that locks out users is a warning."""
    incident = (SeenIncident(WEB, kind.value, 3),)
    fine = only(look(incidents=incident, services=(SeenService(WEB, users_get_in=True),)))
    assert fine.urgency is Urgency.INFO
    assert "no attack" in fine.what
    out = only(look(incidents=incident, services=(SeenService(WEB, users_get_in=False),)))
    assert out.urgency is Urgency.WARNING
    assert "cannot keep up" in out.do_now


def test_a_verdict_of_a_later_version_is_told_as_it_is() -> None:
    """And taken as an attack."""
    trouble = only(look(incidents=(SeenIncident(WEB, "quic_flood"),)))

    assert trouble.what == "Quic_flood."
    assert trouble.urgency is Urgency.WARNING
    assert trouble.do_now.endswith("`floodwall incidents`.")


def test_locked_out_users_without_an_attack_are_told() -> None:
    """The canary is reason enough."""
    trouble = only(look(services=(SeenService(WEB, users_get_in=False),)))

    assert trouble.key == f"users:{WEB}"
    assert trouble.urgency is Urgency.CRITICAL
    assert not trouble.at_once


def test_a_silent_daemon_says_how_long_the_data_plane_goes_on() -> None:
    """By the lease that was last seen."""
    assert troubles_of(silent(0, 9.0), POLICY) == ()
    trouble = only(silent(0, 60.0, lease_s=540.0))
    assert trouble.what == "The daemon does not answer: no daemon can be reached."
    assert "at most 9m, by the lease last seen" in trouble.did
    # Without a data plane, and of a daemon that was never heard, there is no lease to speak of.
    assert only(silent(0, 60.0, lease_s=None)).did.startswith("Nothing that we know of")
    over, lease = troubles_of(silent(0, 700.0, lease_s=0.0), POLICY)
    assert over.did == "Its lease has run out: every packet passes."
    assert lease.key == "lease"


def test_a_lost_lease_is_critical() -> None:
    """Everything passes then."""
    trouble = only(look(lease_s=0.0))

    assert trouble.key == "lease"
    assert trouble.urgency is Urgency.CRITICAL
    assert troubles_of(look(lease_s=None), POLICY) == ()


def test_failing_sensors_and_a_broken_record_degrade_health() -> None:
    """Each under its own name."""
    found = troubles_of(look(blind=("queues",), trouble="the disk is full"), POLICY)

    assert [trouble.key for trouble in found] == ["health:queues", "health"]
    assert all(trouble.urgency is Urgency.WARNING for trouble in found)


def test_more_than_anybody_reads_are_counted() -> None:
    """A thousand incidents are sixty-four and a number."""
    incidents = tuple(SeenIncident(f"*:{port}", "syn_scan") for port in range(1000, 2000))
    found = troubles_of(look(incidents=incidents), POLICY)

    assert len(found) == TROUBLES_MAX + 1
    assert found[-1].what.startswith("936 more incidents")
    assert len(troubles_of(look(incidents=incidents[:TROUBLES_MAX]), POLICY)) == TROUBLES_MAX


def test_a_hostile_name_stays_one_line() -> None:
    """Names of processes are chosen by whoever starts them."""
    name = "*:80 \x1b[31mx\r\nBcc: everybody"
    trouble = only(look(incidents=(SeenIncident(name, "syn_scan"),)))

    assert trouble.to_whom == "*:80  [31mx  Bcc: everybody."
    assert len(only(look(incidents=(SeenIncident("x" * 9999, "syn_scan"),))).to_whom) < 400


def test_nothing_ends_out_of_sight() -> None:
    """But the lease, which is known to run out."""
    gone = silent(0, 60.0)

    assert not ends_unseen("daemon", gone)
    assert ends_unseen("lease", gone)
    assert ends_unseen("health", look())

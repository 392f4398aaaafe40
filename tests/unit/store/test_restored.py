"""What a daemon finds on record."""

from pathlib import Path

from floodwall.core.decision import Act
from floodwall.core.model import SECOND_NS
from floodwall.core.verdict import Kind
from floodwall.store.moment import Moment
from floodwall.store.restored import Restored
from tests.support.records import (
    BEGAN_NS,
    WALL_NS,
    Diary,
    ban,
    life,
    lift,
    looking,
    moment,
    network,
    note,
)

MINUTE_NS = BEGAN_NS + 60 * SECOND_NS


def killed(directory: Path) -> None:
    """Leave what a daemon leaves that is killed 10 s after it banned six networks."""
    diary = Diary(directory)
    commands = [ban(network(n), MINUTE_NS) for n in range(4)]
    commands += [ban(network(4), 0), ban(network(5), BEGAN_NS + 15 * SECOND_NS, rule="operator")]
    diary.second(0, commands)
    diary.done(0, "", "not banned: gateway", "", "", "", "")
    diary.second(1, [note(Act.OPEN_INCIDENT, service=0)], Kind.SPOOFED_FLOOD)
    diary.second(2, [lift(network(2))])
    diary.second(10)
    diary.flush()


def found(directory: Path, boot: str, at: Moment) -> Restored:
    """Return what the next daemon finds."""
    diary = Diary(directory, life("second", boot, at))
    restored = diary.found
    diary.flush()
    return restored


def test_bans_after_are_bans_before_minus_expired(tmp_path: Path) -> None:
    """Refused and lifted ones do not come back; the ends are those of before."""
    killed(tmp_path)
    restored = found(tmp_path, "boot", moment(20))

    assert {each.network: each.until_ns for each in restored.bans} == {
        network(0): MINUTE_NS,
        network(3): MINUTE_NS,
        network(4): 0,
    }
    assert restored.expired == (network(5),)
    assert restored.why_not == ""


def test_a_clock_that_was_set_changes_no_ban_of_this_boot(tmp_path: Path) -> None:
    """By an hour, by twenty years, to 1970: the monotonic clock counts."""
    killed(tmp_path)
    for number, jump_s in enumerate((3600, 20 * 365 * 86400, -WALL_NS / SECOND_NS)):
        diary = Diary(tmp_path, life(f"run{number}", "boot", moment(20, jump_s)))
        restored = diary.found
        diary.flush()
        assert {each.until_ns for each in restored.bans} == {MINUTE_NS, 0}


def test_after_a_reboot_the_time_that_was_left_goes_on(tmp_path: Path) -> None:
    """Seen last at 10 s with 50 s left; the machine was away for 30 s by its wall clock."""
    killed(tmp_path)
    at = Moment(3 * SECOND_NS, moment(40).wall_ns)
    restored = found(tmp_path, "another boot", at)

    ends = {each.network: each.until_ns for each in restored.bans}
    assert ends == {network(0): 23 * SECOND_NS, network(3): 23 * SECOND_NS, network(4): 0}


def test_after_a_reboot_into_the_past_no_ban_grows(tmp_path: Path) -> None:
    """A clock that fell back to 1970 leaves what was left when it was last seen."""
    killed(tmp_path)
    restored = found(tmp_path, "another boot", Moment(3 * SECOND_NS, 0))

    assert {each.until_ns for each in restored.bans} == {53 * SECOND_NS, 8 * SECOND_NS, 0}


def test_after_a_reboot_into_the_future_bans_have_expired(tmp_path: Path) -> None:
    """Only those without an end are left."""
    killed(tmp_path)
    restored = found(tmp_path, "another boot", moment(20, 10 * 365 * 86400))

    assert [each.network for each in restored.bans] == [network(4)]
    assert set(restored.expired) == {network(0), network(3), network(5)}


def test_an_incident_goes_on_with_its_series(tmp_path: Path) -> None:
    """How long it has been open is known on the clock of this boot."""
    killed(tmp_path)
    (incident,) = found(
        tmp_path, "another boot", Moment(3 * SECOND_NS, moment(40).wall_ns)
    ).incidents

    assert (incident.name, incident.kind, incident.service) == ("*:80", "spoofed_flood", 0)
    assert incident.tick(3 * SECOND_NS) == 39
    assert incident.rows > 0
    assert not incident.resumed


def test_offences_are_counted_for_the_next_ban(tmp_path: Path) -> None:
    """By rule only, and not those that were refused; with the end of the last one."""
    killed(tmp_path)
    diary = Diary(tmp_path, life("second", "boot", moment(20)))
    diary.second(21, [ban(network(0), moment(500).ns)])
    diary.flush()
    offences = found(tmp_path, "boot", moment(30)).offences

    assert {each: offences[each].count for each in offences} == {
        network(0): 2,
        network(2): 1,
        network(3): 1,
        network(4): 1,
    }
    assert offences[network(0)].until_ns == moment(500).ns


def test_what_was_learned_is_remembered(tmp_path: Path) -> None:
    """The newest of each name."""
    diary = Diary(tmp_path)
    for text in ("old", "new"):
        diary.recorder.remember(BEGAN_NS, "classifier", text)
        diary.second(1)
    diary.flush()

    assert found(tmp_path, "boot", moment(30)).memories == {"classifier": "new"}


def test_one_row_that_cannot_be_read_hides_no_other(tmp_path: Path) -> None:
    """Somebody has written into the file."""
    killed(tmp_path)
    with looking(tmp_path) as connection:
        connection.execute("UPDATE bans SET network = 'no network' WHERE network LIKE '198%0/32'")
        connection.execute("UPDATE incidents SET peak = '[1'")
        connection.commit()
    restored = found(tmp_path, "boot", moment(20))

    assert [each.network for each in restored.bans] == [network(3), network(4)]
    assert restored.incidents[0].peak == {}

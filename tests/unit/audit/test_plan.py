"""A plan is made before anything is changed, and a second one is empty."""

import pytest

from floodwall.audit.facts import Facts, Persisted
from floodwall.audit.plan import FILE, Plan, make_plan
from floodwall.audit.profile import Profile
from tests.support.audit import both, facts_with, line, lines, machine, sysctl

COOKIES = "net.ipv4.tcp_syncookies"
RETRIES = "net.ipv4.tcp_synack_retries"
PLAIN = lines()
WEAK = both(PLAIN, sysctl({"tcp_syncookies": "0", "tcp_synack_retries": "5", "somaxconn": "128"}))


def plan(facts: Facts, ours: str | None = None) -> Plan:
    """Plan for a web server."""
    return make_plan(facts, Profile.WEB, ours)


def after(made: Plan, facts: Facts) -> Facts:
    """Return the machine after a plan was carried out and the files were read again."""
    runtime = sysctl({step.name: step.after for step in made.steps})(facts)
    winners = {}
    for number, each in enumerate((made.file_after or "").splitlines(), 1):
        if not each.startswith("#"):
            name, _, value = each.partition(" = ")
            winners[name] = line(name, value, FILE)
            assert number > 2
    return facts_with(persisted=Persisted(winners))(runtime)


def test_what_is_weak_is_changed_now_and_for_the_next_boot() -> None:
    """With the reason of each."""
    made = plan(WEAK(machine()))
    changed = {step.name: (step.before, step.after) for step in made.steps}
    assert changed[COOKIES] == ("0", "1")
    assert changed[RETRIES] == ("5", "3")
    assert changed["net.core.somaxconn"] == ("128", "4096")
    assert made.file_after is not None
    assert f"{RETRIES} = 3\n" in made.file_after
    assert all(step.why for step in made.steps)


def test_a_second_plan_is_empty() -> None:
    """Also where the first one changed everything."""
    facts = WEAK(machine())
    first = plan(facts)
    assert not first.is_empty
    second = plan(after(first, facts), first.file_after)
    assert second.is_empty
    assert second.file_after == first.file_after


@pytest.mark.parametrize(
    ("name", "value"), [("tcp_syncookies", "2"), ("tcp_synack_retries", "1"), ("somaxconn", "9999")]
)
def test_what_is_stronger_stays(name: str, value: str) -> None:
    """And is told."""
    made = plan(sysctl({name: value})(machine()))
    assert not [step for step in made.steps if step.name.endswith(name)]
    assert [text for text in made.kept if f"{name} stays {value}" in text]


def test_a_strong_value_that_is_in_no_file_is_written() -> None:
    """As it is, not as the profile has it."""
    made = plan(both(PLAIN, sysctl({"tcp_synack_retries": "1"}))(machine()))
    assert f"{RETRIES} = 1\n" in (made.file_after or "")


def test_a_file_of_others_that_is_weak_is_overruled() -> None:
    """Ours is read after theirs."""
    weak = lines(winners={COOKIES: line("tcp_syncookies", "0", "/etc/sysctl.d/10-x.conf")})
    made = plan(weak(machine()))
    assert f"{COOKIES} = 1\n" in (made.file_after or "")
    assert made.overruled == ()
    assert COOKIES not in {step.name for step in made.steps}


def test_a_file_that_comes_after_ours_is_told() -> None:
    """Only whoever wrote it can mend that."""
    late = lines(winners={COOKIES: line("tcp_syncookies", "0", "/etc/ufw/sysctl.conf")})
    (text,) = plan(late(machine())).overruled
    assert text == f"/etc/ufw/sysctl.conf:3 sets {COOKIES} = 0 after our file"


def test_our_own_lines_are_never_lost_or_weakened() -> None:
    """Another profile may wish for less."""
    ours = plan(WEAK(machine())).file_after
    made = make_plan(WEAK(machine()), Profile.CONSTRAINED, ours)
    assert "net.core.somaxconn = 4096" in (made.file_after or "")


def test_what_this_kernel_lacks_is_not_planned() -> None:
    """tcp_tw_recycle went with 4.12."""
    assert not [each for each in plan(WEAK(machine())).steps if "recycle" in each.name]


def test_the_change_of_the_file_is_shown() -> None:
    """Line by line."""
    facts = WEAK(machine())
    assert f"+{COOKIES} = 1" in list(plan(facts).diff())
    assert list(plan(PLAIN(sysctl({"tcp_rfc1337": "1"})(machine())), "# x\n").diff()) != []

"""What the daemon adds to what the maps say."""

from floodwall.app.status import ServiceStatus, armed_text, said
from floodwall.core.model import SECOND_NS, Reading
from tests.support.playbook import START_NS, Playbook, listener, quiet

WEB = (listener(process="nginx"),)


def test_the_daemon_knows_since_when_a_word_holds() -> None:
    """The kernel keeps only the time of what it has armed itself."""
    forced = {"targets": WEB, "readings": (Reading(0, armed_until_ns=START_NS + 60 * SECOND_NS),)}
    state = (Playbook() >> quiet(targets=WEB) >> quiet(1, **forced) >> quiet(2, **forced)).state
    now_ns = START_NS + 9 * SECOND_NS

    by_word = said(ServiceStatus({}, Reading(0), 0.0), state, now_ns)
    by_kernel = said(ServiceStatus({}, Reading(0), 20.0), state, now_ns)
    calm = said(ServiceStatus({}, Reading(0), None), state, now_ns)

    assert by_word.armed_for_s == 8.0
    assert by_kernel.armed_for_s == 20.0
    assert calm.armed_for_s is None


def test_a_time_is_told_where_it_is_known() -> None:
    """Armed by a word, with nobody to ask, is armed and no more."""
    assert [armed_text(None), armed_text(0.0), armed_text(8.0)] == ["calm", "ARMED", "ARMED for 8s"]

"""Queues that are full already."""

from ipaddress import ip_network

from floodwall.core.commands import DestroyHalfOpen, RecordDecision, SetLimits
from floodwall.core.decision import Act
from floodwall.core.model import SECOND_NS, Guard, Protected, Reading
from floodwall.core.settings import HalfOpenPolicy, ServiceMode, Services, Settings
from tests.support.playbook import START_NS, Playbook, endpoint, half_open, listener, quiet

WEB = (listener(),)
FLOOD = tuple(half_open(f"203.0.113.{n}") for n in range(64))


def started(settings: Settings | None = None) -> Playbook:
    """Begin with one calm web server, whose queue takes 128."""
    return Playbook(settings) >> quiet(targets=WEB)


def armed(now_s: float, **more: int) -> tuple[Reading, ...]:
    """Read a service that the kernel armed until three seconds from now."""
    return (Reading(0, armed_until_ns=START_NS + int((now_s + 3) * SECOND_NS), **more),)


def test_a_full_queue_arms_and_is_emptied() -> None:
    """The flood came before us: the kernel counted none of it."""
    book = started() >> quiet(1, targets=WEB, half_open=FLOOD)
    (limits,) = book.only(SetLimits)

    assert limits.limits.forced_until_ns == START_NS + 6 * SECOND_NS
    assert book.only(DestroyHalfOpen) == [DestroyHalfOpen("*:80", FLOOD)]
    armed, *_ = book.only(RecordDecision)
    assert armed.decision.act is Act.ARM
    assert armed.decision.text == (
        "*:80 is armed: SYNs are challenged (0 handshakes pending, queue takes 128, arms above 64)"
    )


def test_without_a_data_plane_nothing_is_said_to_be_challenged() -> None:
    """The queue is emptied all the same."""
    book = started() >> quiet(1, targets=WEB, half_open=FLOOD, data_plane=False)
    armed, *_ = book.only(RecordDecision)

    assert armed.decision.text.startswith("*:80 is armed: its queue is kept free (")
    assert book.only(DestroyHalfOpen) == [DestroyHalfOpen("*:80", FLOOD)]


def test_a_calm_queue_is_left_alone() -> None:
    """Below the mark nothing is destroyed, however often a SYN-ACK was sent again."""
    started() >> quiet(1, targets=WEB, half_open=FLOOD[:63]) << []


def test_all_requests_count_even_if_few_are_looked_at() -> None:
    """A queue may hold more entries than one second can look at."""
    pending = armed(1, pending=9000)
    many = {endpoint("192.0.2.10", 80): 5000, endpoint("192.0.2.10", 81): 9}
    book = started() >> quiet(1, targets=WEB, readings=pending, half_open=FLOOD[:2], requests=many)
    (limits,) = book.only(SetLimits)

    assert book.only(DestroyHalfOpen) == [DestroyHalfOpen("*:80", FLOOD[:2])]
    assert limits.limits.forced_until_ns == START_NS + 6 * SECOND_NS
    # What is left in the queue is more than the mark: the kernel must not forget it.
    assert limits.limits.reset_seq == 0


def test_only_the_worthless_are_destroyed() -> None:
    """Young entries, proven sources and protected ones stay."""
    young = half_open("203.0.113.1", retransmits=0)
    proven = half_open("203.0.113.2", proven=True)
    friend = half_open("198.51.100.7")
    bot = half_open("203.0.113.3")
    peer = Protected(ip_network("198.51.100.0/24"), Guard.SSH_PEER)
    book = started() >> quiet(
        1,
        targets=WEB,
        readings=armed(1),
        protected=frozenset({peer}),
        half_open=(young, proven, friend, bot),
    )

    assert book.only(DestroyHalfOpen) == [DestroyHalfOpen("*:80", (bot,))]


def test_destruction_can_be_forbidden() -> None:
    """Then a full queue still arms."""
    book = started(Settings(half_open=HalfOpenPolicy(destroy=False)))
    book >> quiet(1, targets=WEB, half_open=FLOOD)

    assert book.only(DestroyHalfOpen) == []
    assert len(book.only(SetLimits)) == 1


def test_pending_is_forgotten_when_the_queue_is_empty() -> None:
    """Once is enough: the next reset waits until the kernel has obeyed."""
    book = started() >> quiet(1, targets=WEB, readings=armed(1, pending=90), half_open=FLOOD)
    (limits,) = [command.limits for command in book.only(SetLimits)]
    assert limits.reset_seq == 1

    book >> quiet(2, targets=WEB, readings=armed(2, pending=90))
    assert book.only(SetLimits) == []

    book >> quiet(3, targets=WEB, readings=armed(3, pending=0, reset_seq=1))
    assert book.only(SetLimits) == []


def test_pending_is_kept_while_the_queue_is_in_use() -> None:
    """Young entries may belong to anybody, and the kernel goes on counting them."""
    crowd = tuple(half_open(f"203.0.113.{n}", retransmits=0) for n in range(20))
    book = started() >> quiet(1, targets=WEB, readings=armed(1, pending=90), half_open=crowd)

    assert book.only(SetLimits) == []


def test_observed_services_are_never_touched() -> None:
    """Observe means observe."""
    book = started(Settings(services=Services(mode=ServiceMode.OBSERVE)))

    book >> quiet(1, targets=WEB, readings=armed(1), half_open=FLOOD)

    assert book.only(DestroyHalfOpen, SetLimits) == []


def test_a_service_that_is_always_armed_says_why() -> None:
    """It is the settings' doing."""
    book = started(Settings(services=Services(armed_ports=(80,))))

    armed, *_ = book.only(RecordDecision)
    assert armed.decision.text == "*:80 is always challenged, as the settings say"
    assert (book >> quiet(1, targets=WEB, readings=(Reading(0),))).only(RecordDecision) == []


def test_calm_is_told_with_its_length() -> None:
    """An operator reads how long it took."""
    book = started() >> quiet(1, targets=WEB, readings=armed(1))
    book >> quiet(13, targets=WEB, readings=armed(1))

    (calm,) = book.only(RecordDecision)
    assert calm.decision.act is Act.CALM
    assert calm.decision.text == "*:80 is calm again after 12s"


def test_an_unseen_queue_is_not_an_empty_one() -> None:
    """Without the list of half-open entries nothing is reset."""
    book = started()

    book >> quiet(1, targets=WEB, readings=armed(1, pending=90), half_open=None)
    assert book.only(SetLimits) == []

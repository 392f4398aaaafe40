"""The step of `decide` that names what is going on."""

from floodwall.core.model import SECOND_NS, Endpoint, HalfOpen, Reading
from floodwall.core.verdict import Kind
from tests.support.playbook import HOME, Playbook, endpoint, listener, quiet

WEB = (listener(backlog=511),)


def test_every_service_and_the_machine_have_a_verdict() -> None:
    """From the first second on, unsure as it is."""
    book = Playbook() >> quiet(targets=WEB, readings=None)

    assert {service: verdict.kind for service, verdict in book.state.verdicts.items()} == {
        0: Kind.CALM,
        None: Kind.CALM,
    }
    assert book.state.verdicts[0].confidence == 0


def test_a_flood_is_named_within_two_seconds() -> None:
    """Through the whole of decide, with what the data plane would count."""
    book = Playbook() >> quiet(targets=WEB)
    for second in range(1, 4):
        reading = Reading(0, syns=100 * second, passed=100 * second, completed=100 * second)
        book >> quiet(second, targets=WEB, readings=(reading,))
    for second in (4, 5):
        flood = 5000 * (second - 3)
        reading = Reading(
            0,
            syns=100 * second + flood,
            passed=400,
            challenged=100 * second + flood - 400,
            proven=100 * second - 400,
            completed=100 * second,
        )
        book >> quiet(second, targets=WEB, readings=(reading,))

    assert book.state.verdicts[0].kind is Kind.SPOOFED_FLOOD


def test_a_queue_that_is_full_when_we_come_is_a_flood() -> None:
    """In our first second, from the capacity of the listener alone; half sure, and held."""
    entries = tuple(
        HalfOpen(Endpoint(HOME, 80), endpoint(f"203.0.{n // 250}.{n % 250}", 4000), 2, proven=False)
        for n in range(300)
    )
    book = Playbook() >> quiet(targets=WEB, half_open=entries, readings=())
    verdict = book.state.verdicts[0]
    book >> quiet(1, targets=WEB, readings=(Reading(0),))

    assert verdict.kind is Kind.SPOOFED_FLOOD
    assert 0.3 < verdict.confidence < 0.6
    assert "stale_half_open" in [evidence.name for evidence in verdict.evidence]
    assert book.state.verdicts[0].kind is Kind.SPOOFED_FLOOD


def test_what_was_learned_survives_a_write_that_failed() -> None:
    """The state is forgetful of the data plane, not of what is usual."""
    book = Playbook() >> quiet(targets=WEB, readings=(Reading(0),))
    forgetful = book.state.forgetful()

    assert forgetful.classifier is book.state.classifier
    assert forgetful.verdicts == book.state.verdicts
    assert forgetful.classifier.at_ns == 1000 * SECOND_NS

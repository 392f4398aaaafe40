"""What travels to and from the processes of clients."""

import msgspec

from floodwall.lab.load import ClientOrder, ClientReport, LongLived, Outcome
from tests.support.rehearsals import attempt


def test_an_order_survives_the_way() -> None:
    """As JSON, and back."""
    order = ClientOrder(("198.18.1.2",), ("198.18.0.2",), 80, 50.0, 1, 2, 3, True, 1)

    assert msgspec.json.decode(msgspec.json.encode(order), type=ClientOrder) == order


def test_a_report_survives_the_way() -> None:
    """With who was served and who was not."""
    report = ClientReport(
        False,
        (attempt(1), attempt(2, Outcome.TIMED_OUT)),
        (LongLived(True, True, 1, 2, 0, 0, 3, 0),),
    )

    assert msgspec.json.decode(msgspec.json.encode(report), type=ClientReport) == report

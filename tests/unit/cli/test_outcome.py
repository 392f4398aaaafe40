"""What was done to each of several networks."""

import json
from ipaddress import ip_network

import pytest

from floodwall.cli.outcome import Outcomes

ONE, TWO = ip_network("192.0.2.1"), ip_network("192.0.2.2")


def test_all_done_is_fine(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0."""
    outcomes = Outcomes()
    outcomes.add(ONE, "banned")
    with pytest.raises(SystemExit) as left:
        outcomes.print_and_exit(as_json=False)

    assert left.value.code == 0
    assert capsys.readouterr().out == "192.0.2.1/32: banned\n"


def test_a_refusal_is_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    """On the standard error, and by exit code 2."""
    outcomes = Outcomes()
    outcomes.add(ONE, "banned")
    outcomes.refuse(TWO, "protected")
    with pytest.raises(SystemExit) as left:
        outcomes.print_and_exit(as_json=False)

    assert left.value.code == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == ("192.0.2.1/32: banned\n", "192.0.2.2/32: protected\n")


def test_programs_get_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    """On the standard output."""
    outcomes = Outcomes()
    outcomes.refuse(TWO, "protected")
    with pytest.raises(SystemExit):
        outcomes.print_and_exit(as_json=True)

    assert json.loads(capsys.readouterr().out) == [
        {"network": "192.0.2.2/32", "done": False, "what": "protected"}
    ]

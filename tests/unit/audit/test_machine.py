"""This machine is a source like any other."""

import shutil
import socket

import pytest

from floodwall.audit.facts import Release, UnreadError
from floodwall.audit.machine import Machine
from floodwall.audit.reader import read_facts


def nobody(_: object) -> dict[int, tuple[str, int | None]]:
    """Know no process."""
    return {}


def test_facts_of_this_machine_are_read_without_root() -> None:
    """At least release and a listener of our own."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        facts = read_facts(Machine(nobody))
    assert isinstance(facts.release, Release)
    assert isinstance(facts.here.listeners, tuple)
    assert port in {each.port for each in facts.here.listeners}


def test_a_command_that_is_not_there_is_told() -> None:
    """By its name."""
    with pytest.raises(UnreadError, match="no-such-command is not installed"):
        Machine(nobody).output("no-such-command --list")


@pytest.mark.skipif(shutil.which("false") is None, reason="false(1) is not installed")
def test_a_command_that_fails_is_told() -> None:
    """Its output is no answer."""
    with pytest.raises(UnreadError, match="exit code 1"):
        Machine(nobody).output("false")
    assert Machine(nobody).output("true") == ""

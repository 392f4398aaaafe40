"""nftables by its library, in a namespace of our own."""

from __future__ import annotations

import errno
from collections.abc import Iterator

import pytest

from floodwall.core.errors import KernelError
from floodwall.kernel.nftables import Nftables
from tests.support.namespace import own_namespace

pytestmark = pytest.mark.root


@pytest.fixture
def nftables() -> Iterator[Nftables]:
    """Return the nftables of a fresh namespace."""
    with own_namespace(), Nftables() as made:
        yield made


def test_a_table_is_listed(nftables: Nftables) -> None:
    """Each object with its kind; a table that is not there is none."""
    nftables.run("add table inet one\nadd chain inet one c")
    listed = nftables.table("inet", "one")

    assert listed
    assert [list(each) for each in listed] == [["table"], ["chain"]]
    assert nftables.table("inet", "two") is None


def test_commands_are_one_transaction(nftables: Nftables) -> None:
    """One that is wrong leaves nothing of the others, and each counts once."""
    before = nftables.generation()
    with pytest.raises(KernelError) as raised:
        nftables.run("add table inet one\ndelete table inet two")
    assert raised.value.errno == errno.ENOENT
    assert nftables.table("inet", "one") is None
    assert nftables.generation() == before

    nftables.run("add table inet one\nadd table inet two")
    assert nftables.generation() == before + 1


def test_a_mistake_is_quoted(nftables: Nftables) -> None:
    """The first line says what libnftables did not understand."""
    with pytest.raises(KernelError, match="nftables: syntax error"):
        nftables.run("ad table")


def test_it_stays_in_its_namespace(nftables: Nftables) -> None:
    """Also when the thread goes somewhere else."""
    with own_namespace():
        nftables.run("add table inet one")
        with Nftables() as other:
            assert other.table("inet", "one") is None

    assert nftables.table("inet", "one") is not None

"""Who differs is found, whichever way, and comes first."""

from floodwall.fleet.matrix import Cell, Matrix, Row

GOOD, BAD, MILD, UNREAD = Cell("pass"), Cell("critical", 5), Cell("low", 2), Cell("unread")


def matrix(**hosts: list[Cell]) -> Matrix:
    """Return a matrix of checks x, y and z."""
    checks = ("x", "y", "z")
    rows = tuple(Row(name, dict(zip(checks, cells, strict=False))) for name, cells in hosts.items())
    return Matrix(checks, rows)


def names(found: Matrix) -> list[str]:
    """Return the hosts in order."""
    return [row.host for row in found.rows]


def test_the_one_machine_that_differs_is_first() -> None:
    """Before others that are as bad as everybody."""
    found = matrix(a=[GOOD, MILD], b=[GOOD, MILD], odd=[BAD, MILD], c=[GOOD, MILD])
    assert names(found) == ["odd", "a", "b", "c"]
    assert [row.host for row in found.odd] == ["odd"]
    [difference] = found.differences(found.rows[0])
    assert (difference.check, difference.here, difference.usual) == ("x", BAD, GOOD)


def test_the_only_good_machine_differs_too() -> None:
    """What all others should become is worth seeing."""
    found = matrix(a=[BAD], good=[GOOD], b=[BAD])
    assert names(found) == ["good", "a", "b"]
    assert [(check, count) for check, _, count in found.common()] == [("x", 2)]


def test_of_two_the_worse_one_differs() -> None:
    """A half is not most: the better one is taken for usual."""
    found = matrix(a=[GOOD], b=[BAD])
    assert [row.host for row in found.odd] == ["b"]


def test_graver_differences_come_first() -> None:
    """By the worst of them, then by all of them, then by how many."""
    found = matrix(
        a=[GOOD, GOOD, GOOD], b=[GOOD, GOOD, GOOD], c=[GOOD, GOOD, GOOD], d=[GOOD, GOOD, GOOD],
        one=[MILD, GOOD, GOOD], two=[MILD, MILD, GOOD], worst=[GOOD, GOOD, BAD],
        dark=[UNREAD, GOOD, GOOD],
    )  # fmt: skip
    assert names(found) == ["worst", "two", "one", "dark", "a", "b", "c", "d"]
    assert [row.host for row in found.odd] == ["worst", "two", "one"]


def test_only_checks_with_something_to_tell_are_told() -> None:
    """A finding of all, or a difference of one."""
    found = matrix(a=[GOOD, MILD, GOOD], b=[GOOD, MILD, UNREAD])
    assert found.told() == ("y", "z")


def test_machines_that_say_the_same_are_one_line() -> None:
    """In the order of the rows."""
    found = matrix(a=[GOOD], odd=[BAD], b=[GOOD])
    assert [hosts for hosts, _ in found.alike(found.checks)] == [("odd",), ("a", "b")]


def test_a_host_that_does_not_name_a_check_says_what_is_absent() -> None:
    """Of the doctor, nothing is wrong then."""
    found = matrix(a=[], b=[BAD])
    assert found.cell(found.given[0], "x") == Cell("")
    assert [row.host for row in found.odd] == ["b"]


def test_no_host_is_no_matrix() -> None:
    """And no error."""
    found = matrix()
    assert (found.rows, found.odd, found.told(), list(found.common())) == ((), (), (), [])

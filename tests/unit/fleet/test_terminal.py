"""The lines that an operator reads of many machines."""

from typing import Any

from floodwall.fleet.host import Host
from floodwall.fleet.matrix import Cell, Matrix, Row
from floodwall.fleet.rounds import Visit
from floodwall.fleet.terminal import label, matrix_lines
from floodwall.fleet.trouble import Kind, Trouble

GOOD = Cell("pass")
BAD = Cell("critical", 5, "0: a full queue\nturns away", "sysctl -w x=1")


def lines(cells: dict[str, Cell], *missed: str) -> list[str]:
    """Return the lines about one check at some hosts."""
    rows = tuple(Row(name, {"cookies": cell}) for name, cell in cells.items())
    visits: list[Visit[Any]] = [Visit(Host(name, name), object()) for name in cells]
    trouble = Trouble(Kind.UNKNOWN_KEY, "its key is not known", "ssh-keyscan it")
    visits += [Visit(Host(name, name), None, trouble) for name in missed]
    return list(matrix_lines(Matrix(("cookies",), rows), visits))


def test_the_one_that_differs_is_told_first_with_its_fix() -> None:
    """Then the matrix, then who was not looked at."""
    assert lines({"a": GOOD, "b": BAD, "c": GOOD}, "d") == [
        "3 machines looked at, 1 not: b differs from the others",
        "",
        "b",
        "  critical  cookies: 0: a full queue   (others: pass)",
        "            fix: sysctl -w x=1",
        "",
        "                 1",
        "b                C",
        "a, c (2 alike)   .",
        "",
        "1 cookies",
        "C critical, . well",
        "",
        "not looked at:",
        "  d: unknown host key: its key is not known",
        "    ssh-keyscan it",
    ]


def test_what_all_have_is_told_once() -> None:
    """No one differs then."""
    found = lines({"a": BAD, "b": BAD})
    assert found[0] == "2 machines looked at: they are alike"
    assert "  critical  cookies (2 of 2): 0: a full queue" in found


def test_nothing_found_is_one_line() -> None:
    """And no machine at all is not fine."""
    assert lines({"a": GOOD, "b": GOOD}) == ["2 machines looked at: nothing found"]
    assert lines({"a": BAD})[0] == "1 machine looked at"
    assert lines({}, "x")[0] == "0 machines looked at, 1 not"


def test_many_that_differ_are_cut_and_counted() -> None:
    """A screen is a screen."""
    hosts = {f"host{number}": Cell(f"word{number}", 1) for number in range(300)}
    found = lines(hosts)
    assert "... and 279 more that differ, see the matrix" in found
    assert "... and 100 more rows, all of them with --json" in found
    assert found[0] == (
        "300 machines looked at: host1, host2, host3, host4, host5, host6 and 293 more differ "
        "from the others"
    )


def test_many_that_are_alike_are_named_as_far_as_it_goes() -> None:
    """One alone by its name."""
    assert label(["a"]) == "a"
    assert label([f"web-server-{number}" for number in range(9)]) == (
        "web-server-0, web-server-1, web-server-2 and 6 more (9 alike)"
    )

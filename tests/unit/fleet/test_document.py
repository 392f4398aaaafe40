"""The same for programs."""

import json

from floodwall.fleet.document import SCHEMA, fleet_document
from floodwall.fleet.host import Host
from floodwall.fleet.matrix import Cell, Matrix, Row
from floodwall.fleet.rounds import Visit
from floodwall.fleet.trouble import Kind, Trouble


def test_all_machines_are_in_it_the_one_that_differs_first() -> None:
    """Those that were not looked at are the last, with the reason."""
    matrix = Matrix(
        ("x",),
        tuple(Row(name, {"x": Cell(word, word == "bad")}) for name, word in
              (("a", "pass"), ("b", "bad"), ("c", "pass"))),
    )  # fmt: skip
    visits = [Visit(Host(name, name), 1) for name in "abc"]
    visits.insert(0, Visit(Host("d", "d"), None, Trouble(Kind.LOGIN, "no")))
    found = fleet_document("audit", matrix, visits, {"b": {"score": 1}})
    assert json.loads(json.dumps(found)) == {
        "schema": SCHEMA,
        "verb": "audit",
        "looked_at": 3,
        "not_looked_at": 1,
        "differing": ["b"],
        "checks": ["x"],
        "matrix": {"b": {"x": "bad"}, "a": {"x": "pass"}, "c": {"x": "pass"}},
        "hosts": [
            {
                "host": "b",
                "looked_at": True,
                "trouble": None,
                "differs": [{"check": "x", "here": "bad", "others": "pass"}],
                "result": {"score": 1},
            },
            {"host": "a", "looked_at": True, "trouble": None, "differs": [], "result": None},
            {"host": "c", "looked_at": True, "trouble": None, "differs": [], "result": None},
            {
                "host": "d",
                "looked_at": False,
                "trouble": {"kind": "login refused", "text": "no", "hint": ""},
                "differs": [],
                "result": None,
            },
        ],
    }

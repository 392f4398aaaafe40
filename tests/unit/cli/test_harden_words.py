"""What is shown of a plan, and what is asked."""

import json

import pytest

from floodwall.audit.plan import FILE, Plan, Step
from floodwall.audit.profile import Profile
from floodwall.cli.harden_words import agree, plan_document, plan_lines, show
from floodwall.core.errors import ConfigError

PLAN = Plan(
    Profile.WEB, (Step("net.x", "0", "1", "why"),), None, "net.x = 1\n", ("y stays 2",), ("z",)
)


def test_a_plan_is_told_in_lines() -> None:
    """Runtime, file, what is kept and what wins over us."""
    assert list(plan_lines(PLAN)) == [
        "runtime  net.x: 0 -> 1",
        "         why",
        "file     +net.x = 1",
        f"         in {FILE}",
        "keeps    y stays 2",
        "beware   z",
    ]
    [line] = plan_lines(Plan(Profile.WEB, (), None, None))
    assert line.startswith("nothing to do: ")


def test_programs_get_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """With the name of the file."""
    show([], {"plan": plan_document(PLAN)}, as_json=True)
    found = json.loads(capsys.readouterr().out)["plan"]
    assert (found["steps"][0]["name"], found["file"]) == ("net.x", FILE)
    show(["a"], {}, as_json=False)
    assert capsys.readouterr().out == "a\n"


def test_without_somebody_to_ask_a_yes_is_needed() -> None:
    """A script must say that it means it."""
    agree(yes=True)
    with pytest.raises(ConfigError, match="nobody is here to ask"):
        agree(yes=False)

"""Both engines find the same, whatever they are given."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floodwall.forensics.logs.clock import Clock
from floodwall.forensics.logs.envelope import Envelopes
from floodwall.forensics.logs.fast import FastLines
from floodwall.forensics.logs.found import Found
from floodwall.forensics.logs.messages import INTERESTING
from floodwall.forensics.logs.passes import Passes
from floodwall.forensics.logs.scanner import scanner
from tests.support.log_lines import broken, logs


def shown(block: bytes, found: Found) -> dict[str, object]:
    """Return all that a reader uses of what was found."""
    odd = [(b, e) for b, e in found.odd.tolist() if INTERESTING.search(block, b, e)]
    names = ("start", "template", "part", "value", "fresh")
    return {name: getattr(found, name).tolist() for name in names} | {"odd": odd}


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(logs(), st.data())
def test_engines_agree_on_broken_lines_too(lines: list[bytes], data: st.DataObject) -> None:
    """With templates that are learned from some lines, and bytes that are changed in all."""
    fast = FastLines()
    for line in lines:
        opened = Envelopes(Clock(1.7e9, 2004)).open(line)
        if opened.trusted and b"drop open request" in opened.message:
            fast.learn(line, opened)
    block = b"".join(line + b"\n" for line in lines)
    block = data.draw(broken(block)).rstrip(b"\n") + b"\n"
    passes, loop = Passes(), scanner()
    assert loop is not None
    if fast.templates:
        wanted = shown(block, passes.read(block, fast.templates))
        assert shown(block, loop.read(block, fast.templates)) == wanted

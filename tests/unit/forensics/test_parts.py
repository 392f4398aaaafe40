"""Large logs in parts."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from floodwall.forensics import inputs, parts
from floodwall.forensics.account import account_of
from floodwall.forensics.inputs import Options, read_input
from floodwall.forensics.parts import Part, in_processes, parts_of
from tests.support.evidence import golden_log


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(st.integers(0, 30), min_size=1, max_size=20),
    cuts=st.lists(st.integers(0, 400), max_size=5),
    ended=st.booleans(),
)
def test_every_line_is_in_one_part(
    tmp_path: Path, lines: list[int], cuts: list[int], *, ended: bool
) -> None:
    """Wherever the file is cut."""
    content = b"\n".join(b"x" * length for length in lines) + b"\n" * ended
    file = tmp_path / "log"
    file.write_bytes(content)
    edges = sorted({0, len(content), *(cut for cut in cuts if cut < len(content))})
    pieces = []
    for begin, end in pairwise(edges):
        with Part(str(file), begin, end) as part:
            pieces.append(part.read())
    assert b"".join(pieces) == content
    assert all(piece.endswith(b"\n") for piece in pieces[:-1] if piece and ended)


def test_small_files_are_one_part() -> None:
    """Large ones as many as there are workers, without a gap."""
    assert parts_of(1_000, 8) == [(0, 1_000)]
    assert parts_of(1 << 30, 1) == [(0, 1 << 30)]
    many = parts_of(1 << 30, 3)
    assert [end for _, end in many[:-1]] == [begin for begin, _ in many[1:]]
    assert (many[0][0], many[-1][1], len(many)) == (0, 1 << 30, 3)


def test_jobs_run_in_processes_of_their_own() -> None:
    """And answer in order."""
    assert list(in_processes(pow, [(2, 3), (2, 4)])) == [8, 16]


def test_parts_give_what_the_whole_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same account from one process and from two."""
    golden = golden_log()
    file = tmp_path / "kern.log"
    file.write_text(golden.text)
    whole = account_of(read_input(str(file), Options(year=2004)))
    monkeypatch.setattr(parts, "_LEAST_BYTES", 1_000)
    monkeypatch.setattr(inputs, "workers", lambda: 2)
    split = account_of(read_input(str(file), Options(year=2004)))

    assert split.findings == whole.findings
    assert split.inputs == whole.inputs

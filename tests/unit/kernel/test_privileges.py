"""Giving up power for good."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from floodwall.core.errors import KernelError
from floodwall.kernel.privileges import User, become, find_user, groups_of

STATUS = """
import sys
from floodwall.kernel.privileges import User, become, die_with_parent, drop_capabilities
{}
wanted = ("Uid", "Gid", "Groups", "CapEff", "CapPrm", "NoNewPrivs")
for line in open("/proc/self/status"):
    if line.split(":")[0] in wanted:
        print(*line.split())
"""


def after(code: str) -> dict[str, list[str]]:
    """Run code in a process of its own, and return what the kernel says of it."""
    script = [sys.executable, "-c", STATUS.format(code)]
    done = subprocess.run(script, capture_output=True, text=True, check=True, timeout=30)
    rows = [line.split() for line in done.stdout.splitlines()]
    return {row[0].rstrip(":"): row[1:] for row in rows}


def test_users_and_groups_are_found_in_the_files(tmp_path: Path) -> None:
    """Damaged lines are passed over; whom nobody knows is nobody."""
    passwd, group = tmp_path / "passwd", tmp_path / "group"
    passwd.write_text("broken\nroot:x:0:0::/:/bin/sh\nfw:x:990:991::/:/bin/false\n")
    group.write_text("fw:x:991:\nfloodwall:x:987:alice,fw\nother:x:5:alice\n:::\n")

    user = find_user("none", "fw", path=passwd)

    assert user == User("fw", 990, 991)
    assert sorted(groups_of(user, group)) == [987, 991]
    assert find_user("none", path=passwd).name == "nobody"
    assert find_user("none", path=tmp_path / "none").uid == 65534


@pytest.mark.root
def test_who_became_somebody_is_nobody_else() -> None:
    """No capability, no other group, no way back."""
    seen = after("become(User('x', 12345, 12346), [777])")

    assert (seen["Uid"], seen["Gid"]) == (["12345"] * 4, ["12346"] * 4)
    assert seen["Groups"] == ["777"]
    assert set(seen["CapEff"][0] + seen["CapPrm"][0]) == {"0"}
    assert seen["NoNewPrivs"] == ["1"]


@pytest.mark.root
def test_root_without_capabilities_is_still_root_by_name() -> None:
    """It opens what root owns, and can do nothing else that root can."""
    seen = after("drop_capabilities(); die_with_parent()")

    assert seen["Uid"] == ["0"] * 4
    assert set(seen["CapEff"][0] + seen["CapPrm"][0]) == {"0"}


def test_who_may_not_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the way out."""

    def no(_: list[int]) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.setgroups", no)
    with pytest.raises(KernelError, match="cannot become root") as told:
        become(User("root", 0, 0), [])
    assert "CAP_SETUID" in told.value.hint

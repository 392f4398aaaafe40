"""The plan that `status` shows."""

from pathlib import Path

from floodwall.store.plans import read_plan, write_plan


def test_the_last_plan_is_read(tmp_path: Path) -> None:
    """None until there is one."""
    assert read_plan(tmp_path) is None
    write_plan(tmp_path, {"services": []})
    assert read_plan(tmp_path) == {"services": []}


def test_something_else_is_no_plan(tmp_path: Path) -> None:
    """A file of another shape counts as none."""
    (tmp_path / "plan.json").write_text("[1]")
    assert read_plan(tmp_path) is None

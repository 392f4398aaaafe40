"""A change that waits to be confirmed."""

from pathlib import Path

from floodwall.store.moment import boot_id
from floodwall.store.pending import Pending, PendingFile

PENDING = Pending(
    text="[arming]\n",
    origin="/etc/new.toml",
    before="",
    before_origin="defaults",
    deadline_ns=1000,
    who="uid 0 (root), pid 1",
    boot=boot_id(),
    interfaces=("eth0",),
    mode="generic",
)


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    """By another process, after any death."""
    PendingFile(tmp_path).write(PENDING)
    file = PendingFile(tmp_path)

    assert file.exists()
    assert file.read() == PENDING
    file.remove()
    file.remove()
    assert (file.exists(), file.read()) == (False, None)


def test_its_time_ends_with_the_boot() -> None:
    """The clock of another one says nothing."""
    assert not PENDING.is_over(999)
    assert PENDING.is_over(1000)
    fields = {name: getattr(PENDING, name) for name in Pending.__dataclass_fields__}
    assert Pending(**(fields | {"boot": "another"})).is_over(1)


def test_a_damaged_file_is_none(tmp_path: Path) -> None:
    """Whatever stands in it."""
    for text in ("{", "[]", "{}", '{"text": 1, "more": 2}', ""):
        (tmp_path / "pending.json").write_text(text)
        assert PendingFile(tmp_path).read() is None


def test_one_at_a_time_takes_it_back(tmp_path: Path) -> None:
    """The others wait, or go on."""
    file = PendingFile(tmp_path)
    with file.lock():
        assert not file.lock().acquire(wait=False)
    other = file.lock()
    assert other.acquire(wait=False)
    other.release()

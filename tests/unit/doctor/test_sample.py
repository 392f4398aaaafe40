"""A sample of nothing claims nothing."""

from dataclasses import fields

from floodwall.doctor.sample import Sample


def test_what_was_not_read_is_none() -> None:
    """None, never zero: only counts of what there is are empty."""
    bare = Sample(at_s=1.0)
    empty = {each.name for each in fields(Sample) if getattr(bare, each.name) is not None}

    assert empty == {"at_s", "kernel", "cpu_s", "unseen"}

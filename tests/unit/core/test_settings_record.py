"""Settings of the record."""

import pytest
from pydantic import ValidationError

from floodwall.core.settings_record import RecordPolicy


def test_the_defaults_are_bounded() -> None:
    """Whoever sets nothing has a record that ends somewhere."""
    policy = RecordPolicy()

    assert policy.directory == ""
    assert policy.max_bytes == 256 << 20
    assert policy.max_age_days == 90


@pytest.mark.parametrize("directory", ["var/lib", "./x", "/a\0b"])
def test_a_directory_is_absolute(directory: str) -> None:
    """A daemon's own directory is nobody's business."""
    with pytest.raises(ValidationError, match="is not an absolute path"):
        RecordPolicy(directory=directory)


@pytest.mark.parametrize(("name", "value"), [("max_bytes", 1000), ("max_age_days", 0)])
def test_a_record_that_keeps_nothing_is_refused(name: str, value: int) -> None:
    """There is no way to switch it off by accident."""
    with pytest.raises(ValidationError):
        RecordPolicy.model_validate({name: value})

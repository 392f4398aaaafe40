"""Kernel versions compare as numbers, whatever the distribution appends."""

import pytest

from tests.support.kernel_version import at_least


@pytest.mark.parametrize("release", ["6.9.0", "6.10.3-amd64", "7.0-rc1", "6.18.44+deb12"])
def test_a_newer_kernel_is_enough(release: str) -> None:
    """6.10 is newer than 6.9."""
    assert at_least("6.9", release)


@pytest.mark.parametrize("release", ["6.8.12-1", "5.15.0-91-generic", "6.1.0-18-amd64"])
def test_an_older_kernel_is_not(release: str) -> None:
    """5.15 is older than 6.9."""
    assert not at_least("6.9", release)

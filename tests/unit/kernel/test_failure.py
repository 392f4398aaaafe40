"""An errno becomes an error that reads as a path."""

import errno

import pytest

from floodwall.core.errors import KernelError
from floodwall.kernel.failure import check, kernel_error


def test_the_message_names_operation_object_and_cause() -> None:
    """It reads from what we wanted to why it failed."""
    assert str(kernel_error("update map", errno.EBUSY, "bans")) == (
        "update map bans: Device or resource busy"
    )


def test_the_sign_of_the_errno_does_not_matter() -> None:
    """Libbpf returns it negative, Python positive."""
    assert kernel_error("x", -errno.EPERM).errno == errno.EPERM == kernel_error("x", 1).errno


def test_a_lack_of_privilege_has_a_hint() -> None:
    """The operator learns which capabilities are wanted."""
    assert "CAP_BPF" in kernel_error("load", errno.EPERM).hint


def test_check_lets_results_through() -> None:
    """Descriptors and counts are results."""
    assert check(0, "x") == 0
    assert check(7, "x") == 7


def test_check_raises_what_failed() -> None:
    """A negative result is an errno."""
    with pytest.raises(KernelError) as raised:
        check(-errno.ENOENT, "open pin", "/nowhere", hint="look elsewhere")

    assert (raised.value.errno, raised.value.hint) == (errno.ENOENT, "look elsewhere")

"""Every error that Floodwall raises on purpose, in three roots by who must act.

FloodwallError
 +-- ConfigError     the operator: a setting or an argument is wrong
 +-- KernelError     the kernel said no: which call, which errno, on what
 +-- NotSupported    this kernel, driver or container lacks a feature
"""

from typing import ClassVar


class FloodwallError(Exception):
    """What went wrong in one sentence, and a hint that says what to do about it."""

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        """Take the sentence that is shown and, if one is known, the way out."""
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(FloodwallError):
    """The operator asked for something that is unknown, impossible or contradictory."""


class KernelError(FloodwallError):
    """The kernel refused an operation on an object."""

    exit_code: ClassVar[int] = 3

    def __init__(
        self, message: str, *, op: str = "", errno: int = 0, obj: str = "", hint: str = ""
    ) -> None:
        """Take the sentence, and the call, errno and object it is made from."""
        super().__init__(message, hint=hint)
        self.op = op
        self.errno = errno
        self.obj = obj


class NotSupported(FloodwallError):  # noqa: N818 # reads as a fact about the machine, not a fault
    """A feature is missing here; `minimum_kernel` is the first release that has it, or empty."""

    exit_code: ClassVar[int] = 3

    def __init__(
        self, message: str, *, feature: str = "", minimum_kernel: str = "", hint: str = ""
    ) -> None:
        """Take the sentence, and the feature and kernel release it is about."""
        super().__init__(message, hint=hint)
        self.feature = feature
        self.minimum_kernel = minimum_kernel

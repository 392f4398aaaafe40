"""A token bucket: a rate with room for a burst.  Law: it is given the time."""

from dataclasses import dataclass, replace
from typing import Self

from floodwall.core.model import SECOND_NS


@dataclass(frozen=True, slots=True)
class Bucket:
    """Tokens that come back at `rate_s` a second, up to `burst` of them."""

    rate_s: float
    burst: float
    tokens: float
    at_ns: int

    @classmethod
    def full(cls, rate_s: float, burst: float, now_ns: int) -> Self:
        """Begin with a whole burst."""
        return cls(rate_s, burst, burst, now_ns)

    def refilled(self, now_ns: int) -> Self:
        """Return the bucket as it is at this time."""
        elapsed_s = max(0, now_ns - self.at_ns) / SECOND_NS
        tokens = min(self.burst, self.tokens + elapsed_s * self.rate_s)
        return replace(self, tokens=tokens, at_ns=max(now_ns, self.at_ns))

    def spent(self) -> Self:
        """Return the bucket with one token less; it may owe."""
        return replace(self, tokens=self.tokens - 1)

    def wait_ns(self) -> int:
        """Return how long it takes until there is a whole token."""
        if self.tokens >= 1:
            return 0
        return int((1 - self.tokens) / self.rate_s * SECOND_NS) + 1

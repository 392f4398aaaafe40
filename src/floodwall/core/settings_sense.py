"""Settings of the sensors."""

from pydantic import field_validator

from floodwall.core.declare import Section, declare, ports


class CanaryPolicy(Section):
    """Whether and how we try our own listeners, as a new user would."""

    enabled: bool = declare(
        True,
        "",
        "Every second, shake hands with each protected listener from its own address.",
        "load balancers probe their backends every second or two",
    )
    timeout_s: float = declare(
        1.0,
        "seconds",
        "A listener that has not answered by then lets no new user in.",
        "a client sends a lost SYN again after 1 s (RFC 6298), and its user has noticed",
        ge=0.1,
        le=10,
    )
    per_second: int = declare(
        64,
        "handshakes",
        "At most so many a second; with more listeners they take turns.",
        "64 handshakes take a few milliseconds",
        ge=1,
        le=1024,
    )
    complete_ports: tuple[int, ...] = ports(
        "Ports whose handshake is completed, so that the application accepts and sees it end; "
        "all others are broken off before the last step, unseen by the application."
    )
    exclude_ports: tuple[int, ...] = ports("Ports that are not tried.")

    @field_validator("complete_ports", "exclude_ports")
    @classmethod
    def _ports(cls, numbers: tuple[int, ...]) -> tuple[int, ...]:
        for number in numbers:
            if not 0 < number < 65536:
                raise ValueError(f"{number} is not a TCP port (1 to 65535)")
        return numbers

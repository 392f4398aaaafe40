"""Settings of alerts: when a human is told, how often, and when not to be woken."""

import re

from pydantic import field_validator

from floodwall.core.declare import Section, declare

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


class AlertPolicy(Section):
    """What `floodwall alerts run` tells; where to is in a file of its own, which holds secrets."""

    targets: str = declare(
        "",
        "",
        "File that names where alerts go, mode 0600; empty tells nobody.  A bare name is a "
        "credential of the systemd unit, or a file beside the settings.",
        "ssh: a private key that others may read is refused",
        max_length=1024,
    )
    settle_s: float = declare(
        15.0,
        "seconds",
        "Trouble other than an attack, a change that is not for the worse, and an end are told "
        "after so long.",
        "Prometheus: for, of one scrape",
        ge=1,
        le=3600,
    )
    silent_s: float = declare(
        10.0,
        "seconds",
        "A daemon that has not answered for so long is reported.",
        "ten ticks; systemd starts a dead one again after one",
        ge=2,
        le=3600,
    )
    escalate_s: float = declare(
        600.0,
        "seconds",
        "Trouble that lasts so long and that nobody has acknowledged is escalated.",
        "PagerDuty escalates after 30 minutes, a flood is over in ten",
        ge=30,
        le=86400,
    )
    repeat_s: float = declare(
        3600.0,
        "seconds",
        "It is told again every so often after that.",
        "Alertmanager: repeat_interval 4h; an hour of outage is long",
        ge=60,
        le=604800,
    )
    per_hour: int = declare(
        30,
        "messages",
        "At most so many an hour, and as many again for critical ones; the rest is summed up.",
        "one every two minutes is as much as anybody reads",
        ge=1,
        le=1000,
    )
    quiet_from: str = declare(
        "", "", "Begin of the quiet hours, local time; empty is none.", "Android: 22:00"
    )
    quiet_to: str = declare("", "", "End of the quiet hours, local time.", "Android: 07:00")
    quiet_critical: bool = declare(
        True,
        "",
        "Critical alerts pass in quiet hours: users do not get in, or the daemon is gone.",
        "phones let repeated callers through",
    )

    @field_validator("targets")
    @classmethod
    def _place(cls, name: str) -> str:
        if "\0" in name or ("/" in name and not name.startswith("/")):
            raise ValueError(f"{name!r} is neither an absolute path nor a bare name")
        return name

    @field_validator("quiet_from", "quiet_to")
    @classmethod
    def _clock(cls, text: str) -> str:
        if text and not _CLOCK.fullmatch(text):
            raise ValueError(f"{text!r} is no time of day like 22:00")
        return text

    def quiet_at(self, minute: int) -> bool:
        """Tell whether a minute of the day, 0 to 1439, is in the quiet hours."""
        if not (self.quiet_from and self.quiet_to):
            return False
        begin, end = _minute(self.quiet_from), _minute(self.quiet_to)
        return begin <= minute < end if begin <= end else minute >= begin or minute < end


def _minute(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return 60 * int(hours) + int(minutes)

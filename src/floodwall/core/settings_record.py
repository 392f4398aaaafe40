"""Settings of the record: where it is kept, how large and how old it may become."""

from pydantic import field_validator

from floodwall.core.declare import Section, declare


class RecordPolicy(Section):
    """What is written down, where, and for how long."""

    directory: str = declare(
        "",
        "",
        "Directory of the record; empty is /var/lib/floodwall/<network namespace>.",
        "systemd's StateDirectory",
        max_length=1024,
    )
    max_bytes: int = declare(
        256 << 20,
        "bytes",
        "Largest size of the record; the oldest is forgotten first.",
        "65,536 bans with their decisions, and a thousand incidents",
        ge=4 << 20,
        le=1 << 36,
    )
    max_age_days: int = declare(
        90,
        "days",
        "What is older is forgotten.",
        "a quarter: long enough for a complaint to be answered",
        ge=1,
        le=3650,
    )
    series_rows: int = declare(
        3600,
        "rows",
        "Samples kept of one incident; a longer one is kept with coarser steps.",
        "an hour, second by second",
        ge=60,
        le=86400,
    )

    @field_validator("directory")
    @classmethod
    def _absolute(cls, directory: str) -> str:
        if directory and (not directory.startswith("/") or "\0" in directory):
            raise ValueError(f"{directory!r} is not an absolute path")
        return directory

"""How `floodwall analyze` is told what to read, and how: one argument `options` for its command."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from floodwall.cli.options import NETWORK
from floodwall.core.address import Network
from floodwall.forensics.inputs import Options
from floodwall.forensics.selection import Selection

F = TypeVar("F", bound=Callable[..., Any])


class Moment(click.ParamType[datetime]):
    """A time in ISO 8601."""

    name = "TIME"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read what the operator wrote."""
        if isinstance(value, datetime):
            return value
        try:
            return datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} is no time like 2026-02-28T09:27:37", param, ctx)


class Zone(click.ParamType[ZoneInfo]):
    """A time zone by its name."""

    name = "ZONE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> ZoneInfo:
        """Read what the operator wrote."""
        if isinstance(value, ZoneInfo):
            return value
        try:
            return ZoneInfo(str(value))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.fail(f"{value} is no zone like Europe/Berlin", param, ctx)


def reading(function: F) -> F:
    """Offer what narrows and dates the evidence."""

    @click.option(
        "--year", type=click.IntRange(1970, 9999), help="Year of the first line without one."
    )
    @click.option(
        "--zone", type=Zone(), default="UTC", help="Zone of lines without one; UTC if unsaid."
    )
    @click.option("--since", type=Moment(), help="Leave out what is older.")
    @click.option("--until", type=Moment(), help="Leave out what is younger.")
    @click.option(
        "--port", "ports", multiple=True, type=click.IntRange(1, 65535), help="Only these."
    )
    @click.option("--source", "sources", multiple=True, type=NETWORK, help="Only these sources.")
    @wraps(function)
    def with_options(
        *args: Any,
        year: int | None,
        zone: ZoneInfo,
        since: datetime | None,
        until: datetime | None,
        ports: tuple[int, ...],
        sources: tuple[Network, ...],
        **others: Any,
    ) -> Any:
        selection = Selection(_seconds(since, zone), _seconds(until, zone), ports, sources)
        plain = zone.key == "UTC"
        options = Options(year, None if plain else zone, zone.key, selection)
        return function(*args, options=options, **others)

    return with_options  # type: ignore[return-value] # click looks at its options only


def _seconds(moment: datetime | None, zone: ZoneInfo) -> float | None:
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()

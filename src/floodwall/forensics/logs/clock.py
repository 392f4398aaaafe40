"""Times of log lines, with or without year and zone, as seconds since 1970."""

import re
from calendar import isleap
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo

from floodwall.forensics.evidence import ClockAssumption

_DAY_S = 86_400.0
_HALF_A_YEAR_S = 183 * _DAY_S
_FOLD_S = 3_600.0
_MOST_NOTES = 20
_MOST_CACHED = 4_096
_ENGLISH = b"jan feb mar apr may jun jul aug sep oct nov dec".split()
# What `dmesg -T` prints for months where it speaks another language, first letters.
_OTHERS = (
    "янв фев мар апр ма июн июл авг сен окт ноя дек",
    "jan feb mär apr mai jun jul aug sep okt nov dez",
    "janv févr mars avr mai juin juil août sept oct nov déc",
    "ene feb mar abr may jun jul ago sep oct nov dic",
    "gen feb mar apr mag giu lug ago set ott nov dic",
    "jan fev mar abr mai jun jul ago set out nov dez",
    "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "sty lut mar kwi maj cze lip sie wrz paź lis gru",
)
_ISO = re.compile(
    rb"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$"
)
_NUMBERED = re.compile("(1[0-2]|[1-9])月")


def month_of(name: bytes) -> int | None:
    """Return the number of a month by its name in one of several languages."""
    lowered = name.lower()
    if lowered[:3] in _ENGLISH:
        return _ENGLISH.index(lowered[:3]) + 1
    text = name.decode("utf-8", "replace").lower().rstrip(".")
    if found := _NUMBERED.fullmatch(text):
        return int(found[1])
    for language in _OTHERS:
        for number, month in enumerate(language.split(), 1):
            if text.startswith(month) or text == month[:2]:
                return number
    return None


@dataclass(slots=True)
class Clock:
    """Reads the times of one input, line by line, and remembers what it had to assume."""

    newest: float
    """No line is much younger than this: when the file was last changed, or now."""
    year: int | None = None
    """The year of the first line, if the operator says it."""
    zone: tzinfo | None = None
    zone_name: str = "UTC"
    last_hint: tuple[int, int] | None = None
    """Month and day of the input's last line, where it is known beforehand."""
    _current: int | None = None
    _previous: float | None = None
    _notes: dict[str, None] = field(default_factory=dict)
    _how: set[str] = field(default_factory=set)
    _cache: dict[bytes, float] = field(default_factory=dict)
    _first_year: int | None = None

    @property
    def place(self) -> str:
        """Return what the lines so far tell about the year of the next."""
        return f"{self._current} {self._previous}"

    def forget(self) -> None:
        """Forget what had to be assumed, but not where it is."""
        self._notes, self._how, self._first_year = {}, set(), None

    @property
    def assumed(self) -> tuple[dict[str, None], set[str], int | None]:
        """Return what had to be assumed: in words, in what way, and the first year."""
        return self._notes, self._how, self._first_year

    def then(self, later: "Clock") -> "Clock":
        """Return the clock of this part of an input and the one behind it."""
        notes, how, year = later.assumed
        return replace(
            later,
            _notes=dict.fromkeys(list(self._notes | notes)[:_MOST_NOTES]),
            _how=self._how | how,
            _cache={},
            _first_year=year if self._first_year is None else self._first_year,
        )

    def yearless(self, month: int, day: int, clock: tuple[int, int, int], part: float) -> float:
        """Return a time that came without its year; years roll over as lines go on."""
        if self._current is None:
            self._current = self._first_year = self.year or self._guess(month, day, clock)
            self._how.add("year" if self.year is None else "said")
        at = self._local(self._current, month, day, clock)
        if self._previous is not None:
            if at < self._previous - _HALF_A_YEAR_S:
                self._current += 1
                at = self._local(self._current, month, day, clock)
                self.note(f"the year changes to {self._current} between two lines")
            elif at > self._previous + _HALF_A_YEAR_S:
                earlier = self._local(self._current - 1, month, day, clock)
                at = earlier  # a late line of the old year behind the first of the new
        self._previous = at if self._previous is None else max(self._previous, at)
        return at + part

    def iso(self, text: bytes) -> float | None:
        """Return an ISO 8601 time; without a zone it is read in the zone of this clock."""
        known = self._cache.get(text)
        if known is not None:
            return known
        found = _ISO.match(text)
        if found is None:
            return None
        numbers = [int(found[index]) for index in range(1, 7)]
        part = float(f"0.{found[7].decode()}") if found[7] else 0.0
        try:
            at = self._iso(numbers, found[8])
        except (ValueError, OverflowError):
            return None
        if len(self._cache) < _MOST_CACHED:
            self._cache[text] = at + part
        return at + part

    def dated(self, year: int, month: int, day: int, clock: tuple[int, int, int]) -> float | None:
        """Return a time that came with its year but no zone."""
        try:
            return self._local(year, month, day, clock)
        except (ValueError, OverflowError):
            return None

    def assumption(self) -> ClockAssumption:
        """Return what had to be assumed."""
        how = ["the input states it"]
        if "year" in self._how:
            how = ["no year in the input: the newest year that fits the age of the file"]
        elif "said" in self._how:
            how = ["no year in the input: the operator said it"]
        if "zone" in self._how:
            how.append(f"no zone in the input: read as {self.zone_name}")
        return ClockAssumption(self._first_year, self.zone_name, "; ".join(how), tuple(self._notes))

    def _iso(self, numbers: list[int], zone: bytes | None) -> float:
        year, month, day, hour, minute, second = numbers
        if zone is None:
            return self._local(year, month, day, (hour, minute, second))
        at = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC).timestamp()
        if zone == b"Z":
            return at + (second == 60)
        offset = int(zone[1:3]) * 3600 + int(zone[-2:]) * 60
        return at + (second == 60) - (offset if zone[:1] == b"+" else -offset)

    def _guess(self, month: int, day: int, clock: tuple[int, int, int]) -> int:
        """Return the newest year in which the first line is not younger than the file."""
        year = datetime.fromtimestamp(self.newest, UTC).year + 1
        end = self.last_hint
        last = end if end and end < (month, day) else (month, day)
        while year > 1970:
            wrapped = end is not None and end < (month, day)
            leap = (month, day) == (2, 29)
            if not leap or isleap(year):
                final = year + wrapped
                if self._plain(final, *last, clock) <= self.newest + _DAY_S:
                    break
            year -= 1
        self.note(f"the year {year} is an assumption")
        return year

    def _local(self, year: int, month: int, day: int, clock: tuple[int, int, int]) -> float:
        self._how.add("zone")
        if self.zone is None:
            return self._plain(year, month, day, clock)
        hour, minute, second = clock
        base = datetime(year, month, 1, hour, minute, min(second, 59), tzinfo=self.zone)
        local = base + timedelta(days=day - 1)
        early = local.replace(fold=0).timestamp()
        late = local.replace(fold=1).timestamp()
        if early == late:
            return early + (second == 60)
        if late > early:  # a fold: this hour came twice
            self.note(f"{local:%Y-%m-%d %H}:00 came twice in {self.zone_name}: read in order")
            went_back = self._previous is not None and self._previous > early + _FOLD_S / 60
            return late if went_back else early
        self.note(f"{local:%Y-%m-%d %H:%M} never was in {self.zone_name}")
        return early

    def _plain(self, year: int, month: int, day: int, clock: tuple[int, int, int]) -> float:
        hour, minute, second = clock
        if (month, day) == (2, 29) and not isleap(year):
            self.note(f"{year} has no 29 February: tell the year")
        start = datetime(year, month, 1, tzinfo=UTC).timestamp()
        return start + (day - 1) * _DAY_S + hour * 3600 + minute * 60 + second

    def note(self, text: str) -> None:
        """Say what had to be assumed."""
        if len(self._notes) < _MOST_NOTES:
            self._notes[text] = None

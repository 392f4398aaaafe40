"""What hardening would change, before anything is changed: runtime, file, and what stays."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff

from floodwall.audit.columns import columns
from floodwall.audit.facts import AbsentError, Facts, UnreadError, known
from floodwall.audit.persisted import parse
from floodwall.audit.profile import Profile, Wish, wishes

FILE = "/etc/sysctl.d/99-zz-floodwall.conf"
"""Our only file; its name is behind those that people use, because the last one wins."""

_HEAD = (
    "# Written by 'floodwall harden'; 'floodwall harden --rollback' takes it away.\n"
    "# What others set stronger is not in here.\n"
)


@dataclass(frozen=True, slots=True)
class Step:
    """One sysctl that is changed at run time."""

    name: str
    before: str
    after: str
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All that would be done."""

    profile: Profile
    steps: tuple[Step, ...]
    file_before: str | None
    """None where there is no such file."""
    file_after: str | None
    kept: tuple[str, ...] = ()
    """What is left as it is, and why."""
    overruled: tuple[str, ...] = ()
    """Lines of others that win over ours at the next boot."""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing would be changed."""
        return not self.steps and self.file_before == self.file_after

    def diff(self) -> Iterator[str]:
        """Yield the lines of our file that change, as the command of this name does."""
        before, after = ((text or "").splitlines() for text in (self.file_before, self.file_after))
        yield from unified_diff(before, after, FILE, FILE, lineterm="", n=0)


def make_plan(
    facts: Facts, profile: Profile, ours: str | None = None, load: int | None = None
) -> Plan:
    """Plan what a machine lacks; `ours` is the content of our file, None if there is none."""
    persisted = known(facts.persisted)
    written = {
        line.name: line.value for line in parse(ours or "", FILE) if not isinstance(line, str)
    }
    rows = {row.name: row for row in columns(facts)}
    steps: list[Step] = []
    kept: list[str] = []
    overruled: list[str] = []
    lines = dict(written)
    for wish in wishes(facts, profile, load):
        try:
            now = facts.here.number(wish.name)
        except AbsentError:
            continue
        except UnreadError as error:
            kept.append(f"{wish.name}: {error}")
            continue
        value = str(now if wish.met_by(now) else wish.wanted)
        if not wish.met_by(now):
            steps.append(Step(wish.name, str(now), value, wish.why))
        elif now != wish.wanted:
            kept.append(f"{wish.name} stays {now}: {wish.aim} {wish.wanted} is wished for")
        winner = persisted.winners.get(wish.name)
        if wish.name in written:
            value = _stronger(wish, written[wish.name], value)
            lines[wish.name] = value
        elif not wish.met_by(now) or _is_lost(wish, rows[wish.name].after_boot):
            lines[wish.name] = value
        if wish.name in lines and winner and winner.file > FILE:
            overruled.append(f"{winner.place} sets {wish.name} = {winner.value} after our file")
    return Plan(
        profile=profile,
        steps=tuple(steps),
        file_before=ours,
        file_after=_file(lines) if lines else ours,
        kept=tuple(kept),
        overruled=tuple(overruled),
    )


def _is_lost(wish: Wish, after_boot: str) -> bool:
    """Tell whether the next boot would take away what is wished for."""
    try:
        return not wish.met_by(int(after_boot.split(maxsplit=1)[0]))
    except (IndexError, ValueError):
        return False  # what the kernel begins with depends on the machine


def _stronger(wish: Wish, written: str, value: str) -> str:
    """Keep what our file says already if it is no weaker."""
    return written if written.isdecimal() and wish.met_by(int(written)) else value


def _file(lines: dict[str, str]) -> str:
    return _HEAD + "".join(f"{name} = {value}\n" for name, value in sorted(lines.items()))

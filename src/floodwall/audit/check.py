"""How a check is declared, and what comes of it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

from floodwall.audit.facts import AbsentError, Facts, Scope, Unread, UnreadError


class Severity(IntEnum):
    """How bad a finding is; the value is its order."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """Return how the operator writes it."""
        return self.name.lower()


class Status(StrEnum):
    """What a check can come to."""

    PASS = "pass"  # noqa: S105 # a status, no password
    FINDING = "finding"
    UNREADABLE = "unreadable"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check says of one subject: a namespace, a listener, an interface or a file."""

    status: Status
    text: str
    subject: str = ""
    """Empty is the machine as a whole."""
    fix: str = ""
    severity: Severity | None = None
    """Where it differs from that of the check."""


Judge = Callable[[Facts], Iterable[Outcome]]
ScopeJudge = Callable[[Scope, Facts], Iterable[Outcome]]


@dataclass(frozen=True, slots=True)
class Interaction:
    """Another check, or `rules`, whose settings change what this one says, and how."""

    other: str
    text: str


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the checklist; everything that is told of it is declared here."""

    id: str
    title: str
    severity: Severity
    reads: tuple[str, ...]
    """Sysctls, files and commands."""
    expected: str
    why: str
    source: str
    kernels: str
    """For which releases this holds."""
    fix: str
    judge: Judge
    interactions: tuple[Interaction, ...] = ()

    @property
    def sysctls(self) -> tuple[str, ...]:
        """Return those of what it reads that have the three columns."""
        return tuple(each for each in self.reads if each.startswith(("net.", "kernel.")))

    def run(self, facts: Facts) -> tuple[Outcome, ...]:
        """Judge the facts; a check about nothing that is here is not applicable."""
        found: list[Outcome] = []
        try:
            found += self.judge(facts)
        except UnreadError as error:
            found.append(Outcome(Status.UNREADABLE, str(error)))
        except AbsentError as error:
            if not found:
                found.append(Outcome(Status.NOT_APPLICABLE, str(error)))
        if not found:
            found.append(Outcome(Status.NOT_APPLICABLE, "there is nothing here that it is about"))
        return tuple(self._complete(each) for each in found)

    def _complete(self, outcome: Outcome) -> Outcome:
        fix = (outcome.fix or self.fix) if outcome.status is Status.FINDING else ""
        severity = self.severity if outcome.severity is None else outcome.severity
        return replace(outcome, fix=fix, severity=severity)


def passed(text: str, subject: str = "") -> Outcome:
    """Say that all is well, and how that shows."""
    return Outcome(Status.PASS, text, subject)


def finding(
    text: str, subject: str = "", *, fix: str = "", severity: Severity | None = None
) -> Outcome:
    """Say what is wrong; without a fix of its own, that of the check holds."""
    return Outcome(Status.FINDING, text, subject, fix, severity)


def unreadable(why: str, subject: str = "") -> Outcome:
    """Say what could not be judged, and why."""
    return Outcome(Status.UNREADABLE, why, subject)


def in_each_namespace(judge: ScopeJudge) -> Judge:
    """Apply a judgement to every network namespace in which anybody listens."""

    def judged(facts: Facts) -> Iterator[Outcome]:
        yield from judge(facts.here, facts)
        if isinstance(facts.others, Unread):
            return  # the check `namespaces` says so, once
        elsewhere = replace(facts, rules=Unread("only the rules of this namespace are read"))
        for scope in facts.others:
            if not scope.listeners:
                continue
            try:
                yield from (
                    replace(each, subject=_inside(scope, each)) for each in judge(scope, elsewhere)
                )
            except AbsentError:
                continue  # before 4.x most of these hold for the whole machine
            except UnreadError as error:
                yield Outcome(Status.UNREADABLE, str(error), scope.name)

    return judged


def _inside(scope: Scope, outcome: Outcome) -> str:
    return f"{scope.name}: {outcome.subject}" if outcome.subject else scope.name

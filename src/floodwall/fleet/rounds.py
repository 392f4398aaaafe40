"""Visits many machines at a time; what goes wrong at one of them stops no other."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Generic, TypeVar

from floodwall.audit.facts import UnreadError
from floodwall.core.errors import FloodwallError
from floodwall.fleet.host import Host
from floodwall.fleet.trouble import Kind, Trouble, TroubleError

T = TypeVar("T")

# What a recording may lead to that a hostile machine made: it is that machine's fault alone.
_FAULTS = (ArithmeticError, LookupError, OSError, RecursionError, UnreadError, ValueError)


@dataclass(frozen=True, slots=True)
class Visit(Generic[T]):
    """What came of one machine: a result, or a trouble."""

    host: Host
    result: T | None
    trouble: Trouble | None = None


def visit_all(
    hosts: Sequence[Host],
    job: Callable[[Host], T],
    parallel: int,
    stop: threading.Event,
    tell: Callable[[Visit[T]], None] = lambda _: None,
) -> list[Visit[T]]:
    """Do a job at each machine, some at a time; return what came of it, in order of the hosts."""
    done: dict[str, Visit[T]] = {}
    with ThreadPoolExecutor(max_workers=parallel) as crew:
        begun: list[Future[Visit[T]]] = [crew.submit(_visit, host, job) for host in hosts]
        try:
            for each in as_completed(begun):
                visit = each.result()
                done[visit.host.name] = visit
                tell(visit)
        except BaseException:
            stop.set()
            crew.shutdown(wait=False, cancel_futures=True)
            raise
    return [done[host.name] for host in hosts]


def _visit(host: Host, job: Callable[[Host], T]) -> Visit[T]:
    try:
        return Visit(host, job(host))
    except TroubleError as error:
        return Visit(host, None, error.trouble)
    except FloodwallError as error:
        found = TroubleError(Kind.ANSWER, error.message, error.hint)
        return Visit(host, None, found.trouble)
    except _FAULTS as error:
        found = TroubleError(Kind.ANSWER, f"what it said makes no sense: {error!r}")
        return Visit(host, None, found.trouble)

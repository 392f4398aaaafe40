"""Slow applications: handshakes complete, but nobody accepts the connections."""

from floodwall.core.classify.finding import Finding
from floodwall.core.classify.view import View
from floodwall.core.signs import Queue
from floodwall.core.verdict import Evidence, Kind

TICKS = 2
"""Observations in which the accept queue is full: one may be a burst that is gone in a moment."""

LINES = {
    "nginx": "listen {port} backlog={more};",
    "apache2": "ListenBacklog {more}",
    "httpd": "ListenBacklog {more}",
    "haproxy": "bind :{port} backlog {more}",
    "gunicorn": "gunicorn --backlog {more}",
    "uwsgi": "listen = {more}",
    "redis-server": "tcp-backlog {more}",
    "lighttpd": "server.listen-backlog = {more}",
    "php-fpm": "listen.backlog = {more}",
    "mysqld": "back_log = {more}",
    "mariadbd": "back_log = {more}",
    "java": 'acceptCount="{more}" (Tomcat), or the backlog given to ServerSocket',
}
"""The line of a server's own settings that raises its backlog, by process name."""

LARGEST_ADVISED = 65535
"""listen() takes more, but no application that is so far behind catches up."""


def find_slow_application(view: View) -> Finding | None:
    """Say whether the application is too slow to accept what its listener completed."""
    if not view.full or (view.full_ticks < TICKS and not view.overflows):
        return None
    queue = view.accept
    evidence = [_fill(queue)] if queue is not None else []
    if view.overflows:
        evidence.append(
            Evidence(
                "listen_overflows",
                view.overflows,
                0.0,
                f"the kernel refused {view.overflows:,} for a full accept queue (ListenOverflows)",
            )
        )
    times = 1.0 + view.full_ticks
    return Finding(
        Kind.SLOW_APPLICATION,
        times,
        tuple(evidence),
        view.spoof_index,
        advice=advise(queue, view.service.bound.port, view.somaxconn) if queue else "",
        # Without the queue itself, the overflows may be another listener's.
        most=0.5 if queue is None else 0.99,
    )


def advise(queue: Queue, port: int, somaxconn: int) -> str:
    """Name the process, its backlog and the line that raises it."""
    more = min(max(2 * queue.backlog, 511), LARGEST_ADVISED)
    who = queue.process or "the application"
    if queue.pid is not None:
        who += f" (pid {queue.pid})"
    line = LINES.get(queue.process)
    raised = f" in its call of listen() to {more}"
    if line is not None:
        raised = f": `{line.format(port=port, more=more)}`"
    first = f"{who} accepts too slowly on port {port}: find out why it waits"
    sysctl = f", and `sysctl -w net.core.somaxconn={more}`" if more > somaxconn else ""
    return f"{first}; for bursts raise its backlog of {queue.backlog}{raised}{sysctl}"


def _fill(queue: Queue) -> Evidence:
    who = queue.process or "nobody known"
    return Evidence(
        "accept_queue_fill",
        queue.fill,
        1.0,
        f"{queue.waiting:,} connections wait to be accepted by {who}, "
        f"whose backlog is {queue.backlog:,}",
    )

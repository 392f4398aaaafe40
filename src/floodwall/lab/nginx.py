"""The server under attack: nginx from the distribution, one worker, a page of one kilobyte."""

import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from floodwall.core.address import Address
from floodwall.core.errors import KernelError, NotSupported
from floodwall.lab.addresses import Family, server
from floodwall.lab.namespace import Namespace
from floodwall.lab.process import be_the_server, die_with_parent
from floodwall.lab.wait import until

PORT = 80
BACKLOG = 511  # nginx's own default on Linux; one queue for both families
CONNECTIONS = 16_384  # of its worker; above it the oldest silent ones are closed
DESCRIPTORS = 20_000  # more than it needs
PAGE_BYTES = 1024
STREAM_BYTES = 1 << 34  # a sparse file: longer than any run can read it

_CONFIGURATION = """\
daemon off;
worker_processes 1;
pid {home}/nginx.pid;
error_log {home}/error.log crit;
worker_rlimit_nofile {descriptors};
events {{ worker_connections {connections}; }}
http {{
    access_log off;
    sendfile on;
    tcp_nodelay on;
    open_file_cache max=16;
    default_type application/octet-stream;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    server {{
        {listen}
        root {home}/www;
    }}
}}
"""


@contextmanager
def nginx(
    namespace: Namespace,
    cpu: int,
    backlog: int = BACKLOG,
    more_ports: tuple[int, ...] = (),
    descriptors: int = DESCRIPTORS,
    *,
    hosts: tuple[Address, ...] = tuple(server(family) for family in Family),
) -> Iterator[int]:
    """Run nginx in a namespace on one CPU; give its process id once it answers on all `hosts`."""
    program = shutil.which("nginx")
    if program is None:
        raise NotSupported(
            "the lab attacks a real nginx, and there is none", hint="apt install nginx-light"
        )
    with tempfile.TemporaryDirectory(prefix="floodwall-lab-") as home:
        _prepare(Path(home), backlog, (PORT, *more_ports), descriptors)
        process = subprocess.Popen(
            namespace.command([program, "-p", home, "-c", f"{home}/nginx.conf"]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: _settle(cpu),  # noqa: PLW1509 # one thread: no lock is held
        )
        try:
            _wait_until_it_answers(namespace, process, hosts)
            yield process.pid
        finally:
            process.terminate()  # the master ends its worker and itself at once
            _, _ = process.communicate()


def _prepare(home: Path, backlog: int, ports: tuple[int, ...], descriptors: int) -> None:
    home.chmod(0o755)  # the worker runs as nobody
    www = home / "www"
    www.mkdir()
    (www / "index.html").write_bytes(b"x" * PAGE_BYTES)
    with (www / "stream").open("wb") as stream:
        stream.truncate(STREAM_BYTES)
    listen = [f"listen [::]:{port} backlog={backlog} ipv6only=off;" for port in ports]
    text = _CONFIGURATION.format(
        home=home, listen=" ".join(listen), descriptors=descriptors, connections=CONNECTIONS
    )
    (home / "nginx.conf").write_text(text)


def _settle(cpu: int) -> None:
    """Between fork and exec: one CPU; and SIGTERM when the lab dies, which ends the worker."""
    be_the_server(cpu)
    die_with_parent(signal.SIGTERM)


def _wait_until_it_answers(
    namespace: Namespace, process: subprocess.Popen[bytes], hosts: tuple[Address, ...]
) -> None:
    def answers() -> bool:
        if process.poll() is not None:
            _, said = process.communicate()
            raise KernelError(f"nginx ended: {said.decode(errors='replace').strip()}")
        return namespace.call(lambda: all(_connects(host) for host in hosts))

    if not until(answers, 5.0):
        raise KernelError("nginx does not answer after 5 s")


def _connects(host: Address) -> bool:
    try:
        with socket.create_connection((str(host), PORT), timeout=1.0):
            return True
    except OSError:
        return False

"""`floodwall console`: the console in the browser, and who may log in to it."""

import ipaddress
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from floodwall.cli.extra import require_extra
from floodwall.cli.options import as_json, examples
from floodwall.console.web.tokens import (
    Level,
    Token,
    added,
    make_token,
    read_tokens,
    removed,
    write_tokens,
)
from floodwall.core.errors import ConfigError

PORT = 7380
LISTEN = f"127.0.0.1:{PORT}"
FILE = "tokens.json"
_STATE = Path("/var/lib/floodwall-console")
_EXAMPLES = examples(
    "console",
    "console --new-token anna --level operate",
    "console --new-token wallboard",
    "console --remove-token anna",
    "console --listen 192.0.2.10:7380 --certificate web.pem --key web.key",
)


@click.command(name="console", epilog=_EXAMPLES)
@click.option(
    "--listen",
    default=LISTEN,
    show_default=True,
    metavar="ADDR:PORT",
    help="Where to serve; beyond this machine only with --certificate, or behind a proxy.",
)
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="HOST",
    help="Another name under which it is called, as by a proxy in front; may be given again.",
)
@click.option("--certificate", type=click.Path(path_type=Path), help="Serve TLS with this (PEM).")
@click.option("--key", type=click.Path(path_type=Path), help="Its private key (PEM).")
@click.option("--user", default="", metavar="NAME", help="Become this user, if started by root.")
@click.option(
    "--tokens", type=click.Path(path_type=Path), help="File of who may log in, mode 0600."
)
@click.option("--new-token", metavar="NAME", help="Make a token, print it once, and end.")
@click.option(
    "--level",
    type=click.Choice([each.value for each in Level]),
    default=Level.VIEW.value,
    show_default=True,
    help="What the new token may do.",
)
@click.option("--remove-token", metavar="NAME", help="Let somebody log in no more, and end.")
@click.option("--list-tokens", is_flag=True, help="Say who may log in, and end.")
@as_json
def command(
    *,
    listen: str,
    names: tuple[str, ...],
    certificate: Path | None,
    key: Path | None,
    user: str,
    tokens: Path | None,
    new_token: str | None,
    level: str,
    remove_token: str | None,
    list_tokens: bool,
    as_json: bool,
) -> None:
    """Serve the console in the browser: are users getting in, what attacks, what is done.

    Shows what the daemon says and files requests with it; decides nothing, and may end at any time
    without harm.  Started by root it becomes the user floodwall-console (or nobody) and keeps no
    capability.  Whoever logs in needs a token; the first one is made and shown at the first start
    in a terminal.
    """
    file = tokens or _tokens_file()
    if new_token:
        _show(_new(file, new_token, Level(level)), new_token, as_json=as_json)
    elif remove_token:
        _write(file, removed(read_tokens(file), remove_token))
    elif list_tokens:
        _list(read_tokens(file), as_json=as_json)
    else:
        host, port = _place(listen, encrypted=certificate is not None)
        if (certificate is None) != (key is None):
            raise ConfigError("--certificate and --key belong together")
        require_extra("starlette", "uvicorn")
        from floodwall.console.web import server  # noqa: PLC0415  packages of the extra

        place = server.Place(host, port, file, names, user, certificate, key)
        listener = server.listen(place)
        _greet(place.tokens, _url(listener.getsockname(), place), as_json=as_json)
        raise SystemExit(server.run(place, listener))


def _greet(file: Path, url: str, *, as_json: bool) -> None:
    """Say where it is; make and show the first token where a human is sure to read it."""
    known, text = read_tokens(file), None
    if not known and sys.stdout.isatty():
        text = _new(file, "operator", Level.OPERATE)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "kind": "console",
                    "url": url,
                    "token": text,
                    "tokens": len(known) + (text is not None),
                }
            )
        )
        return
    click.echo(f"console  {url}")
    if text:
        click.echo(f"token    {text}  (of operator; shown once)")
    elif not known:
        click.echo("token    nobody can log in yet: floodwall console --new-token NAME")


def _new(file: Path, name: str, level: Level) -> str:
    token, text = make_token(name, level, datetime.now(UTC).date().isoformat())
    _write(file, added(read_tokens(file), token))
    return text


def _write(file: Path, tokens: tuple[Token, ...]) -> None:
    write_tokens(file, tokens)
    if os.geteuid() == 0:
        # Where the unit has made the directory, its user is to read the file.
        owner = file.parent.stat()
        os.chown(file, owner.st_uid, owner.st_gid)


def _show(text: str, name: str, *, as_json: bool) -> None:
    click.echo(json.dumps({"name": name, "token": text}) if as_json else text)


def _list(tokens: tuple[Token, ...], *, as_json: bool) -> None:
    if as_json:
        rows = [{"name": t.name, "level": t.level.value, "made": t.made} for t in tokens]
        click.echo(json.dumps(rows, indent=1))
        return
    for token in tokens:
        click.echo(f"{token.level.value:8} {token.made}  {token.name}")


def _tokens_file() -> Path:
    if os.geteuid() == 0:
        return _STATE / FILE
    if given := os.environ.get("STATE_DIRECTORY", "").split(":")[0]:
        return Path(given) / FILE
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "floodwall-console" / FILE


def _place(listen: str, *, encrypted: bool) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    try:
        address = ipaddress.ip_address(host)
        number = int(port)
    except ValueError as error:
        raise ConfigError(
            f"{listen!r} is no address and port", hint=f"write {LISTEN} or [::1]:{PORT}"
        ) from error
    if not 0 <= number < 65536:
        raise ConfigError(f"{number} is not a TCP port", hint="ports are 1 to 65535")
    if not (address.is_loopback or encrypted):
        raise ConfigError(
            "tokens must not cross a network unencrypted",
            hint="give --certificate and --key, or listen on 127.0.0.1 behind a proxy or ssh -L",
        )
    return host, number


def _url(bound: tuple[str, int], place: object) -> str:
    scheme = "https" if getattr(place, "certificate", None) else "http"
    host = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
    return f"{scheme}://{host}:{bound[1]}/"

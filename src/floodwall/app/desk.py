"""The desk behind the control socket: finds the verb, checks role and arguments, answers.

Law: a request that cannot be carried out changes nothing, and is answered with the reason.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from floodwall import __version__
from floodwall.app.peer import Peer, Role
from floodwall.core.errors import ConfigError, FloodwallError
from floodwall.core.protocol import (
    VERSION,
    ProtocolError,
    Request,
    decode_arguments,
    decode_request,
    encode,
    refused,
    succeeded,
)

_DENIED = 3


class DeniedError(ConfigError):
    """The peer may look, but not change anything."""

    exit_code = _DENIED


@dataclass(frozen=True, slots=True)
class Nothing:
    """The arguments of a verb that takes none."""


@dataclass(frozen=True, slots=True)
class Verb:
    """What can be asked for: by whom, with what, and who carries it out."""

    role: Role
    arguments: type[Any]
    """A frozen dataclass of what it takes."""
    carry_out: Callable[[Peer, Any], Mapping[str, Any]]


class Desk:
    """Answers requests by a table of verbs."""

    def __init__(self, verbs: Mapping[str, Verb], complain: Callable[[str], None]) -> None:
        """Take the table, and what is called with a mistake of our own."""
        hello = Verb(Role.VIEW, Nothing, self._hello)
        self._verbs = {"hello": hello, **verbs}
        self._complain = complain

    def answer(self, peer: Peer, raw: bytes) -> bytes:
        """Return the frame of an answer; raises ProtocolError for what is no request at all."""
        request = decode_request(raw)
        try:
            asker = replace(peer, behalf=request.by)
            return encode(succeeded(request.id, self._carry_out(asker, request)))
        except FloodwallError as error:
            return encode(refused(request.id, error))
        except Exception as error:  # noqa: BLE001  the edge of the daemon: one request fails
            mistake = f"{request.do} of {peer.who} failed: {type(error).__name__}: {error}"
            self._complain(mistake)
            return encode(refused(request.id, ProtocolError(mistake)))

    def _carry_out(self, peer: Peer, request: Request) -> Mapping[str, Any]:
        verb = self._verbs.get(request.do)
        if verb is None:
            raise ConfigError(
                f"the daemon cannot {request.do!r}", hint=f"it can {', '.join(self._verbs)}"
            )
        if not _may(peer.role, verb.role):
            raise DeniedError(f"{peer.who} may look, but not {request.do}", hint="run as root")
        return verb.carry_out(peer, decode_arguments(request, verb.arguments))

    def _hello(self, peer: Peer, _: Nothing) -> Mapping[str, Any]:
        may = [name for name, verb in self._verbs.items() if _may(peer.role, verb.role)]
        return {"program": __version__, "protocol": VERSION, "role": peer.role.value, "verbs": may}


def _may(role: Role, needed: Role) -> bool:
    return role is Role.OPERATE or role is needed

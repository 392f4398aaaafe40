"""Where alerts go: a file of targets, each an address that may be a secret.

Law: no secret of it is ever part of a message, a repr or an error.
"""

import tomllib
from enum import StrEnum
from typing import Any

from pydantic import SecretStr, ValidationError, model_validator

from floodwall.core.alert_troubles import Urgency
from floodwall.core.alerting import Message
from floodwall.core.declare import Section
from floodwall.core.errors import ConfigError

TARGETS_MAX = 32
"""Targets of one file."""

SECRET_MIN = 16
"""Characters of a secret that signs; a shorter one can be guessed."""

_NAME_MAX = 40


class Least(StrEnum):
    """The least urgency that a target is told of."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Target(Section):
    """One place that alerts go to, in one of three ways."""

    url: SecretStr | None = None
    """An Apprise address: mailtos://, slack://, ntfys://, pagerduty://, tgram://, matrixs://..."""
    webhook: SecretStr | None = None
    """An address of our own signed webhook."""
    secret: SecretStr | None = None
    """Signs the webhook."""
    exec: str | None = None
    """A program that is started without a shell."""
    least: Least = Least.INFO
    escalation: bool = False
    """Only told of what lasts and nobody has acknowledged."""

    @model_validator(mode="after")
    def _one_way(self) -> "Target":
        if sum(each is not None for each in (self.url, self.webhook, self.exec)) != 1:
            raise ValueError("needs one of url, webhook and exec")
        if self.webhook is not None:
            address = self.webhook.get_secret_value()
            if not address.startswith(("https://", "http://")):
                raise ValueError("webhook must be an https:// or http:// address")
            if self.secret is None or len(self.secret.get_secret_value()) < SECRET_MIN:
                raise ValueError(f"a webhook needs a secret of at least {SECRET_MIN} characters")
        elif self.secret is not None:
            raise ValueError("only a webhook has a secret")
        if self.url is not None and "://" not in self.url.get_secret_value():
            raise ValueError("url is no Apprise address: it has no ://")
        if self.exec is not None and (not self.exec.startswith("/") or "\0" in self.exec):
            raise ValueError("exec must be an absolute path, without arguments")
        return self

    def wants(self, message: Message) -> bool:
        """Tell whether a message is for this target."""
        if self.escalation and not message.escalated:
            return False
        return message.urgency >= Urgency[self.least.name]


def parse_targets(text: str, file: str) -> dict[str, Target]:
    """Read a file of targets, or raise ConfigError that names what is wrong but shows no value."""
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as mistake:
        # The message of tomllib may quote what stands there; its place does not.
        place = str(mistake).rpartition("(")[2].rstrip(")")
        raise ConfigError(f"{file}: not valid TOML ({place})") from None
    if len(tables) > TARGETS_MAX:
        raise ConfigError(f"{file}: {len(tables)} targets, at most {TARGETS_MAX}")
    return {name: _target(name, table, file) for name, table in tables.items()}


def _target(name: str, table: Any, file: str) -> Target:
    if len(name) > _NAME_MAX or not name.isprintable():
        raise ConfigError(f"{file}: a target's name has at most {_NAME_MAX} printable characters")
    if not isinstance(table, dict):
        raise ConfigError(
            f"{file}: {name} stands outside of a table", hint=f"write [{name}] and its keys below"
        )
    try:
        return Target.model_validate(table)
    except ValidationError as mistakes:
        found = mistakes.errors(include_url=False, include_input=False, include_context=False)
        where = ".".join([name, *(str(part) for part in found[0]["loc"])])
        why = found[0]["msg"].removeprefix("Value error, ")
        raise ConfigError(f"{file}: {where}: {why}") from None

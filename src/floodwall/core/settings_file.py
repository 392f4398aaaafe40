"""Read the text of a settings file: the whole is valid, or every mistake in it is told at once."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import ip_network
from itertools import chain
from typing import Any

from pydantic import ValidationError

from floodwall.core.declare import Section
from floodwall.core.errors import ConfigError
from floodwall.core.settings import Settings, sections
from floodwall.core.toml_lines import Path, key_lines

LARGEST_CHARACTERS = 1 << 20
"""No longer text is read: 4,096 networks are a fifth of it."""

PROBLEMS_MAX = 100
"""Mistakes told at once; a file with more is no settings file."""

_DEEP_KEY = re.compile(r"""(?<![\w"'-])(?:[\w"'-]++\s*+\.\s*+){16}""")
_TOML_PLACE = re.compile(r" \(at line (\d+), column \d+\)")


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a settings file."""

    file: str
    line: int
    key: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        text = f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"
        return f"{text} ({self.hint})" if self.hint else text


class SettingsError(ConfigError):
    """The settings cannot be used; `problems` holds every reason."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(
            "\n".join(str(problem) for problem in problems),
            hint="'floodwall settings' lists every key with its range",
        )
        self.problems = problems


def parse_settings(text: str, file: str) -> Settings:
    """Turn the text of `file` into settings, or raise SettingsError with all that is wrong."""
    if len(text) > LARGEST_CHARACTERS:
        message = f"{len(text)} characters, and no more than {LARGEST_CHARACTERS} are read"
        raise SettingsError((Problem(file, 0, "", message),))
    if deep := _DEEP_KEY.search(text):
        # Both tomllib and JSON descend into them, and tomllib takes quadratic time.
        line = text.count("\n", 0, deep.start()) + 1
        raise SettingsError((Problem(file, line, "", "a key of too many parts"),))
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as mistake:
        raise SettingsError((_not_toml(str(mistake), text, file),)) from None
    except RecursionError:
        raise SettingsError((Problem(file, 0, "", "values are nested too deeply"),)) from None
    except ValueError as mistake:
        # CPython refuses to read integers of more than 4,300 digits.
        raise SettingsError((Problem(file, 0, "", f"not valid TOML: {mistake}"),)) from None
    return validate(table, file, key_lines(text))


def validate(table: Mapping[str, Any], file: str, lines: Mapping[Path, int]) -> Settings:
    """Check a table of settings; `lines` tells where each key stands in `file`."""
    problems: list[Problem] = []
    settings = Settings()
    try:
        # Strict JSON is pydantic's mode that takes lists for tuples and names for enums,
        # but neither "5" for 5 nor 1 for true.
        settings = Settings.model_validate_json(json.dumps(table, default=str), strict=True)
    except ValidationError as mistakes:
        found = mistakes.errors(include_url=False)
        if len(found) > PROBLEMS_MAX:
            problems.append(Problem(file, 0, "", f"{len(found)} mistakes; the first are:"))
        for mistake in found[:PROBLEMS_MAX]:
            problem = _problem(mistake, file, lines)
            if problem not in problems:
                problems.append(problem)
    else:
        problems.extend(_contradictions(settings, file, lines))
    if problems:
        raise SettingsError(tuple(sorted(problems, key=lambda p: (p.line, p.key))))
    return settings


def _not_toml(message: str, text: str, file: str) -> Problem:
    place = _TOML_PLACE.search(message)
    line = int(place[1]) if place else text.count("\n") + 1
    said = _TOML_PLACE.sub("", message).removesuffix(" (at end of document)")
    return Problem(file, line, "", f"not valid TOML: {said}")


def _problem(mistake: Any, file: str, lines: Mapping[Path, int]) -> Problem:
    path = tuple(str(part) for part in mistake["loc"])
    key = ".".join(path[:2])
    line = next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), 0)
    if mistake["type"] == "extra_forbidden":
        return Problem(file, line, key, "unknown key", _did_you_mean(path))
    message = mistake["msg"].removeprefix("Value error, ")
    given = mistake["input"]
    if not isinstance(given, dict | list):
        message = f"{message[0].lower()}{message[1:]}, not {_shown(given)}"
    hint = _network_of(given) if mistake["type"] == "ip_any_network" else ""
    return Problem(file, line, key, message, hint)


def _shown(given: Any) -> str:
    text = repr(given)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _network_of(text: Any) -> str:
    try:
        return f"did you mean {ip_network(text, strict=False)}?"
    except ValueError:
        return ""


def _did_you_mean(path: Path) -> str:
    """Name the nearest key, in the same table first and then in all of them."""
    tables: dict[str, type[Section]] = dict(sections())
    if len(path) > 1:
        near = get_close_matches(path[1], tables[path[0]].model_fields, n=1)
        if near:
            return f"did you mean {path[0]}.{near[0]}?"
    owners = {key: name for name, kind in tables.items() for key in kind.model_fields}
    if near := get_close_matches(path[-1], [*tables, *owners], n=1):
        full = f"{owners[near[0]]}.{near[0]}" if near[0] in owners else f"[{near[0]}]"
        return f"did you mean {full}?"
    here = tables[path[0]].model_fields if len(path) > 1 else tables
    return f"known here: {', '.join(here)}"


def _contradictions(settings: Settings, file: str, lines: Mapping[Path, int]) -> list[Problem]:
    """Find settings that are fine alone but not together."""
    problems = []
    for keys, message in chain(_orders(settings), _recipes(settings)):
        at = next((lines[key] for key in keys if key in lines), 0)
        problems.append(Problem(file, at, ".".join(keys[0]), message))
    chosen: dict[int, str] = {}
    for key in ("observe_ports", "strict_ports", "armed_ports", "exclude_ports"):
        for port in getattr(settings.services, key):
            if other := chosen.get(port):
                line = lines.get(("services", key), 0)
                message = f"port {port} is in services.{other} too"
                problems.append(Problem(file, line, f"services.{key}", message))
            chosen[port] = key
    return problems


def _orders(settings: Settings) -> Iterator[tuple[tuple[Path, ...], str]]:
    """Yield what must be in order and is not: the keys, the first of which is to blame."""
    arming, bans = settings.arming, settings.bans
    if arming.low_share >= arming.high_share:
        yield (
            (("arming", "low_share"), ("arming", "high_share")),
            f"must be below arming.high_share: {arming.low_share} is not below {arming.high_share}",
        )
    if bans.longest_s < bans.first_s:
        yield (
            (("bans", "longest_s"), ("bans", "first_s")),
            f"must not be below bans.first_s: {bans.longest_s} is below {bans.first_s}",
        )


def _recipes(settings: Settings) -> Iterator[tuple[tuple[Path, ...], str]]:
    """Yield what the recipes ask for and cannot get."""
    recipes, bans = settings.recipes, settings.bans
    if not recipes.subnet:
        return
    if not recipes.i_know_sources_can_be_forged:
        yield (
            (("recipes", "subnet"),),
            "bans hosts that did nothing; needs recipes.i_know_sources_can_be_forged = true",
        )
    for key, bits, shortest in (
        ("subnet_ipv4", recipes.subnet_ipv4, bans.shortest_ipv4),
        ("subnet_ipv6", recipes.subnet_ipv6, bans.shortest_ipv6),
    ):
        if bits < shortest:
            yield (
                (("recipes", key), ("bans", key.replace("subnet", "shortest"))),
                f"/{bits} is wider than /{shortest}, the widest prefix that may be banned",
            )

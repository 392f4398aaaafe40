"""Five hundred settings files with a mistake in each: none is taken, none does harm."""

import random
import re
import time
from collections.abc import Callable

import pytest

from floodwall.core.settings import Settings
from floodwall.core.settings_file import (
    LARGEST_CHARACTERS,
    PROBLEMS_MAX,
    SettingsError,
    parse_settings,
)
from floodwall.core.settings_reference import reference

MUTANTS = 500
NO_NETWORKS = (
    *("10.0.0.1/8", "10.0.0.0/33", "300.1.1.1", "10.0.0.0/-1", "10.0.0", "1.2.3.4.5", "10.0.0.1-"),
    *("::/129", "::/0", "0:0:0:0:0:ffff::/80", "fe80::1%eth0/64", "*", "localhost", "10.0.0.1\\n"),
)
QUOTED_PART = '"a" . '
LONGEST_S = 5.0

ENTRIES = [entry for entry in reference() if entry.type in {"whole number", "number"}]
LISTS = [entry for entry in reference() if entry.type == "list of networks"]
PORTS = [entry for entry in reference() if entry.type == "list of ports"]
SWITCHES = [entry for entry in reference() if entry.type == "true or false"]
CHOICES = [entry for entry in reference() if entry.type.startswith("one of")]

Mutation = Callable[[random.Random], str]


def line(section: str, text: str) -> str:
    """Write one line of a table."""
    return f"[{section}]\n{text}\n"


def unknown_key(chance: random.Random) -> str:
    """Misspell a key by one letter."""
    entry = chance.choice(ENTRIES)
    place = chance.randrange(len(entry.name))
    return line(entry.section, f"{entry.name[:place]}q{entry.name[place:]} = 1")


def unknown_table(chance: random.Random) -> str:
    """Misspell a table."""
    entry = chance.choice(ENTRIES)
    return line(f"{entry.section}z", f"{entry.name} = {entry.default}")


def wrong_unit(chance: random.Random) -> str:
    """Write a number with its unit, as text."""
    entry = chance.choice(ENTRIES)
    return line(entry.section, f'{entry.name} = "{entry.default}{chance.choice("smhk%")}"')


def out_of_range(chance: random.Random) -> str:
    """Write a number that no setting takes."""
    entry = chance.choice(ENTRIES)
    wild = chance.choice(["-1", "1e308", "-0.5", "99999999999999999999", "inf", "-inf", "nan"])
    return line(entry.section, f"{entry.name} = {wild}")


def wrong_type(chance: random.Random) -> str:
    """Write something other than a number."""
    entry = chance.choice(ENTRIES)
    other = chance.choice(["true", "[]", "{}", "[1]", "1979-05-27", "07:32:00", '""', "{a = 1}"])
    return line(entry.section, f"{entry.name} = {other}")


def twice(chance: random.Random) -> str:
    """Say the same key twice."""
    entry = chance.choice(ENTRIES)
    return line(entry.section, f"{entry.name} = {entry.default}\n" * 2)


def bad_network(chance: random.Random) -> str:
    """Write a network that is none."""
    entry = chance.choice(LISTS)
    return line(entry.section, f'{entry.name} = ["192.0.2.1", "{chance.choice(NO_NETWORKS)}"]')


def bad_port(chance: random.Random) -> str:
    """Write a port that is none."""
    entry = chance.choice(PORTS)
    bad = chance.choice(["0", "-1", "65536", "80.5", '"80"', "true", "[80]", "1e9"])
    return line(entry.section, f"{entry.name} = [22, {bad}]")


def bad_switch(chance: random.Random) -> str:
    """Write a switch in another language."""
    entry = chance.choice(SWITCHES)
    return line(entry.section, f"{entry.name} = {chance.choice(['1', '0', 'yes', 'True', 'on'])}")


def bad_choice(chance: random.Random) -> str:
    """Write a choice that is none."""
    entry = chance.choice(CHOICES)
    return line(entry.section, f'{entry.name} = "{chance.choice(["", "STRICT", "on", "x" * 999])}"')


def too_many(chance: random.Random) -> str:
    """Write more than a list takes."""
    entry = chance.choice(LISTS + PORTS)
    member = '"10.0.0.1"' if entry in LISTS else "80"
    return line(entry.section, f"{entry.name} = [{f'{member},' * chance.choice([5000, 20_000])}]")


def bomb(chance: random.Random) -> str:
    """Write what costs a careless reader its stack, its time or its memory."""
    depth = chance.choice([500, 5000, 50_000])
    return chance.choice(
        [
            f"a = {'[' * depth}{']' * depth}",
            f"a = {'{b=' * depth}1{'}' * depth}",
            f"{'a.' * depth}b = 1",
            f"[{'a.' * depth}b]",
            f"[{QUOTED_PART * depth}b]",
            f"a = {'9' * depth}",
            f"a = '{'x' * LARGEST_CHARACTERS}'",
            "\n".join(f"k{n} = 1" for n in range(depth // 10)),
            "\n".join(f"[t{n}]" for n in range(depth // 10)),
        ]
    )


def damaged(chance: random.Random) -> str:
    """Cut or stain a valid file."""
    whole = line("arming", "high_share = 0.5\nlow_share = 0.1") + line("bans", "max_count = 10")
    place = chance.randrange(1, len(whole) - 1)
    stain = chance.choice(["\0", "\x07", "=", "]]", '"', "\ud800", "[", "'''", "\r\r", "\x7f"])
    return whole[:place] + stain + whole[place:]


def contradiction(chance: random.Random) -> str:
    """Write what is fine alone, but not together."""
    return chance.choice(
        [
            line("arming", "high_share = 0.1\nlow_share = 0.2"),
            line("services", "strict_ports = [80]\nexclude_ports = [80]"),
            line("services", "observe_ports = [80]\narmed_ports = [80]"),
            line("bans", "first_s = 7200\nlongest_s = 3600"),
            line("recipes", "subnet = 10"),
            line("recipes", "subnet = 9\nsubnet_ipv4 = 8\ni_know_sources_can_be_forged = true"),
            line("limits", "idle = 3"),
            line("limits", "concurrent = 7"),
        ]
    )


MUTATIONS: tuple[Mutation, ...] = (
    unknown_key,
    unknown_table,
    wrong_unit,
    out_of_range,
    wrong_type,
    twice,
    bad_network,
    bad_port,
    bad_switch,
    bad_choice,
    too_many,
    bomb,
    damaged,
    contradiction,
)


def rejected(text: str) -> SettingsError | None:
    """Return why a text is not taken; None if its settings are whole and within their limits."""
    begun = time.monotonic()
    try:
        taken = parse_settings(text, "fw.toml")
    except SettingsError as error:
        return error
    finally:
        assert time.monotonic() - begun < LONGEST_S
    assert Settings.model_validate(taken.model_dump()) == taken
    return None


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_no_mutant_is_taken() -> None:
    """Each is told with its place and a reason that is short enough to read."""
    survivors = []
    for number in range(MUTANTS):
        chance = random.Random(number)
        mutation = MUTATIONS[number % len(MUTATIONS)]
        text = mutation(chance)
        error = rejected(text)
        if error is None:
            survivors.append((mutation.__name__, text))
            continue
        assert 1 <= len(error.problems) <= PROBLEMS_MAX + 1
        assert all(problem.message for problem in error.problems)
        assert all(re.match(r"fw\.toml(:\d+)?: .", str(problem)) for problem in error.problems)
        assert max(len(str(problem)) for problem in error.problems) < 2000
    # A stain can be harmless: in white space, in a comment of its own making.
    assert {name for name, _ in survivors} <= {"damaged"}
    assert len(survivors) <= MUTANTS // len(MUTATIONS) // 4


def test_what_was_mutated_is_valid_without() -> None:
    """The same files without their mistake are taken: it was the mistake that was found."""
    for entry in ENTRIES:
        assert rejected(line(entry.section, f"{entry.name} = {entry.default}")) is None
    for entry in LISTS:
        assert rejected(line(entry.section, f'{entry.name} = ["192.0.2.1"]')) is None
    for entry in PORTS:
        assert rejected(line(entry.section, f"{entry.name} = [22]")) is None

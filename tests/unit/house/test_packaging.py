"""What is declared, what is pinned and what is used are the same."""

import re
import sys
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.house.imports import imported
from tests.support.tree import sources, text

DISTRIBUTION = {"PIL": "pillow"}  # where it is not called as what is imported
PROJECT = tomllib.loads(text("pyproject.toml"))["project"]
RUNTIME = [Requirement(line) for line in PROJECT["dependencies"]]
CONSOLE = [Requirement(line) for line in PROJECT["optional-dependencies"]["console"]]
DEVELOPMENT = [Requirement(line) for line in PROJECT["optional-dependencies"]["dev"]]
PIN = re.compile(r"([\w.-]+)==([\w.]+)(?:; [\w\"\'.<>= ]+)?")  # with what it needs, if anything
LOCKS = ("requirements.lock", "requirements-console.lock", "requirements-dev.lock")


def pins(lock: str) -> dict[str, str]:
    """Return the version of each package that a lock file pins."""
    lines = [line for line in text(lock).splitlines() if line and line[0] not in "#-"]
    found = [PIN.fullmatch(line) for line in lines]
    return {canonicalize_name(match[1]): match[2] for match in found if match}


def test_the_lock_pins_every_dependency_within_its_range() -> None:
    """What users get is what the tests ran with."""
    pinned = {name: version for lock in LOCKS for name, version in pins(lock).items()}
    for requirement in [*RUNTIME, *CONSOLE, *DEVELOPMENT]:
        version = pinned.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not pinned"
        assert requirement.specifier.contains(version), f"{requirement.name} {version}"


def test_the_lock_says_nothing_but_versions() -> None:
    """No host and no path decides where packages come from; some need a machine or a Python."""
    for lock in LOCKS:
        lines = [line for line in text(lock).splitlines() if not line.startswith("#")]
        allowed = [line for line in lines if PIN.fullmatch(line)]
        assert set(lines) - set(allowed) <= {"", *(f"-r {below}" for below in LOCKS)}


def test_the_console_only_adds_to_what_is_installed() -> None:
    """No package of a daemon that runs is replaced when the console's are added."""
    assert pins("requirements.lock").keys().isdisjoint(pins("requirements-console.lock"))
    assert text("requirements-console.lock").splitlines()[1] == "-r requirements.lock"


def test_every_dependency_is_used_and_every_use_is_declared() -> None:
    """No package is installed for nothing, none is there by luck."""
    used = {
        DISTRIBUTION.get(name.split(".")[0], name.split(".")[0])
        for path in sources("src/floodwall/**/*.py")
        for _, name in imported(path, text(path))
    }
    foreign = used - set(sys.stdlib_module_names) - {"floodwall"}
    declared = {requirement.name for requirement in RUNTIME}
    extra = {requirement.name.replace("-", "_") for requirement in CONSOLE}
    assert foreign - declared - extra == set(), "used but not declared"
    assert declared - foreign == set(), "declared but not used"


def test_the_version_is_said_once_more_only() -> None:
    """The package and its metadata agree."""
    assert f'__version__ = "{PROJECT["version"]}"' in text("src/floodwall/__init__.py")

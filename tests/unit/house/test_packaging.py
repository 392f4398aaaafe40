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
DEVELOPMENT = [Requirement(line) for line in PROJECT["optional-dependencies"]["dev"]]


def pins(lock: str) -> dict[str, str]:
    """Return the version of each package that a lock file pins."""
    lines = [line for line in text(lock).splitlines() if line and line[0] not in "#-"]
    found = [re.fullmatch(r"([\w.-]+)==([\w.]+)", line) for line in lines]
    return {canonicalize_name(match[1]): match[2] for match in found if match}


def test_the_lock_pins_every_dependency_within_its_range() -> None:
    """What users get is what the tests ran with."""
    pinned = pins("requirements.lock") | pins("requirements-dev.lock")
    for requirement in [*RUNTIME, *DEVELOPMENT]:
        version = pinned.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not pinned"
        assert requirement.specifier.contains(version), f"{requirement.name} {version}"


def test_the_lock_says_nothing_but_versions() -> None:
    """No host and no path decides where packages come from."""
    for lock in ("requirements.lock", "requirements-dev.lock"):
        lines = [line for line in text(lock).splitlines() if not line.startswith("#")]
        allowed = [line for line in lines if re.fullmatch(r"[\w.-]+==[\w.]+", line)]
        assert set(lines) - set(allowed) <= {"", "-r requirements.lock"}


def test_every_dependency_is_used_and_every_use_is_declared() -> None:
    """No package is installed for nothing, none is there by luck."""
    used = {
        DISTRIBUTION.get(name.split(".")[0], name.split(".")[0])
        for path in sources("src/floodwall/**/*.py")
        for _, name in imported(path, text(path))
    }
    foreign = used - set(sys.stdlib_module_names) - {"floodwall"}
    declared = {requirement.name for requirement in RUNTIME}
    assert foreign - declared == set(), "used but not declared"
    assert declared - foreign == set(), "declared but not used"


def test_the_version_is_said_once_more_only() -> None:
    """The package and its metadata agree."""
    assert f'__version__ = "{PROJECT["version"]}"' in text("src/floodwall/__init__.py")

"""The shape of the tree: every file has its place, and every module its test."""

import pytest

from tests.support.tree import ROOT, sources

ROOT_ENTRIES = {
    ".ci",
    ".clang-format",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "benchmarks",
    "bin",
    "bpf",
    "contrib",
    "docs",
    "pyproject.toml",
    "requirements-console.lock",
    "requirements-dev.lock",
    "requirements.lock",
    "src",
    "tests",
}
MADE_BY_TOOLS = (".o", ".pcap", ".pyc", ".log", ".whl", ".so")
LARGEST_BYTES = 400_000
TESTS = set(sources("tests/**/*.py"))

# Modules whose test is not their mirror in tests/unit, and where it is.
TESTED_ELSEWHERE: dict[str, str] = {
    "src/floodwall/__main__.py": "tests/unit/cli/test_main.py",
}


def mirrors(module: str) -> set[str]:
    """Return the names that the test of a module may have, in the unit rung or one of root's."""
    folder, _, name = module.removeprefix("src/floodwall/").rpartition("/")
    places = (f"tests/unit/{folder}/".replace("//", "/"), "tests/dataplane/", "tests/lab/")
    return {f"{place}test_{form}" for place in places for form in (name, name.lstrip("_"))}


def has_test(module: str, tests: set[str]) -> bool:
    """Tell whether a module has its mirror, or the test that the table names."""
    return not tests.isdisjoint(mirrors(module) | {TESTED_ELSEWHERE.get(module, "")})


def test_nothing_else_is_in_the_root() -> None:
    """Plans, notes and debris have no place in the shop window."""
    assert {path.split("/")[0] for path in sources("**")} - ROOT_ENTRIES == set()


def test_nothing_made_by_a_tool_is_kept() -> None:
    """What can be made again is made again."""
    assert [path for path in sources("**") if path.endswith(MADE_BY_TOOLS)] == []


def test_no_file_is_heavy() -> None:
    """A clone stays quick."""
    sizes = {path: (ROOT / path).stat().st_size for path in sources("**")}
    assert {path: size for path, size in sizes.items() if size > LARGEST_BYTES} == {}


@pytest.mark.parametrize("module", sources("src/floodwall/**/*.py"))
def test_every_module_has_its_mirror(module: str) -> None:
    """The test of a module is where everybody looks for it."""
    if module.endswith("/__init__.py"):
        return
    found = has_test(module, TESTS)
    assert found, f"none of {sorted(mirrors(module))}"


def test_the_table_of_other_places_is_not_stale() -> None:
    """It names only modules that exist."""
    assert set(TESTED_ELSEWHERE) - set(sources("src/floodwall/**/*.py")) == set()


def test_a_module_without_mirror_is_seen() -> None:
    """A test of the same name in another folder does not count."""
    assert not has_test("src/floodwall/core/plan.py", {"tests/unit/app/test_plan.py"})
    assert has_test("src/floodwall/core/plan.py", {"tests/unit/core/test_plan.py"})
    assert has_test("src/floodwall/kernel/_abi.py", {"tests/unit/kernel/test_abi.py"})

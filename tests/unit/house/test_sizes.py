"""Nothing grows beyond what fits in a head."""

import pytest

from tests.support.house import sizes
from tests.support.tree import sources, text

GENERATED = "src/floodwall/kernel/_abi.py"
PYTHON = [
    path
    for path in sources("src/**/*.py", "tests/**/*.py", "benchmarks/*.py", "contrib/*.py")
    if path != GENERATED
]
BPF = sources("bpf/*.[ch]", "src/**/*.[ch]")
PAGES = [
    *PYTHON,
    *BPF,
    *sources("bin/*", ".ci/*", "benchmarks/run", "*.toml", "*.md", "docs/**/*.md"),
]


@pytest.mark.parametrize("path", PYTHON)
def test_a_module_fits_in_a_head(path: str) -> None:
    """At most 400 lines a module and 50 a function."""
    source = text(path)
    assert [*sizes.long_modules(path, source), *sizes.long_functions(path, source)] == []


@pytest.mark.parametrize("path", BPF)
def test_a_bpf_file_fits_in_a_head(path: str) -> None:
    """At most 300 lines a file and 60 a function."""
    source = text(path)
    assert [*sizes.long_bpf_files(path, source), *sizes.long_bpf_functions(path, source)] == []


@pytest.mark.parametrize("path", [path for path in PAGES if not path.endswith(".md")])
def test_a_line_fits_on_the_page(path: str) -> None:
    """At most 100 columns, a tab being eight."""
    assert list(sizes.long_lines(path, text(path))) == []


def test_a_long_line_is_seen() -> None:
    """Tabs count as wide as they look."""
    assert list(sizes.long_lines("a.h", "\t" * 12 + "12345")) == ["a.h:1: 101 columns, at most 100"]


def test_a_long_module_is_seen() -> None:
    """The line behind the limit is one too many."""
    assert list(sizes.long_modules("a.py", "x = 1\n" * 401)) == ["a.py: 401 lines, at most 400"]
    assert list(sizes.long_modules("a.py", "x = 1\n" * 400)) == []


def test_a_long_function_is_seen() -> None:
    """Decorators do not count, the docstring does."""
    assert list(sizes.long_functions("a.py", "@d\ndef f():\n" + "    x = 1\n" * 49)) == []
    source = "class A:\n    async def f():\n" + "        x = 1\n" * 50
    assert list(sizes.long_functions("a.py", source)) == ["a.py:2: f has 51 lines"]


def test_a_long_bpf_function_is_seen() -> None:
    """From the opening brace to the closing one."""
    source = "int f(void)\n{\n" + "\tx++;\n" * 59 + "}\n"
    assert list(sizes.long_bpf_functions("a.h", source)) == ["a.h:2: a function of 61 lines"]


def test_an_exception_with_a_reason_is_allowed() -> None:
    """The new limit stands on a line of its own and holds for that place only."""
    excuse = "# size: 60 lines, because one table cannot be cut\n"
    source = "def f():\n" + "    x = 1\n" * 55
    assert list(sizes.long_functions("a.py", excuse + source)) == []
    assert len(list(sizes.long_functions("a.py", excuse + source + source))) == 1


def test_an_exception_without_a_reason_is_none() -> None:
    """A bare number excuses nothing."""
    source = "# size: 60 lines, because\ndef f():\n" + "    x = 1\n" * 55
    assert len(list(sizes.long_functions("a.py", source))) == 1

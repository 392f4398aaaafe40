"""Objects are compiled once for each state of their sources."""

import shutil
from pathlib import Path

import pytest

from floodwall.core.errors import NotSupported
from floodwall.kernel import build

PROGRAM = """
__attribute__((section("xdp"), used)) int pass(void *ctx) { (void)ctx; return ANSWER; }
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A source tree with one small program and one header."""
    monkeypatch.delenv("FLOODWALL_BUILD", raising=False)
    sources = tmp_path / "bpf"
    sources.mkdir()
    (sources / "small.bpf.c").write_text('#include "answer.h"\n' + PROGRAM)
    (sources / "answer.h").write_text("#define ANSWER 2\n")
    return tmp_path


def test_an_object_is_made(tree: Path) -> None:
    """It is an ELF file in build/, without scratch files beside it."""
    made = build.compile_object("small", tree)

    assert made == tree / "build" / "small.bpf.o"
    assert made.read_bytes().startswith(b"\x7fELF")
    assert {path.name for path in made.parent.iterdir()} == {"small.bpf.o", "small.bpf.sha256"}


def test_an_unchanged_tree_is_not_compiled_again(tree: Path) -> None:
    """The second start of the program must be quick."""
    first = build.compile_object("small", tree).stat().st_mtime_ns

    assert build.compile_object("small", tree).stat().st_mtime_ns == first


def test_a_changed_header_is_seen(tree: Path) -> None:
    """Every file in bpf/ counts, not the main one alone."""
    before = build.compile_object("small", tree).read_bytes()
    (tree / "bpf" / "answer.h").write_text("#define ANSWER 1\n")

    assert build.compile_object("small", tree).read_bytes() != before


def test_the_same_sources_give_the_same_object(tree: Path, tmp_path: Path) -> None:
    """Wherever the tree lies: no path of it gets into the object."""
    other = tmp_path / "elsewhere"
    shutil.copytree(tree / "bpf", other / "bpf")

    assert build.compile_object("small", tree).read_bytes() == (
        build.compile_object("small", other).read_bytes()
    )


def test_a_broken_program_is_told_with_its_line(tree: Path) -> None:
    """The first error of the compiler is in the message, the rest in the hint."""
    (tree / "bpf" / "answer.h").write_text("#define ANSWER )\n")

    with pytest.raises(NotSupported, match=r"small.bpf.c does not compile: .*error:"):
        build.compile_object("small", tree)


def test_without_clang_the_message_says_what_to_install(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing compiler is a missing feature of the machine."""
    monkeypatch.setenv("PATH", "")

    with pytest.raises(NotSupported, match="no clang to compile small") as raised:
        build.compile_object("small", tree)

    assert "apt install clang" in raised.value.hint


def test_an_unknown_program_is_refused(tree: Path) -> None:
    """Neither source nor prebuilt object is there."""
    with pytest.raises(NotSupported, match="no BPF program called large"):
        build.compile_object("large", tree)


def test_objects_go_where_the_environment_says(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clone that cannot be written is compiled elsewhere."""
    monkeypatch.setenv("FLOODWALL_BUILD", str(tmp_path / "cache"))

    assert build.compile_object("small", tree) == tmp_path / "cache" / "small.bpf.o"
    assert not (tree / "build").exists()


def test_a_library_is_made_once_for_each_change(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the tree's build/; elsewhere than in a tree there is none."""
    source = tmp_path / "answer.c"
    source.write_text("int answer(void) { return 42; }\n")
    made = build.compile_library(source, tree)
    first = made.stat().st_mtime_ns

    assert made.parent == tree / "build"
    assert made.read_bytes().startswith(b"\x7fELF")
    assert build.compile_library(source, tree).stat().st_mtime_ns == first
    monkeypatch.setenv("PATH", "")
    source.write_text("int answer(void) { return 43; }\n")
    with pytest.raises(NotSupported, match="no clang to compile answer"):
        build.compile_library(source, tree)
    with pytest.raises(NotSupported, match="compiles nothing"):
        build.compile_library(source, tmp_path / "elsewhere")

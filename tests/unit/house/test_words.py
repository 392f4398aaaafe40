"""What the words in the tree must and must not say."""

import pytest

from tests.support.house import words
from tests.support.tree import sources, text

GENERATED = "src/floodwall/kernel/_abi.py"
PYTHON = [
    path
    for path in sources("src/**/*.py", "tests/**/*.py", "benchmarks/*.py", "contrib/*.py")
    if path != GENERATED
]
BPF = sources("bpf/*.[ch]", "src/**/*.[ch]")
PROGRAMS = sources("bin/*", ".ci/*", "benchmarks/run")
PAGES = [
    *PYTHON,
    *BPF,
    *PROGRAMS,
    *sources("*.toml", "*.md", "*.lock", "docs/**/*.md", "contrib/*"),
]
THREATS = "docs/threat-model.md"


@pytest.mark.parametrize("path", PAGES)
def test_no_work_is_left_over_without_an_issue(path: str) -> None:
    """What is not done is written where it will be found."""
    assert list(words.debts(path, text(path))) == []


@pytest.mark.parametrize("path", PAGES)
def test_no_page_names_one_machine(path: str) -> None:
    """A clone works everywhere or nowhere."""
    assert list(words.foreign_names(path, text(path))) == []


@pytest.mark.parametrize("path", PYTHON)
def test_a_check_is_switched_off_only_with_a_reason(path: str) -> None:
    """`type: ignore` and `noqa` name their code, and why."""
    assert list(words.bare_excuses(path, text(path))) == []


@pytest.mark.parametrize("path", PYTHON)
def test_every_public_name_is_described(path: str) -> None:
    """One true sentence each."""
    assert list(words.missing_docstrings(path, text(path))) == []


@pytest.mark.parametrize("path", BPF)
def test_every_bpf_file_opens_with_licence_and_purpose(path: str) -> None:
    """The kernel reads the licence, people read the purpose."""
    assert list(words.missing_purpose(path, text(path))) == []


@pytest.mark.parametrize("path", PROGRAMS)
def test_every_program_names_its_licence(path: str) -> None:
    """Scripts are copied alone."""
    assert words.SPDX in text(path)


def test_the_threat_model_lists_exactly_the_known_holes() -> None:
    """What the code admits at its line, the operator can read; what is mended is struck off."""
    admitted = {
        (path, hole)
        for path in [*BPF, *sources("src/**/*.py")]
        for hole in words.limits(text(path))
    }
    assert set(words.listed_limits(text(THREATS))) == admitted


@pytest.mark.parametrize("word", ["TO" + "DO", "FIX" + "ME"])
def test_left_over_work_is_seen(word: str) -> None:
    """A note with an issue number is no left-over."""
    assert list(words.debts("a.py", f"# {word} later\n# {word} #12: later")) == [
        "a.py:1: work left over without an issue number"
    ]


@pytest.mark.parametrize("name", ["/ro" + "ot/x", "/wo" + "rk/", "/ho" + "me/me/", "py" + "pi.org"])
def test_a_name_of_one_machine_is_seen(name: str) -> None:
    """Homes, workshops and package hosts."""
    assert len(list(words.foreign_names("a.md", f"see {name}"))) == 1


@pytest.mark.parametrize(
    "comment",
    ["# no" + "qa", "# no" + "qa: S603", "# type: ig" + "nore", "# type: ig" + "nore[misc]"],
)
def test_an_excuse_without_reason_is_seen(comment: str) -> None:
    """The code alone does not say why."""
    assert len(list(words.bare_excuses("a.py", f"x = 1  {comment}"))) == 1


@pytest.mark.parametrize("code", ["no" + "qa: S603", "type: ig" + "nore[misc]"])
def test_an_excuse_with_reason_is_allowed(code: str) -> None:
    """It stands behind the code or on the line above."""
    assert list(words.bare_excuses("a.py", f"x = 1  # {code} # a list, no shell")) == []
    assert list(words.bare_excuses("a.py", f"# A list, no shell.\nx = 1  # {code}")) == []


def test_a_missing_sentence_is_seen() -> None:
    """Private names may be silent, methods may not."""
    source = '"""A module."""\nclass A:\n    """A class."""\n    def b(self): ...\ndef _c(): ...'
    assert list(words.missing_docstrings("a.py", source)) == [
        "a.py:4: b has no sentence that describes it"
    ]


def test_a_bpf_file_without_head_is_seen() -> None:
    """Both lines are needed."""
    assert len(list(words.missing_purpose("a.h", "#include <x.h>\n"))) == 2
    good = f"/* {words.SPDX} */\n/* Counts packets. */\n"
    assert list(words.missing_purpose("a.h", good)) == []


def test_a_limit_is_read_over_line_ends() -> None:
    """Comment margins are not part of the words."""
    mark = "LIM" + "IT: "
    source = f"/* {mark}tags beyond\n * four pass. More. */\n# {mark}one\n# two."
    assert list(words.limits(source)) == ["tags beyond four pass.", "one two."]


def test_a_listed_limit_is_its_file_and_first_sentence() -> None:
    """More may follow in the document."""
    page = "- `bpf/a.h`: tags beyond four pass. They are counted.\n- `src/b.py`: two\n  lines.\n"
    assert list(words.listed_limits(page)) == [
        ("bpf/a.h", "tags beyond four pass."),
        ("src/b.py", "two lines."),
    ]

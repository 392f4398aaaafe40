"""_abi.py is what its generator makes of the present header."""

from pathlib import Path

import pytest

from floodwall.kernel import _abi, abi_generator
from floodwall.kernel.build import compile_object


def test_the_committed_file_is_up_to_date() -> None:
    """Else run `python -m floodwall.kernel.abi_generator`."""
    assert Path(_abi.__file__).read_text() == abi_generator.generate(compile_object("abi"))


def test_the_digest_changes_with_the_layout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two layouts must never be taken for the same one."""
    monkeypatch.delenv("FLOODWALL_BUILD", raising=False)
    digests = [_digest(tmp_path / field, field) for field in ("until_ns", "until_ms")]

    assert digests[0] != digests[1]


def _digest(tree: Path, field: str) -> str:
    sources = tree / "bpf"
    sources.mkdir(parents=True)
    (sources / "abi.bpf.c").write_text(
        "typedef unsigned long long __u64;\n"
        f"struct fw_lease {{ __u64 {field}; }};\n"
        "const volatile struct fw_lease *tell __attribute__((used));\n"
    )
    text = abi_generator.generate(compile_object("abi", tree))
    return next(line for line in text.splitlines() if line.startswith("ABI_DIGEST"))

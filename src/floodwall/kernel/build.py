"""Compiles the BPF programs of a source tree, and C for this machine, once for each change.

Law: the object depends on the sources and the flags only, so the same tree gives the same object.
An installed package without sources carries its objects in `floodwall/objects/`.  bin/floodwall
names another place for what it compiles, FLOODWALL_BUILD, where the tree cannot be written.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

from floodwall.core.errors import NotSupported

_PACKAGE = Path(__file__).resolve().parents[1]
_TREE = _PACKAGE.parents[1]
_COMPILERS = ("clang-19", "clang-18", "clang-16", "clang-15", "clang-14", "clang")
_WARNINGS = ("-Wall", "-Wextra", "-Werror")
_FLAGS = ("-target", "bpf", "-mcpu=v3", "-O2", "-g", *_WARNINGS)
_OWN_FLAGS = ("-std=c11", "-shared", "-fPIC", "-fvisibility=hidden", "-O3", *_WARNINGS)
_INSTALL_HINT = "apt install clang-19 llvm-19 libbpf-dev (or clang and llvm), then start again"


def data_plane_object() -> Path:
    """Return the compiled data plane, `floodwall.bpf.o`."""
    return compile_object("floodwall")


def gateway_object() -> Path:
    """Return the compiled data plane of a gateway, `gateway.bpf.o`."""
    return compile_object("gateway")


def compile_object(name: str, tree: Path = _TREE) -> Path:
    """Return the object of bpf/NAME.bpf.c, compiled if the sources changed since the last time."""
    source = tree / "bpf" / f"{name}.bpf.c"
    prebuilt = _PACKAGE / "objects" / f"{name}.bpf.o"
    if not source.exists():
        return _existing(prebuilt, f"there is no BPF program called {name}")
    target = _made(tree) / f"{name}.bpf.o"
    digest = _digest(source.parent, _FLAGS)
    if _is_of(target, digest):
        return target
    compiler = _first_tool(_COMPILERS)
    if compiler is None:
        return _existing(prebuilt, f"no clang to compile {source.name} with")
    target.parent.mkdir(exist_ok=True)
    _compile(compiler, source, target)
    _write_atomically(_stamp(target), digest)
    return target


def compile_library(source: Path, tree: Path = _TREE) -> Path:
    """Return the shared library of a C file and the headers beside it, for this machine.

    Only a source tree has one.
    """
    if not (tree / "bpf").is_dir():
        raise NotSupported("an installed package compiles nothing", feature="source tree", hint="")
    target = _made(tree) / f"{source.stem}-{platform.machine()}.so"
    digest = _digest(source.parent, _OWN_FLAGS)
    if _is_of(target, digest):
        return target
    compiler = _first_tool(_COMPILERS)
    if compiler is None:
        raise NotSupported(f"no clang to compile {source.name} with", feature="clang", hint="")
    target.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f"{source.stem}.") as scratch:
        made = Path(scratch) / target.name
        command = [compiler, *_OWN_FLAGS, os.fspath(source), "-o", os.fspath(made)]
        _run(command, f"{source.name} does not compile")
        made.replace(target)
    _write_atomically(_stamp(target), digest)
    return target


def _stamp(target: Path) -> Path:
    """Return where the digest of the sources is kept that a file was made of."""
    return target.with_suffix(".sha256")


def _is_of(target: Path, digest: str) -> bool:
    stamp = _stamp(target)
    return target.exists() and stamp.exists() and stamp.read_text() == digest


def _made(tree: Path) -> Path:
    """Return where what is compiled from a tree is kept."""
    return Path(os.environ.get("FLOODWALL_BUILD", tree / "build"))


def _existing(path: Path, problem: str) -> Path:
    if path.exists():
        return path
    raise NotSupported(problem, feature="clang", hint=_INSTALL_HINT)


def _digest(sources: Path, flags: tuple[str, ...]) -> str:
    """Hash everything that the object is made from."""
    seen = hashlib.sha256(" ".join(flags).encode())
    for path in sorted(sources.glob("*.[ch]")):
        seen.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return seen.hexdigest()


def _first_tool(names: tuple[str, ...]) -> str | None:
    return next((found for name in names if (found := shutil.which(name))), None)


def _compile(compiler: str, source: Path, target: Path) -> None:
    tree = source.parents[1]
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f"{source.stem}.") as scratch:
        made = Path(scratch) / target.name
        command = [
            compiler,
            *_FLAGS,
            f"-I{source.parent}",
            f"-I/usr/include/{platform.machine()}-linux-gnu",
            f"-ffile-prefix-map={tree}=.",
            "-c",
            os.fspath(source),
            "-o",
            os.fspath(made),
        ]
        _run(command, f"{source.name} does not compile")
        stripper = _first_tool((compiler.replace("clang", "llvm-strip"), "llvm-strip"))
        if stripper:  # DWARF only: BTF stays
            _run([stripper, "-g", os.fspath(made)], f"{made.name} cannot be stripped")
        made.replace(target)


def _run(command: list[str], problem: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    first = next((line for line in done.stderr.splitlines() if "error:" in line), done.stderr)
    missing = "bpf_helpers.h" in done.stderr and "not found" in done.stderr
    raise NotSupported(
        f"{problem}: {first.strip()}",
        feature="libbpf headers" if missing else "clang",
        hint=_INSTALL_HINT if missing else f"the whole output:\n{done.stderr}",
    )


def _write_atomically(path: Path, text: str) -> None:
    scratch = path.with_name(f"{path.name}.{os.getpid()}")
    scratch.write_text(text)
    scratch.replace(path)

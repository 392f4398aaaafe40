"""The loop in C, under a sanitizer, over text that ends where memory ends."""

import ctypes
import os
import shutil
import struct
import subprocess
from pathlib import Path
from random import Random

import numpy as np
import pytest

from floodwall.core.errors import NotSupported
from floodwall.forensics.logs import scanner as module
from floodwall.forensics.logs.clock import Clock
from floodwall.forensics.logs.envelope import Envelopes
from floodwall.forensics.logs.notable import TABLE
from floodwall.forensics.logs.scanner import SOURCE, as_c, scanner
from floodwall.forensics.logs.template import Template, template_of
from floodwall.kernel.build import compile_library

HARNESS = """
#include "scan.c"
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void need(int so) { if (!so) abort(); }

static void run(const uint8_t *text, uint32_t bytes, const struct scan_template *templates,
                int count, const uint8_t *grams, int64_t room, int may_fill)
{
    struct scan_found f = {
        malloc(8 * room), malloc(8 * room), malloc(8 * room), malloc(room), malloc(8 * room),
        malloc(16 * room), room, room, 0, 0, 0,
    };
    int failed = scan_block(text, bytes, templates, count, grams, &f);

    need(!failed || (may_fill && failed == -1));
    need(f.rows <= room && f.fresh_rows <= f.rows && f.odd_rows <= room);
    free(f.start); free(f.value); free(f.part); free(f.template_index); free(f.fresh); free(f.odd);
}

int main(void)
{
    uint32_t count, bytes;
    long page = sysconf(_SC_PAGESIZE);
    static uint8_t grams[8192];

    need(fread(&count, 4, 1, stdin) == 1);
    struct scan_template *templates = calloc(count, sizeof(*templates));
    need(fread(templates, sizeof(*templates), count, stdin) == count);
    need(fread(grams, sizeof(grams), 1, stdin) == 1);
    while (fread(&bytes, 4, 1, stdin) == 1) {
        size_t whole = (bytes / page + 1) * page;
        uint8_t *map = mmap(0, whole + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                            -1, 0);
        uint8_t *text = map + whole - bytes;

        need(map != MAP_FAILED && !mprotect(map + whole, page, PROT_NONE));
        need(!bytes || fread(text, bytes, 1, stdin) == 1);
        run(text, bytes, templates, count, grams, bytes / 8 + 1, 0);
        run(text, bytes, templates, count, grams, 1, 1);
        munmap(map, whole + page);
    }
    free(templates);
    puts("sound");
    return 0;
}
"""
BEFORE = [
    b"Feb 28 09:27:37 nap1 kernel: ",
    b"<4>Feb 28 09:27:37 nap1 kernel: [  601.749973] ",
    b"2004-02-28T09:27:37.123456+01:00 nap1 kernel: ",
    b"<4>1 2004-02-28T09:27:37Z h kernel - - - ",
]
DROP = b"TCP: drop open request from 192.0.2.1/80"
MESSAGES = [
    DROP,
    b"TCP: drop open request from 255.255.255.255/65535",
    b"NET: 999999999 messages suppressed.",
    b"net_ratelimit: 5 callbacks suppressed",
    b"possible SYN flooding on port 80.",
    b"",
]
SANITIZERS = (
    ("-fsanitize=address,undefined", "-fno-sanitize-recover=all"),
    ("-fsanitize=undefined", "-fsanitize-trap=undefined"),  # needs no library
)


def templates() -> list[Template]:
    """Return a template of each wrapping."""
    lines = [before + DROP for before in BEFORE]
    made = [template_of(raw, Envelopes(Clock(1.7e9, 2004)).open(raw)) for raw in lines]
    return [one for one in made if one]


def harness(folder: Path) -> Path:
    """Compile the loop with what feeds it, and the strictest sanitizer that there is."""
    source, made = folder / "harness.c", folder / "harness"
    source.write_text(HARNESS)
    compilers = [found for name in ("clang-19", "clang", "gcc") if (found := shutil.which(name))]
    for sanitizer in SANITIZERS:
        for compiler in compilers:
            flags = ("-g", "-O1", "-std=gnu11", f"-I{SOURCE.parent}", *sanitizer)
            command = [compiler, *flags, os.fspath(source), "-o", os.fspath(made)]
            if subprocess.run(command, capture_output=True, check=False).returncode == 0:
                return made
    raise AssertionError("no compiler here compiles it with any sanitizer")


def fuzzed(chance: Random) -> bytes:
    """Return lines of all kinds, broken at some places, and cut anywhere."""
    lines = [chance.choice(BEFORE) + chance.choice(MESSAGES) for _ in range(chance.randrange(12))]
    made = bytearray(b"\n".join(lines) + b"\n" * chance.randrange(2))
    for _ in range(chance.randrange(5)):
        at = chance.randrange(len(made) + 1)
        made[at : at + chance.randrange(3)] = chance.choice(
            (b"", b"\n", b"9", b".", b"/", b" ", b"\0\xff", made[at : at + 40])
        )
    return bytes(made[: chance.randrange(len(made) + 1)]) + b"\n" * chance.randrange(2)


@pytest.mark.slow
def test_the_loop_stays_within_its_memory(tmp_path: Path) -> None:
    """Whatever the text says and wherever it ends, and however little room there is."""
    chance, every = Random(20_040_228), templates()
    assert len(every) == len(BEFORE)
    texts = [fuzzed(chance) for _ in range(20_000)]
    grams = np.packbits(TABLE, bitorder="little").tobytes()
    fed = struct.pack("=I", len(every)) + bytes(as_c(every)) + grams
    fed += b"".join(struct.pack("=I", len(text)) + text for text in texts)
    done = subprocess.run([harness(tmp_path)], input=fed, capture_output=True, check=False)
    assert (done.stdout, done.stderr.decode()) == (b"sound\n", "")


def test_a_template_that_makes_no_sense_is_refused() -> None:
    """Each of its numbers is looked at before any text is."""
    loop = scanner()
    assert loop is not None
    (template,) = templates()[:1]
    for name, value in (("head_bytes", 999), ("fraction_end", 99), ("uptime_bytes", 3)):
        given = as_c([template])
        setattr(given[0], name, value)
        found = module.CFound()
        scan = ctypes.CDLL(str(compile_library(SOURCE))).scan_block
        arguments = (ctypes.byref(given), 1, None, ctypes.byref(found))
        assert scan(b"x\n", ctypes.c_int64(2), *arguments) == -2


def test_without_a_compiler_there_is_no_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numpy does the same."""

    def refuse(_source: Path) -> Path:
        raise NotSupported("no", feature="clang", hint="")

    monkeypatch.setattr(module, "compile_library", refuse)
    monkeypatch.setattr(module, "_library", module._library.__wrapped__)
    assert scanner() is None

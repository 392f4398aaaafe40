"""What `floodwall analyze` writes into files besides what it prints."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from floodwall.core.errors import ConfigError
from floodwall.forensics.account import Account
from floodwall.forensics.captures.sample import sample
from floodwall.forensics.outputs.page import page
from floodwall.forensics.outputs.table import table
from floodwall.forensics.partial import Partial
from floodwall.forensics.places import Places
from floodwall.forensics.read.opening import STANDARD_INPUT
from floodwall.forensics.selection import Selection

F = TypeVar("F", bound=Callable[..., Any])
_FILE = click.Path(dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Files that the operator wants to have."""

    html: Path | None = None
    csv: Path | None = None
    sample: Path | None = None
    mmdb: tuple[Path, ...] = ()
    """Files that tell country and network of sources."""

    def check(self, inputs: Sequence[str]) -> None:
        """Refuse to write over the evidence, before anything is read."""
        for path in (self.html, self.csv, self.sample):
            if path is not None:
                _check(path, inputs)
        if self.sample is not None and STANDARD_INPUT in inputs:
            raise ConfigError(
                "--pcap-sample reads its captures again, and the standard input can be read once",
                hint="save it to a file",
            )

    def places(self) -> Places:
        """Open the files that tell where sources are."""
        return Places(self.mmdb)

    def write(
        self,
        whole: Partial,
        account: Account,
        files: Sequence[str],
        selection: Selection,
        places: Places,
    ) -> None:
        """Write the files."""
        if self.html is not None:
            save(self.html, [page(account).encode()])
        if self.csv is not None:
            save(self.csv, table(whole, places.of))
        if self.sample is not None:
            readable = [
                path for path, one in zip(files, account.inputs, strict=True) if one.records
            ]
            count, capture = sample(readable, account.findings, selection)
            save(self.sample, [capture])
            if not count:
                click.echo("floodwall: the sample is empty: no finding is in a capture", err=True)


def outputs(function: F) -> F:
    """Offer the files, and hand them over as one argument `wanted`."""

    @click.option("--html", type=_FILE, help="Write one page with charts, for a browser or print.")
    @click.option("--csv", type=_FILE, help="Write all sources, one a line, for a spreadsheet.")
    @click.option(
        "--pcap-sample", type=_FILE, help="Write the headers of some frames of each finding."
    )
    @click.option(
        "--mmdb", multiple=True, type=_FILE, help="Tell country and network of sources by this."
    )
    @wraps(function)
    def with_files(
        *args: Any,
        html: Path | None,
        csv: Path | None,
        pcap_sample: Path | None,
        mmdb: tuple[Path, ...],
        **others: Any,
    ) -> Any:
        return function(*args, wanted=Wanted(html, csv, pcap_sample, mmdb), **others)

    return with_files  # type: ignore[return-value] # click looks at its options only


def save(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file; what the system refuses is the operator's to mend."""
    try:
        with path.open("wb") as file:
            file.writelines(pieces)
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {(error.strerror or 'failed').lower()}") from error


def _check(path: Path, inputs: Sequence[str]) -> None:
    if not path.parent.is_dir():
        raise ConfigError(f"cannot write {path}: there is no such directory")
    for name in inputs:
        if name != STANDARD_INPUT and _same(path, Path(name)):
            raise ConfigError(f"{path} is an input: it would be lost", hint="choose another name")


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False

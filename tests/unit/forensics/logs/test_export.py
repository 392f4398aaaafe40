"""The export format of the journal."""

import json
from pathlib import Path

from floodwall.forensics.inputs import Options, read_input
from floodwall.forensics.logs.export import read_export

ENTRY = """__CURSOR=s=1;i={n}
__REALTIME_TIMESTAMP=169000000000000{n}
_TRANSPORT={transport}
_HOSTNAME=nap1
MESSAGE=TCP: drop open request from 192.0.2.{n}/3755

"""


def test_entries_are_apart_by_an_empty_line() -> None:
    """Each is a line with the journal's own word about who wrote it."""
    text = ENTRY.format(n=1, transport="kernel") + ENTRY.format(n=2, transport="stdout")
    first, second = read_export(iter(text.encode().split(b"\n")))
    assert (first.host, first.trusted, second.trusted) == (b"nap1", True, False)
    assert first.at == 1_690_000_000.000001


def test_a_journal_is_read_as_a_log(tmp_path: Path) -> None:
    """What the kernel did not say is not counted."""
    file = tmp_path / "journal"
    file.write_text("".join(
        ENTRY.format(n=n, transport="kernel" if n < 5 else "syslog") for n in range(9)
    ))  # fmt: skip
    partial = read_input(str(file), Options())
    assert int(partial.pairs.rows().counts.sum()) == 5
    assert partial.untrusted == 4


def test_pretty_json_is_read_entry_by_entry(tmp_path: Path) -> None:
    """As `journalctl -o json-pretty` prints it; what is broken is passed over."""
    entries = [
        {
            "__REALTIME_TIMESTAMP": f"169000000000000{n}",
            "_TRANSPORT": "kernel" if n < 5 else "syslog",
            "MESSAGE": f"TCP: drop open request from 192.0.2.{n}/3755",
        }
        for n in range(9)
    ]
    broken = '{\n\t"_TRANSPORT" : "kernel",\n\t"MESSAGE" : \n}\n'
    file = tmp_path / "journal"
    file.write_text("\n".join(json.dumps(entry, indent=8) for entry in entries) + "\n" + broken)
    partial = read_input(str(file), Options())
    assert int(partial.pairs.rows().counts.sum()) == 5
    assert partial.untrusted == 4
    assert partial.pairs.rows().first.min() == 1_690_000_000.0

"""One input of any kind, taken through all of `analyze`."""

import os

from floodwall.forensics.account import account_of
from floodwall.forensics.inputs import Options, read_input
from floodwall.forensics.outputs.document import as_json


def analyze(content: bytes) -> None:
    """Read bytes as a file, and print the account of it as JSON; whatever they are."""
    descriptor = os.memfd_create("evidence")
    try:
        os.write(descriptor, content)
        partial = read_input(f"/proc/self/fd/{descriptor}", Options())
        made = as_json(account_of(partial))
    finally:
        os.close(descriptor)
    assert made.isascii()

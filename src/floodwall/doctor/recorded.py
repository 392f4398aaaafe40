"""Symptoms of another machine, from two trees that a shell printed there."""

from collections.abc import Mapping
from dataclasses import replace

from floodwall.core.diagnosis.symptoms import Symptoms
from floodwall.core.errors import ConfigError
from floodwall.doctor.reading import read_sample
from floodwall.doctor.sample import Sample
from floodwall.doctor.told_by_ss import improved, told_by_ss
from floodwall.doctor.tree import SS, Tree, unpack_trees
from floodwall.doctor.window import Beside, between

_UNTOLD = "backlogs and processes of listeners: /proc/net does not tell, and ss was not there"
_UNSEEN = (
    "which connections never sent a byte: /proc/net does not tell",
    "whether listeners answer: they were not tried",
    "the kernel's log: not in the recording",
)


LARGEST_CHARACTERS = 1 << 28
"""Of a recording: two looks at a million sockets."""

_LONGEST_S = 3600.0


def examine_recorded(text: str, speeds: Mapping[str, int]) -> Symptoms:
    """Return what a recording shows between its first and its last tree.

    Whoever made it may be anybody: what is wrong with it is one error, whatever it is.
    """
    if len(text) > LARGEST_CHARACTERS:
        raise ConfigError("the recording is too large", hint="at most 256 MiB are read")
    trees = unpack_trees(text)
    if len(trees) < 2:
        raise ConfigError(
            f"the recording holds {len(trees)} looks at /proc, two are needed",
            hint="record it by the line that 'floodwall doctor --script' prints",
        )
    try:
        before, after = _ends(trees)
        told = told_by_ss(trees[-1].get(SS, ""))
        before, after = (
            replace(sample, sockets=improved(sample.sockets, told)) for sample in (before, after)
        )
        owners = {inode: one.owner for inode, one in told.items() if one.owner is not None}
        unseen = _UNSEEN if told else (_UNTOLD, *_UNSEEN)
        return between(before, after, Beside(owners=owners, speeds=speeds, unseen=unseen))
    except (ValueError, LookupError, ArithmeticError) as error:
        raise ConfigError(
            f"the recording is damaged: {error}", hint="record it again; nothing may be cut off"
        ) from error


def _ends(trees: list[Tree]) -> tuple[Sample, Sample]:
    before, after = _sample(trees[0]), _sample(trees[-1])
    if not 0 < after.at_s - before.at_s <= _LONGEST_S:  # false for what is no number, too
        raise ValueError("its two looks are not up to an hour apart")
    return before, after


def _sample(tree: Tree) -> Sample:
    """Read a tree; its own uptime is its time."""
    return read_sample(tree, float(tree["uptime"].split()[0]))

"""Symptoms of another machine, from two trees that a shell printed there."""

from collections.abc import Mapping

from floodwall.core.diagnosis.symptoms import Symptoms
from floodwall.core.errors import ConfigError
from floodwall.doctor.reading import read_sample
from floodwall.doctor.sample import Sample
from floodwall.doctor.tree import Tree, unpack_trees
from floodwall.doctor.window import Beside, between

_UNSEEN = (
    "backlogs and processes of listeners: /proc/net does not tell",
    "whether listeners answer: they were not tried",
    "the kernel's log: not in the recording",
)


def examine_recorded(text: str, speeds: Mapping[str, int]) -> Symptoms:
    """Return what a recording shows between its first and its last tree."""
    trees = unpack_trees(text)
    if len(trees) < 2:
        raise ConfigError(
            f"the recording holds {len(trees)} looks at /proc, two are needed",
            hint="record it by the line that 'floodwall doctor --script' prints",
        )
    return between(_sample(trees[0]), _sample(trees[-1]), Beside(speeds=speeds, unseen=_UNSEEN))


def _sample(tree: Tree) -> Sample:
    """Read a tree; its own uptime is its time."""
    try:
        return read_sample(tree, float(tree.get("uptime", "0").split()[0]))
    except (ValueError, IndexError) as error:
        raise ConfigError(
            f"the recording is damaged: {error}", hint="record it again; nothing may be cut off"
        ) from error

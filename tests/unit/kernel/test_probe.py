"""Probes answer yes, no or could not tell; masks make them say no."""

import errno

import pytest

from floodwall.core.errors import ConfigError, KernelError, NotSupported
from floodwall.kernel import probe
from floodwall.kernel.probe import Answer, Feature, Features, Finding


def _features(answer: Answer) -> Features:
    return Features({feature: Finding(answer, "because") for feature in Feature})


def test_every_feature_is_probed() -> None:
    """Each one has an answer and a reason."""
    found = probe.probe().items()

    assert [feature for feature, _ in found] == list(Feature)
    assert all(finding.reason for _, finding in found)


def test_a_masked_feature_answers_no() -> None:
    """And says that it was masked."""
    found = probe.probe(frozenset({Feature.TCX}))

    assert found[Feature.TCX] == Finding(Answer.NO, "masked")
    assert found.lacks(Feature.TCX)


def test_the_mask_comes_from_the_environment() -> None:
    """Names by comma; blanks do not matter."""
    mask = probe.mask_from_environment({"FLOODWALL_MASK": "handover, native_xdp"})

    assert mask == {Feature.HANDOVER, Feature.NATIVE_XDP}
    assert probe.mask_from_environment({}) == frozenset()


def test_a_mask_of_an_unknown_feature_is_a_mistake() -> None:
    """Else a test of a lower rung would silently run on the upper one."""
    with pytest.raises(ConfigError, match="teleport") as raised:
        probe.mask_from_environment({"FLOODWALL_MASK": "teleport"})
    assert "handover" in raised.value.hint


def test_what_could_not_be_told_is_neither_there_nor_missing() -> None:
    """It may be tried."""
    found = _features(Answer.UNKNOWN)

    assert not found.has(Feature.TCX)
    assert not found.lacks(Feature.TCX)
    found.require(*Feature)


def test_a_required_feature_that_is_missing_is_named() -> None:
    """With the kernel that has it."""
    with pytest.raises(NotSupported, match="tcx: because") as raised:
        _features(Answer.NO).require(Feature.TCX)
    assert raised.value.minimum_kernel == "6.6"


def test_a_refusal_for_lack_of_privilege_is_no_answer() -> None:
    """EPERM says nothing about the kernel, EINVAL does."""
    with pytest.raises(KernelError):
        probe._judged(-errno.EPERM, "tcx", "query", "")
    with pytest.raises(NotSupported):
        probe._judged(-errno.EINVAL, "tcx", "query", "")
    assert probe._judged(0, "tcx", "query", "fine") == Finding(Answer.YES, "fine")


@pytest.mark.root
@pytest.mark.kernel("6.9")
def test_a_new_kernel_has_everything() -> None:
    """What only the interface can tell stays open."""
    found = probe.probe()
    unknown = {feature for feature, finding in found.items() if finding.answer is Answer.UNKNOWN}

    assert not [feature for feature in Feature if found.lacks(feature)]
    assert unknown == {Feature.NATIVE_XDP, Feature.GENERIC_XDP}

"""Errors carry a sentence, a hint and an exit code."""

from floodwall.core.errors import ConfigError, FloodwallError, KernelError, NotSupported


def test_an_error_reads_as_its_sentence() -> None:
    """What `str` gives is what the operator sees; the hint is apart."""
    error = FloodwallError("the wall is down", hint="put it up")

    assert str(error) == "the wall is down"
    assert error.hint == "put it up"


def test_the_exit_code_says_who_must_act() -> None:
    """2 is the operator's own, 3 is what the machine lacks."""
    codes = (ConfigError.exit_code, KernelError.exit_code, NotSupported.exit_code)

    assert codes == (2, 3, 3)


def test_a_kernel_error_keeps_its_parts() -> None:
    """Code that handles an error looks at the errno, never at the sentence."""
    error = KernelError("pin /x: File exists", op="pin", errno=17, obj="/x")

    assert (error.op, error.errno, error.obj, error.hint) == ("pin", 17, "/x", "")


def test_a_missing_feature_names_the_kernel_that_has_it() -> None:
    """The operator learns what to upgrade to."""
    error = NotSupported("no tcx", feature="tcx", minimum_kernel="6.6")

    assert (error.feature, error.minimum_kernel) == ("tcx", "6.6")

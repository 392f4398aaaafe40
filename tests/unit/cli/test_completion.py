"""`floodwall completion`."""

import pytest
from click.testing import CliRunner

from floodwall.cli.main import main


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_script(shell: str) -> None:
    """For the command as it is called."""
    answer = CliRunner().invoke(main, ["completion", shell])

    assert answer.exit_code == 0
    assert "_FLOODWALL_COMPLETE" in answer.stdout


def test_an_unknown_shell_is_a_mistake() -> None:
    """Exit code 2."""
    assert CliRunner().invoke(main, ["completion", "csh"]).exit_code == 2

"""Program and oracle over the same frames: verdict, bytes and memory must agree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from floodwall.kernel._abi import Mechanism
from tests.support.corpus import read_tcp
from tests.support.kernel_cookies import KernelCookies
from tests.support.oracle.judge import judge
from tests.support.oracle.verdict import Action, Judgement
from tests.support.oracle.world import World
from tests.support.subject import Subject


class Step(NamedTuple):
    """A frame and the time at which it arrives."""

    now_ns: int
    frame: bytes


@dataclass(slots=True)
class Duel:
    """The two sides, from the same beginning on."""

    subject: Subject
    world: World
    cookies: KernelCookies = field(default_factory=KernelCookies)
    output: bytes = b""  # what the program last let out
    reply: bytes = b""  # the same if it was a SYN-ACK

    def begin(self) -> None:
        """Make the program's memory that of the world."""
        self.subject.put(self.world)

    def step(self, step: Step) -> str:
        """Show one frame to both; return what disagrees in verdict or bytes, or nothing."""
        if step.now_ns != self.world.now_ns:
            self.world.now_ns = step.now_ns
            self.subject.set_clock(step.now_ns)
        action, output = self.subject.run(step.frame)
        self.output = output
        self.reply = output if action == Action.TX else b""
        judgement = self.judge(step.frame, action, output)
        wanted = judgement.metadata + judgement.output
        if action == judgement.action and output == wanted:
            return ""
        return "\n".join(
            (
                f"expected {judgement.action.name} ({judgement.reason.name}), got {action}",
                f"   frame {step.frame.hex()}",
                f"expected {wanted.hex()}",
                f"     got {output.hex()}",
            )
        )

    def judge(self, frame: bytes, action: int, output: bytes) -> Judgement:
        """Return the oracle's verdict, told what the kernel's own cookies are."""
        kernel = action == Action.TX and self._may_be_kernel_cookie()
        isn = read_tcp(output)[1].sequence if kernel else 0
        valid = self.cookies.accept(frame)
        judgement = judge(self.world, frame, kernel_isn=isn, stack_cookie=valid)
        if judgement.kernel_cookie and kernel:
            self.cookies.learn(frame, isn)
        return judgement

    def _may_be_kernel_cookie(self) -> bool:
        services = self.world.services.values()
        return any(service.limits.mechanism is Mechanism.STACK for service in services)

"""The screen that lives: polls the daemon, takes keys, files requests.

Law: the terminal never waits for the daemon, and nothing is asked for that was not confirmed.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.events import Key, Resize
from textual.screen import Screen
from textual.widgets import Input, Static

from floodwall.app.client import Client
from floodwall.console.feed import Feed, Snapshot
from floodwall.console.top.answers import why_lines
from floodwall.console.top.board import Board
from floodwall.console.top.lines import View, plain, screen
from floodwall.console.top.orders import Order, Question, Request, outcome, questions, request
from floodwall.core.errors import FloodwallError

KEYS = "b ban  a allow  w why  m arm  c calm  O off  arrows select  q quit"


@dataclass(frozen=True, slots=True)
class Reach:
    """How the daemon is reached, and how often it is asked."""

    feed: Feed
    connect: Callable[[], Client]
    every_s: float = 1.0


class Pages(Screen[None]):
    """Text that may be longer than the screen; any of the keys takes back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, "app.pop_screen", show=False) for key in ("escape", "q", "enter", "w")
    ]
    CSS = "Pages { background: ansi_default; } Pages Static { background: ansi_default; }"

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__()
        self._text = "\n".join((*lines, "", "Escape takes you back."))

    def compose(self) -> ComposeResult:
        """Show the text."""
        with VerticalScroll(can_focus=True):
            yield Static(Text(self._text))


class Top(App[None]):
    """One screen, one line for questions."""

    CSS = """
    Screen { background: ansi_default; color: ansi_default; layers: base; }
    #keys, #answer { height: 1; background: ansi_default; border: none; padding: 0; }
    #answer { display: none; }
    """
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = ""  # keys are orders until a question is asked
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", show=False),
        Binding("ctrl+c", "quit", show=False, priority=True),
        Binding("b", "order('ban')", show=False),
        Binding("a", "order('allow')", show=False),
        Binding("m", "order('arm')", show=False),
        Binding("c", "order('calm')", show=False),
        Binding("O", "order('off')", show=False),
        Binding("w", "why", show=False),
        Binding("down,j", "select(1)", show=False),
        Binding("up,k", "select(-1)", show=False),
    ]

    def __init__(self, reach: Reach) -> None:
        super().__init__(ansi_color=True)
        self.animation_level = "none"
        self._reach = reach
        self._board = Board()
        self._keys = Static(Text(KEYS, "dim", no_wrap=True), id="keys")
        self._field = Input(id="answer", compact=True)
        self._view = View(Snapshot())
        self._polling = False
        self._answer: asyncio.Future[str | None] | None = None

    def compose(self) -> ComposeResult:
        """Put up the board, the keys, and where questions are answered."""
        yield self._board
        yield self._keys
        yield self._field

    def on_mount(self) -> None:
        """Begin to ask."""
        self._field.cursor_blink = False
        self._asking(yes=False)
        self.set_interval(self._reach.every_s, self._tick)
        self._tick()

    def on_unmount(self) -> None:
        """Hang up."""
        self._reach.feed.close()

    def on_resize(self, _: Resize) -> None:
        """Draw for the new size, once the board knows it."""
        self.call_after_refresh(self._draw)

    def action_select(self, step: int) -> None:
        """Select the next service, or the one before."""
        names = [service.name for service in self._view.snapshot.services]
        chosen = self._view.service
        if chosen is not None:
            place = max(0, min(names.index(chosen.name) + step, len(names) - 1))
            self._show(selected=names[place], message="")

    def action_order(self, name: str) -> None:
        """Ask for what an order needs, and file it."""
        order = Order(name)
        if self._answer is not None:
            return
        if order.value not in self._view.snapshot.verbs:
            live = self._view.snapshot.verbs
            why = "you may look, but change nothing" if live else "no daemon was reached yet"
            self._say(f"{why}: run as root, or as a member of floodwall-operators", bad=True)
            return
        self._file(order)

    def action_why(self) -> None:
        """Ask why something is as it is."""
        if self._answer is None:
            self._explain()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the answer to the question."""
        self._answered(event.value)

    def on_key(self, event: Key) -> None:
        """Let Escape take a question back."""
        if event.key == "escape" and self._answer is not None:
            event.stop()
            self._answered(None)

    @work(exclusive=True)
    async def _file(self, order: Order) -> None:
        service = self._view.service
        asked = questions(order, service.name.split(" ")[0] if service else "")
        answers = await self._interview(asked)
        if answers is None:
            self._say("nothing was done")
            return
        try:
            wanted = request(order, answers)
            if not await self._sure(wanted):
                self._say("nothing was done")
                return
            answer = await asyncio.to_thread(self._ask, wanted)
        except FloodwallError as error:
            self._say(f"{error.message} {f'({error.hint})' if error.hint else ''}", bad=True)
            return
        told, bad = outcome(wanted, answer)
        self._say(told, bad=bad)
        self._tick()

    @work(exclusive=True)
    async def _explain(self) -> None:
        service = self._view.service
        first = str(service.port) if service else ""
        subject = await self._question(
            Question("Why what? An address, a network, a port or an incident", first)
        )
        if not subject:
            self._say("")
            return
        try:
            answer = await asyncio.to_thread(self._ask, Request("why", {"subject": subject}))
        except FloodwallError as error:
            self._say(error.message, bad=True)
            return
        self._say("")
        self.push_screen(Pages(list(why_lines(answer))))

    def _ask(self, wanted: Request) -> dict[str, object]:
        with self._reach.connect() as client:
            return client.ask(wanted.verb, **wanted.arguments)

    async def _interview(self, asked: Sequence[Question]) -> list[str] | None:
        answers = []
        for question in asked:
            answer = await self._question(question)
            if answer is None:
                return None
            answers.append(answer)
        return answers

    async def _sure(self, wanted: Request) -> bool:
        answer = await self._question(Question(f"{wanted.sure} Type {wanted.word} to do it"))
        return answer is not None and answer.strip() == wanted.word

    async def _question(self, question: Question) -> str | None:
        """Ask one line; None if it was taken back."""
        self._say(question.text)
        self._answer = asyncio.get_running_loop().create_future()
        self._field.value = question.first
        self._field.cursor_position = len(question.first)
        self._asking(yes=True)
        # Only the end of the screen cancels this: then there is nothing to put back.
        answer = await self._answer
        self._answer = None
        self._asking(yes=False)
        return answer

    def _asking(self, *, yes: bool) -> None:
        self._field.display = yes
        self._field.disabled = not yes
        self._keys.display = not yes
        self.set_focus(self._field if yes else None)

    def _answered(self, answer: str | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)

    def _tick(self) -> None:
        """Ask the daemon, unless the question before is still open."""
        if not self._polling:
            self._polling = True
            self._poll()

    @work(group="poll")
    async def _poll(self) -> None:
        try:
            snapshot = await asyncio.to_thread(self._reach.feed.poll)
        finally:
            self._polling = False
        self._view = replace(self._view, snapshot=snapshot)
        self._draw()

    def _say(self, message: str, *, bad: bool = False) -> None:
        self._show(message=plain(message), bad=bad)

    def _show(self, *, message: str, selected: str | None = None, bad: bool = False) -> None:
        chosen = self._view.selected if selected is None else selected
        self._view = replace(self._view, selected=chosen, message=message, bad=bad)
        self._draw()

    def _draw(self) -> None:
        size = self._board.size
        if size.width and size.height:
            self._board.show(screen(self._view, size.width, size.height))

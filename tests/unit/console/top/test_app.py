"""The screen that lives, driven by keys and without a terminal, over a real control socket."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from textual._compositor import ChopsUpdate
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from floodwall.app.client import Client
from floodwall.app.desk import Nothing, Verb
from floodwall.app.desk_arming import ForAWhile, Which
from floodwall.app.desk_bans import Span
from floodwall.app.desk_record import About
from floodwall.app.peer import Peer, Role
from floodwall.console.feed import Feed
from floodwall.console.top.app import Pages, Reach, Top
from floodwall.console.top.board import SLAT, Slat
from floodwall.core.protocol import SOCKET
from tests.support.fake_daemon import FLOODED, SSH, FakeDaemon, serving

pytestmark = pytest.mark.slow

Story = Callable[[Top, Pilot[None]], Awaitable[None]]
REFUSED = "203.0.113.66/32"


@dataclass
class Operated(FakeDaemon):
    """A daemon that remembers what it was asked for."""

    asked: list[tuple[str, object]] = field(default_factory=list)

    def verbs(self) -> dict[str, Verb]:
        """Return what can be asked."""
        kinds: dict[str, type[Any]] = {
            "ban": Span,
            "allow": Span,
            "arm": ForAWhile,
            "calm": Which,
            "off": Nothing,
        }
        more = {name: Verb(Role.OPERATE, kind, self._note(name)) for name, kind in kinds.items()}
        why = Verb(Role.VIEW, About, self._why)
        return {**super().verbs(), **more, "why": why}

    def _note(self, name: str) -> Callable[[Peer, Any], Mapping[str, Any]]:
        def carry_out(_: Peer, asked: Any) -> Mapping[str, Any]:
            self.asked.append((name, asked))
            if name in {"arm", "calm"}:
                return {"names": [asked.service]}
            if name == "off":
                return {}
            return {"refused": {n: "not banned: gateway" for n in asked.networks if n == REFUSED}}

        return carry_out

    @staticmethod
    def _why(_: Peer, asked: About) -> Mapping[str, Any]:
        return {"subject": asked.subject, "finding": False}


@pytest.fixture
def daemon() -> Operated:
    """Begin on a usual day."""
    return Operated()


@pytest.fixture
def play(daemon: Operated, tmp_path: Path) -> Callable[[Story], None]:
    """Play a story on a screen of 80 columns and 24 lines."""

    def connect() -> Client:
        return Client(tmp_path / SOCKET, 5.0)

    async def run(story: Story) -> None:
        app = Top(Reach(Feed(connect), connect, 0.1))
        async with app.run_test(size=(80, 24)) as pilot:
            await story(app, pilot)

    def start(story: Story) -> None:
        with serving(tmp_path, daemon.verbs()) as complaints:
            asyncio.run(run(story))
        assert complaints == []

    return start


def shown(app: Top) -> str:
    """Return what stands on the board."""
    slats = list(app.query(Slat))[: app.size.width // SLAT]
    rows = range(app.size.height - 1)
    return "\n".join("".join(slat.render_line(y).text for slat in slats).rstrip() for y in rows)


async def until(app: Top, text: str) -> None:
    """Wait until the board says so."""
    for _ in range(600):
        if text in shown(app):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{text!r} is not in\n{shown(app)}")


async def answer(app: Top, pilot: Pilot[None], question: str, text: str | None) -> None:
    """Answer a question, once it is asked; None keeps what stands there."""
    await until(app, question)
    if text is not None:
        app.query_one(Input).value = text
    await pilot.press("enter")


def test_the_screen_follows_the_daemon(daemon: Operated, play: Callable[[Story], None]) -> None:
    """A flood is seen at the next look, and its end."""

    async def story(app: Top, _: Pilot[None]) -> None:
        await until(app, "calm 98%")
        assert "Are my users getting in?" in shown(app)
        daemon.flood()
        await until(app, "spoofed flood 97%")
        await until(app, "incident for 42s")

    play(story)


def test_a_daemon_that_dies_is_seen(daemon: Operated, tmp_path: Path) -> None:
    """And so is its return."""

    def connect() -> Client:
        return Client(tmp_path / SOCKET, 5.0)

    async def run() -> None:
        app = Top(Reach(Feed(connect), connect, 0.1))
        async with app.run_test(size=(80, 24)):
            await until(app, "NO DAEMON")
            with serving(tmp_path, daemon.verbs()):
                await until(app, "LIVE")
            await until(app, "STALE  nothing heard since")
            assert "*:443 nginx" in shown(app)
            with serving(tmp_path, daemon.verbs()):
                await until(app, "LIVE")

    asyncio.run(run())


def test_a_ban_is_asked_for_after_a_yes(daemon: Operated, play: Callable[[Story], None]) -> None:
    """Three questions and a confirmation."""

    async def story(app: Top, pilot: Pilot[None]) -> None:
        await until(app, "LIVE")
        await pilot.press("b")
        await answer(app, pilot, "Ban which address or network?", "203.0.113.9")
        await answer(app, pilot, "For how long?", None)
        await answer(app, pilot, "Why?", "brute force")
        assert daemon.asked == []
        await answer(app, pilot, "Ban 203.0.113.9/32 for 10m", "y")
        await until(app, "banned 203.0.113.9/32")

    play(story)
    assert daemon.asked == [("ban", Span(("203.0.113.9/32",), 600.0, "brute force"))]


@pytest.mark.parametrize("last", ["n", "", "yes"])
def test_anything_but_a_yes_is_a_no(
    daemon: Operated, play: Callable[[Story], None], last: str
) -> None:
    """Nothing is done, and that is told."""

    async def story(app: Top, pilot: Pilot[None]) -> None:
        await until(app, "LIVE")
        await pilot.press("c")
        await answer(app, pilot, "Calm which service?", None)
        await answer(app, pilot, "Calm *:443 until", last)
        await until(app, "nothing was done")

    play(story)
    assert daemon.asked == []


def test_escape_takes_every_question_back(daemon: Operated, play: Callable[[Story], None]) -> None:
    """And the keys are keys again."""

    async def story(app: Top, pilot: Pilot[None]) -> None:
        await until(app, "LIVE")
        for key, question in (("a", "Never ban which"), ("m", "Arm which"), ("w", "Why what?")):
            await pilot.press(key)
            await until(app, question)
            await pilot.press("escape")
            for _ in range(500):
                if not app.query_one(Input).display:
                    break
                await asyncio.sleep(0.01)
            assert not app.query_one(Input).display

    play(story)
    assert daemon.asked == []


def test_the_selected_service_is_the_one_that_is_armed(
    daemon: Operated, play: Callable[[Story], None]
) -> None:
    """Down, and the second stands in the question."""

    async def story(app: Top, pilot: Pilot[None]) -> None:
        await until(app, "> *:443 nginx")
        await pilot.press("down", "down")
        await until(app, "> *:22 sshd")
        await pilot.press("up", "j", "m")
        await answer(app, pilot, "Arm which service?", None)
        await answer(app, pilot, "For how long?", "1h")
        await answer(app, pilot, "Arm *:22 for 1h", "y")
        await until(app, "armed *:22")

    play(story)
    assert daemon.asked == [("arm", ForAWhile("*:22", 3600.0))]


def test_the_end_needs_the_whole_word(daemon: Operated, play: Callable[[Story], None]) -> None:
    """A y is not enough."""

    async def story(app: Top, pilot: Pilot[None]) -> None:
        await until(app, "LIVE")
        for word, told in (("y", "nothing was done"), ("off", "the daemon ends")):
            await pilot.press("O")
            await answer(app, pilot, "End the defence", word)
            await until(app, told)

    play(story)
    assert daemon.asked == [("off", Nothing())]


def test_a_refusal_is_told(play: Callable[[Story], None]) -> None:
    """By us where it is nonsense, by the daemon where it may not be."""

    async def story(app: Top, pilot: Pilot[None]) -> None:
        await until(app, "LIVE")
        for network, told in (
            ("nonsense", "is not an address or a network"),
            (REFUSED, "not banned: gateway"),
        ):
            await pilot.press("b")
            await answer(app, pilot, "Ban which address or network?", network)
            await answer(app, pilot, "For how long?", None)
            await answer(app, pilot, "Why?", None)
            if network == REFUSED:
                await answer(app, pilot, "Type y to do it", "y")
            await until(app, told)

    play(story)


def test_why_is_answered_on_a_page_of_its_own(play: Callable[[Story], None]) -> None:
    """And Escape leads back."""

    async def story(app: Top, pilot: Pilot[None]) -> None:
        await until(app, "LIVE")
        await pilot.press("w")
        await answer(app, pilot, "Why what?", None)
        for _ in range(500):
            if isinstance(app.screen, Pages):
                break
            await asyncio.sleep(0.01)
        assert isinstance(app.screen, Pages)
        await pilot.press("escape")
        assert not isinstance(app.screen, Pages)

    play(story)


def test_whoever_may_only_look_only_looks(
    daemon: Operated, play: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No question is asked for what would be refused."""
    monkeypatch.setattr("floodwall.app.desk._may", lambda _, needed: needed is Role.VIEW)

    async def story(app: Top, pilot: Pilot[None]) -> None:
        await until(app, "LIVE")
        for key in ("b", "a", "m", "c"):
            await pilot.press(key)
            await until(app, "you may look, but change nothing: run as root")
            assert not app.query_one(Input).display

    play(story)
    assert daemon.asked == []


@pytest.mark.parametrize("asking", [False, True])
@pytest.mark.parametrize("key", ["q", "ctrl+c"])
def test_leaving_is_one_key(play: Callable[[Story], None], key: str, *, asking: bool) -> None:
    """In the middle of a question q is a letter, and Ctrl-C still leaves."""

    async def story(app: Top, pilot: Pilot[None]) -> None:
        await until(app, "LIVE")
        if asking:
            await pilot.press("b")
            await until(app, "Ban which")
        await pilot.press(key)
        await pilot.pause()
        assert app._exit is not (asking and key == "q")

    play(story)


def test_a_terminal_may_change_its_size(daemon: Operated, play: Callable[[Story], None]) -> None:
    """More of the sentences is shown."""
    daemon.flood()

    async def story(app: Top, pilot: Pilot[None]) -> None:
        await until(app, "71 h")
        await pilot.resize_terminal(160, 40)
        await until(app, "71 handshakes were pending, above 64")

    play(story)


def test_a_second_costs_few_bytes(
    daemon: Operated, play: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All numbers of a flooded service change, and a line of 4,800 baud carries it."""
    sent: list[int] = []
    shown_by = Top._display

    def counting(self: Top, screen: Screen[Any], renderable: Any) -> None:
        if isinstance(renderable, ChopsUpdate):
            sent.append(len(renderable.render_segments(self.console)))
        shown_by(self, screen, renderable)

    monkeypatch.setattr(Top, "_display", counting)
    daemon.flood()

    async def story(app: Top, pilot: Pilot[None]) -> None:
        await until(app, "48,254")
        await pilot.pause(0.5)  # until the whole of it was drawn
        sent.clear()
        for step in range(1, 6):
            rates = {name: 41_000 + 1111 * step + n for n, name in enumerate(FLOODED.rates)}
            armed = replace(FLOODED, rates=rates, pending=9 + step, armed_for_s=41.0 + step)
            daemon.services = (armed, SSH)
            await until(app, f"{41_000 + 1111 * step:,}")

    play(story)
    assert 0 < sum(sent) / 5 < 600

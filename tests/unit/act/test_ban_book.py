"""The book of bans: one gate, and what nobody asked for does not stay."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodwall.act.ban_book import BanBook
from floodwall.act.patience import WINDOW_NS
from floodwall.core.address import Network
from floodwall.core.errors import ConfigError, KernelError
from floodwall.core.model import SECOND_NS, Guard
from floodwall.core.networks import NetworkSet
from floodwall.core.settings import Bans as Caps
from tests.support.memory_bans import MemoryBans

ABUSER, OTHER = ip_network("203.0.113.9"), ip_network("203.0.113.10")
NET = ip_network("203.0.113.0/24")
GATEWAY = ip_network("192.0.2.1")
HOUR = 3600 * SECOND_NS


class Notes:
    """What a test lets the operator have done."""

    def __init__(self) -> None:
        self.bans: dict[Network, int] = {}
        self.lifted: set[Network] = set()

    def banned(self) -> dict[Network, int]:
        """Return bans by hand."""
        return self.bans

    def take_lifted(self) -> set[Network]:
        """Return lifts by hand, once."""
        taken, self.lifted = self.lifted, set()
        return taken


@pytest.fixture
def backend() -> MemoryBans:
    """Return an empty place for bans."""
    return MemoryBans()


@pytest.fixture
def notes() -> Notes:
    """Return notes without a word."""
    return Notes()


@pytest.fixture
def book(backend: MemoryBans, notes: Notes) -> BanBook:
    """Return a book over them that refuses more than three bans."""
    made = BanBook(backend, lambda: Caps(max_count=3), notes)
    made.guard({GATEWAY: Guard.GATEWAY})
    return made


def test_a_ban_is_written_and_lifted(book: BanBook, backend: MemoryBans) -> None:
    """With its expiry."""
    book.ban(ABUSER, HOUR, 1)
    assert backend.content == {ABUSER: HOUR}

    assert book.lift(ABUSER)
    assert not book.lift(ABUSER)
    assert backend.content == {}


@pytest.mark.parametrize(
    ("network", "reason"),
    [("192.0.2.1", "gateway"), ("192.0.0.0/16", "touches"), ("203.0.0.0/8", "wider than /16")],
)
def test_refusals_write_nothing(
    book: BanBook, backend: MemoryBans, network: str, reason: str
) -> None:
    """On every backend, for the gate is before it."""
    with pytest.raises(ConfigError, match=reason):
        book.ban(ip_network(network), 0, 1)

    assert backend.content == {}
    assert book.wanted(1) == {}


def test_the_cap_counts_what_holds(book: BanBook) -> None:
    """Expired bans make room, a second word about the same network needs none."""
    for number in range(3):
        book.ban(ip_network(f"198.51.100.{number}"), 100, 1)
    book.ban(ip_network("198.51.100.0"), 200, 1)
    with pytest.raises(ConfigError, match="no more than 3 are allowed"):
        book.ban(ABUSER, HOUR, 99)
    book.ban(ABUSER, HOUR, 100)

    assert book.wanted(100) == {ip_network("198.51.100.0"): 200, ABUSER: HOUR}


def test_what_an_earlier_daemon_banned_is_taken_over(
    backend: MemoryBans, notes: Notes, book: BanBook
) -> None:
    """What expired meanwhile is not, and the never-ban set is obeyed from the start."""
    backend.content = {ABUSER: HOUR, OTHER: 5}
    second = BanBook(backend, Caps, notes)

    assert second.adopt(10) == 1
    assert second.wanted(10) == {ABUSER: HOUR}
    assert book.lift(ABUSER) is False
    with pytest.raises(ConfigError, match="gateway"):
        second.ban(GATEWAY, HOUR, 10)


def test_drift_is_put_right(book: BanBook, backend: MemoryBans) -> None:
    """A ban that is gone, one with another end; what is right is not touched."""
    book.ban(ABUSER, HOUR, 1)
    book.ban(OTHER, HOUR, 1)
    del backend.content[ABUSER]
    backend.content[OTHER] = 7
    healing = book.heal(2)

    assert healing.drift == 2
    assert backend.content == {ABUSER: HOUR, OTHER: HOUR}
    assert book.heal(3).drift == 0


def test_what_has_expired_goes_with_the_next_look(book: BanBook, backend: MemoryBans) -> None:
    """The kernel lets no route expire; that is no drift."""
    book.ban(ABUSER, 100, 1)

    assert book.heal(100).drift == 0
    assert backend.content == {}


def test_what_nobody_asked_for_is_removed(book: BanBook, backend: MemoryBans) -> None:
    """At the second look: whoever works beside us writes the ban before the reason."""
    backend.content[ABUSER] = HOUR
    assert book.heal(2).told == []

    assert book.heal(3).told == [f"removed the ban of {ABUSER}, for which nobody asked"]
    assert backend.content == {}


def test_an_operator_beside_the_daemon_is_obeyed(
    book: BanBook, backend: MemoryBans, notes: Notes
) -> None:
    """What was banned by hand stays, what was lifted by hand does not come back."""
    book.ban(OTHER, HOUR, 1)
    backend.content = {ABUSER: HOUR}
    notes.bans = {ABUSER: HOUR}
    notes.lifted = {OTHER}
    healings = [book.heal(now) for now in (2, 3, 4)]

    assert [healing.drift for healing in healings] == [0, 0, 0]
    assert backend.content == {ABUSER: HOUR}
    assert book.wanted(4) == {ABUSER: HOUR}


def test_the_same_ban_is_not_put_back_for_ever(book: BanBook, backend: MemoryBans) -> None:
    """After three times it is left alone, which is told once, and tried again later."""
    book.ban(ABUSER, 10 * HOUR, 1)
    told: list[str] = []
    for number in range(1, 7):
        backend.content.clear()
        told += book.heal(number * 5 * SECOND_NS).told
    assert backend.content == {}
    assert [sentence.split()[0] for sentence in told] == ["put"] * 3 + ["somebody"]

    book.heal(WINDOW_NS + 5 * SECOND_NS)
    assert backend.content == {ABUSER: 10 * HOUR}


def test_bans_that_went_with_their_table_are_no_quarrel_about_each(
    book: BanBook, backend: MemoryBans
) -> None:
    """Only the table is counted; when it is left alone, nothing is written into it."""
    book.ban(ABUSER, HOUR, 1)
    for number in range(5):
        backend.content.clear()
        backend.framed = False
        book.heal(number * 5 * SECOND_NS)

    assert (backend.framed, backend.content) == (False, {})
    book.heal(WINDOW_NS)
    assert (backend.framed, backend.content) == (True, {ABUSER: HOUR})


def test_nothing_is_read_while_nobody_changes_anything(book: BanBook, backend: MemoryBans) -> None:
    """Except once, to know."""
    book.ban(ABUSER, HOUR, 1)
    book.heal(2)
    backend.changed = False
    looks = backend.looks
    book.heal(3)

    assert backend.looks == looks


def test_a_ban_that_could_not_be_written_is_tried_again(book: BanBook, backend: MemoryBans) -> None:
    """The error is told, and the next look writes it."""
    backend.broken = True
    with pytest.raises(KernelError):
        book.ban(ABUSER, HOUR, 1)
    backend.broken = False
    book.heal(2)

    assert backend.content == {ABUSER: HOUR}


def test_bans_pause_where_the_kernel_does_not_ask_the_never_ban_set_first() -> None:
    """They come back with the end of the protection, and that is no drift."""
    backend = MemoryBans(guards_first=False)
    book = BanBook(backend, Caps, Notes())
    book.ban(ABUSER, HOUR, 1)
    book.ban(NET, HOUR, 1)
    book.guard({ABUSER: Guard.SSH_PEER})
    assert backend.content == {NET: HOUR}
    assert book.heal(2).drift == 0
    assert backend.content == {NET: HOUR}

    book.guard({})
    assert book.heal(3).drift == 0
    assert backend.content == {ABUSER: HOUR, NET: HOUR}


NETWORKS = [*map(ip_network, ("10.0.0.1", "10.0.0.2", "10.0.0.0/24", "10.0.1.0/24", "2001:db8::1"))]
STEPS = st.tuples(
    st.sampled_from(["ban", "lift", "guard", "unguard", "tamper", "lose", "heal", "later"]),
    st.sampled_from(NETWORKS),
)


@given(st.lists(STEPS, max_size=40), st.booleans())
def test_whatever_happens_the_kernel_agrees_in_the_end(  # noqa: C901  a table of verbs
    steps: list[tuple[str, Network]],
    first: bool,  # noqa: FBT001  drawn, not chosen
) -> None:
    """With what was asked for: nothing is missing, nothing is there that nobody wanted."""
    backend = MemoryBans(guards_first=first)
    book = BanBook(backend, Caps, Notes())
    guards: dict[Network, Guard] = {}
    now = 1
    for verb, network in steps:
        now += WINDOW_NS if verb == "later" else 1
        match verb:
            case "ban" if _touched(network, guards):
                with pytest.raises(ConfigError):
                    book.ban(network, now + HOUR, now)
            case "ban":
                book.ban(network, now + HOUR, now)
            case "lift":
                book.lift(network)
            case "guard":
                guards[network] = Guard.OPERATOR
                book.guard(dict(guards))
            case "unguard":
                guards.pop(network, None)
                book.guard(dict(guards))
            case "tamper":
                backend.content[network] = now + 99 * HOUR
            case "lose":
                backend.content.pop(network, None)
            case "heal":
                book.heal(now)
    now += 2 * WINDOW_NS
    for _ in range(3):
        book.sweep(now)
        book.heal(now)
    paused = {net for net in book.wanted(now) if not first and _covered(net, guards)}
    wanted = {net: until for net, until in book.wanted(now).items() if net not in paused}

    assert {net: until for net, until in backend.content.items() if net not in paused} == wanted


def _touched(network: Network, guards: dict[Network, Guard]) -> bool:
    return any(network.overlaps(g) for g in guards if g.version == network.version)


def _covered(network: Network, guards: dict[Network, Guard]) -> bool:
    return NetworkSet(guards).covering(network) is not None

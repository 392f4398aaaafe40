"""The ladder: what may be done about a flood, how one gets there, back, and what it costs.

Law: every decision names a rule of RULES, every rule a rung of LADDER.  What is not in these two
tables cannot happen: `conclude` is the only maker of decisions, and it refuses anything else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from floodwall.core.address import Network
from floodwall.core.decision import Act, Decision, Rung
from floodwall.core.settings import ServiceMode
from floodwall.core.verdict import Evidence

CHALLENGED = frozenset({ServiceMode.PROTECT, ServiceMode.STRICT, ServiceMode.ARMED})
EVERY_MODE = frozenset(ServiceMode)


@dataclass(frozen=True, slots=True)
class Step:
    """A rung with the modes of a service that may stand on it."""

    modes: frozenset[ServiceMode]
    entry: str
    exit: str
    hold: str
    cost: str
    missing: str = ""
    """Why nothing gets there in this version; empty if it is built."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to a decision."""

    rung: Rung
    acts: frozenset[Act]
    when: str
    undone_by: str
    warning: str = ""


LADDER: Mapping[Rung, Step] = MappingProxyType(
    {
        Rung.OBSERVE: Step(
            modes=EVERY_MODE,
            entry="always",
            exit="never",
            hold="none",
            cost="none",
        ),
        Rung.CHALLENGE: Step(
            modes=CHALLENGED,
            entry="pending handshakes above `arming.high_share` of the queue, in the kernel, from "
            "the next packet on; or a queue that is that full; or mode `armed`",
            exit="what the last two seconds left unanswered would stay below `arming.low_share`",
            hold="`arming.hold_s`; 60 s if the service was armed twice within a minute",
            cost="Fast Open and MPTCP fall back to plain TCP; a SYN-ACK for each SYN",
        ),
        Rung.SIGNATURE: Step(
            modes=frozenset({ServiceMode.STRICT}),
            entry="forged SYNs that share what no client has",
            exit="no packet matched for the hold",
            hold="60 s",
            cost="whoever happens to match is dropped",
            missing="no signatures are made; the rung is kept for them",
        ),
        Rung.BAN: Step(
            modes=frozenset({ServiceMode.STRICT}),
            entry="a source that completed handshakes is above `limits` for `limits.for_s`; "
            "or a recipe of the operator; or an operator's word, in any mode",
            exit="its expiry, which the kernel enforces; the never-ban set; a milder mode",
            hold="`bans.first_s`, longer by `bans.growth` each time, at most `bans.longest_s`",
            cost="everybody behind that address is cut off from the whole machine",
        ),
        Rung.UPSTREAM: Step(
            modes=frozenset({ServiceMode.STRICT}),
            entry="the link is full before packets get here",
            exit="the provider says so",
            hold="the provider's",
            cost="with a black hole: the address itself",
            missing="nobody upstream is told; the rung is kept for it",
        ),
    }
)
"""THE table, mildest first."""


def _ban(when: str, warning: str = "") -> Rule:
    undone_by = "its expiry; `floodwall unban`; `floodwall allow`; a milder mode"
    acts = frozenset({Act.BAN, Act.WOULD_BAN, Act.LIFT, Act.REFUSE})
    return Rule(Rung.BAN, acts, when, undone_by, warning)


OPERATOR = "operator"
"""The rule behind the word of a human."""

FORGED = "SYNs can be forged: whoever sends them in the name of a client gets that client banned"

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "incident": Rule(
            Rung.OBSERVE,
            frozenset({Act.OPEN_INCIDENT, Act.CLOSE_INCIDENT}),
            "a verdict other than calm",
            "60 s of calm",
        ),
        "arming": Rule(
            Rung.CHALLENGE,
            frozenset({Act.ARM, Act.CALM}),
            "the entry of the rung, seen by the daemon; half-open entries of sources that never "
            "proved themselves are destroyed meanwhile",
            "the exit of the rung, which the kernel finds by itself",
        ),
        "arming.pulse": Rule(
            Rung.CHALLENGE,
            frozenset({Act.ARM}),
            "armed for the second time within a minute",
            "60 s without need",
        ),
        "ack_guard": Rule(
            Rung.CHALLENGE,
            frozenset({Act.ARM, Act.CALM}),
            "an ACK flood at the service, or at the machine: ACKs of no connection are dropped, "
            "SYNs pass as before",
            "60 s without one",
        ),
        "tuning": Rule(
            Rung.CHALLENGE,
            frozenset({Act.TUNE, Act.RESTORE}),
            "a SYN flood at a service that is not only observed",
            "`tuning.hold_s` without a flood; the end of the daemon; `floodwall off`",
        ),
        "cookies": Rule(
            Rung.CHALLENGE,
            frozenset({Act.TUNE}),
            "net.ipv4.tcp_syncookies is 0: the stack would accept no cookie",
            "the end of the daemon; `floodwall off`",
        ),
        "limits.concurrent": _ban("more connections open than `limits.concurrent`"),
        "limits.idle": _ban(
            "more connections that never sent a byte than `limits.idle`, and more than "
            "`limits.idle_share` of what it has open"
        ),
        "limits.new_rate": _ban("more connections opened in a second than `limits.new_rate`"),
        "recipes.address_rate": _ban(
            "more SYNs in a second than `recipes.address_rate`, if `recipes.rate_act` is `ban`; "
            "with `challenge` and `drop` the data plane counts each SYN and acts at once",
            f"{FORGED}.  Counted are half-open entries younger than a second: at most the rate, "
            "at which the data plane begins to challenge, and nothing while armed",
        ),
        "recipes.port_rate": Rule(
            Rung.CHALLENGE,
            frozenset({Act.REFUSE}),
            "`recipes.port_rate`: the data plane counts each SYN and challenges, or drops if "
            "`i_know_sources_can_be_forged`; `ban` is refused",
            "a reload of the settings",
            "one half-open entry stands for all SYNs of one address and port",
        ),
        "recipes.half_open": _ban("more SYN_RECV entries than `recipes.half_open`", FORGED),
        "recipes.subnet": _ban(
            "more SYN_RECV entries of one subnet than `recipes.subnet`",
            f"{FORGED}, with all of its neighbours",
        ),
        "bans.close": Rule(
            Rung.BAN,
            frozenset({Act.DESTROY}),
            "a banned source still holds connections with a service that is not only observed",
            "nothing: whoever is let in again connects anew",
        ),
        OPERATOR: Rule(
            Rung.BAN,
            frozenset(Act),
            "the word of an operator, in any mode",
            "its expiry, or another word",
        ),
    }
)
"""Every way to a decision.  Bans by rule need proof, except where the operator waived it."""


class NotOnTheLadder(LookupError):  # noqa: N818  named for what is wrong, not for being an error
    """A decision was asked for that the tables do not allow: a mistake of ours."""


def allows(name: str, mode: ServiceMode | None) -> bool:
    """Tell whether a rule may act upon a service in `mode`; None is the machine as a whole."""
    step = LADDER[RULES[name].rung]
    if name == OPERATOR:
        return True
    return not step.missing and (mode is None or mode in step.modes)


def conclude(
    name: str,
    act: Act,
    at_ns: int,
    subject: str,
    text: str,
    *,
    mode: ServiceMode | None = None,
    service: int | None = None,
    network: Network | None = None,
    until_ns: int = 0,
    evidence: tuple[Evidence, ...] = (),
) -> Decision:
    """Make a decision by a rule, or raise NotOnTheLadder."""
    rule = RULES.get(name)
    if rule is None or act not in rule.acts or not allows(name, mode):
        raise NotOnTheLadder(f"{name} may not {act} in mode {mode}")
    return Decision(
        at_ns=at_ns,
        act=act,
        rule=name,
        subject=subject,
        text=text,
        service=service,
        network=network,
        until_ns=until_ns,
        undone_by=rule.undone_by,
        evidence=evidence,
    )


def page() -> Iterator[str]:
    """Write both tables as docs/ladder.md has them, line by line."""
    yield "| rung | modes | entry | exit | hold | cost |"
    yield "|---|---|---|---|---|---|"
    for rung, step in LADDER.items():
        modes = "all" if step.modes == EVERY_MODE else ", ".join(f"`{m}`" for m in ordered(step))
        built = f" **Not built: {step.missing}.**" if step.missing else ""
        yield (
            f"| `{rung}` | {modes} | {step.entry}{built} | {step.exit} | {step.hold} "
            f"| {step.cost} |"
        )
    yield ""
    yield "| rule | rung | when | undone by | warning |"
    yield "|---|---|---|---|---|"
    for name, rule in RULES.items():
        yield f"| `{name}` | `{rule.rung}` | {rule.when} | {rule.undone_by} | {rule.warning} |"


def ordered(step: Step) -> list[ServiceMode]:
    """Return the modes of a step, mildest first."""
    return [mode for mode in ServiceMode if mode in step.modes]

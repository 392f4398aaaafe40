"""The scenarios, one declaration each."""

from floodwall.core.verdict import Kind
from floodwall.lab import guarded, slow_app
from floodwall.lab.addresses import Family
from floodwall.lab.connections import Crowd
from floodwall.lab.flood import Flood, Ports, Pulse, Segment, Sources, Sweep
from floodwall.lab.scenario import Bar, Scenario, Visitors

# More than one CPU can send beside the clients, so it sends all it can, but evenly.  `--rate max`
# sends bursts, each of which fills the receive queue by itself, whoever empties it.
_HIGHEST_PPS = 5_000_000.0
_CALM_S = 10.0
_SPOOFED = (Kind.SPOOFED_FLOOD,)
_CROWD = (Kind.CALM, Kind.FLASH_CROWD)
_FLOOD_BAR = Bar(calm_s=_CALM_S, verdicts=_SPOOFED)
_CLASSIC_PPS = 256.0  # 1,750,000 SYNs in 1 h 53 min 47 s, rounded up
_TRICKLE_PPS = 300 / 180
_HIGHEST = Bar(
    p99_times_quiet=3.0,
    options_kept=True,
    cpu_share_of_cookies=0.25,
    arming_ms=1.0,
    calm_s=_CALM_S,
    verdicts=_SPOOFED,
)
_MANY_PORTS = Sweep(8001, 8064)
# Every attacker has ten times as much within its first second that a browser ever would.
_STRICT = """\
[services]
mode = "strict"
[limits]
idle = 16
idle_s = 1.0
for_s = 1.0
"""

SCENARIOS = (
    Scenario("quiet", "no attack: what real clients get", bar=Bar(options_kept=True)),
    Scenario(
        "classic",
        "572 fixed sources, fixed ports, 256 SYN/s in total",
        floods=(Flood(Sources.FIXED, _CLASSIC_PPS, ports=Ports.FIXED, options=False),),
        bar=_FLOOD_BAR,
    ),
    Scenario(
        "classic-ports",
        "the same sources and rate with random ports",
        floods=(Flood(Sources.FIXED, _CLASSIC_PPS, options=False),),
        bar=_FLOOD_BAR,
    ),
    Scenario(
        "trickle",
        "one attacker, 300 SYN in 180 s, against a backlog of 128",
        floods=(Flood(Sources.FIXED, _TRICKLE_PPS, count=1),),
        bar=Bar(verdicts=(Kind.SPOOFED_FLOOD, Kind.CALM), verdict_s=75.0),
        clients_per_s=10.0,
        seconds=75.0,
        full_seconds=180.0,
        judged_s=12.0,
        backlog=128,
        note=(
            "sent at its real rate, but for 75 s: half-open connections live 63 s at most, after"
            " that the queue is as full as it ever gets; --full sends all 180 s.  A kernel that"
            " drops them early once the queue is half full (seen: Linux 6.18) survives it alone"
        ),
    ),
    Scenario(
        "spoofed",
        "random IPv4 sources, up to 5,000,000 SYN/s",
        floods=(Flood(Sources.RANDOM, _HIGHEST_PPS),),
        bar=_HIGHEST,
    ),
    Scenario(
        "spoofed-v6",
        "random IPv6 sources, up to 5,000,000 SYN/s",
        floods=(Flood(Sources.RANDOM, _HIGHEST_PPS, Family.IPV6),),
        bar=_HIGHEST,
    ),
    Scenario(
        "subnet",
        "one /24, 50,000 SYN/s",
        floods=(Flood(Sources.SUBNET, 50_000.0),),
        bar=_FLOOD_BAR,
    ),
    Scenario(
        "single",
        "one address and port, 50,000 SYN/s",
        floods=(Flood(Sources.SINGLE, 50_000.0, ports=Ports.FIXED),),
        bar=_FLOOD_BAR,
    ),
    Scenario(
        "ack",
        "up to 5,000,000 random ACKs a second, at a service armed by 5,000 SYN/s",
        floods=(
            Flood(Sources.RANDOM, 5_000.0),
            Flood(Sources.RANDOM, _HIGHEST_PPS, segment=Segment.ACK),
        ),
        bar=Bar(calm_s=_CALM_S, verdicts=(Kind.ACK_FLOOD, Kind.SPOOFED_FLOOD)),
    ),
    Scenario(
        "crowd",
        "ten times the usual number of real clients, no attack",
        visitors=Visitors(900.0),
        bar=Bar(verdicts=_CROWD),
    ),
    Scenario(
        "nat",
        "2,000 real connections a minute from one address, no attack",
        visitors=Visitors(2_000 / 60, addresses=1),
        bar=Bar(unchallenged=True, verdicts=_CROWD),
    ),
    Scenario(
        "pulse",
        "random sources, 200,000 SYN/s for 1 s in every 10 s",
        floods=(Flood(Sources.RANDOM, 200_000.0, pulse=Pulse(1.0, 9.0)),),
        seconds=31.0,
        bar=_FLOOD_BAR,
    ),
    Scenario(
        "mixed",
        "random IPv4 and IPv6 sources, a /24, 572 addresses and random ACKs at once",
        floods=(
            Flood(Sources.RANDOM, 50_000.0),
            Flood(Sources.RANDOM, 50_000.0, Family.IPV6),
            Flood(Sources.SUBNET, 10_000.0),
            Flood(Sources.FIXED, _CLASSIC_PPS, ports=Ports.FIXED, options=False),
            Flood(Sources.RANDOM, 20_000.0, segment=Segment.ACK),
        ),
        bar=Bar(calm_s=_CALM_S, verdicts=(Kind.SPOOFED_FLOOD, Kind.MIXED_FLOOD)),
    ),
    Scenario(
        "midflood",
        "Floodwall is started in a flood of 5,000 SYN/s that has filled the queue",
        floods=(Flood(Sources.RANDOM, 5_000.0),),
        seconds=16.0,
        defended_after_s=4.0,
        bar=Bar(back_s=1.0, verdicts=_SPOOFED),
    ),
    Scenario(
        "slow-app",
        "an application with a backlog of 5 that hangs, beside the server; nobody attacks",
        visitors=Visitors(20.0, port=slow_app.PORT, judged=False),
        slow_app=True,
        note=(
            "clients of the server are judged; nobody can serve those of the application, and what"
            " is asked of Floodwall is to say so and to blame nobody"
        ),
        bar=Bar(verdicts=(Kind.SLOW_APPLICATION,), names=slow_app.NAME),
    ),
    Scenario(
        "connect-flood",
        "100 real addresses open 1,000 connections a second and say nothing; mode strict",
        crowd=Crowd(1_000.0, addresses=50),
        seconds=20.0,
        settings=_STRICT,
        descriptors=8_000,
        note=(
            "a server whose limit of open files is below that of its connections, as happens when"
            " only one of the two is raised; otherwise nginx closes its oldest silent connections"
            " and goes on.  Bans are those of the attackers"
        ),
        bar=Bar(success=0.99, verdicts=(Kind.CONNECTION_FLOOD, Kind.REAL_FLOOD)),
    ),
    Scenario(
        "scan",
        "a SYN scan of all ports by one source, 500 SYN/s",
        floods=(Flood(Sources.SINGLE, 500.0, sweep=Sweep(1, 65535)),),
        bar=Bar(verdicts=(Kind.SYN_SCAN,), calm_s=_CALM_S),
    ),
    Scenario(
        "reflector",
        "SYNs forged from one victim to 64 open ports, 200 SYN/s in total: none of them arms",
        floods=(Flood(Sources.SINGLE, 200.0, sweep=_MANY_PORTS),),
        more_ports=tuple(range(_MANY_PORTS.first, _MANY_PORTS.last + 1)),
        note="a kernel alone sends each SYN-ACK six times in a minute: four within this run",
        bar=Bar(verdicts=(Kind.REFLECTION,), answers_per_syn=1.1),
    ),
    Scenario(
        "ramp",
        "random sources, slowly rising to 400 SYN/s within 45 s",
        floods=(Flood(Sources.RANDOM, 400.0, ramp=True),),
        seconds=45.0,
        note="the queue is half full after about 8 s, and no second differs much from the last",
        bar=Bar(calm_s=_CALM_S, verdicts=_SPOOFED, verdict_s=10.0),
    ),
    Scenario(
        "never-ban",
        "SYNs forged from gateway, server, resolvers, SSH peer and allowed clients, in a flood",
        floods=(
            Flood(Sources.RANDOM, 20_000.0),
            Flood(Sources.LISTED, 2_000.0),
            Flood(Sources.LISTED, 2_000.0, Family.IPV6),
        ),
        guarded=True,
        more_ports=(guarded.SSH_PORT,),
        settings=guarded.settings(),
        note="those who are forged hold sessions all the time, and open new connections",
        bar=_FLOOD_BAR,
    ),
)

DEFAULT = ("quiet", "spoofed")
"""What `floodwall lab run` runs if nothing is named."""

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}

"""What is known about files of the shared data; made from what their manifest measured and says.

A truth is the verdicts that it allows.  More than one stands where the manifest calls it a matter
of policy, or knows only what it is not.
"""

from typing import TypeAlias

Truth: TypeAlias = str

ABSENT = "the shared data are not beside this clone"
NO_FLOOD = "none syn_scan slow_application flash_crowd backscatter"
QUIET = "none"
# The default of each folder; those below it are exceptions.
FOLDERS: dict[str, Truth] = {
    "pcap/floods": "syn_flood",
    "pcap/scans": "syn_scan",
    "pcap/ambiguous": "none connection_flood flash_crowd slow_application",
    "pcap/other-dos": QUIET,
    "pcap/benign": QUIET,
    "pcap/formats": NO_FLOOD,
    "logs": QUIET,
    "sockets": "none slow_application",
}
VERDICTS: dict[str, Truth] = {
    "stopddos_tcp_amp_as_reflector.pcapng": "synack_reflection",
    "esnet_nmap_A_port80.pcap": "none syn_scan",  # one open door that was asked 34 times
    "ndsec1_unidir_labelled_synflood.pcap": "syn_flood connection_flood",  # its view shows ACKs
    "sanders_dead_server_93_retries.pcapng": QUIET,
    "ppa_ftpcrack_42cps.pcap": QUIET,
    "slips_bruteforce_902.pcap": QUIET,
    "bare_2.6_emats_masked.log": "syn_flood",
    "syslog_2.4_boston_nap1_20040228.log": "syn_flood",
    "psad_ip6tables_tcp_connect_scan.log": "syn_scan",
    "psad_iptables_syn_sweep.log": "syn_scan",
    "psad_iptables_xmas_scan.log": "syn_scan",
    "psad_iptables_iso8601.log": "none syn_scan",  # two probes, hours apart
    "netstat_np_geekbang_hping_single_source.txt": "none syn_flood",  # 4 rows of 193
}
# SYNs without ACK that tshark counts in the outermost headers.
REQUESTS: dict[str, int] = {
    "stopddos_dominate_syn_ecn_cwr.pcapng": 9_639,
    "stopddos_tcp_amp_as_reflector.pcapng": 354,
    "evgenii_singlesrc_0.2s.pcap": 5_870,
    "grigor_spoofed_slow.pcapng": 1_001,
    "sanchez_same4tuple_sll2.pcap": 3_699,
    "sanchez_same4tuple_29s_sll2.pcap": 358,
    "dimitrios_synthetic_5ports.pcap": 9_412,
    "krishna_loopback_null.pcapng": 4_650,
    "rusllang_raw_ipv4_100.pcap": 100,
    "rusllang_raw_mixed_vectors.pcap": 319,
    "carvalho_40pkts.pcap": 38,
    "suricata_syn_flood_200.pcap": 200,
    "kteeps_mixed_tiny.pcap": 62,
    "zakaria_merged_attacks.pcap": 601,
    "sanders_synscan.pcapng": 1_994,
    "grigor_nmap_scan.pcapng": 1_027,
    "anbu_nmap_loopback_49ms.pcapng": 1_000,
    "s4_winxp_scans_merged_times.pcap": 3_639,
    "pcaphunt_ack_scan.pcap": 0,
    "ndsec1_unidir_labelled_synflood.pcap": 2_463,
    "doup_slowloris_600src_oneway.pcap": 4_200,
    "ppa_ftpcrack_42cps.pcap": 1_410,
    "sanders_dead_server_93_retries.pcapng": 100,
    "doup_blacknurse_icmp_quotes_tcp.pcap": 0,
    "mercury_emix.pcap": 678,
    "ppa_gnutella_918_retries.pcap": 918,
    "dimitrios_synthetic_normal.pcap": 1_554,
    "ndpi_alexa_app.pcapng": 145,
    "slips_c2_beacon.pcap": 299,
    "libtrace_100_packetsns.pcap": 8,
    "zeek_rotation.trace.pcap": 20,
    "zeek_nflog-http.pcap": 3,
    "ndpi_KakaoTalk_chat.pcap": 12,
    "suricata_decode-sll2-02.pcap": 1,
    "zeek_pppoe-over-qinq.pcap": 1,
    "zeek_cisco-fabric-path.pcap": 32,
    "suricata_10.7.29.101_49898-178.63.41.150_25.pcap": 1,
}
# Victim, port, requests, sources and highest rate in a second of the clock.
EXACT: dict[str, tuple[str, int, int, int, float]] = {
    "stopddos_dominate_syn_ecn_cwr.pcapng": ("10.10.10.10", 30_120, 9_639, 9_639, 7_197),
    "evgenii_singlesrc_0.2s.pcap": ("192.168.1.34", 80, 5_870, 1, 5_870),
    "ep4sh_attacker_side.pcapng": ("10.50.0.1", 80, 2_790, 1, 571),
    "grigor_spoofed_slow.pcapng": ("192.168.198.130", 80, 1_001, 1_001, 111),
    "sanchez_same4tuple_sll2.pcap": ("10.8.0.26", 80, 3_699, 1, 14),
    "sanchez_same4tuple_29s_sll2.pcap": ("10.8.0.26", 80, 358, 1, 13),
    "krishna_loopback_null.pcapng": ("127.0.0.1", 80, 4_343, 4_343, 231),
    "rusllang_raw_ipv4_100.pcap": ("192.168.1.1", 80, 100, 80, 100),
    "carvalho_40pkts.pcap": ("192.168.0.1", 80, 38, 38, 38),
    "suricata_syn_flood_200.pcap": ("198.51.100.5", 443, 200, 1, 200),
    "zakaria_merged_attacks.pcap": ("192.168.1.25", 80, 342, 194, 184),
}

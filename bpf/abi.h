/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contract between the data plane and Python: every shared struct, enum and limit.
 *
 * Law: nothing is shared that is not declared here, and each size is asserted.  The file
 * src/floodwall/kernel/_abi.py is generated from this one through BTF; a test compares.
 * Times are CLOCK_MONOTONIC nanoseconds.  Addresses are 16 bytes, IPv4 as ::ffff:a.b.c.d.
 */
#ifndef FLOODWALL_ABI_H
#define FLOODWALL_ABI_H

#include <linux/types.h>
#include "reason.h"

enum fw_limit {
	FW_ABI_VERSION = 2,
	FW_SERVICES_MAX = 1024,	     /* protected listeners */
	FW_SERVICE_KEYS_MAX = 65536, /* (address, port) pairs that lead to a service */
	FW_ADDRESSES_MAX = 16384,    /* addresses of this machine */
	FW_BANS_MAX = 131072,	     /* single addresses that found no cell */
	FW_BAN_BUCKETS = 131072,     /* of single addresses, a power of two */
	FW_BAN_CELLS = 2,	     /* addresses a bucket: one cache line */
	FW_BAN_TICK_SHIFT = 26,	     /* a tick of a cell is 2^26 ns, 67 ms */
	FW_BAN_NETS_MAX = 16384,     /* prefixes */
	FW_NEVER_MAX = 8192,	     /* prefixes that no rule may drop */
	FW_RATE_CELLS = 65536,	     /* cells of each table of hard rates, a power of two */
	FW_PROVEN_MAX = 65536,	     /* sources that completed a handshake or a cookie */
	FW_DEBT_CELLS = 65536,	     /* cells of each debt table, a power of two */
	FW_KEYS = 2,		     /* live cookie keys: current and previous */
	FW_SEEN_CELLS = 16384,	/* cells of 32 bits of the filter of sources seen, a power of two */
	FW_SLICES = 8,		/* slices of the sliding window of pending handshakes */
	FW_BEATS = 4,		/* beats of the sliding window of unanswered challenges */
	FW_BEAT_MS = 500,	/* length of a beat */
	FW_SEEN_EPOCH_S = 64,	/* a source is remembered one to two epochs; TIME_WAIT is 60 s */
	FW_COOKIE_LIFE_S = 128, /* a cookie may come back this long; two key rotations at most */
	FW_FOLLOWERS = 4096,	/* cells of handshakes just handed over, a power of two */
	FW_FOLLOW_MS = 100,	/* how long packets behind a valid cookie follow it */
	FW_FOLLOW_BYTES = 65535, /* how far ahead of it: the window that a SYN-ACK can offer */
	FW_FLOWS_MAX = 131072,	 /* spliced connections of a gateway, most recently used */
	FW_GREETS = 65536,	 /* cells of handshakes that pass a calm gateway, a power of two */
	FW_REPORT_EVERY = 64,	 /* challenges a CPU keeps to itself before it reports pressure */
	FW_VLAN_MAX = 4,	 /* 802.1Q/802.1ad tags parsed */
	FW_IPV6_EXT_MAX = 6,	 /* IPv6 extension headers parsed */
	FW_TCP_OPTS_MAX = 40,	 /* bytes of TCP options, RFC 9293 section 3.1 */
};

/* How a service is treated. */
enum fw_mode {
	FW_MODE_OBSERVE = 0, /* count, never challenge nor drop */
	FW_MODE_AUTO = 1,    /* challenge when its limits say so */
	FW_MODE_ARMED = 2,   /* always challenge */
	FW_MODE_MAX,
};

/* How a challenge is made and accepted. */
enum fw_mechanism {
	FW_MECHANISM_HANDOVER = 0, /* our cookie, bpf_sk_assign_tcp_reqsk(); kernel 6.9 */
	FW_MECHANISM_STACK = 1,	   /* bpf_tcp_gen_syncookie(), the stack validates; kernel 5.3 */
	FW_MECHANISM_SPLICE = 2,   /* our cookie, for a backend behind this gateway; kernel 6.6 */
	FW_MECHANISM_MAX,
};

/* Bits of fw_config.flags. */
enum fw_flag {
	FW_FLAG_BANS = 1,	 /* bans is not empty */
	FW_FLAG_BAN_NETS = 2,	 /* ban_nets is not empty */
	FW_FLAG_SACK = 4,	 /* net.ipv4.tcp_sack */
	FW_FLAG_WSCALE = 8,	 /* net.ipv4.tcp_window_scaling */
	FW_FLAG_TIMESTAMPS = 16, /* net.ipv4.tcp_timestamps */
	FW_FLAG_ECN = 32,	 /* net.ipv4.tcp_ecn */
	FW_FLAG_TRACKED = 64,	 /* connections to backends are in conntrack */
};

struct fw_addr {
	union {
		__u8 bytes[16];
		__be32 words[4];
	};
};
_Static_assert(sizeof(struct fw_addr) == 16, "fw_addr");

#include "abi_source.h"

/* Key of service_keys: where a SYN is sent to. */
struct fw_service_key {
	struct fw_addr addr;
	__be16 port;
	__u16 zero;
};
_Static_assert(sizeof(struct fw_service_key) == 20, "fw_service_key");

/* Key of every LPM trie: an IPv4 prefix of n bits has prefixlen 96 + n. */
struct fw_prefix {
	__u32 prefixlen;
	struct fw_addr addr;
};
_Static_assert(sizeof(struct fw_prefix) == 20, "fw_prefix");

/* The one element of config: everything that holds for the whole machine.  Python writes it. */
struct fw_config {
	__u32 flags;	       /* enum fw_flag */
	__u32 key_current;     /* index into keys of the key that makes cookies */
	__u32 debt_source_max; /* unfinished handshakes a source may owe; 0 = no limit */
	__u32 debt_port_max;
	__u32 debt_prefix_max;
	__u32 guard_epoch;	/* 1..65535, another one after each change of never_ban; 0 = none */
	__u64 hash_seed;	/* secret of the debt and seen hashes */
	__u64 debt_halving_ns;	/* a debt halves every so often; at least 1 s */
	__u64 slice_ns;		/* half-open lifetime / FW_SLICES */
	__u32 closed_port_rate; /* SYN/s a CPU to ports without listener; 0 = no limit */
	__u32 authenticated_rate; /* SYN/s with TCP-MD5/TCP-AO to armed services */
	__u32 known_rate;	  /* SYN/s of existing sockets, TIME_WAIT apart, while armed */
	__u32 rate_source_max;	  /* SYN/s of one address; 0 = no limit */
	__u32 rate_port_max;	  /* SYN/s of one address and source port */
	__u32 zero;
	__u16 mss_ipv4; /* what our SYN-ACK announces */
	__u16 mss_ipv6;
	__u64 replay_now_ns; /* the clock of a replay; unused on the wire */
};
_Static_assert(sizeof(struct fw_config) == 88, "fw_config");

/* The one element of lease.  Python renews it; 0 = never granted = pass. */
struct fw_lease {
	__u64 until_ns;
};
_Static_assert(sizeof(struct fw_lease) == 8, "fw_lease");

/* One live cookie key.  What a SYN-ACK promised is bound to the key that made its cookie. */
struct fw_key {
	__u64 k0;
	__u64 k1;
	__u32 valid;	   /* 0 = slot empty */
	__u8 window_scale; /* ours, announced in the SYN-ACK, 0..14 */
	__u8 zero[3];
};
_Static_assert(sizeof(struct fw_key) == 24, "fw_key");

/* Limits of one service.  Python writes, the kernel reads. */
struct fw_limits {
	__u32 mode;	       /* enum fw_mode */
	__u32 mechanism;       /* enum fw_mechanism */
	__u32 high;	       /* pending handshakes above which it arms */
	__u32 low;	       /* and below which it may be calm again */
	__u64 hold_ns;	       /* how long it stays armed after the last sign of need */
	__u64 forced_until_ns; /* armed until then whatever the counts say */
	__u32 reset_seq;       /* changed by Python: forget pending (the queue was emptied) */
	__u16 window;	       /* receive window of the SYN-ACK, unscaled */
	__u8 ack_guard;	       /* look up every ACK even while calm */
	__u8 rate_drop;	       /* drop above the hard rates instead of challenging */
};
_Static_assert(sizeof(struct fw_limits) == 40, "fw_limits");

/* State of one service.  The kernel writes, Python reads. */
struct fw_state {
	__u64 armed_until_ns;	  /* armed while now is before this */
	__u64 armed_at_ns;	  /* begin of the present or last armed time */
	__u64 first_challenge_ns; /* first challenge after armed_at_ns, 0 = none yet */
	__u64 check_until_ns;	  /* cookies may still come back until then */
	__u64 arms;		  /* times it was armed */
	__s64 pending;		  /* passed SYNs that have not completed, over the window */
	__s64 slices[FW_SLICES];  /* pending, by slice of time */
	__s64 beats[FW_BEATS];	  /* unanswered challenges, by beat */
	__u64 slice;		  /* number of the present slice */
	__u64 beat;		  /* number of the present beat */
	__u32 reset_seq;	  /* last reset obeyed */
	__u32 zero;
};
_Static_assert(sizeof(struct fw_state) == 168, "fw_state");

/* Counters of one service, per CPU. */
struct fw_tally {
	__u64 syns;	  /* SYNs offered */
	__u64 passed;	  /* SYNs passed to the stack */
	__u64 challenged; /* SYN-ACKs with a cookie sent */
	__u64 proven;	  /* valid cookies */
	__u64 bad_acks;	  /* dropped: neither connection nor cookie */
	__u64 completed;  /* handshakes that the kernel finished */
	__s64 unreported; /* unanswered challenges not yet in fw_state.beats */
	__u64 beat;	  /* the beat that unreported belongs to */
};
_Static_assert(sizeof(struct fw_tally) == 64, "fw_tally");

/* What XDP decoded from a cookie, in front of the packet, for tc. */
struct fw_handover {
	__u32 magic; /* FW_HANDOVER_MAGIC */
	__u32 tsval; /* of the client, if timestamps */
	__u32 tsecr;
	__u16 mss;
	__u8 rcv_wscale;
	__u8 snd_wscale;
	__u8 options; /* enum fw_option */
	__u8 zero[3];
};
_Static_assert(sizeof(struct fw_handover) == 20, "fw_handover");

/* A handshake just handed over: its connection may not exist yet when the next packet comes. */
struct fw_follow {
	__u64 tuple; /* hash of the addresses and ports */
	__u64 at_ns;
	__u32 seq;		     /* first sequence number of the client's data */
	__u32 ack;		     /* our cookie + 1 */
	struct fw_handover handover; /* its magic is 0 once tc has taken it */
	__u32 zero;
};
_Static_assert(sizeof(struct fw_follow) == 48, "fw_follow");

/* Which budget a packet is paid from. */
enum fw_purse {
	FW_PURSE_CLOSED_PORT = 0,
	FW_PURSE_AUTHENTICATED = 1,
	FW_PURSE_KNOWN = 2,
	FW_PURSE_MAX,
};

/* The one element of notes: what XDP found out and tc must know. */
struct fw_note {
	__u32 no_metadata; /* this driver has no room in front of a packet: look into follows */
};
_Static_assert(sizeof(struct fw_note) == 4, "fw_note");

/* A budget in packets a second, per CPU. */
struct fw_budget {
	__u64 second;
	__u64 spent;
};
_Static_assert(sizeof(struct fw_budget) == 16, "fw_budget");

enum fw_option {
	FW_OPTION_WSCALE = 1,
	FW_OPTION_SACK = 2,
	FW_OPTION_ECN = 4,
	FW_OPTION_TIMESTAMPS = 8,
	FW_OPTION_AUTHENTICATED = 16, /* TCP-MD5 or TCP-AO was present */
	FW_OPTION_MSS = 32,	      /* the peer announced an MSS */
	FW_HANDOVER_MAGIC = 0x46574831,
};

#include "abi_gateway.h"

#endif

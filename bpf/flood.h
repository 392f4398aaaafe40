/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contract between the lab's flood generator and src/floodwall/lab/fast.py.
 *
 * Law: sizes and offsets are compared with Python's view through BTF by a test.
 */
#ifndef FLOODWALL_FLOOD_H
#define FLOODWALL_FLOOD_H

#include "abi.h"

enum flood_limit {
	FLOOD_FRAME_MAX = 96,	  /* Ethernet, IPv6 and TCP with 22 bytes to spare */
	FLOOD_SOURCES_MAX = 1024, /* sources of a flood from a fixed list */
	FLOOD_BURST = 64,	/* most frames that are sent late; a receive queue has 256 slots */
	FLOOD_CLOCK_EVERY = 64, /* frames between two looks at the clock, a power of two */
};

/* One place that frames come from; an IPv4 address is in the last four bytes. */
struct flood_source {
	struct fw_addr addr;
	__be16 port;
	__u16 zero;
};
_Static_assert(sizeof(struct flood_source) == 20, "flood_source");

/* What to send and how fast.  Python writes it once, before the first frame. */
struct flood_plan {
	__u16 length; /* of the frame, bytes; puts the IP header on a word boundary */
	__u8 frame[FLOOD_FRAME_MAX]; /* whole but for what varies; used as scratch space too */
	__u16 vary_ack;		     /* random acknowledgement numbers */
	struct flood_source base;    /* the source where it does not vary */
	struct flood_source vary;    /* bits of the source that are random */
	__u32 sources;		     /* entries of the map `sources` in use, 0 = base and vary */
	__u64 start_ns;		     /* nothing is sent before */
	__u64 stop_ns;		     /* nor after; CLOCK_MONOTONIC */
	__u64 rate_pps;		     /* 0 = as fast as the machine can */
	__u64 limit;		     /* frames in all */
	__u32 ip_sum;		     /* sum of the IPv4 header without source and checksum */
	__u32 tcp_sum;		     /* sum of pseudo-header and segment without what varies */
};
_Static_assert(sizeof(struct flood_plan) == 184, "flood_plan");

/* How far it is. */
struct flood_progress {
	__u64 calls;	/* frames asked for */
	__u64 sent;	/* frames sent */
	__u64 due;	/* frames that may have been sent by now */
	__u64 skipped;	/* frames that could not leave at their time */
	__u64 first_ns; /* when the first frame left */
	__u64 last_ns;	/* the clock when the last frame left, FLOOD_CLOCK_EVERY old */
	__u64 now_ns;
	__u64 random; /* state of the generator of random numbers, never 0 */
};
_Static_assert(sizeof(struct flood_progress) == 64, "flood_progress");

/* What came back from the server for sources that do not exist. */
enum flood_answer {
	FLOOD_ANSWER_SYN_ACK = 0,
	FLOOD_ANSWER_RESET,
	FLOOD_ANSWER_OTHER,
	FLOOD_ANSWER_MAX,
};

#endif

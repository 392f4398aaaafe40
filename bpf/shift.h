/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A TCP header in tc: read, changed and written back with its checksum, finished or not.
 *
 * Law: a checksum is only ever changed by the difference of what it covers, never made anew:
 * what a virtual device has not finished stays to be finished.
 */
#ifndef FLOODWALL_SHIFT_H
#define FLOODWALL_SHIFT_H

#include "maps.h"
#include "options.h"
#include "parse.h"

#define SHIFT_HEADER 60 /* longest TCP header, RFC 9293 section 3.1 */
#define SHIFT_OPTION_SACK 5
#define SHIFT_CHECK 16 /* offset of the checksum */

/* With room behind the options for a reader who does not know where they end. */
struct header {
	union {
		__u8 bytes[128];
		__be32 words[32];
	};
};

/* Too large for the stack; tc runs with softirqs off, so a CPU has one at a time. */
struct scratch {
	struct header old;  /* as it was read */
	struct header new;  /* as it will be written */
	struct packet back; /* of a backend's packet: as the client's look */
};

FW_MAP(BPF_MAP_TYPE_PERCPU_ARRAY, scratches, __u32, struct scratch, 1, 0);

static __always_inline struct scratch *shift_scratch(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scratches, &zero);
}

static __always_inline int shift_load(struct __sk_buff *skb, const struct packet *p,
				      struct header *h)
{
	__u32 length = p->tcp_length;

	__builtin_memset(h, 0, sizeof(*h));
	/* clang 19 compares 16 bits of it, kernel 6.18 forgets them: "invalid zero-sized read". */
	barrier_var(length);
	if (length < sizeof(struct tcphdr) || length > SHIFT_HEADER)
		return -1;
	return bpf_skb_load_bytes(skb, p->l4 & PARSE_REACH, h->bytes, length);
}

static __always_inline int shift_store(struct __sk_buff *skb, const struct packet *p,
				       struct header *old, struct header *new, __u32 length)
{
	__u32 at = p->l4 & PARSE_REACH;
	__s64 diff;

	new->words[4] = old->words[4]; /* checksum and urgent pointer are no difference */
	diff = bpf_csum_diff(old->words, SHIFT_HEADER, new->words, SHIFT_HEADER, 0);
	barrier_var(length);
	if (diff < 0 || length < sizeof(struct tcphdr) || length > SHIFT_HEADER)
		return -1;
	/* The checksum as it is by now: it may have been corrected since the header was read. */
	if (bpf_skb_load_bytes(skb, at + SHIFT_CHECK, new->bytes + SHIFT_CHECK, sizeof(__sum16)) ||
	    bpf_skb_store_bytes(skb, at, new->bytes, length, 0))
		return -1;
	return bpf_l4_csum_replace(skb, at + SHIFT_CHECK, 0, (__u32)diff, 0);
}

static __always_inline void shift_number(__u8 *at, __u32 by)
{
	__u32 number = options_be32(at) + by;

	at[0] = number >> 24;
	at[1] = number >> 16;
	at[2] = number >> 8;
	at[3] = number;
}

/*
 * Adds to the timestamp that lies `stamp_at` bytes into its option, and to every edge of SACK
 * blocks.  A function of its own, so that the verifier walks it once.
 */
__noinline int shift_options(struct header *h, __u32 length, __u32 stamp_at, __u32 stamp_by,
			     __u32 sack_by)
{
	__u32 at = sizeof(struct tcphdr);
	__u32 edge;
	int i;

	if (!h)
		return -1;
	for (i = 0; i < FW_TCP_OPTS_MAX; i++) {
		__u8 size;

		at &= 63;
		if (at + 1 >= length || h->bytes[at] == OPTION_EOL)
			break;
		if (h->bytes[at] == OPTION_NOP) {
			at++;
			continue;
		}
		size = h->bytes[at + 1];
		if (size < 2 || at + size > length)
			break;
		if (h->bytes[at] == OPTION_TIMESTAMPS && size == 10)
			shift_number(h->bytes + at + (stamp_at & 7), stamp_by);
		if (h->bytes[at] == SHIFT_OPTION_SACK && sack_by) {
			for (edge = 2; edge < 34; edge += 4)
				if (edge + 4 <= size)
					shift_number(h->bytes + at + edge, sack_by);
		}
		at += size;
	}
	return 0;
}

#endif

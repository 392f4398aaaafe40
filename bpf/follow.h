/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Data that comes in the same batch as the ACK which carried the cookie.
 *
 * The stack makes the connection only when the whole batch has passed XDP and tc, so what
 * follows finds no socket yet.  For FW_FOLLOW_MS such packets pass unquestioned.
 */
#ifndef FLOODWALL_FOLLOW_H
#define FLOODWALL_FOLLOW_H

#include "clock.h"
#include "hash.h"
#include "parse.h"

static __always_inline __u64 follow_tuple(const struct packet *p, __u64 source)
{
	__u64 hash = hash_mix(hash_mix(source, hash_word(&p->dst, 0)), hash_word(&p->dst, 1));

	return hash_mix(hash, (__u32)bpf_ntohs(p->sport) << 16 | bpf_ntohs(p->dport));
}

static __always_inline struct fw_follow *follow_cell(__u64 tuple)
{
	__u32 key = tuple & (FW_FOLLOWERS - 1);

	return bpf_map_lookup_elem(&follows, &key);
}

static __always_inline struct fw_follow *follow_begin(const struct packet *p, __u64 tuple,
						      __u64 now)
{
	struct fw_follow *cell = follow_cell(tuple);

	if (!cell)
		return NULL;
	cell->tuple = tuple;
	cell->at_ns = now;
	cell->seq = p->seq;
	cell->ack = p->ack_seq;
	cell->handover.magic = 0;
	return cell;
}

/* LIMIT: if the stack refuses the request, what follows meets the bare listener: a reset. */
static __always_inline int follow_holds(const struct packet *p, __u64 tuple, __u64 now)
{
	struct fw_follow *cell = follow_cell(tuple);

	return cell && cell->tuple == tuple && cell->ack == p->ack_seq &&
	       now - cell->at_ns < FW_FOLLOW_MS * NS_PER_MS &&
	       p->seq - cell->seq <= FW_FOLLOW_BYTES;
}

/* This driver has no room in front of packets: tc shall look here.  Said once, kept. */
static __always_inline void follow_leave(struct fw_follow *cell, const struct fw_handover *h)
{
	__u32 zero = 0;
	struct fw_note *note = bpf_map_lookup_elem(&notes, &zero);

	if (!note)
		return;
	cell->handover = *h;
	note->no_metadata = 1;
}

static __always_inline int follow_is_wanted(void)
{
	__u32 zero = 0;
	struct fw_note *note = bpf_map_lookup_elem(&notes, &zero);

	return note && note->no_metadata;
}

/* Takes what XDP left for exactly this packet; 1 if there was something. */
static __always_inline int follow_take(const struct packet *p, __u64 tuple, struct fw_handover *h)
{
	struct fw_follow *cell = follow_cell(tuple);

	if (!cell || cell->tuple != tuple || cell->seq != p->seq || cell->ack != p->ack_seq ||
	    cell->handover.magic != FW_HANDOVER_MAGIC)
		return 0;
	*h = cell->handover;
	cell->handover.magic = 0;
	return 1;
}

#endif

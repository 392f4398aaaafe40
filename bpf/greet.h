/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Handshakes that pass a calm gateway: whether they complete, and what backends offer.
 *
 * Law: a handshake counts as completed only by the number that the backend itself chose, so
 * nobody who forges a SYN can complete it; an option counts as known only once it was asked for.
 */
#ifndef FLOODWALL_GREET_H
#define FLOODWALL_GREET_H

#include "debt.h"
#include "follow.h"
#include "gateway_maps.h"
#include "options.h"
#include "service.h"

#define GREET_OPTIONS (FW_OPTION_WSCALE | FW_OPTION_SACK | FW_OPTION_TIMESTAMPS)

static __always_inline struct fw_greet *greet_cell(__u64 tuple)
{
	__u32 key = tuple & (FW_GREETS - 1);

	return bpf_map_lookup_elem(&greets, &key);
}

/* What a SYN, or a SYN-ACK, says; ECN is in its flags. */
static __always_inline __u8 greet_ecn(__u8 flags)
{
	__u8 asked = flags & (TCP_ECE | TCP_CWR);

	if (flags & TCP_ACK)
		return asked == TCP_ECE ? FW_OPTION_ECN : 0;
	return asked == (TCP_ECE | TCP_CWR) ? FW_OPTION_ECN : 0;
}

static __always_inline void greet_begin(const struct packet *p, __u64 source, __u8 offered)
{
	__u64 tuple = follow_tuple(p, source);
	struct fw_greet *cell = greet_cell(tuple);

	if (!cell)
		return;
	cell->tuple = tuple;
	cell->seq = p->seq;
	cell->offered = offered | greet_ecn(p->flags);
	cell->answered = 0;
}

/* The client's ACK: has it answered the backend's SYN-ACK?  Then the handshake is done. */
static __always_inline void greet_complete(struct service *s, const struct packet *p, __u64 source)
{
	__u64 tuple = follow_tuple(p, source);
	struct fw_greet *cell = greet_cell(tuple);

	if (!cell || cell->tuple != tuple || !cell->answered || cell->seq + 1 != p->seq ||
	    cell->ack != p->ack_seq)
		return;
	cell->tuple = 0;
	debt_forgive(s, source, &p->src, bpf_ntohs(p->sport));
	source_note_proof(&p->src, s->now);
	service_note_completion(s);
}

static __always_inline void greet_learn(__u32 id, __u8 offered, __u8 flags, const struct options *o)
{
	struct fw_offers *kept = bpf_map_lookup_elem(&offers, &id);
	__u8 said = (o->present & GREET_OPTIONS) | greet_ecn(flags);
	__u8 asked = offered & (GREET_OPTIONS | FW_OPTION_ECN);
	struct fw_offer offer;

	if (!kept || !(o->present & FW_OPTION_MSS))
		return;
	offer = kept->now;
	offer.mss = o->mss;
	offer.known |= asked;
	offer.options = (offer.options & ~asked) | (said & asked);
	if (said & asked & FW_OPTION_WSCALE)
		offer.window_scale = o->wscale;
	if (!__builtin_memcmp(&offer, &kept->now, sizeof(offer)))
		return;
	*(__u64 *)&kept->before = *(__u64 *)&kept->now;
	*(__u64 *)&kept->now = *(__u64 *)&offer;
	__sync_fetch_and_add(&kept->changes, 1);
}

/* The backend's SYN-ACK `p`; `back` is what the client's packets look like. */
static __always_inline void greet_answer(const struct packet *back, __u64 source, __u32 id,
					 const struct packet *p, const struct options *o)
{
	__u64 tuple = follow_tuple(back, source);
	struct fw_greet *cell = greet_cell(tuple);

	if (!cell || cell->tuple != tuple || cell->seq + 1 != p->ack_seq)
		return;
	cell->ack = p->seq + 1;
	cell->answered = 1;
	greet_learn(id, cell->offered, p->flags, o);
}

#endif

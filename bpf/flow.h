/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The spliced connections, by what they look like outside. */
#ifndef FLOODWALL_FLOW_H
#define FLOODWALL_FLOW_H

#include "gateway_maps.h"
#include "parse.h"

static __always_inline void flow_key(struct fw_flow_key *key, const struct packet *p)
{
	key->client = p->src;
	key->service = p->dst;
	key->client_port = p->sport;
	key->service_port = p->dport;
}

/* Whether there has been a spliced connection. */
static __always_inline __u32 *flow_note(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&spliced, &zero);
}

/* None is looked for before there has been one: a gateway that was never armed pays nothing. */
static __always_inline int flow_is_wanted(void)
{
	__u32 *note = flow_note();

	return note && *note;
}

static __always_inline struct fw_flow *flow_find(const struct packet *p)
{
	struct fw_flow_key key;

	if (!flow_is_wanted())
		return NULL;
	flow_key(&key, p);
	return bpf_map_lookup_elem(&flows, &key);
}

/* LIMIT: where more connections are spliced than flows has cells, the idlest are forgotten. */
/* A client is proven: its backend will be asked by tc.  0, or negative without room. */
static __always_inline int flow_begin(const struct packet *p, const struct fw_handover *agreed,
				      __u16 window)
{
	__u32 *note = flow_note();
	struct fw_flow_key key;
	struct fw_flow flow = {
		.client_isn = p->seq - 1,
		.cookie = p->ack_seq - 1,
		.stamp = agreed->tsecr,
		.window = window,
		.state = FW_FLOW_OPENING,
		.agreed = *agreed,
	};

	flow_key(&key, p);
	if (!note || bpf_map_update_elem(&flows, &key, &flow, BPF_ANY))
		return -1;
	if (!*note)
		*note = 1;
	return 0;
}

static __always_inline void flow_forget(const struct packet *p)
{
	struct fw_flow_key key;

	flow_key(&key, p);
	bpf_map_delete_elem(&flows, &key);
}

/* Once closed by either end, the same ports may soon be used for another connection. */
static __always_inline void flow_note_end(struct fw_flow *flow, __u8 flags)
{
	if ((flags & (TCP_FIN | TCP_RST)) && flow->state == FW_FLOW_OPEN)
		flow->state = FW_FLOW_ENDED;
}

#endif

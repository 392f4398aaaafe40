/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tc of a gateway, outwards: what backends send to clients. */
#ifndef FLOODWALL_JOIN_H
#define FLOODWALL_JOIN_H

#include "splice.h"

/* An ACK as long as the SYN-ACK that it is made of: a timestamp, and nothing for the rest. */
static __always_inline void join_write_ack(struct header *h, const struct fw_flow *flow,
					   __u32 length, __u32 tsval, __u32 tsecr)
{
	__u32 i;

#pragma unroll
	for (i = 5; i < SHIFT_HEADER / 4; i++)
		h->words[i] = i * 4 < length ? bpf_htonl(0x01010101) : 0; /* OPTION_NOP */
	if (!(flow->agreed.options & FW_OPTION_TIMESTAMPS) || length < 32)
		return;
	h->words[5] = bpf_htonl(OPTION_NOP << 24 | OPTION_NOP << 16 | OPTION_TIMESTAMPS << 8 | 10);
	h->words[6] = bpf_htonl(tsval);
	h->words[7] = bpf_htonl(tsecr);
}

static __always_inline int join_swap_ip(struct __sk_buff *skb, const struct packet *p, int back)
{
	const struct fw_addr *from = back ? &p->dst : &p->src;
	const struct fw_addr *to = back ? &p->src : &p->dst;
	__u32 at = p->l3 & PARSE_L3_REACH;
	__be32 both[2] = { from->words[3], to->words[3] };

	if (!p->is_ipv6)
		return bpf_skb_store_bytes(skb, at + __builtin_offsetof(struct iphdr, saddr), both,
					   sizeof(both), 0);
	at += __builtin_offsetof(struct ipv6hdr, saddr);
	return bpf_skb_store_bytes(skb, at, from, sizeof(*from), 0) ||
	       bpf_skb_store_bytes(skb, at + sizeof(*from), to, sizeof(*to), 0);
}

static __always_inline int join_swap_mac(struct __sk_buff *skb)
{
	__u8 mac[2 * ETH_ALEN], other[2 * ETH_ALEN];

	if (bpf_skb_load_bytes(skb, 0, mac, sizeof(mac)))
		return -1;
	__builtin_memcpy(other, mac + ETH_ALEN, ETH_ALEN);
	__builtin_memcpy(other + ETH_ALEN, mac, ETH_ALEN);
	return bpf_skb_store_bytes(skb, 0, other, sizeof(other), 0);
}

static __always_inline __u32 join_window(__u32 unscaled, __u8 scale)
{
	__u32 window = unscaled >> (scale & 15);

	return window || !unscaled ? window : 1;
}

/* The client's answer to the backend, sent as if it came from outside; `own->old` is written. */
static __always_inline int join_answer(struct __sk_buff *skb, const struct packet *p,
				       const struct fw_flow *flow, struct scratch *own,
				       __u32 client_stamp)
{
	struct header *ack = &own->new;

	*ack = own->old;
	ack->words[0] = (__u32)p->dport | (__u32)p->sport << 16;
	ack->words[1] = bpf_htonl(flow->client_isn + 1);
	ack->words[2] = bpf_htonl(flow->cookie + 1);
	ack->words[3] = bpf_htonl((__u32)p->tcp_length << 26 | TCP_ACK << 16 | flow->window);
	join_write_ack(ack, flow, p->tcp_length, client_stamp, flow->stamp);
	if (shift_store(skb, p, &own->old, ack, p->tcp_length) || join_swap_ip(skb, p, 1) ||
	    join_swap_mac(skb))
		return -1;
	bpf_clone_redirect(skb, skb->ifindex, BPF_F_INGRESS);
	own->old = *ack;
	return join_swap_mac(skb) || join_swap_ip(skb, p, 0);
}

static __always_inline void join_complete(const struct packet *back, __u32 id)
{
	struct service s = {};
	__u32 zero = 0;

	s.cfg = bpf_map_lookup_elem(&config, &zero);
	if (!s.cfg || !service_open(&s, id))
		return;
	s.now = clock_now(s.cfg);
	debt_forgive(&s, hash_addr(&back->src, s.cfg->hash_seed), &back->src,
		     bpf_ntohs(back->sport));
	service_note_completion(&s);
}

/* The backend answers: both ends have their numbers now. */
static __always_inline enum fw_reason join_ends(struct __sk_buff *skb, const struct packet *p,
						struct fw_flow *flow, struct scratch *own,
						const struct options *o)
{
	__u32 window = bpf_ntohl(own->old.words[3]) & 0xffff;
	struct header *ack = &own->new;

	flow->shift = flow->cookie - p->seq;
	flow->stamp_shift = flow->stamp - o->tsval;
	flow->backend_wscale = o->present & FW_OPTION_WSCALE ? o->wscale : 0;
	flow->state = FW_FLOW_OPEN;
	if (join_answer(skb, p, flow, own, o->tsecr))
		return FW_TC_EARLY;
	ack->words[0] = (__u32)p->sport | (__u32)p->dport << 16;
	ack->words[1] = bpf_htonl(flow->cookie + 1);
	ack->words[2] = bpf_htonl(flow->client_isn + 1);
	ack->words[3] = bpf_htonl((__u32)p->tcp_length << 26 | TCP_ACK << 16 |
				  join_window(window, flow->agreed.rcv_wscale));
	join_write_ack(ack, flow, p->tcp_length, flow->stamp, o->tsecr);
	return shift_store(skb, p, &own->old, ack, p->tcp_length) ? FW_TC_EARLY : FW_TC_SPLICED;
}

/* The window as the client will scale it, where the backend now scales it otherwise. */
static __always_inline __be32 join_rescale(__be32 word, const struct fw_flow *flow)
{
	__u32 whole = bpf_ntohl(word);
	__u32 window = (whole & 0xffff) << (flow->backend_wscale & 15);

	window = join_window(window, flow->agreed.rcv_wscale);
	return bpf_htonl((whole & 0xffff0000) | (window > 0xffff ? 0xffff : window));
}

static __always_inline int join_shift_outward(struct __sk_buff *skb, const struct packet *p,
					      const struct fw_flow *flow, struct scratch *own)
{
	own->new = own->old;
	own->new.words[1] = bpf_htonl(p->seq + flow->shift);
	if (flow->backend_wscale != flow->agreed.rcv_wscale)
		own->new.words[3] = join_rescale(own->new.words[3], flow);
	shift_options(&own->new, p->tcp_length, 2, flow->stamp_shift, 0);
	return shift_store(skb, p, &own->old, &own->new, p->tcp_length);
}

/* The backend refuses whom we have let in: the client must believe it. */
static __always_inline int join_refusal(struct __sk_buff *skb, const struct packet *p,
					const struct fw_flow *flow, struct scratch *own)
{
	own->new = own->old;
	own->new.words[1] = bpf_htonl(flow->cookie + 1);
	return shift_store(skb, p, &own->old, &own->new, p->tcp_length);
}

/* What a SYN-ACK says in its options.  A function of its own, so that it is verified once. */
__noinline int join_parse_options(const struct header *h, __u32 size, struct options *o)
{
	__u8 bytes[FW_TCP_OPTS_MAX + 16] = {};

	if (!h || !o)
		return -1;
	__builtin_memset(o, 0, sizeof(*o));
	__builtin_memcpy(bytes, h->bytes + sizeof(struct tcphdr), FW_TCP_OPTS_MAX);
	options_walk(bytes, size, o);
	return 0;
}

static __always_inline void join_swap(struct packet *back, const struct packet *p)
{
	*back = *p;
	back->src = p->dst;
	back->dst = p->src;
	back->sport = p->dport;
	back->dport = p->sport;
}

/* A SYN-ACK: of a handshake that passed, or of one that we began for a proven client. */
static __always_inline enum fw_reason join_syn_ack(struct __sk_buff *skb, const struct packet *p,
						   struct scratch *own, struct fw_flow *flow)
{
	__u32 zero = 0;
	struct fw_config *cfg = bpf_map_lookup_elem(&config, &zero);
	struct options o;
	__u32 id;

	if (!cfg || !service_find(&own->back.dst, own->back.dport, &id) ||
	    shift_load(skb, p, &own->old))
		return FW_REASON_MAX;
	join_parse_options(&own->old, p->tcp_length - sizeof(struct tcphdr), &o);
	if (!flow || p->ack_seq != flow->client_isn + 1) {
		greet_answer(&own->back, hash_addr(&own->back.src, cfg->hash_seed), id, p, &o);
		return FW_REASON_MAX;
	}
	greet_learn(id, flow->agreed.options, p->flags, &o);
	if (flow->state == FW_FLOW_OPENING)
		join_complete(&own->back, id);
	return join_ends(skb, p, flow, own, &o);
}

static __always_inline enum fw_reason join_outward(struct __sk_buff *skb)
{
	struct scratch *own = shift_scratch();
	struct fw_flow *flow;
	struct packet p;
	int failed;

	if (!own || splice_parse(skb, &p))
		return FW_REASON_MAX;
	join_swap(&own->back, &p);
	flow = flow_find(&own->back);
	if ((p.flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK))
		return join_syn_ack(skb, &p, own, flow);
	if (!flow || shift_load(skb, &p, &own->old))
		return FW_REASON_MAX;
	if (flow->state == FW_FLOW_OPENING)
		failed = join_refusal(skb, &p, flow, own);
	else
		failed = join_shift_outward(skb, &p, flow, own);
	flow_note_end(flow, p.flags);
	return failed ? FW_TC_EARLY : FW_REASON_MAX;
}

#endif

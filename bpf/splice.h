/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tc of a gateway: joins a proven client with its backend, and keeps them joined.
 *
 *   client          gateway                                   backend
 *     SYN ---------->  cookie C back, from XDP
 *     ACK C+1 ------>  made into the SYN that it began with ---->  SYN
 *     <------- ACK C+1  <-- made of the backend's SYN-ACK, ISN S
 *                      ACK S+1, on the client's behalf ---------->  established
 *     all else: S <-> C, by the constant shift; likewise timestamps
 *
 * Law: connection tracking, address translation and the site's rules see the connection of a
 * client that they could have let through by themselves.
 */
#ifndef FLOODWALL_SPLICE_H
#define FLOODWALL_SPLICE_H

#include "count.h"
#include "flow.h"
#include "greet.h"
#include "handover.h"
#include "reply.h"
#include "shift.h"

#define SPLICE_DROP 2 /* TCX_DROP, TC_ACT_SHOT */

/* IPv4's total length or IPv6's payload length after the TCP header has become longer. */
static __always_inline int splice_set_length(struct __sk_buff *skb, const struct packet *p,
					     __u32 tcp_length)
{
	__be16 was, now;
	__u32 at = p->l3 & PARSE_L3_REACH;

	if (p->is_ipv6) {
		at += __builtin_offsetof(struct ipv6hdr, payload_len);
		now = bpf_htons(p->l4 - p->l3 - sizeof(struct ipv6hdr) + tcp_length);
		return bpf_skb_store_bytes(skb, at, &now, sizeof(now), 0);
	}
	now = bpf_htons(p->l4 - p->l3 + tcp_length);
	if (bpf_skb_load_bytes(skb, at + __builtin_offsetof(struct iphdr, tot_len), &was,
			       sizeof(was)))
		return -1;
	if (bpf_l3_csum_replace(skb, at + __builtin_offsetof(struct iphdr, check), was, now,
				sizeof(now)))
		return -1;
	return bpf_skb_store_bytes(skb, at + __builtin_offsetof(struct iphdr, tot_len), &now,
				   sizeof(now), 0);
}

/* The SYN that the client began with, as far as its backend shall know. */
static __always_inline __u32 splice_write_syn(const struct fw_flow *flow, struct header *h)
{
	const struct fw_handover *agreed = &flow->agreed;
	struct reply r = {
		.mss = agreed->mss,
		.tsval = agreed->tsval,
		.window_scale = agreed->snd_wscale,
		.options = agreed->options | FW_OPTION_MSS,
	};
	__u32 flags = TCP_SYN | (agreed->options & FW_OPTION_ECN ? TCP_ECE | TCP_CWR : 0);
	__u32 window = (__u32)flow->window << (agreed->snd_wscale & 15);
	__u32 length, i;

	reply_set_options(&r);
	length = sizeof(struct tcphdr) + r.words * 4;
	h->words[1] = bpf_htonl(flow->client_isn);
	h->words[2] = 0;
	h->words[3] = bpf_htonl(length << 26 | flags << 16 | (window > 0xffff ? 0xffff : window));
#pragma unroll
	for (i = 0; i < (SHIFT_HEADER - sizeof(struct tcphdr)) / 4; i++)
		h->words[5 + i] = i < REPLY_OPTION_WORDS && i < r.words ? r.option[i] : 0;
	return length;
}

/* Only a bare segment can be made into a SYN; whatever carries data will be sent again. */
static __always_inline enum fw_reason splice_open(struct __sk_buff *skb, const struct packet *p,
						  struct fw_flow *flow)
{
	struct scratch *own = shift_scratch();
	__u32 length;

	if (!own)
		return FW_TC_EARLY;
	if (p->flags & TCP_RST) {
		flow_forget(p);
		return FW_TC_EARLY;
	}
	if (!(p->flags & TCP_ACK) || p->ip_end != p->l4 + p->tcp_length ||
	    shift_load(skb, p, &own->old))
		return FW_TC_EARLY;
	own->new = own->old;
	length = splice_write_syn(flow, &own->new);
	if (bpf_skb_change_tail(skb, (p->l4 & PARSE_REACH) + length, 0) ||
	    splice_set_length(skb, p, length) ||
	    shift_store(skb, p, &own->old, &own->new, length) ||
	    bpf_l4_csum_replace(skb, (p->l4 & PARSE_REACH) + SHIFT_CHECK, bpf_htons(p->tcp_length),
				bpf_htons(length), BPF_F_PSEUDO_HDR | sizeof(__be16)))
		return FW_TC_EARLY;
	return FW_TC_OPENING;
}

static __always_inline int splice_shift_inward(struct __sk_buff *skb, const struct packet *p,
					       const struct fw_flow *flow)
{
	struct scratch *own = shift_scratch();

	if (!own || shift_load(skb, p, &own->old))
		return -1;
	own->new = own->old;
	if (p->flags & TCP_ACK)
		own->new.words[2] = bpf_htonl(p->ack_seq - flow->shift);
	shift_options(&own->new, p->tcp_length, 6, -flow->stamp_shift, -flow->shift);
	return shift_store(skb, p, &own->old, &own->new, p->tcp_length);
}

static __always_inline int splice_parse(struct __sk_buff *skb, struct packet *p)
{
	if (!handover_parse(skb, p))
		return 0;
	/* What is not in the linear part may be pulled there, once. */
	return bpf_skb_pull_data(skb, 0) ? -1 : handover_parse(skb, p);
}

/* LIMIT: ICMP errors about what a backend sent carry numbers that it does not know. */
/* From the client.  FW_REASON_MAX: nothing to count, let it pass. */
static __always_inline enum fw_reason splice_inward(struct __sk_buff *skb)
{
	struct fw_flow *flow;
	struct packet p;

	if (!flow_is_wanted() || splice_parse(skb, &p))
		return FW_REASON_MAX;
	flow = flow_find(&p);
	if (!flow || (p.flags & TCP_SYN))
		return FW_REASON_MAX;
	if (flow->state == FW_FLOW_OPENING)
		return splice_open(skb, &p, flow);
	flow_note_end(flow, p.flags);
	return splice_shift_inward(skb, &p, flow) ? FW_TC_EARLY : FW_REASON_MAX;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The decisions about packets to a backend behind this gateway, one function a question. */
#ifndef FLOODWALL_GATE_H
#define FLOODWALL_GATE_H

#include "flow.h"
#include "greet.h"
#include "judge.h"
#include "known.h"
#include "promise.h"

/* Passes as if we were not there, but for a note that its handshake is awaited. */
static __always_inline enum fw_reason gate_let_by(struct xdp_md *ctx, struct service *s,
						  const struct packet *p, __u64 source)
{
	struct options o;

	options_parse(ctx, p->l4 + sizeof(struct tcphdr), p->tcp_length - sizeof(struct tcphdr),
		      &o);
	greet_begin(p, source, o.present);
	source_mark_seen(source, s->now);
	s->tally->passed++;
	service_expect(s);
	return FW_PASS_CALM_SYN;
}

static __always_inline enum fw_reason gate_syn(struct xdp_md *ctx, struct service *s,
					       const struct packet *p, __u32 id)
{
	__u64 source = hash_addr(&p->src, s->cfg->hash_seed);
	enum fw_reason reason;
	struct fw_flow *flow;
	int over;

	s->tally->syns++;
	if (judge_is_impossible(p))
		return judge_drop(p, FW_DROP_BAD_SOURCE);
	if (service_is_armed(s) && !s->limits->rate_drop)
		return promise_make(ctx, s, p, id, FW_CHALLENGE_FLOOD);
	over = rate_is_over(s, source, bpf_ntohs(p->sport));
	if (over && s->limits->rate_drop)
		return judge_drop(p, FW_DROP_RATE);
	if (service_is_armed(s))
		return promise_make(ctx, s, p, id, FW_CHALLENGE_FLOOD);
	if (over)
		return promise_make(ctx, s, p, id, FW_CHALLENGE_RATE);
	reason = debt_judge(s, source, &p->src, bpf_ntohs(p->sport));
	if (reason != FW_PASS_CALM_SYN)
		return promise_make(ctx, s, p, id, reason);
	flow = flow_find(p);
	if (flow && flow->state != FW_FLOW_ENDED)
		return promise_make(ctx, s, p, id, FW_CHALLENGE_REUSED);
	if (flow)
		flow_forget(p);
	return gate_let_by(ctx, s, p, source);
}

static __always_inline __u16 gate_window(struct xdp_md *ctx, const struct packet *p)
{
	struct tcphdr *tcp = (void *)(long)ctx->data + (p->l4 & PARSE_REACH);

	return (void *)(tcp + 1) > (void *)(long)ctx->data_end ? 0 : bpf_ntohs(tcp->window);
}

/* LIMIT: a client without timestamps whose last ACK is lost has to connect anew. */
/*
 * A client that was promised a closed window asks after it by the number before its next one
 * (RFC 9293 section 3.8.6.1): so it comes back if its ACK was lost.  The timestamp makes that
 * as hard to guess as any cookie; without one it would double the odds.
 */
static __always_inline int gate_is_promised(struct packet *p, __u32 id, const struct options *o,
					    struct fw_handover *h)
{
	if (promise_kept(p, id, o, h))
		return 1;
	if (!(o->present & FW_OPTION_TIMESTAMPS) || p->ip_end != p->l4 + p->tcp_length)
		return 0;
	p->seq++;
	return promise_kept(p, id, o, h);
}

/* A valid cookie begins a spliced connection. */
static __always_inline int gate_is_proof(struct xdp_md *ctx, struct service *s, struct packet *p,
					 __u32 id)
{
	struct fw_handover h;
	struct options o;

	if ((p->flags & (TCP_ACK | TCP_SYN | TCP_RST)) != TCP_ACK)
		return 0;
	options_parse(ctx, p->l4 + sizeof(struct tcphdr), p->tcp_length - sizeof(struct tcphdr),
		      &o);
	if (!gate_is_promised(p, id, &o, &h) || flow_begin(p, &h, gate_window(ctx, p)))
		return 0;
	service_note_proof(s);
	source_note_proof(&p->src, s->now);
	return 1;
}

static __always_inline enum fw_reason gate_stranger(struct service *s, const struct packet *p)
{
	enum fw_reason reason = judge_drop(p, FW_DROP_BAD_ACK);

	if (reason == FW_DROP_BAD_ACK)
		s->tally->bad_acks++;
	return reason;
}

static __always_inline enum fw_reason gate_ack(struct xdp_md *ctx, struct service *s,
					       struct packet *p, __u32 id)
{
	int guarded = service_is_armed(s) || s->limits->ack_guard;
	struct fw_flow *flow = flow_find(p);
	enum known known = KNOWN_UNASKED;

	if (flow && flow->state != FW_FLOW_ENDED)
		return FW_PASS_SPLICED;
	greet_complete(s, p, hash_addr(&p->src, s->cfg->hash_seed));
	if (!flow && !guarded && s->now >= s->state->check_until_ns)
		return FW_PASS_CALM_ACK;
	if (!flow && guarded)
		known = known_by_conntrack(ctx, s->cfg, p);
	if (known == KNOWN_LIVE)
		return FW_PASS_ESTABLISHED;
	if (gate_is_proof(ctx, s, p, id))
		return FW_PASS_COOKIE;
	if (flow)
		return FW_PASS_SPLICED;
	if (!guarded)
		return FW_PASS_CALM_ACK;
	if (known == KNOWN_NOT)
		return gate_stranger(s, p);
	return known == KNOWN_ENDED ? FW_PASS_ESTABLISHED : FW_PASS_UNTRACKED;
}

#endif

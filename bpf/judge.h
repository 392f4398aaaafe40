/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The decisions, one function a question.  Each names its answer by a reason. */
#ifndef FLOODWALL_JUDGE_H
#define FLOODWALL_JUDGE_H

#include "ban.h"
#include "challenge.h"
#include "count.h"
#include "debt.h"
#include "follow.h"
#include "rate.h"

/* Set by tests: behave as if the driver kept no room in front of packets. */
const volatile __u8 fw_no_metadata = 0;

static __always_inline int judge_lease_holds(__u64 now)
{
	__u32 zero = 0;
	struct fw_lease *granted = bpf_map_lookup_elem(&lease, &zero);

	return granted && now < granted->until_ns;
}

/* The only way to a drop other than a ban: the never-ban set has the last word. */
static __always_inline enum fw_reason judge_drop(const struct packet *p, enum fw_reason reason)
{
	return source_is_protected(&p->src) ? FW_PASS_NEVER_BAN : reason;
}

static __always_inline int judge_is_ours(const struct packet *p)
{
	return bpf_map_lookup_elem(&addresses, &p->dst) != NULL;
}

/* Everything between Ethernet and TCP: the address first, for a ban needs no more. */
static __always_inline enum fw_reason judge_network(void *data, void *end,
						    const struct fw_config *cfg, struct packet *p,
						    __be16 proto)
{
	enum fw_reason reason = FW_PASS_NOT_IP;

	if (proto == bpf_htons(ETH_P_IP))
		reason = parse_ipv4(data, end, p);
	else if (proto == bpf_htons(ETH_P_IPV6))
		reason = parse_ipv6(data, end, p);
	if (reason != PARSE_ON)
		return reason;
	reason = ban_judge(cfg, &p->src);
	if (reason != FW_REASON_MAX)
		return reason;
	if (p->later_fragment)
		return FW_PASS_LATER_FRAGMENT;
	if (p->is_ipv6) {
		reason = parse_extensions(data, end, p);
		if (reason != PARSE_ON)
			return reason;
	}
	return p->protocol == IPPROTO_TCP ? PARSE_ON : FW_PASS_NOT_TCP;
}

/* A first fragment that hides its flags: nobody honest makes one, RFC 1858. */
static __always_inline enum fw_reason judge_tiny_fragment(const struct fw_config *cfg,
							  const struct packet *p)
{
	if (!judge_is_ours(p) || !judge_lease_holds(clock_now(cfg)))
		return FW_PASS_BAD_TCP;
	return judge_drop(p, FW_DROP_TINY_FRAGMENT);
}

/* TCP to what is not protected: only SYNs to closed ports of ours have a budget. */
static __always_inline enum fw_reason judge_unprotected(const struct fw_config *cfg,
							const struct packet *p)
{
	__u64 now;

	if (!(p->flags & TCP_SYN) || (p->flags & TCP_ACK) || !cfg->closed_port_rate ||
	    !judge_is_ours(p))
		return FW_PASS_NOT_SERVICE;
	now = clock_now(cfg);
	if (!judge_lease_holds(now))
		return FW_PASS_NOT_SERVICE;
	if (count_within(FW_PURSE_CLOSED_PORT, cfg->closed_port_rate, clock_second(now)))
		return FW_PASS_CLOSED_PORT;
	return judge_drop(p, FW_DROP_CLOSED_PORT);
}

static __always_inline enum fw_reason judge_observed(struct service *s, const struct packet *p)
{
	if ((p->flags & (TCP_SYN | TCP_ACK | TCP_FIN | TCP_RST)) == TCP_SYN) {
		s->tally->syns++;
		s->tally->passed++;
	}
	return FW_PASS_OBSERVED;
}

/* Addresses and ports that no client can have: RFC 1122 section 3.2.1.3, RFC 4291 section 2.5. */
static __always_inline int judge_is_impossible(const struct packet *p)
{
	const struct fw_addr *a = &p->src;

	if (!p->sport)
		return 1;
	if (a->words[0] == p->dst.words[0] && a->words[1] == p->dst.words[1] &&
	    a->words[2] == p->dst.words[2] && a->words[3] == p->dst.words[3])
		return 1;
	if (!p->is_ipv6)
		return a->bytes[12] == 0 || a->bytes[12] == 127 || a->bytes[12] >= 224;
	if (a->bytes[0] == 0xff)
		return 1;
	return !a->words[0] && !a->words[1] && !a->words[2] &&
	       (!a->words[3] || a->words[3] == bpf_htonl(1));
}

/* LIMIT: TIME_WAIT sockets older than the data plane are not known, for their first minute. */
/* Does the SYN belong to a socket that exists?  A retransmission, or a port used again. */
static __always_inline int judge_is_known(struct xdp_md *ctx, const struct service *s,
					  const struct packet *p, __u64 source)
{
	struct bpf_sock *sk;
	__u32 state;

	if (!source_was_seen(source, s->now))
		return 0;
	sk = socket_find(ctx, p);
	if (!sk)
		return 0;
	state = sk->state;
	bpf_sk_release(sk);
	if (state == BPF_TCP_LISTEN)
		return 0;
	return state == BPF_TCP_TIME_WAIT ||
	       count_within(FW_PURSE_KNOWN, s->cfg->known_rate, clock_second(s->now));
}

/* TCP-MD5 and TCP-AO sign the SYN-ACK with a key that we do not have. */
static __always_inline enum fw_reason judge_authenticated(struct service *s, const struct packet *p)
{
	if (!count_within(FW_PURSE_AUTHENTICATED, s->cfg->authenticated_rate, clock_second(s->now)))
		return judge_drop(p, FW_DROP_AUTHENTICATED_SYN);
	s->tally->passed++;
	service_expect(s);
	return FW_PASS_AUTHENTICATED_SYN;
}

/* LIMIT: Fast Open data and MPTCP options are not used; the handshake falls back to plain TCP. */
static __always_inline enum fw_reason judge_challenge(struct xdp_md *ctx, struct service *s,
						      const struct packet *p, enum fw_reason reason)
{
	struct options o;
	int failed;

	options_parse(ctx, p->l4 + sizeof(struct tcphdr), p->tcp_length - sizeof(struct tcphdr),
		      &o);
	if (o.present & FW_OPTION_AUTHENTICATED)
		return judge_authenticated(s, p);
	challenge_agree(s->cfg, p->flags, &o);
	if (s->limits->mechanism == FW_MECHANISM_HANDOVER)
		failed = challenge_by_cookie(ctx, s, p, &o);
	else
		failed = challenge_by_stack(ctx, s, p, &o);
	if (failed) {
		s->tally->passed++;
		return FW_PASS_UNANSWERABLE;
	}
	service_note_challenge(s, reason == FW_CHALLENGE_FLOOD);
	return reason;
}

static __always_inline enum fw_reason judge_syn(struct xdp_md *ctx, struct service *s,
						const struct packet *p)
{
	__u64 source = hash_addr(&p->src, s->cfg->hash_seed);
	int armed = service_is_armed(s);
	enum fw_reason reason;
	int over = 0;

	s->tally->syns++;
	if (judge_is_impossible(p))
		return judge_drop(p, FW_DROP_BAD_SOURCE);
	/* While armed everybody is challenged: counting would only cost. */
	if (!armed || s->limits->rate_drop)
		over = rate_is_over(s, source, bpf_ntohs(p->sport));
	if (over && s->limits->rate_drop)
		return judge_drop(p, FW_DROP_RATE);
	if (armed) {
		if (judge_is_known(ctx, s, p, source)) {
			s->tally->passed++;
			return FW_PASS_KNOWN_SYN;
		}
		return judge_challenge(ctx, s, p, FW_CHALLENGE_FLOOD);
	}
	if (over)
		return judge_challenge(ctx, s, p, FW_CHALLENGE_RATE);
	reason = debt_judge(s, source, &p->src, bpf_ntohs(p->sport));
	if (reason != FW_PASS_CALM_SYN)
		return judge_challenge(ctx, s, p, reason);
	source_mark_seen(source, s->now);
	s->tally->passed++;
	service_expect(s);
	return reason;
}

/* In front of the packet; 0, or negative where the driver keeps no room there. */
static __always_inline int judge_write_metadata(struct xdp_md *ctx, const struct fw_handover *h)
{
	struct fw_handover *meta;

	if (fw_no_metadata || bpf_xdp_adjust_meta(ctx, -(int)sizeof(*meta)))
		return -1;
	meta = (void *)(long)ctx->data_meta;
	if ((void *)(meta + 1) > (void *)(long)ctx->data)
		return -1;
	*meta = *h;
	return 0;
}

/* Tells tc what was decoded, and what follows close behind that it may pass. */
static __always_inline void judge_tell_tc(struct xdp_md *ctx, const struct service *s,
					  const struct packet *p, const struct fw_handover *h)
{
	__u64 tuple = follow_tuple(p, hash_addr(&p->src, s->cfg->hash_seed));
	struct fw_follow *cell = follow_begin(p, tuple, s->now);

	if (judge_write_metadata(ctx, h) && cell)
		follow_leave(cell, h);
}

static __always_inline enum fw_reason judge_proven(struct service *s, const struct packet *p,
						   enum fw_reason reason)
{
	service_note_proof(s);
	source_note_proof(&p->src, s->now);
	return reason;
}

/* An ACK for the listener itself: it must carry a cookie, or follow one that did. */
static __always_inline enum fw_reason judge_answer(struct xdp_md *ctx, struct service *s,
						   const struct packet *p,
						   struct bpf_sock *listener, struct fw_handover *h)
{
	__u64 tuple = follow_tuple(p, hash_addr(&p->src, s->cfg->hash_seed));
	struct options o;

	if ((p->flags & (TCP_ACK | TCP_SYN | TCP_RST)) != TCP_ACK)
		return FW_DROP_BAD_ACK;
	if (s->limits->mechanism == FW_MECHANISM_HANDOVER) {
		if (follow_holds(p, tuple, s->now))
			return socket_has_no_room(listener) ? FW_DROP_NO_ROOM : FW_PASS_FOLLOWER;
		options_parse(ctx, p->l4 + sizeof(struct tcphdr),
			      p->tcp_length - sizeof(struct tcphdr), &o);
		if (cookie_check(p, &o, h))
			return FW_PASS_COOKIE;
	}
	if (!socket_check_stack_cookie((void *)(long)ctx->data, (void *)(long)ctx->data_end,
				       listener, p))
		return FW_PASS_STACK_COOKIE;
	return FW_DROP_BAD_ACK;
}

static __always_inline enum fw_reason judge_ack(struct xdp_md *ctx, struct service *s,
						const struct packet *p)
{
	int guarded = service_is_armed(s) || s->limits->ack_guard;
	struct fw_handover h;
	struct bpf_sock *sk;
	enum fw_reason reason = FW_PASS_ESTABLISHED;

	if (!guarded && s->now >= s->state->check_until_ns)
		return FW_PASS_CALM_ACK;
	sk = socket_find(ctx, p);
	if (!sk)
		return FW_PASS_NO_LISTENER;
	if (sk->state == BPF_TCP_LISTEN)
		reason = judge_answer(ctx, s, p, sk, &h);
	bpf_sk_release(sk);
	if (reason == FW_PASS_COOKIE)
		judge_tell_tc(ctx, s, p, &h);
	if (reason == FW_PASS_COOKIE || reason == FW_PASS_STACK_COOKIE)
		return judge_proven(s, p, reason);
	if (reason != FW_DROP_BAD_ACK)
		return reason;
	if (!guarded)
		return FW_PASS_CALM_ACK;
	reason = judge_drop(p, FW_DROP_BAD_ACK);
	if (reason == FW_DROP_BAD_ACK)
		s->tally->bad_acks++;
	return reason;
}

#endif

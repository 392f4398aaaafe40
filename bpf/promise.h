/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a gateway promises for a backend, and whether a client holds it to its word.
 *
 * Law: an option that the backend was never seen to accept is not promised.  The promise is
 * mixed into the cookie's key, so that an answer is read by the offer that it was given.
 */
#ifndef FLOODWALL_PROMISE_H
#define FLOODWALL_PROMISE_H

#include "challenge.h"
#include "cookie.h"
#include "gateway_maps.h"
#include "greet.h"
#include "judge.h"

#define PROMISES (FW_KEYS * 2) /* two keys, the present offer and the one before */

static __always_inline void promise_key(struct fw_key *out, const struct fw_key *key,
					const struct fw_offer *offer)
{
	*out = *key;
	out->k1 ^= *(const __u64 *)offer;
	out->window_scale = offer->window_scale;
}

/* Of what the client offers, what the backend accepts. */
static __always_inline void promise_agree(const struct fw_offer *offer, __u8 flags,
					  struct options *o)
{
	__u8 can = offer->options & offer->known;
	__u8 ecn = greet_ecn(flags) & can;

	o->present &= can | FW_OPTION_MSS;
	/* The cookie has room for ECN beside both of these only: cookie_state(). */
	if ((o->present & FW_OPTION_SACK) && (o->present & FW_OPTION_WSCALE))
		o->present |= ecn;
}

/* LIMIT: TCP-MD5, TCP-AO, Fast Open and MPTCP do not get through an armed gateway as such. */
static __always_inline enum fw_reason promise_make(struct xdp_md *ctx, struct service *s,
						   const struct packet *p, __u32 id,
						   enum fw_reason reason)
{
	__u32 slot = s->cfg->key_current & (FW_KEYS - 1);
	struct fw_key *key = bpf_map_lookup_elem(&keys, &slot);
	struct fw_offers *kept = bpf_map_lookup_elem(&offers, &id);
	struct reply r = {};
	struct fw_key mixed;
	struct options o;

	options_parse(ctx, p->l4 + sizeof(struct tcphdr), p->tcp_length - sizeof(struct tcphdr),
		      &o);
	if (o.present & FW_OPTION_AUTHENTICATED)
		return judge_authenticated(s, p);
	if (!key || !key->valid || !kept)
		return FW_PASS_UNANSWERABLE;
	promise_key(&mixed, key, &kept->now);
	promise_agree(&kept->now, p->flags, &o);
	r.tsecr = o.tsval;
	/* Closed: nothing may come before the backend is there to take it. */
	r.window = 0;
	r.mss = kept->now.mss;
	if (!r.mss)
		r.mss = p->is_ipv6 ? s->cfg->mss_ipv6 : s->cfg->mss_ipv4;
	if (challenge_with_key(ctx, p, &o, &mixed, &r)) {
		s->tally->passed++;
		return FW_PASS_UNANSWERABLE;
	}
	service_note_challenge(s, reason == FW_CHALLENGE_FLOOD);
	return reason;
}

/* Does the ACK hold us to a promise?  Then `h` is what was agreed. */
static __always_inline int promise_kept(const struct packet *p, __u32 id, const struct options *o,
					struct fw_handover *h)
{
	struct fw_offers *kept = bpf_map_lookup_elem(&offers, &id);
	__u32 i;

	if (!kept)
		return 0;
#pragma clang loop unroll(disable)
	for (i = 0; i < PROMISES; i++) {
		__u32 slot = i & (FW_KEYS - 1);
		struct fw_key *key = bpf_map_lookup_elem(&keys, &slot);
		struct fw_key mixed;

		if (!key || !key->valid || (i >= FW_KEYS && !kept->changes))
			continue;
		promise_key(&mixed, key, i < FW_KEYS ? &kept->now : &kept->before);
		if (cookie_check_key(&mixed, p, o, h))
			return 1;
	}
	return 0;
}

#endif

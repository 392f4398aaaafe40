/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a SYN to the decision what its SYN-ACK says, by either mechanism. */
#ifndef FLOODWALL_CHALLENGE_H
#define FLOODWALL_CHALLENGE_H

#include "cookie.h"
#include "reply.h"
#include "service.h"
#include "socket.h"

/* Of what the client offers, what this machine's sysctls allow. */
static __always_inline void challenge_agree(const struct fw_config *cfg, __u8 tcp_flags,
					    struct options *o)
{
	if (!(cfg->flags & FW_FLAG_SACK))
		o->present &= ~FW_OPTION_SACK;
	if (!(cfg->flags & FW_FLAG_WSCALE))
		o->present &= ~FW_OPTION_WSCALE;
	if (!(cfg->flags & FW_FLAG_TIMESTAMPS))
		o->present &= ~FW_OPTION_TIMESTAMPS;
	/* RFC 3168 section 6.1.1; AccECN falls back to it. */
	if ((cfg->flags & FW_FLAG_ECN) && (tcp_flags & TCP_ECE) && (tcp_flags & TCP_CWR) &&
	    (o->present & FW_OPTION_SACK) && (o->present & FW_OPTION_WSCALE))
		o->present |= FW_OPTION_ECN;
}

static __always_inline __u32 challenge_needs(const struct packet *p, const struct reply *r)
{
	return p->l3 + reply_ip_length(p) + sizeof(struct tcphdr) + r->words * 4;
}

/* Room for the reply with its options, or where it cannot be had, without. */
static __always_inline int challenge_make_room(struct xdp_md *ctx, const struct packet *p,
					       struct options *o, struct reply *r)
{
	if (!reply_resize(ctx, challenge_needs(p, r)))
		return 0;
	o->present &= FW_OPTION_MSS;
	r->options = 0;
	r->words = 0;
	return reply_resize(ctx, challenge_needs(p, r));
}

/* The SYN-ACK of a cookie made with `key`; the window and MSS of `r` are set. */
static __always_inline int challenge_with_key(struct xdp_md *ctx, const struct packet *p,
					      struct options *o, const struct fw_key *key,
					      struct reply *r)
{
	__u64 hash;

	r->options = o->present | FW_OPTION_MSS;
	r->window_scale = key->window_scale;
	hash = cookie_hash(key, p, p->seq, o->present & FW_OPTION_TIMESTAMPS);
	r->tsval = (__u32)(hash >> 32) ^ (__u32)cookie_exact_mss(p->is_ipv6, o) << 16;
	reply_set_options(r);
	if (challenge_make_room(ctx, p, o, r))
		return -1;
	if (!(r->options & FW_OPTION_TIMESTAMPS))
		hash = cookie_hash(key, p, p->seq, 0);
	r->isn = (__u32)hash + cookie_state(p->is_ipv6, o);
	return reply_write(ctx, p, r);
}

static __always_inline int challenge_by_cookie(struct xdp_md *ctx, const struct service *s,
					       const struct packet *p, struct options *o)
{
	__u32 slot = s->cfg->key_current & (FW_KEYS - 1);
	struct fw_key *key = bpf_map_lookup_elem(&keys, &slot);
	struct reply r = { .window = s->limits->window, .tsecr = o->tsval };

	if (!key || !key->valid)
		return -1;
	r.mss = p->is_ipv6 ? s->cfg->mss_ipv6 : s->cfg->mss_ipv4;
	return challenge_with_key(ctx, p, o, key, &r);
}

/* The kernel's cookie for this SYN, or negative.  It wants the header with all its options. */
static __always_inline __s64 challenge_ask_stack(struct xdp_md *ctx, const struct packet *p)
{
	__u8 header[60] = {};
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	struct bpf_sock *listener;
	__be32 *word = data + (p->l4 & PARSE_REACH);
	__u32 length = p->tcp_length;
	__s64 cookie = -1;
	int i;

	for (i = 0; i < 15; i++, word++) {
		if (i * 4 >= (int)length || (void *)(word + 1) > end)
			break;
		__builtin_memcpy(header + i * 4, word, 4);
	}
	if (length < sizeof(struct tcphdr) || length > sizeof(header))
		return -1;
	listener = socket_find(ctx, p);
	if (!listener)
		return -1;
	data = (void *)(long)ctx->data + (p->l3 & PARSE_L3_REACH);
	end = (void *)(long)ctx->data_end;
	if (listener->state == BPF_TCP_LISTEN) {
		if (p->is_ipv6 && data + sizeof(struct ipv6hdr) <= end)
			cookie = bpf_tcp_gen_syncookie(listener, data, sizeof(struct ipv6hdr),
						       (void *)header, length);
		else if (!p->is_ipv6 && data + sizeof(struct iphdr) <= end)
			cookie = bpf_tcp_gen_syncookie(listener, data, sizeof(struct iphdr),
						       (void *)header, length);
	}
	bpf_sk_release(listener);
	return cookie;
}

/* Minimum kernel: 5.3.  Window scale and SACK are lost: their place would be a timestamp whose
 * offset only the stack knows (secure_tcp_ts_off()). */
static __always_inline int challenge_by_stack(struct xdp_md *ctx, const struct service *s,
					      const struct packet *p, struct options *o)
{
	__s64 cookie = challenge_ask_stack(ctx, p);
	struct reply r = { .window = s->limits->window, .options = FW_OPTION_MSS };

	if (cookie < 0)
		return -1;
	r.isn = (__u32)cookie;
	r.mss = p->is_ipv6 ? s->cfg->mss_ipv6 : s->cfg->mss_ipv4;
	reply_set_options(&r);
	if (challenge_make_room(ctx, p, o, &r))
		return -1;
	return reply_write(ctx, p, &r);
}

#endif

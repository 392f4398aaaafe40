/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our own SYN cookie.
 *
 *   ISN of the SYN-ACK = low 32 bits of h + state                            (mod 2^32)
 *   TSval, if any      = high 32 bits of h ^ (exact MSS << 16)
 *   h = SipHash-2-4(key; saddr daddr sport dport client-ISN flags)
 *   state = MSS index * 47 + options, 0..187: window scale exact, SACK, ECN
 *
 * Law: of 2^32 acknowledgement numbers FW_KEYS * 188 are valid, and none can be told without
 * the key: odds of 8.8e-8 for a blind ACK.  Who sees a valid one is on the path, so the state
 * needs no protection of its own.
 */
#ifndef FLOODWALL_COOKIE_H
#define FLOODWALL_COOKIE_H

#include "maps.h"
#include "options.h"
#include "parse.h"

enum {
	COOKIE_WITH_WSCALE = 3, /* no SACK, SACK, SACK and ECN */
	COOKIE_WSCALES = OPTION_WSCALE_MAX + 1,
	COOKIE_PER_MSS = COOKIE_WSCALES * COOKIE_WITH_WSCALE + 2,
	COOKIE_MSS_ENTRIES = 4,
	COOKIE_STATES = COOKIE_PER_MSS * COOKIE_MSS_ENTRIES,
};
_Static_assert(COOKIE_STATES == 188, "the odds in docs/threat-model.md");

/* As net/ipv4/syncookies.c and net/ipv6/syncookies.c choose them. */
static const __u16 cookie_mss_ipv4[COOKIE_MSS_ENTRIES] = { 536, 1300, 1440, 1460 };
static const __u16 cookie_mss_ipv6[COOKIE_MSS_ENTRIES] = { 1220, 1420, 1440, 8940 };

#define COOKIE_ROTL(x, b) ((x) << (b) | (x) >> (64 - (b)))

struct siphash {
	__u64 v0, v1, v2, v3;
};

static __always_inline void siphash_rounds(struct siphash *s, int rounds)
{
	int i;

#pragma unroll
	for (i = 0; i < rounds; i++) {
		s->v0 += s->v1;
		s->v1 = COOKIE_ROTL(s->v1, 13) ^ s->v0;
		s->v0 = COOKIE_ROTL(s->v0, 32);
		s->v2 += s->v3;
		s->v3 = COOKIE_ROTL(s->v3, 16) ^ s->v2;
		s->v0 += s->v3;
		s->v3 = COOKIE_ROTL(s->v3, 21) ^ s->v0;
		s->v2 += s->v1;
		s->v1 = COOKIE_ROTL(s->v1, 17) ^ s->v2;
		s->v2 = COOKIE_ROTL(s->v2, 32);
	}
}

static __always_inline void siphash_word(struct siphash *s, __u64 word)
{
	s->v3 ^= word;
	siphash_rounds(s, 2);
	s->v0 ^= word;
}

static __always_inline __u64 cookie_pair(__u32 low, __u32 high)
{
	return (__u64)low | (__u64)high << 32;
}

/* SipHash-2-4, Aumasson and Bernstein 2012, over 17 bytes (IPv4) or 41 bytes (IPv6). */
static __always_inline __u64 cookie_hash(const struct fw_key *key, const struct packet *p,
					 __u32 client_isn, __u8 timestamps)
{
	struct siphash s = {
		.v0 = key->k0 ^ 0x736f6d6570736575ULL,
		.v1 = key->k1 ^ 0x646f72616e646f6dULL,
		.v2 = key->k0 ^ 0x6c7967656e657261ULL,
		.v3 = key->k1 ^ 0x7465646279746573ULL,
	};
	__u32 ports = (__u32)p->sport | (__u32)p->dport << 16;
	__u64 length = p->is_ipv6 ? 41 : 17;

	if (p->is_ipv6) {
		siphash_word(&s, cookie_pair(p->src.words[0], p->src.words[1]));
		siphash_word(&s, cookie_pair(p->src.words[2], p->src.words[3]));
		siphash_word(&s, cookie_pair(p->dst.words[0], p->dst.words[1]));
		siphash_word(&s, cookie_pair(p->dst.words[2], p->dst.words[3]));
	} else {
		siphash_word(&s, cookie_pair(p->src.words[3], p->dst.words[3]));
	}
	siphash_word(&s, cookie_pair(ports, bpf_htonl(client_isn)));
	siphash_word(&s, length << 56 | (timestamps ? 1 : 0));
	s.v2 ^= 0xff;
	siphash_rounds(&s, 4);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

static __always_inline __u32 cookie_mss_index(int is_ipv6, __u16 mss)
{
	const __u16 *table = is_ipv6 ? cookie_mss_ipv6 : cookie_mss_ipv4;

	if (mss >= table[3])
		return 3;
	if (mss >= table[2])
		return 2;
	return mss >= table[1] ? 1 : 0;
}

static __always_inline __u16 cookie_mss_entry(int is_ipv6, __u32 index)
{
	const __u16 *table = is_ipv6 ? cookie_mss_ipv6 : cookie_mss_ipv4;

	/* clang 19 drops a mask that it can prove, kernel 6.18 cannot: "unbounded min value". */
	barrier_var(index);
	return table[index & (COOKIE_MSS_ENTRIES - 1)];
}

/* LIMIT: an MSS below the first entry of its table is taken for that entry. */
/* What the peer can take, never below what the stack accepts: bpf_sk_assign_tcp_reqsk(). */
static __always_inline __u16 cookie_exact_mss(int is_ipv6, const struct options *o)
{
	__u16 least = cookie_mss_entry(is_ipv6, 0);

	return (o->present & FW_OPTION_MSS) && o->mss > least ? o->mss : least;
}

static __always_inline __u32 cookie_state(int is_ipv6, const struct options *o)
{
	__u32 state = cookie_mss_index(is_ipv6, cookie_exact_mss(is_ipv6, o)) * COOKIE_PER_MSS;

	if (!(o->present & FW_OPTION_WSCALE))
		return state + COOKIE_WSCALES * COOKIE_WITH_WSCALE +
		       !!(o->present & FW_OPTION_SACK);
	state += o->wscale * COOKIE_WITH_WSCALE;
	if (!(o->present & FW_OPTION_SACK))
		return state;
	return state + (o->present & FW_OPTION_ECN ? 2 : 1);
}

static __always_inline void cookie_decode(__u32 state, struct fw_handover *out)
{
	__u32 rest = state % COOKIE_PER_MSS;

	if (rest >= COOKIE_WSCALES * COOKIE_WITH_WSCALE) {
		if (rest != COOKIE_WSCALES * COOKIE_WITH_WSCALE)
			out->options |= FW_OPTION_SACK;
		return;
	}
	out->options |= FW_OPTION_WSCALE;
	out->snd_wscale = rest / COOKIE_WITH_WSCALE;
	rest %= COOKIE_WITH_WSCALE;
	if (rest)
		out->options |= FW_OPTION_SACK;
	if (rest == 2)
		out->options |= FW_OPTION_ECN;
}

/* Does this key say that the ACK answers a SYN-ACK of ours?  Then `out` is what was agreed. */
static __always_inline int cookie_check_key(const struct fw_key *key, const struct packet *p,
					    const struct options *o, struct fw_handover *out)
{
	__u8 timestamps = o->present & FW_OPTION_TIMESTAMPS;
	__u64 hash = cookie_hash(key, p, p->seq - 1, timestamps);
	__u32 state = p->ack_seq - 1 - (__u32)hash;
	__u32 stamp = o->tsecr ^ (__u32)(hash >> 32);
	__u16 mss;

	if (state >= COOKIE_STATES)
		return 0;
	mss = cookie_mss_entry(p->is_ipv6, state / COOKIE_PER_MSS);
	if (timestamps) {
		if ((stamp & 0xffff) || (stamp >> 16) < cookie_mss_entry(p->is_ipv6, 0) ||
		    cookie_mss_index(p->is_ipv6, stamp >> 16) != state / COOKIE_PER_MSS)
			return 0;
		mss = stamp >> 16;
	}
	__builtin_memset(out, 0, sizeof(*out));
	out->magic = FW_HANDOVER_MAGIC;
	out->mss = mss;
	out->rcv_wscale = key->window_scale;
	cookie_decode(state, out);
	if (timestamps) {
		out->options |= FW_OPTION_TIMESTAMPS;
		out->tsval = o->tsval;
		out->tsecr = o->tsecr;
	}
	return 1;
}

static __always_inline int cookie_check(const struct packet *p, const struct options *o,
					struct fw_handover *out)
{
	__u32 slot;

	for (slot = 0; slot < FW_KEYS; slot++) {
		struct fw_key *key = bpf_map_lookup_elem(&keys, &slot);

		if (key && key->valid && cookie_check_key(key, p, o, out))
			return 1;
	}
	return 0;
}

#endif

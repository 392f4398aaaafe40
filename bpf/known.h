/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What connection tracking knows of a packet's connection.  Minimum kernel: 6.0. */
#ifndef FLOODWALL_KNOWN_H
#define FLOODWALL_KNOWN_H

#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include "parse.h"

/* The kernel's own, net/netfilter/nf_conntrack_bpf.c; its first 12 bytes are all that is needed. */
struct bpf_ct_opts {
	__s32 netns_id;
	__s32 error;
	__u8 l4proto;
	__u8 dir;
	__u8 reserved[2];
};

struct ip_ct_tcp {
	__u8 state;
} __attribute__((preserve_access_index));

union nf_conntrack_proto {
	struct ip_ct_tcp tcp;
} __attribute__((preserve_access_index));

struct nf_conn {
	unsigned long status;
	union nf_conntrack_proto proto;
} __attribute__((preserve_access_index));

extern struct nf_conn *bpf_xdp_ct_lookup(struct xdp_md *ctx, struct bpf_sock_tuple *tuple,
					 __u32 tuple__sz, struct bpf_ct_opts *opts,
					 __u32 opts__sz) __ksym __weak;
extern void bpf_ct_release(struct nf_conn *ct) __ksym __weak;

/* linux/netfilter/nf_conntrack_common.h and nf_conntrack_tcp.h */
enum {
	CT_SEEN_REPLY = 2,
	CT_TCP_SYN_RECV = 2,
	CT_TCP_LAST_ACK = 6,
	CT_CURRENT_NETNS = -1,
};

enum known {
	KNOWN_NOT = 0,
	KNOWN_ENDED = 1, /* both ends have said that it is over */
	KNOWN_LIVE = 2,	 /* the backend has answered, and it is not over */
	KNOWN_UNASKED = 3,
};

/* LIMIT: only connections of conntrack's default zone are found. */
static __always_inline enum known known_by_conntrack(struct xdp_md *ctx,
						     const struct fw_config *cfg,
						     const struct packet *p)
{
	struct bpf_ct_opts opts = { .netns_id = CT_CURRENT_NETNS, .l4proto = IPPROTO_TCP };
	struct bpf_sock_tuple tuple = {};
	enum known found = KNOWN_NOT;
	struct nf_conn *ct;
	__u8 state;

	if (!(cfg->flags & FW_FLAG_TRACKED) || !bpf_xdp_ct_lookup || !bpf_ct_release)
		return KNOWN_UNASKED;
	if (p->is_ipv6) {
		__builtin_memcpy(tuple.ipv6.saddr, &p->src, sizeof(tuple.ipv6.saddr));
		__builtin_memcpy(tuple.ipv6.daddr, &p->dst, sizeof(tuple.ipv6.daddr));
		tuple.ipv6.sport = p->sport;
		tuple.ipv6.dport = p->dport;
		ct = bpf_xdp_ct_lookup(ctx, &tuple, sizeof(tuple.ipv6), &opts, sizeof(opts));
	} else {
		tuple.ipv4.saddr = p->src.words[3];
		tuple.ipv4.daddr = p->dst.words[3];
		tuple.ipv4.sport = p->sport;
		tuple.ipv4.dport = p->dport;
		ct = bpf_xdp_ct_lookup(ctx, &tuple, sizeof(tuple.ipv4), &opts, sizeof(opts));
	}
	if (!ct)
		return KNOWN_NOT;
	state = ct->proto.tcp.state;
	if (ct->status & CT_SEEN_REPLY)
		found = state >= CT_TCP_SYN_RECV && state <= CT_TCP_LAST_ACK ? KNOWN_LIVE :
									       KNOWN_ENDED;
	bpf_ct_release(ct);
	return found;
}

#endif

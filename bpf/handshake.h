/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel says of handshakes: SYN_RECV to ESTABLISHED, however it was made.
 *
 * A raw tracepoint sees every network namespace; only ours counts.
 */
#ifndef FLOODWALL_HANDSHAKE_H
#define FLOODWALL_HANDSHAKE_H

#include <bpf/bpf_core_read.h>
#include "debt.h"
#include "parse.h"

#define HANDSHAKE_AF_INET 2
#define HANDSHAKE_AF_INET6 10

/* Set by the loader: SO_NETNS_COOKIE of the namespace that is protected. */
const volatile __u64 fw_netns_cookie = 0;

struct sock;

struct net {
	__u64 net_cookie;
} __attribute__((preserve_access_index));

typedef struct {
	struct net *net;
} possible_net_t;

struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
} __attribute__((preserve_access_index));

/* 36 bytes; a replay hands them in as they are. */
struct handshake {
	struct fw_addr remote;
	struct fw_addr local;
	__be16 remote_port;
	__u16 local_port;
};

static __always_inline int handshake_read(struct sock *sk, struct handshake *h)
{
	struct sock_common *common = (struct sock_common *)sk;
	unsigned short family = BPF_CORE_READ(common, skc_family);

	if (BPF_CORE_READ(common, skc_net.net, net_cookie) != fw_netns_cookie)
		return -1;
	if (family == HANDSHAKE_AF_INET) {
		parse_map_ipv4(&h->remote, BPF_CORE_READ(common, skc_daddr));
		parse_map_ipv4(&h->local, BPF_CORE_READ(common, skc_rcv_saddr));
	} else if (family == HANDSHAKE_AF_INET6) {
		BPF_CORE_READ_INTO(&h->remote, common, skc_v6_daddr);
		BPF_CORE_READ_INTO(&h->local, common, skc_v6_rcv_saddr);
	} else {
		return -1;
	}
	h->remote_port = BPF_CORE_READ(common, skc_dport);
	h->local_port = BPF_CORE_READ(common, skc_num);
	return 0;
}

/* Forgives the source, for whatever service; tells the service, if it is one of ours. */
static __always_inline void handshake_apply(const struct handshake *h)
{
	struct service s = {};
	__u32 zero = 0;
	__u32 id;
	__u64 source;

	s.cfg = bpf_map_lookup_elem(&config, &zero);
	if (!s.cfg)
		return;
	s.now = clock_exact(s.cfg); /* tracing programs have no coarse clock */
	source = hash_addr(&h->remote, s.cfg->hash_seed);
	debt_forgive(&s, source, &h->remote, bpf_ntohs(h->remote_port));
	source_mark_seen(source, s.now);
	source_note_proof(&h->remote, s.now);
	if (service_find(&h->local, bpf_htons(h->local_port), &id) && service_open(&s, id))
		service_note_completion(&s);
}

static __always_inline void handshake_note(struct sock *sk)
{
	struct handshake h = {};

	if (!handshake_read(sk, &h))
		handshake_apply(&h);
}

#endif

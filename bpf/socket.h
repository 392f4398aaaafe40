/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which socket of this network namespace a packet belongs to. */
#ifndef FLOODWALL_SOCKET_H
#define FLOODWALL_SOCKET_H

#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "parse.h"

/* The part of the kernel's struct sock that is read; CO-RE finds the true offsets. */
struct sock {
	__u32 sk_ack_backlog;
	__u32 sk_max_ack_backlog;
} __attribute__((preserve_access_index));

struct tcp_sock;

/* LIMIT: sockets in a VRF, or bound to another device than the packet's, are not found. */
/* The tuple from `src` to `dst`; its size by family is what the helper tells IPv4 by. */
static __always_inline struct bpf_sock *socket_find(void *ctx, const struct packet *p)
{
	struct bpf_sock_tuple tuple;

	if (!p->is_ipv6) {
		tuple.ipv4.saddr = p->src.words[3];
		tuple.ipv4.daddr = p->dst.words[3];
		tuple.ipv4.sport = p->sport;
		tuple.ipv4.dport = p->dport;
		return bpf_skc_lookup_tcp(ctx, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	}
	__builtin_memcpy(tuple.ipv6.saddr, &p->src, sizeof(tuple.ipv6.saddr));
	__builtin_memcpy(tuple.ipv6.daddr, &p->dst, sizeof(tuple.ipv6.daddr));
	tuple.ipv6.sport = p->sport;
	tuple.ipv6.dport = p->dport;
	return bpf_skc_lookup_tcp(ctx, &tuple, sizeof(tuple.ipv6), BPF_F_CURRENT_NETNS, 0);
}

/* As the kernel's sk_acceptq_is_full().  Minimum kernel: 5.9 (bpf_skc_to_tcp_sock). */
static __always_inline int socket_has_no_room(struct bpf_sock *listener)
{
	struct sock *sk = (struct sock *)bpf_skc_to_tcp_sock(listener);

	return sk && sk->sk_ack_backlog > sk->sk_max_ack_backlog;
}

/* 0 if the listener would take this ACK as the answer to a cookie of the kernel's own. */
static __always_inline int socket_check_stack_cookie(void *data, void *end,
						     struct bpf_sock *listener,
						     const struct packet *p)
{
	struct tcphdr *tcp = data + (p->l4 & PARSE_REACH);
	struct iphdr *ipv4 = data + (p->l3 & PARSE_L3_REACH);
	struct ipv6hdr *ipv6 = data + (p->l3 & PARSE_L3_REACH);

	if ((void *)(tcp + 1) > end)
		return -1;
	if (p->is_ipv6)
		return (void *)(ipv6 + 1) > end ?
			       -1 :
			       bpf_tcp_check_syncookie(listener, ipv6, sizeof(*ipv6), tcp,
						       sizeof(*tcp));
	return (void *)(ipv4 + 1) > end ?
		       -1 :
		       bpf_tcp_check_syncookie(listener, ipv4, sizeof(*ipv4), tcp, sizeof(*tcp));
}

#endif

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The lab's flood generator and the sink of what the server answers to it.
 *
 * Law: never attached to anything but the lab's own veth pairs; not a general tool.  The generator
 * runs through BPF_PROG_TEST_RUN on live frames: each call sends one frame or withholds it.
 * Minimum kernel: 5.18.
 */
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "flood.h"

#define NS_PER_SECOND 1000000000ULL

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct flood_plan);
} plan SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct flood_progress);
} progress SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FLOOD_SOURCES_MAX);
	__type(key, __u32);
	__type(value, struct flood_source);
} sources SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, FLOOD_ANSWER_MAX);
	__type(key, __u32);
	__type(value, __u64);
} answers SEC(".maps");

/* The networks of the lab, as 64-bit words of an address on the wire; everything else is forged. */
const volatile __u32 lab_ipv4_network;
const volatile __u32 lab_ipv4_mask;
const volatile __u64 lab_ipv6_network;
const volatile __u64 lab_ipv6_mask;

struct frame_ipv4 {
	struct ethhdr eth;
	struct iphdr ip;
	struct tcphdr tcp;
} __attribute__((packed));

struct frame_ipv6 {
	struct ethhdr eth;
	struct ipv6hdr ip;
	struct tcphdr tcp;
} __attribute__((packed));

/*
 * How many frames may have left by now.  What could not leave at its time is skipped but for a
 * few: caught up in one burst, it would fill the receive queue, which a line that carries this rate
 * would not do.
 */
static __always_inline __u64 flood_due(const struct flood_plan *p, struct flood_progress *at)
{
	__u64 due;

	if (at->now_ns < p->start_ns || at->now_ns >= p->stop_ns)
		return 0;
	if (!p->rate_pps)
		return p->limit;
	due = (at->now_ns - p->start_ns) * p->rate_pps / NS_PER_SECOND;
	if (due > at->skipped + at->sent + FLOOD_BURST)
		at->skipped = due - at->sent - FLOOD_BURST;
	due -= at->skipped;
	return due < p->limit ? due : p->limit;
}

/* Is it time for another frame?  The clock costs more than the frame: it is read now and then. */
static __always_inline int flood_is_due(const struct flood_plan *p, struct flood_progress *at)
{
	if (!(at->calls++ & (FLOOD_CLOCK_EVERY - 1))) {
		at->now_ns = bpf_ktime_get_ns();
		at->due = flood_due(p, at);
	}
	if (at->sent >= at->due)
		return 0;
	if (!at->sent++)
		at->first_ns = at->now_ns;
	at->last_ns = at->now_ns;
	return 1;
}

/* xorshift64*, Vigna 2016. */
static __always_inline __u64 flood_random(struct flood_progress *at)
{
	__u64 x = at->random;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	at->random = x;
	return x * 0x2545F4914F6CDD1DULL;
}

static __always_inline void flood_pick_source(const struct flood_plan *p, struct flood_progress *at,
					      struct flood_source *source)
{
	const struct flood_source *listed;
	__u64 random = flood_random(at);
	__u32 number;
	int i;

	if (p->sources) {
		number = (random >> 32) * p->sources >> 32;
		listed = bpf_map_lookup_elem(&sources, &number);
		if (listed) {
			*source = *listed;
			source->port |= random & p->vary.port;
			return;
		}
	}
	*source = p->base;
	source->port |= random & p->vary.port;
	for (i = 2; i < 4; i++)
		source->addr.words[i] |= (random >> 16) & p->vary.addr.words[i];
	random = flood_random(at);
	source->addr.words[3] = p->base.addr.words[3] | (random & p->vary.addr.words[3]);
	source->addr.words[1] |= (random >> 32) & p->vary.addr.words[1];
}

/* Ones' complement of the folded sum, RFC 1071. */
static __always_inline __u16 flood_fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* Ports, numbers and checksum; `sum` is what the source address adds. */
static __always_inline void flood_write_tcp(struct tcphdr *tcp, const struct flood_plan *p,
					    struct flood_progress *at, __be16 port, __u64 sum)
{
	__u64 random = flood_random(at);

	tcp->source = port;
	tcp->seq = random;
	if (p->vary_ack)
		tcp->ack_seq = random >> 32;
	tcp->check = flood_fold(sum + p->tcp_sum + port + tcp->seq + (__u64)tcp->ack_seq);
}

static __always_inline int flood_send(struct xdp_md *ctx, struct flood_plan *p)
{
	__u32 length = p->length;

	if (length < ETH_HLEN || length > FLOOD_FRAME_MAX)
		return XDP_ABORTED;
	return bpf_xdp_store_bytes(ctx, 0, p->frame, length) ? XDP_ABORTED : XDP_TX;
}

SEC("xdp")
int flood_ipv4(struct xdp_md *ctx)
{
	__u32 zero = 0;
	struct flood_plan *p = bpf_map_lookup_elem(&plan, &zero);
	struct flood_progress *at = bpf_map_lookup_elem(&progress, &zero);
	struct flood_source source;
	struct iphdr *ip;

	if (!p || !at || !flood_is_due(p, at))
		return XDP_DROP;
	flood_pick_source(p, at, &source);
	ip = (void *)(p->frame + ETH_HLEN);
	ip->saddr = source.addr.words[3];
	ip->check = flood_fold((__u64)p->ip_sum + source.addr.words[3]);
	flood_write_tcp((void *)(ip + 1), p, at, source.port, source.addr.words[3]);
	return flood_send(ctx, p);
}

SEC("xdp")
int flood_ipv6(struct xdp_md *ctx)
{
	__u32 zero = 0;
	struct flood_plan *p = bpf_map_lookup_elem(&plan, &zero);
	struct flood_progress *at = bpf_map_lookup_elem(&progress, &zero);
	struct flood_source source;
	struct ipv6hdr *ip;
	__u64 sum = 0;
	int i;

	if (!p || !at || !flood_is_due(p, at))
		return XDP_DROP;
	flood_pick_source(p, at, &source);
	ip = (void *)(p->frame + ETH_HLEN);
	for (i = 0; i < 4; i++) {
		ip->saddr.in6_u.u6_addr32[i] = source.addr.words[i];
		sum += source.addr.words[i];
	}
	flood_write_tcp((void *)(ip + 1), p, at, source.port, sum);
	return flood_send(ctx, p);
}

static __always_inline int sink_take(const struct tcphdr *tcp)
{
	__u32 kind = FLOOD_ANSWER_OTHER;
	__u64 *count;

	if (tcp->syn && tcp->ack)
		kind = FLOOD_ANSWER_SYN_ACK;
	else if (tcp->rst)
		kind = FLOOD_ANSWER_RESET;
	count = bpf_map_lookup_elem(&answers, &kind);
	if (count)
		*count += 1;
	return XDP_DROP;
}

/* On the attacker's side of the server's link: counts and drops what forged sources get. */
SEC("xdp.frags")
int flood_sink(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct frame_ipv4 *v4 = data;
	struct frame_ipv6 *v6 = data;

	if ((void *)(v4 + 1) > end)
		return XDP_PASS;
	if (v4->eth.h_proto == bpf_htons(ETH_P_IP)) {
		if (v4->ip.protocol != IPPROTO_TCP || v4->ip.ihl != 5 ||
		    (v4->ip.daddr & lab_ipv4_mask) == lab_ipv4_network)
			return XDP_PASS;
		return sink_take(data + offsetof(struct frame_ipv4, tcp));
	}
	if (v4->eth.h_proto != bpf_htons(ETH_P_IPV6) || (void *)(v6 + 1) > end)
		return XDP_PASS;
	if (v6->ip.nexthdr != IPPROTO_TCP ||
	    ((v6->ip.daddr.in6_u.u6_addr32[0] | (__u64)v6->ip.daddr.in6_u.u6_addr32[1] << 32) &
	     lab_ipv6_mask) == lab_ipv6_network)
		return XDP_PASS;
	return sink_take(data + offsetof(struct frame_ipv6, tcp));
}

char _license[] SEC("license") = "GPL";

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a frame to its addresses, ports and flags.
 *
 * Law: every loop is bounded, every offset is checked, and what is not understood is named,
 * never guessed.  Offsets, not pointers, are kept: helpers that move the packet do not hurt.
 */
#ifndef FLOODWALL_PARSE_H
#define FLOODWALL_PARSE_H

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include "abi.h"

/* TCP flags, byte 13 of the header, RFC 9293 section 3.1. */
enum {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_ACK = 0x10,
	TCP_ECE = 0x40,
	TCP_CWR = 0x80,
};

/* IPv4 fragment word, RFC 791 section 3.1; IPv6 fragment header, RFC 8200 section 4.5. */
#define IPV4_MORE 0x2000
#define IPV4_OFFSET 0x1fff
#define IPV6_MORE 0x0001
#define IPV6_OFFSET 0xfff8

/* Longest way from the frame's start to its TCP header: keeps the verifier's ranges small. */
#define PARSE_REACH 0x3fff

/* Furthest offset of the IP header: Ethernet and FW_VLAN_MAX tags. */
#define PARSE_L3_REACH 0x1f

/* Not a reason: the packet is understood so far. */
#define PARSE_ON FW_REASON_MAX

struct packet {
	struct fw_addr src;
	struct fw_addr dst;
	__u32 seq;
	__u32 ack_seq;
	__u32 l3;     /* offset of the IP header */
	__u32 l4;     /* offset of the header behind IP and its extensions */
	__u32 ip_end; /* offset at which the IP packet says that it ends */
	__be16 sport;
	__be16 dport;
	__u16 tcp_length; /* TCP header with options, bytes */
	__u8 flags;
	__u8 protocol;
	__u8 is_ipv6;
	__u8 first_fragment;
	__u8 later_fragment;
	__u8 group; /* sent to a group MAC address */
};

static __always_inline void parse_map_ipv4(struct fw_addr *addr, __be32 ipv4)
{
	addr->words[0] = 0;
	addr->words[1] = 0;
	addr->words[2] = bpf_htonl(0xffff);
	addr->words[3] = ipv4;
}

static __always_inline int parse_is_mapped(const struct fw_addr *addr)
{
	return !addr->words[0] && !addr->words[1] && addr->words[2] == bpf_htonl(0xffff);
}

/* LIMIT: what is inside a tunnel is judged where it comes out, if that interface is protected. */
/* Ethernet and up to FW_VLAN_MAX tags.  Sets l3; `proto` is what lies there. */
static __always_inline enum fw_reason parse_link(void *data, void *end, struct packet *p,
						 __be16 *proto)
{
	struct ethhdr *eth = data;
	__be16 type;
	__u32 offset = sizeof(*eth);
	int i;

	if ((void *)(eth + 1) > end)
		return FW_PASS_NOT_IP;
	p->group = eth->h_dest[0] & 1;
	type = eth->h_proto;
#pragma unroll
	for (i = 0; i < FW_VLAN_MAX; i++) {
		__be16 *tag = data + offset;

		if (type != bpf_htons(ETH_P_8021Q) && type != bpf_htons(ETH_P_8021AD))
			break;
		if ((void *)(tag + 2) > end)
			return FW_PASS_NOT_IP;
		type = tag[1];
		offset += 4;
	}
	if (type == bpf_htons(ETH_P_8021Q) || type == bpf_htons(ETH_P_8021AD))
		return FW_PASS_TOO_MANY_TAGS;
	p->l3 = offset;
	*proto = type;
	return PARSE_ON;
}

static __always_inline enum fw_reason parse_ipv4(void *data, void *end, struct packet *p)
{
	struct iphdr *ip = data + (p->l3 & PARSE_L3_REACH);
	__u32 length;
	__u16 fragment;

	if ((void *)(ip + 1) > end || ip->version != 4 || ip->ihl < 5)
		return FW_PASS_BAD_IP;
	length = ip->ihl * 4;
	if ((void *)ip + length > end || bpf_ntohs(ip->tot_len) < length)
		return FW_PASS_BAD_IP;
	parse_map_ipv4(&p->src, ip->saddr);
	parse_map_ipv4(&p->dst, ip->daddr);
	p->is_ipv6 = 0;
	p->protocol = ip->protocol;
	p->l4 = p->l3 + length;
	p->ip_end = p->l3 + bpf_ntohs(ip->tot_len);
	fragment = bpf_ntohs(ip->frag_off);
	p->later_fragment = (fragment & IPV4_OFFSET) != 0;
	p->first_fragment = !p->later_fragment && (fragment & IPV4_MORE);
	return PARSE_ON;
}

/* The fixed header only: its addresses are all that a ban needs. */
static __always_inline enum fw_reason parse_ipv6(void *data, void *end, struct packet *p)
{
	struct ipv6hdr *ip = data + (p->l3 & PARSE_L3_REACH);

	if ((void *)(ip + 1) > end || ip->version != 6)
		return FW_PASS_BAD_IP;
	__builtin_memcpy(&p->src, &ip->saddr, sizeof(p->src));
	__builtin_memcpy(&p->dst, &ip->daddr, sizeof(p->dst));
	/* The stack drops mapped addresses on the wire too: ip6_rcv_core(). */
	if (parse_is_mapped(&p->src) || parse_is_mapped(&p->dst))
		return FW_PASS_BAD_IP;
	p->is_ipv6 = 1;
	p->protocol = ip->nexthdr;
	p->l4 = p->l3 + sizeof(*ip);
	p->ip_end = p->l4 + bpf_ntohs(ip->payload_len);
	p->later_fragment = 0;
	p->first_fragment = 0;
	return PARSE_ON;
}

static __always_inline int parse_is_extension(__u8 header)
{
	return header == IPPROTO_HOPOPTS || header == IPPROTO_ROUTING ||
	       header == IPPROTO_DSTOPTS || header == IPPROTO_FRAGMENT || header == IPPROTO_AH;
}

/* One extension header: moves l4 and protocol past it. */
static __always_inline enum fw_reason parse_extension(void *data, void *end, struct packet *p)
{
	__u32 at = p->l4 & PARSE_REACH;
	__u8 *header = data + at;
	__u32 length = (header + 8 > (__u8 *)end) ? 0 : header[1];
	__u16 fragment;

	if (header + 8 > (__u8 *)end)
		return FW_PASS_EXT_HEADERS;
	if (p->protocol == IPPROTO_FRAGMENT) {
		fragment = header[2] << 8 | header[3];
		if (fragment & IPV6_OFFSET)
			return FW_PASS_LATER_FRAGMENT;
		p->first_fragment |= fragment & IPV6_MORE;
		length = 8;
	} else if (p->protocol == IPPROTO_AH) {
		length = (length + 2) * 4;
	} else {
		if (p->protocol == IPPROTO_ROUTING && header[3])
			return FW_PASS_EXT_HEADERS;
		length = (length + 1) * 8;
	}
	if ((void *)header + length > end)
		return FW_PASS_EXT_HEADERS;
	p->protocol = header[0];
	p->l4 = at + length;
	return PARSE_ON;
}

/* Source of truth for the order: RFC 8200 section 4.1, at most FW_IPV6_EXT_MAX headers. */
static __always_inline enum fw_reason parse_extensions(void *data, void *end, struct packet *p)
{
	enum fw_reason reason;
	int i;

	for (i = 0; i < FW_IPV6_EXT_MAX; i++) {
		if (!parse_is_extension(p->protocol))
			return PARSE_ON;
		reason = parse_extension(data, end, p);
		if (reason != PARSE_ON)
			return reason;
	}
	return parse_is_extension(p->protocol) ? FW_PASS_EXT_HEADERS : PARSE_ON;
}

/* The TCP header.  FW_DROP_TINY_FRAGMENT means: a first fragment without all of it. */
static __always_inline enum fw_reason parse_tcp(void *data, void *end, struct packet *p)
{
	__u32 at = p->l4 & PARSE_REACH;
	__u8 *header = data + at;
	struct tcphdr *tcp = (void *)header;
	__u32 length;

	if ((void *)(tcp + 1) > end || at + sizeof(*tcp) > p->ip_end)
		return p->first_fragment ? FW_DROP_TINY_FRAGMENT : FW_PASS_BAD_TCP;
	length = tcp->doff * 4;
	if ((void *)header + length > end || at + length > p->ip_end)
		return p->first_fragment ? FW_DROP_TINY_FRAGMENT : FW_PASS_BAD_TCP;
	if (length < sizeof(*tcp))
		return FW_PASS_BAD_TCP;
	p->sport = tcp->source;
	p->dport = tcp->dest;
	p->seq = bpf_ntohl(tcp->seq);
	p->ack_seq = bpf_ntohl(tcp->ack_seq);
	p->flags = header[13];
	p->tcp_length = length;
	return PARSE_ON;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SYN-ACK, built in place of the SYN and sent back the way that it came.
 *
 * Law: never larger than the SYN that asked for it, but for the 4 bytes of an MSS option that
 * the SYN lacked; sent once and never again.
 */
#ifndef FLOODWALL_REPLY_H
#define FLOODWALL_REPLY_H

#include "options.h"
#include "parse.h"

#define REPLY_OPTION_WORDS 5 /* MSS, SACK-permitted and timestamps, window scale */
#define REPLY_FRAME_MIN 60   /* IEEE 802.3 minimum without its check sequence */
#define REPLY_TTL 64

/* Set by the loader: the program was loaded with BPF_F_XDP_HAS_FRAGS. Minimum kernel: 5.18. */
const volatile __u8 fw_has_frags = 1;

struct reply {
	__u32 isn;
	__u32 tsval;
	__u32 tsecr;
	__u16 mss;
	__u16 window;
	__u8 window_scale;
	__u8 options; /* enum fw_option, FW_OPTION_MSS included */
	__u8 words;   /* 32-bit words of TCP options */
	__be32 option[REPLY_OPTION_WORDS];
};

/* The order that Linux itself uses: tcp_options_write(). */
static __always_inline void reply_set_options(struct reply *r)
{
	__u32 n = 0;

	if (r->options & FW_OPTION_MSS)
		r->option[n++] = bpf_htonl(OPTION_MSS << 24 | 4 << 16 | r->mss);
	if (r->options & FW_OPTION_TIMESTAMPS) {
		r->option[n++] = r->options & FW_OPTION_SACK ?
					 bpf_htonl(OPTION_SACK << 24 | 2 << 16 |
						   OPTION_TIMESTAMPS << 8 | 10) :
					 bpf_htonl(OPTION_NOP << 24 | OPTION_NOP << 16 |
						   OPTION_TIMESTAMPS << 8 | 10);
		r->option[n++] = bpf_htonl(r->tsval);
		r->option[n++] = bpf_htonl(r->tsecr);
	} else if (r->options & FW_OPTION_SACK) {
		r->option[n++] =
			bpf_htonl(OPTION_NOP << 24 | OPTION_NOP << 16 | OPTION_SACK << 8 | 2);
	}
	if (r->options & FW_OPTION_WSCALE)
		r->option[n++] = bpf_htonl(OPTION_NOP << 24 | OPTION_WSCALE << 16 | 3 << 8 |
					   r->window_scale);
	r->words = n;
}

static __always_inline __u32 reply_ip_length(const struct packet *p)
{
	return p->is_ipv6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
}

static __always_inline __u32 reply_frame_length(struct xdp_md *ctx)
{
	return fw_has_frags ? bpf_xdp_get_buff_len(ctx) : ctx->data_end - ctx->data;
}

/* Makes the frame as long as the reply; 0, or negative where the driver cannot grow it. */
static __always_inline int reply_resize(struct xdp_md *ctx, __u32 needed)
{
	__u32 have = reply_frame_length(ctx);
	__u32 least = have < REPLY_FRAME_MIN ? have : REPLY_FRAME_MIN;
	__u32 want = needed > least ? needed : least;

	return want == have ? 0 : bpf_xdp_adjust_tail(ctx, (int)(want - have));
}

static __always_inline __u16 reply_fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static __always_inline __u64 reply_sum_addr(const struct fw_addr *addr)
{
	return (__u64)addr->words[0] + addr->words[1] + addr->words[2] + addr->words[3];
}

/* One's complement sum of the pseudo-header, RFC 9293 section 3.1 and RFC 8200 section 8.1. */
static __always_inline __u64 reply_pseudo_sum(const struct packet *p, __u32 tcp_length)
{
	__u64 sum = bpf_htonl(tcp_length) + (__u64)bpf_htonl(IPPROTO_TCP);

	if (p->is_ipv6)
		return sum + reply_sum_addr(&p->src) + reply_sum_addr(&p->dst);
	return sum + p->src.words[3] + p->dst.words[3];
}

/* LIMIT: a VLAN tag that the network card took off is not here, and so not in the reply. */
static __always_inline void reply_swap_mac(void *frame)
{
	__u16 *mac = frame;
	__u16 half;
	int i;

#pragma unroll
	for (i = 0; i < ETH_ALEN / 2; i++) {
		half = mac[i];
		mac[i] = mac[i + ETH_ALEN / 2];
		mac[i + ETH_ALEN / 2] = half;
	}
}

static __always_inline void reply_write_ipv4(struct iphdr *ip, const struct packet *p,
					     __u32 tcp_length)
{
	__be32 *word = (__be32 *)ip;

	word[0] = bpf_htonl(0x45000000 | (sizeof(*ip) + tcp_length));
	word[1] = bpf_htonl(0x4000); /* don't fragment */
	word[2] = bpf_htonl(REPLY_TTL << 24 | IPPROTO_TCP << 16);
	word[3] = p->dst.words[3];
	word[4] = p->src.words[3];
	ip->check = reply_fold((__u64)word[0] + word[1] + word[2] + word[3] + word[4]);
}

static __always_inline void reply_write_ipv6(struct ipv6hdr *ip, const struct packet *p,
					     __u32 tcp_length)
{
	__be32 *word = (__be32 *)ip;

	word[0] = bpf_htonl(0x60000000);
	word[1] = bpf_htonl(tcp_length << 16 | IPPROTO_TCP << 8 | REPLY_TTL);
	__builtin_memcpy(&ip->saddr, &p->dst, sizeof(ip->saddr));
	__builtin_memcpy(&ip->daddr, &p->src, sizeof(ip->daddr));
}

/* TCP header and options behind IP; 0, or negative if the frame is too short after all. */
static __always_inline int reply_write_tcp(void *at, void *end, const struct packet *p,
					   const struct reply *r)
{
	__u32 tcp_length = sizeof(struct tcphdr) + r->words * 4;
	__u32 flags = TCP_SYN | TCP_ACK | (r->options & FW_OPTION_ECN ? TCP_ECE : 0);
	__u64 sum = reply_pseudo_sum(p, tcp_length);
	struct tcphdr *tcp = at;
	__be32 *word = at;
	__u32 i;

	if ((void *)(tcp + 1) > end)
		return -1;
	word[0] = (__u32)p->dport | (__u32)p->sport << 16;
	word[1] = bpf_htonl(r->isn);
	word[2] = bpf_htonl(p->seq + 1);
	word[3] = bpf_htonl(tcp_length << 26 | flags << 16 | r->window);
	word[4] = 0;
	sum += (__u64)word[0] + word[1] + word[2] + word[3];
	word += 5;
#pragma unroll
	for (i = 0; i < REPLY_OPTION_WORDS; i++, word++) {
		if (i >= r->words)
			break;
		if ((void *)(word + 1) > end)
			return -1;
		*word = r->option[i];
		sum += r->option[i];
	}
	tcp->check = reply_fold(sum);
	return 0;
}

/* What lies behind the reply up to the smallest frame is not ours to repeat. */
static __always_inline void reply_clear_padding(void *data, void *end, __u32 from)
{
	__u8 *byte = data + (from & PARSE_REACH);
	int i;

	for (i = 0; i < 8; i++, byte++) {
		if ((void *)(byte + 1) > end)
			return;
		*byte = 0;
	}
}

/* Turns the SYN into its answer; 0, or negative with the frame in no state to be sent. */
static __always_inline int reply_write(struct xdp_md *ctx, const struct packet *p,
				       const struct reply *r)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	__u32 tcp_length = sizeof(struct tcphdr) + r->words * 4;
	void *ip = data + (p->l3 & PARSE_L3_REACH);
	void *tcp = ip + reply_ip_length(p);

	if (data + sizeof(struct ethhdr) > end || tcp > end)
		return -1;
	reply_swap_mac(data);
	if (p->is_ipv6) {
		if (ip + sizeof(struct ipv6hdr) > end)
			return -1;
		reply_write_ipv6(ip, p, tcp_length);
	} else {
		if (ip + sizeof(struct iphdr) > end)
			return -1;
		reply_write_ipv4(ip, p, tcp_length);
	}
	if (reply_write_tcp(tcp, end, p, r))
		return -1;
	if (!p->is_ipv6)
		reply_clear_padding(data, end, p->l3 + sizeof(struct iphdr) + tcp_length);
	return 0;
}

#endif

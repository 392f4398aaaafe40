/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tc: gives the listener a request that XDP has proven.  Minimum kernel: 6.9.
 *
 * Law: it changes no packet and stops none.  What XDP decoded lies in front of the packet, or,
 * where the driver has no room there, in the table of followers.
 */
#ifndef FLOODWALL_HANDOVER_H
#define FLOODWALL_HANDOVER_H

#include "cookie.h"
#include "follow.h"
#include "socket.h"

#define HANDOVER_NEXT (-1) /* TCX_NEXT, TC_ACT_UNSPEC: as if we were not there */

/* The kernel's struct of the same name, include/net/tcp.h. */
struct bpf_tcp_req_attrs {
	__u32 rcv_tsval;
	__u32 rcv_tsecr;
	__u16 mss;
	__u8 rcv_wscale;
	__u8 snd_wscale;
	__u8 ecn_ok;
	__u8 wscale_ok;
	__u8 sack_ok;
	__u8 tstamp_ok;
	__u8 usec_ts_ok;
	__u8 reserved[3];
};

extern int bpf_sk_assign_tcp_reqsk(struct __sk_buff *skb, struct sock *sk,
				   struct bpf_tcp_req_attrs *attrs, int attrs__sz) __ksym __weak;

static __always_inline void handover_fill(struct bpf_tcp_req_attrs *attrs,
					  const struct fw_handover *h)
{
	attrs->rcv_tsval = h->tsval;
	attrs->rcv_tsecr = h->tsecr;
	attrs->mss = h->mss;
	attrs->rcv_wscale = h->rcv_wscale;
	attrs->snd_wscale = h->snd_wscale;
	attrs->ecn_ok = !!(h->options & FW_OPTION_ECN);
	attrs->wscale_ok = !!(h->options & FW_OPTION_WSCALE);
	attrs->sack_ok = !!(h->options & FW_OPTION_SACK);
	attrs->tstamp_ok = !!(h->options & FW_OPTION_TIMESTAMPS);
}

/* Addresses and ports again: XDP had no room for them in front of the packet. */
static __always_inline int handover_parse(struct __sk_buff *skb, struct packet *p)
{
	void *data = (void *)(long)skb->data;
	void *end = (void *)(long)skb->data_end;
	__be16 proto;

	if (parse_link(data, end, p, &proto) != PARSE_ON)
		return -1;
	if (proto == bpf_htons(ETH_P_IP)) {
		if (parse_ipv4(data, end, p) != PARSE_ON)
			return -1;
	} else if (proto != bpf_htons(ETH_P_IPV6) || parse_ipv6(data, end, p) != PARSE_ON ||
		   parse_extensions(data, end, p) != PARSE_ON) {
		return -1;
	}
	return p->protocol == IPPROTO_TCP && parse_tcp(data, end, p) == PARSE_ON ? 0 : -1;
}

/*
 * LIMIT: how long the SYN-ACK took is not kept, as with any cookie.
 *
 * LIMIT: connection tracking never saw the SYN, and must pick the connection up from the ACK.
 */
static __always_inline enum fw_reason handover_assign(struct __sk_buff *skb, const struct packet *p,
						      const struct fw_handover *h)
{
	struct bpf_tcp_req_attrs attrs = {};
	struct bpf_sock *sk = socket_find(skb, p);
	enum fw_reason reason = FW_TC_REFUSED;
	struct sock *listener;

	if (!sk)
		return FW_TC_REFUSED;
	handover_fill(&attrs, h);
	if (sk->state == BPF_TCP_LISTEN) {
		listener = (struct sock *)bpf_skc_to_tcp_sock(sk);
		if (listener && !bpf_sk_assign_tcp_reqsk(skb, listener, &attrs, sizeof(attrs)))
			reason = FW_TC_HANDED_OVER;
	}
	bpf_sk_release(sk);
	return reason;
}

/* In front of the packet?  Then it is ours, whatever else it is. */
static __always_inline int handover_in_metadata(struct __sk_buff *skb, struct fw_handover *h)
{
	struct fw_handover *meta = (void *)(long)skb->data_meta;

	if ((void *)(meta + 1) > (void *)(long)skb->data || meta->magic != FW_HANDOVER_MAGIC)
		return 0;
	*h = *meta;
	return 1;
}

static __always_inline int handover_in_table(const struct packet *p, struct fw_handover *h)
{
	__u32 zero = 0;
	struct fw_config *cfg = bpf_map_lookup_elem(&config, &zero);

	if (!cfg || (p->flags & (TCP_ACK | TCP_SYN | TCP_RST)) != TCP_ACK)
		return 0;
	return follow_take(p, follow_tuple(p, hash_addr(&p->src, cfg->hash_seed)), h);
}

/* FW_REASON_MAX: not a packet of ours, nothing to count. */
static __always_inline enum fw_reason handover(struct __sk_buff *skb)
{
	struct fw_handover h;
	struct packet p;
	int found = handover_in_metadata(skb, &h);

	if (!found && !follow_is_wanted())
		return FW_REASON_MAX;
	if (handover_parse(skb, &p))
		return found ? FW_TC_REFUSED : FW_REASON_MAX;
	if (!found && !handover_in_table(&p, &h))
		return FW_REASON_MAX;
	return bpf_sk_assign_tcp_reqsk ? handover_assign(skb, &p, &h) : FW_TC_REFUSED;
}

#endif

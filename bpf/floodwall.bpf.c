/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The data plane: what happens to a packet, in the order in which it happens.
 *
 * Law: parse, classify, decide, count; one exit a program.  docs/modes.md has the table.
 */
#include "challenge.h"
#include "count.h"
#include "debt.h"
#include "follow.h"

char _license[] SEC("license") = "GPL";

#include "judge.h"
#include "handover.h"
#include "handshake.h"

/* Everything that has to do with a service whose limits are known. */
static __always_inline enum fw_reason decide(struct xdp_md *ctx, struct service *s,
					     struct packet *p)
{
	if (!judge_lease_holds(s->now))
		return FW_PASS_LEASE_OVER;
	if (s->limits->mode == FW_MODE_OBSERVE)
		return judge_observed(s, p);
	if ((p->flags & TCP_SYN) && (p->flags & (TCP_FIN | TCP_RST)))
		return judge_drop(p, FW_DROP_BAD_FLAGS);
	if ((p->flags & TCP_SYN) && !(p->flags & TCP_ACK))
		return judge_syn(ctx, s, p);
	return judge_ack(ctx, s, p);
}

static __always_inline enum fw_reason classify(struct xdp_md *ctx, const struct fw_config *cfg,
					       struct packet *p)
{
	struct service s = { .cfg = cfg };
	__u32 id;

	if (p->group)
		return FW_PASS_NOT_SERVICE;
	if (!service_find(&p->dst, p->dport, &id))
		return judge_unprotected(cfg, p);
	if (!service_open(&s, id))
		return FW_PASS_NOT_SERVICE;
	s.now = clock_now(cfg);
	return decide(ctx, &s, p);
}

static __always_inline enum fw_reason ingress(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	const struct fw_config *cfg;
	struct packet p;
	enum fw_reason reason;
	__be16 proto;
	__u32 zero = 0;

	cfg = bpf_map_lookup_elem(&config, &zero);
	if (!cfg)
		return FW_PASS_LEASE_OVER;
	reason = parse_link(data, end, &p, &proto);
	if (reason != PARSE_ON)
		return reason;
	reason = judge_network(data, end, cfg, &p, proto);
	if (reason != PARSE_ON)
		return reason;
	reason = parse_tcp(data, end, &p);
	if (reason == FW_DROP_TINY_FRAGMENT)
		return judge_tiny_fragment(cfg, &p);
	if (reason != PARSE_ON)
		return reason;
	return classify(ctx, cfg, &p);
}

SEC("xdp")
int xdp_ingress(struct xdp_md *ctx)
{
	return count_and_leave(ingress(ctx));
}

SEC("tc")
int tc_ingress(struct __sk_buff *skb)
{
	enum fw_reason reason = handover(skb);

	if (reason != FW_REASON_MAX)
		count_reason(reason);
	return HANDOVER_NEXT;
}

SEC("raw_tp/inet_sock_set_state")
int handshake_done(struct bpf_raw_tracepoint_args *ctx)
{
	struct sock *sk = (struct sock *)ctx->args[0];

	if (ctx->args[1] == BPF_TCP_SYN_RECV && ctx->args[2] == BPF_TCP_ESTABLISHED)
		handshake_note(sk);
	return 0;
}

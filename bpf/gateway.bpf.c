/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The data plane of a gateway: all that floodwall.bpf.c does, and the splicing of connections to
 * backends behind it.
 *
 * Law: parse, classify, decide, count; one exit a program.  docs/gateway.md has the whole.
 */
#include "challenge.h"
#include "count.h"
#include "debt.h"
#include "follow.h"

char _license[] SEC("license") = "GPL";

#include "judge.h"
#include "gate.h"
#include "handover.h"
#include "handshake.h"
#include "join.h"
#include "ingress.h"

/* The number of the service of a backend, which is where its offers are kept. */
static __always_inline enum fw_reason decide_backend(struct xdp_md *ctx, struct service *s,
						     struct packet *p)
{
	__u32 id;

	if (!service_find(&p->dst, p->dport, &id))
		return FW_PASS_NOT_SERVICE;
	if ((p->flags & TCP_SYN) && !(p->flags & TCP_ACK))
		return gate_syn(ctx, s, p, id);
	return gate_ack(ctx, s, p, id);
}

static __always_inline enum fw_reason decide(struct xdp_md *ctx, struct service *s,
					     struct packet *p)
{
	int splices = s->limits->mechanism == FW_MECHANISM_SPLICE;

	if (!judge_lease_holds(s->now))
		return FW_PASS_LEASE_OVER;
	if (s->limits->mode == FW_MODE_OBSERVE)
		return judge_observed(s, p);
	if ((p->flags & TCP_SYN) && (p->flags & (TCP_FIN | TCP_RST)))
		return judge_drop(p, FW_DROP_BAD_FLAGS);
	if (splices)
		return decide_backend(ctx, s, p);
	if ((p->flags & TCP_SYN) && !(p->flags & TCP_ACK))
		return judge_syn(ctx, s, p);
	return judge_ack(ctx, s, p);
}

SEC("xdp")
int xdp_ingress(struct xdp_md *ctx)
{
	return count_and_leave(ingress(ctx));
}

static __always_inline int leave_tc(enum fw_reason reason)
{
	if (reason != FW_REASON_MAX)
		count_reason(reason);
	return reason == FW_TC_EARLY ? SPLICE_DROP : HANDOVER_NEXT;
}

SEC("tc")
int tc_ingress(struct __sk_buff *skb)
{
	enum fw_reason reason = handover(skb);

	return leave_tc(reason == FW_REASON_MAX ? splice_inward(skb) : reason);
}

SEC("tc")
int tc_egress(struct __sk_buff *skb)
{
	return leave_tc(join_outward(skb));
}

SEC("raw_tp/inet_sock_set_state")
int handshake_done(struct bpf_raw_tracepoint_args *ctx)
{
	struct sock *sk = (struct sock *)ctx->args[0];

	if (ctx->args[1] == BPF_TCP_SYN_RECV && ctx->args[2] == BPF_TCP_ESTABLISHED)
		handshake_note(sk);
	return 0;
}

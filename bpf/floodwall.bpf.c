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

#include "ingress.h"

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

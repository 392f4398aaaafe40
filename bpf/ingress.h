/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a frame to the service that it is for.
 *
 * Law: whoever includes this has said before what decide() does with a service's packets.
 */
#ifndef FLOODWALL_INGRESS_H
#define FLOODWALL_INGRESS_H

#include "judge.h"

static __always_inline enum fw_reason decide(struct xdp_md *ctx, struct service *s,
					     struct packet *p);

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

#endif

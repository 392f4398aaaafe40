/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one exit: every packet leaves with a named reason, counted, and the verdict it implies. */
#ifndef FLOODWALL_COUNT_H
#define FLOODWALL_COUNT_H

#include "maps.h"

static __always_inline void count_reason(enum fw_reason reason)
{
	__u32 key = reason;
	__u64 *counter = bpf_map_lookup_elem(&reasons, &key);

	if (counter)
		*counter += 1;
}

static __always_inline int count_and_leave(enum fw_reason reason)
{
	count_reason(reason);
	if (reason < FW_CHALLENGE_FLOOD)
		return XDP_PASS;
	return reason < FW_DROP_BANNED ? XDP_TX : XDP_DROP;
}

/* Within `rate` packets a second on this CPU? */
static __always_inline int count_within(enum fw_purse purse, __u32 rate, __u64 second)
{
	__u32 key = purse;
	struct fw_budget *budget = bpf_map_lookup_elem(&budgets, &key);

	if (!budget)
		return 0;
	if (budget->second != second) {
		budget->second = second;
		budget->spent = 0;
	}
	if (budget->spent >= rate)
		return 0;
	budget->spent++;
	return 1;
}

#endif

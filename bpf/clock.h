/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What time it is: the kernel's monotonic clock on the wire, the capture's in a replay. */
#ifndef FLOODWALL_CLOCK_H
#define FLOODWALL_CLOCK_H

#include "maps.h"

#define NS_PER_MS 1000000ULL
#define NS_PER_SECOND 1000000000ULL

/* Set by the loader before it loads the program; constants, so that the other branch is removed. */
const volatile __u8 fw_replay = 0;

/* Cheap (a few ns) and good to one jiffy: every window and limit here is far longer. */
static __always_inline __u64 clock_now(const struct fw_config *cfg)
{
	return fw_replay ? cfg->replay_now_ns : bpf_ktime_get_coarse_ns();
}

/* Exact: for the moments of arming, which are measured in microseconds. */
static __always_inline __u64 clock_exact(const struct fw_config *cfg)
{
	return fw_replay ? cfg->replay_now_ns : bpf_ktime_get_ns();
}

static __always_inline __u32 clock_second(__u64 now)
{
	return now / NS_PER_SECOND;
}

#endif

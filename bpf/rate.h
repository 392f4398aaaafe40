/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hard SYN rates, which only an operator sets: by address, and by address and source port.
 *
 * Law: a cell counts one source a second and nobody else, so that no source pays for another.
 * Who finds the cell taken goes uncounted: a limit may miss, it never hits the wrong one.
 */
#ifndef FLOODWALL_RATE_H
#define FLOODWALL_RATE_H

#include "service.h"
#include "source.h"

static __always_inline int rate_counts_over(enum fw_rate_level level, __u64 tag, __u32 max,
					    __u32 second)
{
	__u32 key = level * FW_RATE_CELLS + (tag & (FW_RATE_CELLS - 1));
	struct fw_rate *cell = bpf_map_lookup_elem(&rates, &key);

	if (!cell || !max)
		return 0;
	if (cell->second != second) {
		cell->tag = tag;
		cell->second = second;
		cell->syns = 0;
	}
	if (cell->tag != tag)
		return 0;
	return __sync_fetch_and_add(&cell->syns, 1) >= max;
}

/* Counts a SYN, and tells whether its source is above a rate of this second. */
static __always_inline int rate_is_over(const struct service *s, __u64 source, __u16 port)
{
	const struct fw_config *cfg = s->cfg;
	__u32 second = clock_second(s->now);
	int over;

	if (!cfg->rate_source_max && !cfg->rate_port_max)
		return 0;
	over = rate_counts_over(FW_RATE_SOURCE, source, cfg->rate_source_max, second);
	return over |
	       rate_counts_over(FW_RATE_PORT, hash_mix(source, port), cfg->rate_port_max, second);
}

#endif

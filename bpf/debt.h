/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Debt, not rate: a source owes one for each SYN that was let through and is forgiven by each
 * handshake that it completes.
 *
 * Law: consulted only while the service is calm; its worst error is a challenge.
 */
#ifndef FLOODWALL_DEBT_H
#define FLOODWALL_DEBT_H

#include "service.h"
#include "source.h"

/* A completed handshake pays its own debt and forgives one more: lost packets are no crime. */
#define DEBT_FORGIVEN 2

static __always_inline __u32 debt_tick(const struct service *s)
{
	return s->cfg->debt_halving_ns ? s->now / s->cfg->debt_halving_ns : 0;
}

static __always_inline __u32 debt_max(const struct fw_config *cfg, enum fw_debt_level level)
{
	if (level == FW_DEBT_PORT)
		return cfg->debt_port_max;
	return level == FW_DEBT_PREFIX ? cfg->debt_prefix_max : cfg->debt_source_max;
}

/* The reason for a challenge, or FW_PASS_CALM_SYN after the debt was noted. */
static __always_inline enum fw_reason debt_judge(const struct service *s, __u64 source,
						 const struct fw_addr *addr, __u16 port)
{
	struct fw_debt *cells[FW_DEBT_LEVEL_MAX];
	__u32 tick = debt_tick(s);
	int level;

#pragma unroll
	for (level = 0; level < FW_DEBT_LEVEL_MAX; level++) {
		__u32 max = debt_max(s->cfg, level);

		cells[level] = source_debt_cell(
			level, source_level_hash(level, source, addr, port, s->cfg->hash_seed));
		if (cells[level] && max && source_owed(cells[level], tick) >= max)
			return FW_CHALLENGE_SOURCE + level;
	}
#pragma unroll
	for (level = 0; level < FW_DEBT_LEVEL_MAX; level++) {
		if (!cells[level])
			continue;
		cells[level]->owed = source_owed(cells[level], tick) + 1;
		cells[level]->tick = tick;
	}
	return FW_PASS_CALM_SYN;
}
_Static_assert(FW_CHALLENGE_SOURCE + FW_DEBT_PORT == FW_CHALLENGE_PORT, "order of reasons");
_Static_assert(FW_CHALLENGE_SOURCE + FW_DEBT_PREFIX == FW_CHALLENGE_PREFIX, "order of reasons");

static __always_inline void debt_forgive(const struct service *s, __u64 source,
					 const struct fw_addr *addr, __u16 port)
{
	__u32 tick = debt_tick(s);
	int level;

#pragma unroll
	for (level = 0; level < FW_DEBT_LEVEL_MAX; level++) {
		struct fw_debt *cell = source_debt_cell(
			level, source_level_hash(level, source, addr, port, s->cfg->hash_seed));
		__u32 owed = cell ? source_owed(cell, tick) : 0;

		if (!cell)
			continue;
		cell->owed = owed > DEBT_FORGIVEN ? owed - DEBT_FORGIVEN : 0;
		cell->tick = tick;
	}
}

#endif

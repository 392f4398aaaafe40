/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a source banned?  A single address costs one cache line, a hundred thousand of them, too.
 *
 * Law: a ban is an entry that somebody made, it ends by its own time, and the never-ban set has
 * the last word.  What that word was is remembered with the ban until the set changes.
 */
#ifndef FLOODWALL_BAN_H
#define FLOODWALL_BAN_H

#include "source.h"

#define BAN_MORE 1U /* of until, in the first cell */
#define BAN_HITS_BITS 48
#define BAN_HITS_MASK ((1ULL << BAN_HITS_BITS) - 1)
#define BAN_HASH_SEED 0x6A09E667F3BCC908ULL /* public: a crowded bucket overflows into bans */

static __always_inline struct fw_ban_bucket *ban_bucket(const struct fw_addr *addr)
{
	__u32 key = hash_addr(addr, BAN_HASH_SEED) & (FW_BAN_BUCKETS - 1);

	return bpf_map_lookup_elem(&ban_cells, &key);
}

static __always_inline int ban_cell_is(const struct fw_ban_cell *cell, const struct fw_addr *addr)
{
	return hash_word(&cell->addr, 1) == hash_word(addr, 1) &&
	       hash_word(&cell->addr, 0) == hash_word(addr, 0);
}

/* The never-ban set is asked once for each ban and each change of the set. */
static __always_inline int ban_cell_spares(const struct fw_config *cfg, struct fw_ban_cell *cell,
					   const struct fw_addr *addr)
{
	__u64 hits = cell->hits;

	if (cfg->guard_epoch && hits >> BAN_HITS_BITS == cfg->guard_epoch)
		return 0;
	if (source_is_protected(addr))
		return 1;
	__sync_val_compare_and_swap(&cell->hits, hits,
				    (hits & BAN_HITS_MASK) | (__u64)cfg->guard_epoch
								     << BAN_HITS_BITS);
	return 0;
}

/* Whether the ban in this cell drops the packet; counts it if so. */
static __always_inline int ban_cell_drops(const struct fw_config *cfg, struct fw_ban_cell *cell,
					  const struct fw_addr *addr)
{
	__u32 tick;

	if (!ban_cell_is(cell, addr))
		return 0;
	tick = clock_now(cfg) >> FW_BAN_TICK_SHIFT;
	if (tick >= cell->until >> 1 || ban_cell_spares(cfg, cell, addr))
		return 0;
	__sync_fetch_and_add(&cell->hits, 1);
	if (cell->last_hit != tick)
		cell->last_hit = tick;
	return 1;
}

static __always_inline int ban_holds(const struct fw_ban *ban, __u64 now)
{
	return !ban->expires_ns || now < ban->expires_ns;
}

/* Whether an entry of bans or ban_nets drops the packet; counts it if so. */
static __always_inline int ban_drops(const struct fw_config *cfg, struct fw_ban *ban,
				     const struct fw_addr *addr)
{
	__u64 now;

	if (!ban)
		return 0;
	now = clock_now(cfg);
	if (!ban_holds(ban, now) || source_is_protected(addr))
		return 0;
	__sync_fetch_and_add(&ban->hits, 1);
	ban->last_hit_ns = now;
	return 1;
}

static __always_inline int ban_of_address(const struct fw_config *cfg, const struct fw_addr *addr)
{
	struct fw_ban_bucket *bucket = ban_bucket(addr);

	if (!bucket)
		return 0;
	if (ban_cell_drops(cfg, &bucket->cells[0], addr) ||
	    ban_cell_drops(cfg, &bucket->cells[1], addr))
		return 1;
	return bucket->cells[0].until & BAN_MORE &&
	       ban_drops(cfg, bpf_map_lookup_elem(&bans, addr), addr);
}

static __always_inline int ban_of_network(const struct fw_config *cfg, const struct fw_addr *addr)
{
	struct fw_prefix key;

	source_prefix(&key, addr);
	return ban_drops(cfg, bpf_map_lookup_elem(&ban_nets, &key), addr);
}

/* FW_DROP_BANNED or FW_DROP_BANNED_NET, or FW_REASON_MAX if the source may go on. */
static __always_inline enum fw_reason ban_judge(const struct fw_config *cfg,
						const struct fw_addr *addr)
{
	if (cfg->flags & FW_FLAG_BANS && ban_of_address(cfg, addr))
		return FW_DROP_BANNED;
	if (cfg->flags & FW_FLAG_BAN_NETS && ban_of_network(cfg, addr))
		return FW_DROP_BANNED_NET;
	return FW_REASON_MAX;
}

#endif

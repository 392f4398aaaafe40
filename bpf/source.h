/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of a source address: never to be banned, in debt, seen, proven.
 *
 * Law: debt and "seen" are hints whose errors cost a challenge or a look-up, never a packet.
 */
#ifndef FLOODWALL_SOURCE_H
#define FLOODWALL_SOURCE_H

#include <bpf/bpf_endian.h>
#include "clock.h"
#include "hash.h"

static __always_inline void source_prefix(struct fw_prefix *key, const struct fw_addr *addr)
{
	key->prefixlen = 128;
	key->addr = *addr;
}

static __always_inline int source_is_protected(const struct fw_addr *addr)
{
	struct fw_prefix key;

	source_prefix(&key, addr);
	return bpf_map_lookup_elem(&never_ban, &key) != NULL;
}

static __always_inline struct fw_debt *source_debt_cell(enum fw_debt_level level, __u64 hash)
{
	__u32 key = level * FW_DEBT_CELLS + (hash & (FW_DEBT_CELLS - 1));

	return bpf_map_lookup_elem(&debts, &key);
}

static __always_inline __u64 source_prefix_hash(const struct fw_addr *addr, __u64 seed)
{
	struct fw_addr net = *addr;

	if (net.words[0] || net.words[1] || net.words[2] != bpf_htonl(0xffff)) {
		net.words[2] = 0;
		net.words[3] = 0;
	} else {
		net.words[3] &= bpf_htonl(0xffffff00);
	}
	return hash_mix(hash_addr(&net, seed), 64);
}

static __always_inline __u64 source_level_hash(enum fw_debt_level level, __u64 source,
					       const struct fw_addr *addr, __u16 port, __u64 seed)
{
	if (level == FW_DEBT_PORT)
		return hash_mix(source, port);
	if (level == FW_DEBT_PREFIX)
		return source_prefix_hash(addr, seed);
	return source;
}

static __always_inline __u32 source_owed(const struct fw_debt *debt, __u32 tick)
{
	__u32 age = tick - debt->tick;

	return debt->owed >> (age > 31 ? 31 : age);
}

/* Mark the source as one whose sockets may exist; forgotten after one to two epochs. */
static __always_inline void source_mark_seen(__u64 hash, __u64 now)
{
	__u32 key = (hash >> 5) & (FW_SEEN_CELLS - 1);
	struct fw_seen *cell = bpf_map_lookup_elem(&seen, &key);
	__u32 epoch = clock_second(now) / FW_SEEN_EPOCH_S;

	if (!cell)
		return;
	if (cell->epoch + 1 < epoch)
		cell->bits = 0;
	cell->bits |= 1U << (hash & 31);
	cell->epoch = epoch;
}

static __always_inline int source_was_seen(__u64 hash, __u64 now)
{
	__u32 key = (hash >> 5) & (FW_SEEN_CELLS - 1);
	struct fw_seen *cell = bpf_map_lookup_elem(&seen, &key);
	__u32 epoch = clock_second(now) / FW_SEEN_EPOCH_S;

	return cell && cell->epoch + 1 >= epoch && (cell->bits & 1U << (hash & 31));
}

static __always_inline void source_note_proof(const struct fw_addr *addr, __u64 now)
{
	struct fw_proof first = { .last_ns = now, .count = 1 };
	struct fw_proof *proof = bpf_map_lookup_elem(&proven, addr);

	if (proof) {
		proof->last_ns = now;
		__sync_fetch_and_add(&proof->count, 1);
	} else {
		bpf_map_update_elem(&proven, addr, &first, BPF_ANY);
	}
}

#endif

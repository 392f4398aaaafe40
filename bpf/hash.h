/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cheap keyed hash of the tables of debts, sources seen and followers.
 *
 * Law: only where a collision is harmless (a challenge more, a look-up more).  Whatever an
 * attacker could gain from is hashed by SipHash in cookie.h.
 */
#ifndef FLOODWALL_HASH_H
#define FLOODWALL_HASH_H

#include "abi.h"

static __always_inline __u64 hash_mix(__u64 hash, __u64 word)
{
	hash = (hash ^ word) * 0x9E3779B97F4A7C15ULL;
	return hash ^ (hash >> 32);
}

static __always_inline __u64 hash_word(const struct fw_addr *addr, int half)
{
	return (__u64)addr->words[half * 2] | (__u64)addr->words[half * 2 + 1] << 32;
}

/* Mixed once more: the last bytes of an address reach the low bits only in a second round. */
static __always_inline __u64 hash_addr(const struct fw_addr *addr, __u64 seed)
{
	return hash_mix(hash_mix(hash_mix(seed, hash_word(addr, 0)), hash_word(addr, 1)), 0);
}

#endif

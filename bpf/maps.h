/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every map of the data plane.  Names are the names of the pins. */
#ifndef FLOODWALL_MAPS_H
#define FLOODWALL_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "abi.h"

#define FW_MAP(kind, name_, key_, value_, entries, flags) \
	struct { \
		__uint(type, kind); \
		__uint(max_entries, entries); \
		__type(key, key_); \
		__type(value, value_); \
		__uint(map_flags, flags); \
	} name_ SEC(".maps")

FW_MAP(BPF_MAP_TYPE_ARRAY, config, __u32, struct fw_config, 1, 0);
FW_MAP(BPF_MAP_TYPE_ARRAY, lease, __u32, struct fw_lease, 1, 0);
FW_MAP(BPF_MAP_TYPE_ARRAY, keys, __u32, struct fw_key, FW_KEYS, 0);

FW_MAP(BPF_MAP_TYPE_HASH, service_keys, struct fw_service_key, __u32, FW_SERVICE_KEYS_MAX,
       BPF_F_NO_PREALLOC);
FW_MAP(BPF_MAP_TYPE_HASH, addresses, struct fw_addr, __u32, FW_ADDRESSES_MAX, BPF_F_NO_PREALLOC);
FW_MAP(BPF_MAP_TYPE_ARRAY, limits, __u32, struct fw_limits, FW_SERVICES_MAX, 0);
FW_MAP(BPF_MAP_TYPE_ARRAY, states, __u32, struct fw_state, FW_SERVICES_MAX, 0);
FW_MAP(BPF_MAP_TYPE_PERCPU_ARRAY, tallies, __u32, struct fw_tally, FW_SERVICES_MAX, 0);

FW_MAP(BPF_MAP_TYPE_ARRAY, ban_cells, __u32, struct fw_ban_bucket, FW_BAN_BUCKETS, BPF_F_MMAPABLE);
FW_MAP(BPF_MAP_TYPE_HASH, bans, struct fw_addr, struct fw_ban, FW_BANS_MAX, BPF_F_NO_PREALLOC);
FW_MAP(BPF_MAP_TYPE_LPM_TRIE, ban_nets, struct fw_prefix, struct fw_ban, FW_BAN_NETS_MAX,
       BPF_F_NO_PREALLOC);
FW_MAP(BPF_MAP_TYPE_LPM_TRIE, never_ban, struct fw_prefix, __u32, FW_NEVER_MAX, BPF_F_NO_PREALLOC);
FW_MAP(BPF_MAP_TYPE_LRU_HASH, proven, struct fw_addr, struct fw_proof, FW_PROVEN_MAX, 0);

FW_MAP(BPF_MAP_TYPE_ARRAY, debts, __u32, struct fw_debt, FW_DEBTS, 0);
FW_MAP(BPF_MAP_TYPE_ARRAY, rates, __u32, struct fw_rate, FW_RATES, 0);
FW_MAP(BPF_MAP_TYPE_ARRAY, seen, __u32, struct fw_seen, FW_SEEN_CELLS, 0);
FW_MAP(BPF_MAP_TYPE_ARRAY, follows, __u32, struct fw_follow, FW_FOLLOWERS, 0);
FW_MAP(BPF_MAP_TYPE_ARRAY, notes, __u32, struct fw_note, 1, 0);
FW_MAP(BPF_MAP_TYPE_PERCPU_ARRAY, budgets, __u32, struct fw_budget, FW_PURSE_MAX, 0);
FW_MAP(BPF_MAP_TYPE_PERCPU_ARRAY, reasons, __u32, __u64, FW_REASON_MAX, 0);

#endif

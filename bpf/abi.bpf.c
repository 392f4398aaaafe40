// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names every type of the contract, so that BTF carries it to abi_generator.py.
 *
 * Law: this object is read, never loaded.
 */
#include "abi.h"

#define FW_TELL(type, name) const volatile type *tell_##name __attribute__((used))

FW_TELL(enum fw_limit, limit);
FW_TELL(enum fw_debt_level, debt_level);
FW_TELL(enum fw_rate_level, rate_level);
FW_TELL(enum fw_reason, reason);
FW_TELL(enum fw_mode, mode);
FW_TELL(enum fw_mechanism, mechanism);
FW_TELL(enum fw_flag, flag);
FW_TELL(enum fw_purse, purse);
FW_TELL(enum fw_option, option);
FW_TELL(enum fw_flow_state, flow_state);

FW_TELL(struct fw_addr, addr);
FW_TELL(struct fw_service_key, service_key);
FW_TELL(struct fw_prefix, prefix);
FW_TELL(struct fw_ban, ban);
FW_TELL(struct fw_ban_cell, ban_cell);
FW_TELL(struct fw_ban_bucket, ban_bucket);
FW_TELL(struct fw_config, config);
FW_TELL(struct fw_lease, lease);
FW_TELL(struct fw_key, key);
FW_TELL(struct fw_limits, limits);
FW_TELL(struct fw_state, state);
FW_TELL(struct fw_tally, tally);
FW_TELL(struct fw_debt, debt);
FW_TELL(struct fw_rate, rate);
FW_TELL(struct fw_seen, seen);
FW_TELL(struct fw_follow, follow);
FW_TELL(struct fw_proof, proof);
FW_TELL(struct fw_budget, budget);
FW_TELL(struct fw_note, note);
FW_TELL(struct fw_handover, handover);
FW_TELL(struct fw_flow_key, flow_key);
FW_TELL(struct fw_flow, flow);
FW_TELL(struct fw_greet, greet);
FW_TELL(struct fw_offer, offer);
FW_TELL(struct fw_offers, offers);

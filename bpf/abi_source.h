/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is remembered of source addresses.  Part of the contract with Python: see abi.h. */
#ifndef FLOODWALL_ABI_SOURCE_H
#define FLOODWALL_ABI_SOURCE_H

/*
 * One banned address, half of a bucket of ban_cells.  Python writes it in place.
 *
 * hits: packets dropped, exact, in the low 48 bits; above them the fw_config.guard_epoch at which
 * the kernel last found that the never-ban set does not cover the address.
 * until: the tick of expiry times two, all but the lowest bit set = until lifted; 0 = no ban.
 * Its lowest bit, in the first cell: more addresses of this bucket are in bans.
 */
struct fw_ban_cell {
	struct fw_addr addr;
	__u64 hits;
	__u32 until;
	__u32 last_hit; /* tick */
};
_Static_assert(sizeof(struct fw_ban_cell) == 32, "fw_ban_cell");

struct fw_ban_bucket {
	struct fw_ban_cell cells[FW_BAN_CELLS];
};
_Static_assert(sizeof(struct fw_ban_bucket) == 64, "fw_ban_bucket");

/* Value of bans and ban_nets. */
struct fw_ban {
	__u64 expires_ns; /* dropped until then; 0 = until lifted */
	__u64 hits;	  /* packets dropped, exact */
	__u64 last_hit_ns;
};
_Static_assert(sizeof(struct fw_ban) == 24, "fw_ban");

/* Value of proven, keyed by address. */
struct fw_proof {
	__u64 last_ns; /* last valid cookie or completed handshake */
	__u64 count;
};
_Static_assert(sizeof(struct fw_proof) == 16, "fw_proof");

/* Which of the three tables of debt a source is counted in. */
enum fw_debt_level {
	FW_DEBT_SOURCE = 0, /* address */
	FW_DEBT_PORT = 1,   /* address and source port */
	FW_DEBT_PREFIX = 2, /* IPv4 /24 or IPv6 /64 */
	FW_DEBT_LEVEL_MAX,
	FW_DEBTS = FW_DEBT_CELLS * FW_DEBT_LEVEL_MAX, /* cells of all levels */
};

/* One cell of a debt table.  Collisions only make a challenge likelier, never a drop. */
struct fw_debt {
	__u32 tick; /* halving interval of the last change */
	__u32 owed;
};
_Static_assert(sizeof(struct fw_debt) == 8, "fw_debt");

/* Which of the two tables of hard rates a source is counted in. */
enum fw_rate_level {
	FW_RATE_SOURCE = 0, /* address */
	FW_RATE_PORT = 1,   /* address and source port */
	FW_RATE_LEVEL_MAX,
	FW_RATES = FW_RATE_CELLS * FW_RATE_LEVEL_MAX, /* cells of both levels */
};

/* One cell of a rate table; whoever comes second in a second is not counted in it. */
struct fw_rate {
	__u64 tag; /* hash of who is counted */
	__u32 second;
	__u32 syns;
};
_Static_assert(sizeof(struct fw_rate) == 16, "fw_rate");

/* One cell of the filter of sources seen: bits count if the epoch is this one or the last. */
struct fw_seen {
	__u32 epoch;
	__u32 bits;
};
_Static_assert(sizeof(struct fw_seen) == 8, "fw_seen");

#endif

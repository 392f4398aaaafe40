/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP options of a SYN or ACK, read as the kernel's tcp_parse_options() reads them. */
#ifndef FLOODWALL_OPTIONS_H
#define FLOODWALL_OPTIONS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
#include "abi.h"
#include "parse.h"

/* Option kinds: RFC 9293, 7323, 2018, 2385 and 5925. */
enum {
	OPTION_EOL = 0,
	OPTION_NOP = 1,
	OPTION_MSS = 2,
	OPTION_WSCALE = 3,
	OPTION_SACK = 4,
	OPTION_TIMESTAMPS = 8,
	OPTION_MD5 = 19,
	OPTION_AO = 29,
	OPTION_WSCALE_MAX = 14, /* RFC 7323 section 2.3 */
};

struct options {
	__u32 tsval;
	__u32 tsecr;
	__u16 mss;    /* valid with FW_OPTION_MSS */
	__u8 wscale;  /* valid with FW_OPTION_WSCALE */
	__u8 present; /* enum fw_option */
};

static __always_inline __u32 options_be32(const __u8 *at)
{
	return (__u32)at[0] << 24 | (__u32)at[1] << 16 | (__u32)at[2] << 8 | at[3];
}

static __always_inline void options_take(struct options *o, const __u8 *at, __u8 length)
{
	if (at[0] == OPTION_MSS && length == 4 && (at[2] || at[3])) {
		o->mss = at[2] << 8 | at[3];
		o->present |= FW_OPTION_MSS;
	} else if (at[0] == OPTION_WSCALE && length == 3) {
		o->wscale = at[2] > OPTION_WSCALE_MAX ? OPTION_WSCALE_MAX : at[2];
		o->present |= FW_OPTION_WSCALE;
	} else if (at[0] == OPTION_SACK && length == 2) {
		o->present |= FW_OPTION_SACK;
	} else if (at[0] == OPTION_TIMESTAMPS && length == 10) {
		o->tsval = options_be32(at + 2);
		o->tsecr = options_be32(at + 6);
		o->present |= FW_OPTION_TIMESTAMPS;
	} else if (at[0] == OPTION_MD5 || at[0] == OPTION_AO) {
		o->present |= FW_OPTION_AUTHENTICATED;
	}
}

/*
 * Copied to the stack first: there the verifier knows every offset, and a reader beyond the
 * end finds zeroes, which is the end of the list.
 */
static __always_inline void options_walk(const __u8 bytes[FW_TCP_OPTS_MAX + 16], __u32 size,
					 struct options *o)
{
	__u32 at = 0;
	int i;

	for (i = 0; i < FW_TCP_OPTS_MAX; i++) {
		__u8 length;

		at &= 63;
		if (at >= size || at >= FW_TCP_OPTS_MAX || bytes[at] == OPTION_EOL)
			return;
		if (bytes[at] == OPTION_NOP) {
			at++;
			continue;
		}
		length = bytes[at + 1];
		if (at + 1 >= size || length < 2 || at + length > size)
			return;
		options_take(o, bytes + at, length);
		at += length;
	}
}

/*
 * A function of its own, so that the verifier walks it once.  `where` is the offset of the
 * options in the frame, `size` their length in bytes, 0 to FW_TCP_OPTS_MAX.
 */
__noinline int options_parse(struct xdp_md *ctx, __u32 where, __u32 size, struct options *o)
{
	__u8 bytes[FW_TCP_OPTS_MAX + 16] = {};
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	__be32 *word = data + (where & PARSE_REACH);
	int i;

	if (!o)
		return -1;
	__builtin_memset(o, 0, sizeof(*o));
	for (i = 0; i < FW_TCP_OPTS_MAX / 4; i++, word++) {
		if (i * 4 >= (int)size || (void *)(word + 1) > end)
			break;
		__builtin_memcpy(bytes + i * 4, word, 4);
	}
	options_walk(bytes, size, o);
	return 0;
}

#endif

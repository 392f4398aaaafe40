/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the stack says on the wire and a capture cannot: that a handshake was completed.
 *
 * Law: loaded over the maps of floodwall.bpf.c, for a replay alone; never attached.
 */
#include "handshake.h"

char _license[] SEC("license") = "GPL";

SEC("syscall")
int handshake_told(struct handshake *told)
{
	struct handshake h = *told;

	handshake_apply(&h);
	return 0;
}

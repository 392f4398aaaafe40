/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of one protected listener: pending handshakes, pressure, armed or calm.
 *
 * Law: arming takes effect with the next packet; calm returns by the clock alone.  Counters
 * that every CPU shares are touched only while calm, when packets are few, or once in
 * FW_REPORT_EVERY challenges.
 */
#ifndef FLOODWALL_SERVICE_H
#define FLOODWALL_SERVICE_H

#include "clock.h"

struct service {
	const struct fw_config *cfg;
	const struct fw_limits *limits;
	struct fw_state *state;
	struct fw_tally *tally; /* of this CPU */
	__u64 now;
};

static __always_inline int service_find(const struct fw_addr *addr, __be16 port, __u32 *id)
{
	struct fw_service_key key = { .addr = *addr, .port = port };
	__u32 *found = bpf_map_lookup_elem(&service_keys, &key);

	if (!found)
		return 0;
	*id = *found;
	return 1;
}

static __always_inline int service_open(struct service *s, __u32 id)
{
	s->limits = bpf_map_lookup_elem(&limits, &id);
	s->state = bpf_map_lookup_elem(&states, &id);
	s->tally = bpf_map_lookup_elem(&tallies, &id);
	return s->limits && s->state && s->tally;
}

static __always_inline int service_is_armed(const struct service *s)
{
	return s->limits->mode == FW_MODE_ARMED || s->now < s->limits->forced_until_ns ||
	       s->now < s->state->armed_until_ns;
}

static __always_inline void service_arm(struct service *s)
{
	if (s->limits->mode != FW_MODE_AUTO)
		return;
	if (s->now >= s->state->armed_until_ns) {
		s->state->armed_at_ns = clock_exact(s->cfg);
		s->state->first_challenge_ns = 0;
		__sync_fetch_and_add(&s->state->arms, 1);
	}
	s->state->armed_until_ns = s->now + s->limits->hold_ns;
}

/* The winner of the race to a new slice takes out what has left the window. */
static __always_inline void service_rotate_slices(struct fw_state *state, __u64 slice)
{
	__u64 old = state->slice;
	__u64 steps = slice - old;
	__u64 i;

	if ((__s64)steps <= 0 || __sync_val_compare_and_swap(&state->slice, old, slice) != old)
		return;
	for (i = 1; i <= FW_SLICES; i++) {
		__s64 gone;

		if (i > steps)
			break;
		gone = __sync_lock_test_and_set(&state->slices[(old + i) & (FW_SLICES - 1)], 0);
		__sync_fetch_and_add(&state->pending, -gone);
	}
}

static __always_inline void service_obey_reset(struct service *s)
{
	int i;

	if (s->state->reset_seq == s->limits->reset_seq)
		return;
	s->state->reset_seq = s->limits->reset_seq;
	s->state->pending = 0;
#pragma unroll
	for (i = 0; i < FW_SLICES; i++)
		s->state->slices[i] = 0;
}

static __always_inline void service_add_pending(struct service *s, __s64 change)
{
	__u64 slice = s->cfg->slice_ns ? s->now / s->cfg->slice_ns : 0;

	service_rotate_slices(s->state, slice);
	if (change < 0 && s->state->pending <= 0)
		return;
	__sync_fetch_and_add(&s->state->slices[slice & (FW_SLICES - 1)], change);
	__sync_fetch_and_add(&s->state->pending, change);
}

/* A SYN or a proven request goes to the stack: it owes a completed handshake. */
static __always_inline void service_expect(struct service *s)
{
	service_obey_reset(s);
	service_add_pending(s, 1);
	if (s->state->pending > (__s64)s->limits->high)
		service_arm(s);
}

static __always_inline void service_rotate_beats(struct fw_state *state, __u64 beat)
{
	__u64 old = state->beat;
	__u64 steps = beat - old;
	__u64 i;

	if ((__s64)steps <= 0 || __sync_val_compare_and_swap(&state->beat, old, beat) != old)
		return;
	for (i = 1; i <= FW_BEATS; i++) {
		if (i > steps)
			break;
		state->beats[(old + i) & (FW_BEATS - 1)] = 0;
	}
}

/* Would the unanswered challenges of the last two seconds have filled the queue? */
static __always_inline void service_judge_pressure(struct service *s)
{
	__s64 unanswered = 0;
	__s64 beats_in_window = s->cfg->slice_ns * FW_SLICES / (FW_BEATS * FW_BEAT_MS * NS_PER_MS);
	int i;

	if (s->limits->mode != FW_MODE_AUTO)
		return;
#pragma unroll
	for (i = 0; i < FW_BEATS; i++)
		unanswered += s->state->beats[i];
	unanswered *= beats_in_window;
	if (unanswered >
	    (__s64)(s->now < s->state->armed_until_ns ? s->limits->low : s->limits->high))
		service_arm(s);
}

/* One more challenge sent (+1) or answered (-1). */
static __always_inline void service_press(struct service *s, __s64 change)
{
	struct fw_tally *tally = s->tally;
	__u64 beat = s->now / (FW_BEAT_MS * NS_PER_MS);

	tally->unreported += change;
	if (beat == tally->beat && tally->unreported < FW_REPORT_EVERY &&
	    tally->unreported > -FW_REPORT_EVERY)
		return;
	service_rotate_beats(s->state, beat);
	__sync_fetch_and_add(&s->state->beats[beat & (FW_BEATS - 1)], tally->unreported);
	tally->unreported = 0;
	tally->beat = beat;
	service_judge_pressure(s);
}

static __always_inline void service_note_challenge(struct service *s, int armed)
{
	__u64 until = s->now + FW_COOKIE_LIFE_S * NS_PER_SECOND;

	s->tally->challenged++;
	if (s->state->check_until_ns + NS_PER_SECOND <= until)
		s->state->check_until_ns = until;
	if (armed && !s->state->first_challenge_ns)
		s->state->first_challenge_ns = clock_exact(s->cfg);
	service_press(s, 1);
}

/* A cookie came back: the source is real, and the request now waits for the stack. */
static __always_inline void service_note_proof(struct service *s)
{
	s->tally->proven++;
	service_press(s, -1);
	service_expect(s);
}

static __always_inline void service_note_completion(struct service *s)
{
	s->tally->completed++;
	service_add_pending(s, -1);
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words and numbers of a line, told without a call and nearly without a branch. */
#ifndef FLOODWALL_SCAN_H
#define FLOODWALL_SCAN_H

#include <stddef.h>
#include <stdint.h>

/* A few bytes, most of which are usually the same. */
static inline int is_text(const uint8_t *left, const uint8_t *right, size_t bytes)
{
	for (; bytes >= 8; left += 8, right += 8, bytes -= 8)
		if (__builtin_memcmp(left, right, 8))
			return 0;
	while (bytes--)
		if (*left++ != *right++)
			return 0;
	return 1;
}

/* Of a size that the compiler sees, so that it compares words and calls nothing. */
#define SKIP(at, end, words) skip(at, end, words, sizeof(words) - 1)

static inline int is_same(const void *left, const void *right, size_t bytes)
{
	return !__builtin_memcmp(left, right, bytes);
}

/* Whether the text at `*at` begins with `words`; if so, `*at` is moved behind them. */
static inline int skip(const uint8_t **at, const uint8_t *end, const char *words, size_t bytes)
{
	if ((size_t)(end - *at) < bytes || !is_same(*at, words, bytes))
		return 0;
	*at += bytes;
	return 1;
}

/* Reads up to `most` digits; returns how many there were. */
static inline int number(const uint8_t **at, const uint8_t *end, int most, int64_t *value)
{
	int digits = 0;

	for (*value = 0; digits < most && *at < end && **at >= '0' && **at <= '9'; digits++)
		*value = *value * 10 + (*(*at)++ - '0');
	return digits;
}

/*
 * One to three digits, of which there must be three bytes to look at; returns how many there are,
 * 0 if that is no part of an address.  Without a branch for each: addresses are random, and a
 * branch that nobody can foresee takes longer than all of this.
 */
static inline int octet(const uint8_t *at, uint32_t *value)
{
	uint32_t first = at[0] - '0', second = at[1] - '0', third = at[2] - '0';
	uint32_t two = second < 10, three = two & (third < 10);
	uint32_t most = two ? first * 10 + second : first;

	*value = three ? most * 10 + third : most;
	/* no leading zero, as in Python's ipaddress: some programs read it as octal */
	return (int)((1 + two + three) * ((first < 10) & (*value < 256) & !(two & !first)));
}

/* `192.0.2.7/3755` up to the end. */
static inline int endpoint(const uint8_t *at, const uint8_t *end, int64_t *value)
{
	uint32_t address = 0, part;
	int64_t port;

	for (int place = 0; place < 4; place++) {
		int digits;

		if (end - at < 3 || !(digits = octet(at, &part)))
			return 0;
		at += digits;
		if (at >= end || *at++ != (place < 3 ? '.' : '/'))
			return 0;
		address = address << 8 | part;
	}
	if (!number(&at, end, 5, &port) || port > 65535 || at != end)
		return 0;
	*value = (int64_t)address << 16 | port;
	return 1;
}

/* What the kernel says of messages that it did not print, in its two ways. */
static inline int hidden(const uint8_t *at, const uint8_t *end, int64_t *value)
{
	int digits, known;

	if (SKIP(&at, end, "NET: ")) {
		digits = number(&at, end, 9, value);
		known = SKIP(&at, end, " messages suppressed.");
	} else if (SKIP(&at, end, "net_ratelimit: ")) {
		digits = number(&at, end, 9, value);
		known = SKIP(&at, end, " callbacks suppressed");
	} else {
		return 0;
	}
	*value = ~*value;
	return digits && known && at == end;
}

/* `[   12.345678] ` of a known width. */
static inline int is_uptime(const uint8_t *at, uint32_t bytes)
{
	uint32_t dot = bytes - 9, place = 1;

	while (place < dot && at[place] == ' ')
		place++;
	if (place == dot || at[0] != '[' || at[dot] != '.')
		return 0;
	for (; place < bytes - 2; place++)
		if (place != dot && (at[place] < '0' || at[place] > '9'))
			return 0;
	return at[bytes - 2] == ']' && at[bytes - 1] == ' ';
}

#endif

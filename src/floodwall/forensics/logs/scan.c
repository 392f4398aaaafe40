// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads the lines that floods are made of, in one pass over a block of a log.
 *
 * Law: it gives what passes.py, notable.py and runs.py give, and a test holds it to that.
 * The text is hostile: nothing is read beyond its end, nothing written beyond a column's, nothing
 * allocated.  The time is linear in the text, whatever it says.
 */
#include "scan.h"

#define SCAN_TEXT 256
#define SCAN_EXPORT __attribute__((visibility("default")))

/* A wrapping, as in template.py: head, time, prefix, perhaps the kernel's stamp, message. */
struct scan_template {
	uint32_t head_bytes;
	uint32_t stamp_end;
	uint32_t fraction;
	uint32_t fraction_end;
	uint32_t prefix_bytes;
	uint32_t uptime_bytes;
	uint32_t clock;		 /* templates with the same form of time have the same number */
	uint8_t text[SCAN_TEXT]; /* the head, then the prefix */
};

/* Columns, and how many rows they have room for. */
struct scan_found {
	int64_t *start;
	int64_t *value; /* address << 16 | port; or, of suppressed messages, ~count */
	double *part;
	uint8_t *template_index;
	int64_t *fresh;
	int64_t *odd; /* where a line begins and ends */
	int64_t rows_room;
	int64_t odd_room;
	int64_t rows;
	int64_t fresh_rows;
	int64_t odd_rows;
};

/* A key, how often it is there, and the ranks of its first and last time. */
struct scan_counted {
	uint64_t *key;
	int64_t *count;
	int64_t *first;
	int64_t *last;
	int64_t rows;
};

/* What sorted words come to, as in runs.py; columns have room for as many rows as words. */
struct scan_runs {
	int64_t *ports;
	int64_t *owner;
	struct scan_counted hosts;
	struct scan_counted ends;
};

struct row {
	int64_t value;
	double part;
};

static int read_line(const struct scan_template *one, const uint8_t *line, const uint8_t *end,
		     struct row *row)
{
	static const double tens[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9 };
	size_t behind = (size_t)one->stamp_end + one->prefix_bytes, bytes = end - line;
	const uint8_t *at = line + behind;
	int64_t part = 0;
	int digits = one->fraction_end - one->fraction;

	if (bytes < behind + one->uptime_bytes || !is_text(line, one->text, one->head_bytes) ||
	    !is_text(line + one->stamp_end, one->text + one->head_bytes, one->prefix_bytes))
		return 0;
	if (one->uptime_bytes && !is_uptime(at, one->uptime_bytes))
		return 0;
	at += one->uptime_bytes;
	if (SKIP(&at, end, "TCP: drop open request from ") ? !endpoint(at, end, &row->value) :
							     !hidden(at, end, &row->value))
		return 0;
	at = line + one->fraction;
	if (number(&at, line + one->fraction_end, digits, &part) != digits)
		return 0;
	row->part = (double)part / tens[digits]; /* two exact numbers, as float("0.123") */
	return 1;
}

/* Whether two lines say the same time, but for the parts of the second. */
static int is_same_time(const struct scan_template *one, const uint8_t *left, const uint8_t *right)
{
	return is_text(left, right, one->fraction) &&
	       is_text(left + one->fraction_end, right + one->fraction_end,
		       one->stamp_end - one->fraction_end);
}

/* Whether a word that matters may be in a line; see notable.py. */
static int is_notable(const uint8_t *line, const uint8_t *end, const uint8_t *grams)
{
	for (; end - line >= 4; line += 4) {
		uint32_t word = (uint32_t)line[0] | (uint32_t)line[1] << 8 |
				(uint32_t)line[2] << 16 | (uint32_t)line[3] << 24;
		uint32_t hash = word * 0x9E3779B1u >> 16;

		if (grams[hash >> 3] >> (hash & 7) & 1)
			return 1;
	}
	return 0;
}

static int take(struct scan_found *found, const struct scan_template *templates, int index,
		const struct row *row, const uint8_t *text, const uint8_t *line)
{
	int64_t at = found->rows;
	int fresh = 1;

	if (at == found->rows_room)
		return -1;
	if (at) {
		const struct scan_template *last = &templates[found->template_index[at - 1]];

		fresh = last->clock != templates[index].clock ||
			!is_same_time(last, text + found->start[at - 1], line);
	}
	if (fresh)
		found->fresh[found->fresh_rows++] = at;
	found->start[at] = line - text;
	found->value[at] = row->value;
	found->part[at] = row->part;
	found->template_index[at] = index;
	found->rows++;
	return 0;
}

static int take_odd(struct scan_found *found, int64_t start, int64_t end)
{
	if (found->odd_rows == found->odd_room)
		return -1;
	found->odd[2 * found->odd_rows] = start;
	found->odd[2 * found->odd_rows + 1] = end;
	found->odd_rows++;
	return 0;
}

static int is_sound(const struct scan_template *one)
{
	return (uint64_t)one->head_bytes + one->prefix_bytes <= SCAN_TEXT &&
	       one->head_bytes <= one->fraction && one->fraction <= one->fraction_end &&
	       one->fraction_end <= one->stamp_end && one->stamp_end <= SCAN_TEXT &&
	       one->fraction_end - one->fraction <= 9 &&
	       (!one->uptime_bytes || one->uptime_bytes - 11 < SCAN_TEXT);
}

/* Reads whole lines; returns 0, -1 if a column has no room, or -2 if a template makes no sense. */
SCAN_EXPORT int scan_block(const uint8_t *text, int64_t bytes,
			   const struct scan_template *templates, int count, const uint8_t *grams,
			   struct scan_found *found)
{
	const uint8_t *stop = text + bytes, *end;

	found->rows = found->fresh_rows = found->odd_rows = 0;
	for (int index = 0; index < count; index++)
		if (!is_sound(&templates[index]))
			return -2;
	for (const uint8_t *line = text; line < stop; line = end + 1) {
		struct row row = { 0 };
		int index = 0, full = 0;

		end = __builtin_memchr(line, '\n', stop - line);
		if (!end)
			break;
		while (index < count && !read_line(&templates[index], line, end, &row))
			index++;
		if (index < count)
			full = take(found, templates, index, &row, text, line);
		else if (is_notable(line, end, grams))
			full = take_odd(found, line - text, end - text);
		if (full)
			return -1;
	}
	return 0;
}

static inline void note(struct scan_counted *counted, uint64_t key, int64_t count, int64_t first,
			int64_t last)
{
	int64_t at = counted->rows++;

	counted->key[at] = key;
	counted->count[at] = count;
	counted->first[at] = first;
	counted->last[at] = last;
}

/* Counts sorted words by address and port, and by address. */
SCAN_EXPORT void count_runs(const uint64_t *words, int64_t number, int64_t least,
			    struct scan_runs *runs)
{
	struct scan_counted *hosts = &runs->hosts;

	hosts->rows = runs->ends.rows = 0;
	for (int64_t at = 0, next; at < number; at = next) {
		uint64_t end = words[at] >> 16;
		int64_t first = words[at] & 0xffff, last, host = hosts->rows - 1;

		for (next = at + 1; next < number && words[next] >> 16 == end;)
			next++;
		last = words[next - 1] & 0xffff;
		runs->ports[end >> 10 & 63] += next - at;
		if (host < 0 || hosts->key[host] != end >> 16) {
			note(hosts, end >> 16, next - at, first, last);
		} else {
			hosts->count[host] += next - at;
			hosts->first[host] =
				hosts->first[host] < first ? hosts->first[host] : first;
			hosts->last[host] = hosts->last[host] > last ? hosts->last[host] : last;
		}
		if (next - at >= least) {
			runs->owner[runs->ends.rows] = hosts->rows - 1;
			note(&runs->ends, end, next - at, first, last);
		}
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The readers of a program's numbers, on files and lines: the first line says which, and what it
 * looks for ("json a[].b"). Whatever comes, they tell the same of it in one piece and in many. */
#include "fuzz.h"

#include "metric_reader.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST = 80, PIECE = 5 };

static void hear_point(void *data, const struct abl_point *p)
{
	abl_str_printf(data, "p %.17g %d %d %lld\n", p->value, p->digits, p->has_step,
		       p->has_step ? (long long)p->step : 0);
}

static void hear_name(void *data, const char *name, size_t length)
{
	abl_str_printf(data, "n %zu\n", length);
}

static void hear_rank(void *data, int64_t step)
{
	abl_str_printf(data, "r %lld\n", (long long)step);
}

static void hear_problem(void *data, const char *text)
{
	abl_str_printf(data, "x %s\n", text);
}

static const struct abl_metric_reader *find(const char *name)
{
	for (size_t i = 0; abl_metric_readers[i]; i++)
		if (!strcmp(abl_metric_readers[i]->name, name))
			return abl_metric_readers[i];
	return NULL;
}

/* What the reader tells of the bytes, `piece` at a time. */
static void read_all(struct abl_str *heard, const struct abl_metric_reader *reader, const char *key,
		     const uint8_t *data, size_t size, size_t piece)
{
	const struct abl_reading r = {.metric = "a",
				      .key = key,
				      .data = heard,
				      .point = hear_point,
				      .name = hear_name,
				      .rank = hear_rank,
				      .problem = hear_problem};
	void *state;

	abl_str_puts(heard, "");
	if (reader->begin(&state, &r, NULL))
		return;
	do {
		size_t n = size < piece ? size : piece;
		char *copy = abl_malloc(n ? n : 1);

		memcpy(copy, data, n);
		reader->feed(state, copy, n, n == size);
		free(copy);
		data += n;
		size -= n;
	} while (size);
	reader->end(state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *line_end = size ? memchr(data, '\n', size) : NULL;
	size_t n = line_end ? (size_t)(line_end - data) : 0;
	struct abl_str whole = {0}, pieces = {0};
	const struct abl_metric_reader *reader;
	char line[LONGEST + 1], *key;

	if (!n || n > LONGEST)
		return 0;
	memcpy(line, data, n);
	line[n] = 0;
	key = strchr(line, ' ');
	if (!key)
		return 0;
	*key++ = 0;
	reader = find(line);
	if (!reader)
		return 0;
	size -= n + 1;
	data += n + 1;
	if (size) {
		abl_metric_reader_of_head((const char *)data, size);
		read_all(&whole, reader, key, data, size, size);
		if (!reader->whole)
			read_all(&pieces, reader, key, data, size, PIECE);
		assert(reader->whole || !strcmp(whole.text, pieces.text));
	}
	abl_str_finish(&whole);
	abl_str_finish(&pieces);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cards.h"

#include "str.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VISIBLE "CUDA_VISIBLE_DEVICES"
#define DRIVER "/proc/driver/nvidia/gpus"

static void add(struct abl_cards *c, const char *name, size_t length)
{
	struct abl_str text = {0};

	if (c->count == ABL_CARDS_MAX)
		return;
	abl_str_add(&text, name, length);
	c->name[c->count++] = text.text;
}

/* "0,1" or "GPU-8a2f,MIG-..."; a negative number ends the list, as the driver reads it. */
static void add_visible(struct abl_cards *c, const char *list)
{
	for (const char *p = list; *p; p += strcspn(p, ","), p += *p == ',') {
		const char *begin = p + strspn(p, " ");
		size_t n = strcspn(begin, ", ");

		if (*begin == '-' || !n)
			return;
		add(c, begin, n);
	}
}

/* A folder a card; CUDA counts them from 0. */
static void add_driver(struct abl_cards *c)
{
	DIR *d = opendir(DRIVER);

	for (struct dirent *e; d && (e = readdir(d));) {
		char number[32];

		if (e->d_name[0] == '.')
			continue;
		snprintf(number, sizeof number, "%zu", c->count);
		add(c, number, strlen(number));
	}
	if (d)
		closedir(d);
}

void abl_cards_init(struct abl_cards *c, int64_t shared)
{
	const char *visible = getenv(VISIBLE);

	*c = (struct abl_cards){.shared = shared > 0 ? (int)shared : 1};
	c->name = abl_calloc(ABL_CARDS_MAX + 1, sizeof *c->name);
	if (visible)
		add_visible(c, visible);
	else
		add_driver(c);
	c->used = abl_calloc(c->count + 1, sizeof *c->used);
	c->alone = abl_calloc(c->count + 1, sizeof *c->alone);
}

void abl_cards_finish(struct abl_cards *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->count; i++)
		free(c->name[i]);
	free(c->name), free(c->used), free(c->alone);
	*c = (struct abl_cards){0};
}

static bool is_free(const struct abl_cards *c, size_t i, bool alone)
{
	return !c->alone[i] && c->used[i] < (alone ? 1 : c->shared);
}

bool abl_cards_has(const struct abl_cards *c, size_t n, bool alone)
{
	size_t there = 0;

	for (size_t i = 0; i < c->count; i++)
		there += is_free(c, i, alone);
	return there >= n;
}

bool abl_cards_take(struct abl_cards *c, size_t n, bool alone, const char **out)
{
	size_t got = 0;

	out[0] = NULL;
	if (!abl_cards_has(c, n, alone))
		return false;
	for (int most = 0; got < n; most++)
		for (size_t i = 0; i < c->count && got < n; i++) {
			if (c->used[i] != most || !is_free(c, i, alone))
				continue;
			out[got++] = c->name[i];
			out[got] = NULL;
			c->alone[i] = alone;
			c->used[i] = -1 - c->used[i]; /* not twice */
		}
	for (size_t i = 0; i < c->count; i++)
		if (c->used[i] < 0)
			c->used[i] = -c->used[i];
	return true;
}

void abl_cards_give(struct abl_cards *c, const char *const *names)
{
	for (; names && *names; names++)
		for (size_t i = 0; i < c->count; i++)
			if (c->name[i] == *names) {
				c->used[i]--;
				c->alone[i] = false;
			}
}

int abl_cards_check(const struct abl_cards *c, int64_t n, struct abl_err *err)
{
	const bool named = getenv(VISIBLE) != NULL;

	if ((int64_t)c->count >= n)
		return 0;
	return abl_err_set(
		err, ABL_EINPUT, "the study wants %lld GPU%s a run, and there %s %zu here (%s)%s",
		(long long)n, abl_plural(n), c->count == 1 ? "is" : "are", c->count,
		named ? "$" VISIBLE : DRIVER, named ? "" : "; $" VISIBLE " can name them");
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "code_change.h"

#include "code_difference.h"
#include "kept.h"
#include "program_parts.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

/* Lines of a canonical text (program_engine.c). */
#define CODE "code="
#define STEP "step "
#define MOST_SHOWN 3 /* copies that are compared with the code of now */

struct stored {
	char *key, *canonical, *code;
	char same[ABL_HASH_TEXT]; /* hash of all but the code, here and in the steps before; "" =
				     not known yet */
};

struct texts {
	struct stored *item;
	size_t count, capacity;
};

static void hear(void *data, const char *key, const char *canonical, const char *code)
{
	struct texts *t = data;

	abl_grow(&t->item, &t->capacity, t->count + 1, sizeof *t->item);
	t->item[t->count++] = (struct stored){.key = abl_strdup(key),
					      .canonical = abl_strdup(canonical),
					      .code = abl_strdup(code ? code : "")};
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct stored *)a)->key, ((const struct stored *)b)->key);
}

static struct stored *find(const struct texts *t, const char *key)
{
	struct stored wanted = {.key = (char *)(uintptr_t)key};

	return t->count ? bsearch(&wanted, t->item, t->count, sizeof *t->item, by_key) : NULL;
}

static void texts_finish(struct texts *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->item[i].key), free(t->item[i].canonical), free(t->item[i].code);
	free(t->item);
}

static void make_same(const struct texts *t, struct stored *s);

/* A line "step train=KEY": in place of the key what stands for it without its code. */
static void add_step(const struct texts *t, const char *line, size_t n, struct abl_str *out)
{
	const size_t before = n > ABL_HASH_TEXT - 1 ? n - (ABL_HASH_TEXT - 1) : n;
	char key[ABL_HASH_TEXT] = "";
	struct stored *s;

	memcpy(key, line + before, n - before);
	s = find(t, key);
	if (s)
		make_same(t, s);
	abl_str_add(out, line, before);
	abl_str_printf(out, "%s\n", s ? s->same : key);
}

static void make_same(const struct texts *t, struct stored *s)
{
	struct abl_str text = {0};

	if (*s->same)
		return;
	for (const char *p = s->canonical; *p;) {
		const size_t n = strcspn(p, "\n");

		if (!strncmp(p, STEP, strlen(STEP)))
			add_step(t, p, n, &text);
		else if (strncmp(p, CODE, strlen(CODE)) != 0)
			abl_str_add(&text, p, n), abl_str_puts(&text, "\n");
		p += n + (p[n] == '\n');
	}
	abl_hash_bytes(text.text ? text.text : "", text.length, s->same);
	abl_str_finish(&text);
}

/* The plan's own stages as texts, in its order. */
static void take_plan(struct texts *t, const struct abl_plan *plan)
{
	for (size_t i = 0; i < plan->stage_count; i++)
		hear(t, plan->stages[i].key, plan->stages[i].canonical, NULL);
	if (t->count)
		qsort(t->item, t->count, sizeof *t->item, by_key);
	for (size_t i = 0; i < t->count; i++)
		make_same(t, &t->item[i]);
}

static int by_same(const void *a, const void *b)
{
	return strcmp(((const struct stored *)a)->same, ((const struct stored *)b)->same);
}

static bool is_done(struct abl_store *store, const char *key)
{
	struct abl_stage_info info = {0};
	const bool done = abl_store_stage(store, key, &info, NULL) == 1 && info.state == ABL_DONE;

	abl_stage_info_finish(&info);
	return done;
}

static void pair_up(struct abl_code_change *out, const struct abl_plan *plan,
		    struct abl_store *store, const struct texts *stored, const struct texts *now)
{
	for (size_t i = 0; i < plan->stage_count; i++) {
		const struct stored *s = find(now, plan->stages[i].key);
		const struct stored *was = stored->count ? bsearch(s, stored->item, stored->count,
								   sizeof *stored->item, by_same)
							 : NULL;

		if (!was || !strcmp(was->key, s->key) || is_done(store, s->key))
			continue;
		abl_grow(&out->pair, &out->capacity, out->count + 1, sizeof *out->pair);
		out->pair[out->count++] =
			(struct abl_code_pair){abl_strdup(was->key), i, abl_strdup(was->code)};
		out->runs += plan->stages[i].kind->scores;
	}
}

int abl_code_change_find(struct abl_code_change *out, const struct abl_plan *plan,
			 struct abl_store *store, struct abl_err *err)
{
	struct texts stored = {0}, now = {0};
	int rc;

	*out = (struct abl_code_change){0};
	if (!plan->program)
		return 0;
	rc = abl_read_done_stages(store, plan->study->name, hear, &stored, err);
	if (!rc && stored.count) {
		qsort(stored.item, stored.count, sizeof *stored.item, by_key);
		for (size_t i = 0; i < stored.count; i++)
			make_same(&stored, &stored.item[i]);
		qsort(stored.item, stored.count, sizeof *stored.item, by_same);
		take_plan(&now, plan);
		pair_up(out, plan, store, &stored, &now);
	}
	texts_finish(&stored), texts_finish(&now);
	return rc;
}

void abl_code_change_finish(struct abl_code_change *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->count; i++)
		free(c->pair[i].was), free(c->pair[i].code);
	free(c->pair);
	*c = (struct abl_code_change){0};
}

int abl_code_change_keep(const struct abl_code_change *c, const struct abl_plan *plan,
			 struct abl_store *store, struct abl_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < c->count && rc >= 0; i++)
		rc = abl_store_stage_same(store, c->pair[i].was, plan->stages[c->pair[i].now].key,
					  err);
	return rc < 0 ? rc : 0;
}

/* Was the copy shown with this step already? */
static bool was_shown(const struct abl_code_change *c, const struct abl_plan *plan, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(c->pair[k].code, c->pair[i].code) &&
		    plan->stages[c->pair[k].now].step == plan->stages[c->pair[i].now].step)
			return true;
	return false;
}

void abl_code_change_show(const struct abl_code_change *c, const struct abl_plan *plan,
			  const char *store, struct abl_str *out)
{
	const size_t n = c->runs ? c->runs : c->count;
	size_t shown = 0;

	abl_str_printf(out, "  %-9s differs from that of %zu finished run%s\n", "code", n,
		       abl_plural(n));
	for (size_t i = 0; i < c->count && shown < MOST_SHOWN; i++) {
		const struct abl_code_set *now =
			&plan->program->part[plan->stages[c->pair[i].now].step].code;

		if (was_shown(c, plan, i))
			continue;
		shown += abl_code_difference(store, c->pair[i].code, now, out) > 0;
	}
}

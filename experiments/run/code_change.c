/* SPDX-License-Identifier: Apache-2.0 */
#include "code_change.h"

#include "kept.h"
#include "program.h"
#include "program_parts.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

/* Lines of a canonical text (program_engine.c, order_canonical.c). */
#define CODE "code="
#define STEP "step "
#define OPTION "option."
#define MOST_PASSES 8

struct stored {
	char *key, *canonical, *code;
	char same[ABL_HASH_TEXT]; /* hash of all but the code, here and in the steps before; "" =
				     not known yet */
};

struct texts {
	struct stored *item;
	size_t count, capacity;
	const char *const *without; /* lines that do not count, [row]; NULL: all do */
	size_t rows;
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

/* ---- what is the same but for the code ---- */

static bool has_line(const char *text, const char *line, size_t n, bool whole)
{
	for (const char *p = text; p && *p; p = strchr(p, '\n'), p += p != NULL)
		if (!strncmp(p, line, n) && (!whole || p[n] == '\n' || !p[n]))
			return true;
	return false;
}

/* The option's value, which does not count, or how the option is spelled. */
static bool does_not_count(const struct texts *t, const char *canonical, const char *line, size_t n)
{
	for (size_t i = 0; t->without && i < t->rows; i++) {
		const char *value = t->without[i];
		const size_t name = value ? strcspn(value, "=") : 0;

		if (value && n >= name && !strncmp(line, value, name) &&
		    (line[name] == '=' || !strncmp(line + name, ".words=", 7) ||
		     !strncmp(line + name, ".flag=", 6)))
			return has_line(canonical, value, strlen(value), true);
	}
	return false;
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
		else if (strncmp(p, CODE, strlen(CODE)) != 0 &&
			 !does_not_count(t, s->canonical, p, n))
			abl_str_add(&text, p, n), abl_str_puts(&text, "\n");
		p += n + (p[n] == '\n');
	}
	abl_hash_bytes(text.text ? text.text : "", text.length, s->same);
	abl_str_finish(&text);
}

static void make_all_same(struct texts *t)
{
	for (size_t i = 0; i < t->count; i++)
		*t->item[i].same = '\0';
	for (size_t i = 0; i < t->count; i++)
		make_same(t, &t->item[i]);
}

/* The plan's own stages as texts, in its order. */
static void take_plan(struct texts *t, const struct abl_plan *plan)
{
	for (size_t i = 0; i < plan->stage_count; i++)
		hear(t, plan->stages[i].key, plan->stages[i].canonical, NULL);
	if (t->count)
		qsort(t->item, t->count, sizeof *t->item, by_key);
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

struct search {
	struct abl_code_change *out;
	const struct abl_plan *plan;
	struct abl_store *store;
	struct texts stored, now;
	const struct stored **by_same; /* [stored.count] */
	bool *taken;                   /* [plan->stage_count]: has its pair */
	char **lines;                  /* [program->option_count]: each option at its default */
};

static int compare_same(const void *key, const void *item)
{
	return strcmp(key, (*(const struct stored *const *)item)->same);
}

/* `added`: the rows of the options that do not count; NULL: all do. */
static void pair_up(struct search *f, const char *added)
{
	const struct abl_program *program = f->plan->study->program;

	for (size_t i = 0; i < f->plan->stage_count; i++) {
		const struct stored *s = find(&f->now, f->plan->stages[i].key);
		const struct stored *const *was =
			bsearch(s->same, f->by_same, f->stored.count, sizeof(const struct stored *),
				compare_same);

		if (!was || f->taken[i] || !strcmp((*was)->key, s->key) ||
		    is_done(f->store, s->key))
			continue;
		f->taken[i] = true;
		abl_grow(&f->out->pair, &f->out->capacity, f->out->count + 1, sizeof *f->out->pair);
		f->out->pair[f->out->count++] = (struct abl_code_pair){abl_strdup((*was)->key), i,
								       abl_strdup((*was)->code)};
		f->out->runs += f->plan->stages[i].kind->scores;
		for (size_t k = 0; added && k < program->option_count; k++)
			f->out->added[k] |= added[k] == '1';
	}
}

static int by_same_pointer(const void *a, const void *b)
{
	return by_same(*(const struct stored *const *)a, *(const struct stored *const *)b);
}

/* One pass: the finished stages that differ from the plan's by code, and by what `added` has. */
static void look(struct search *f, const char *added)
{
	const size_t rows = f->plan->study->program->option_count;
	const char **without = abl_calloc(rows + 1, sizeof *without);

	for (size_t i = 0; added && i < rows; i++)
		without[i] = added[i] == '1' ? f->lines[i] : NULL;
	f->now.without = added ? without : NULL;
	f->now.rows = rows;
	make_all_same(&f->now);
	pair_up(f, added);
	free(without);
}

/* Has the stage the option, or one of the steps before it? */
static bool knows(const struct texts *t, const struct stored *s, const char *line)
{
	if (has_line(s->canonical, line, strcspn(line, "=") + 1, false))
		return true;
	for (const char *p = s->canonical; p && *p; p = strchr(p, '\n'), p += p != NULL) {
		const size_t n = strcspn(p, "\n");
		char key[ABL_HASH_TEXT] = "";
		const struct stored *before;

		if (strncmp(p, STEP, strlen(STEP)) != 0 || n < ABL_HASH_TEXT)
			continue;
		memcpy(key, p + n - (ABL_HASH_TEXT - 1), ABL_HASH_TEXT - 1);
		before = find(t, key);
		if (before && knows(t, before, line))
			return true;
	}
	return false;
}

/* An option that the study has got since then, at its default, is no difference: one pass for each
 * set of options that finished trials do not know. */
static void look_without_new_options(struct search *f)
{
	const size_t rows = f->plan->study->program->option_count;
	char *seen[MOST_PASSES];
	size_t passes = 0;

	for (size_t i = 0; i < f->stored.count && passes < MOST_PASSES; i++) {
		const struct stored *s = &f->stored.item[i];
		char *added = abl_calloc(rows + 1, 1);
		bool again = strncmp(s->canonical, "stage=program\n", 14) != 0;

		for (size_t k = 0; k < rows && !again; k++)
			added[k] = f->lines[k] && !knows(&f->stored, s, f->lines[k]) ? '1' : '0';
		again = again || !strchr(added, '1');
		for (size_t k = 0; k < passes && !again; k++)
			again = !strcmp(seen[k], added);
		if (again) {
			free(added);
			continue;
		}
		seen[passes++] = added;
		look(f, added);
	}
	while (passes)
		free(seen[--passes]);
}

/* "option.lr=real:0.001" of each; the placebo has none. */
static char **default_lines(const struct abl_program *p)
{
	char **lines = abl_calloc(p->option_count + 1, sizeof *lines);

	for (size_t i = 0; i < p->option_count; i++) {
		const struct abl_key *key = p->options[i].key;
		struct abl_str text = {0};

		if (key->role == ABL_KEY_PLACEBO)
			continue;
		abl_str_printf(&text, OPTION "%s=%s:", key->name, abl_type_name(key->def.type));
		abl_value_text(&key->def, &text);
		lines[i] = text.text;
	}
	return lines;
}

static void search(struct search *f)
{
	const struct abl_program *program = f->plan->study->program;
	const size_t n = f->stored.count;

	f->out->added = abl_calloc(program->option_count + 1, sizeof *f->out->added);
	f->by_same = abl_calloc(n, sizeof *f->by_same);
	f->taken = abl_calloc(f->plan->stage_count + 1, sizeof *f->taken);
	f->lines = default_lines(program);
	qsort(f->stored.item, n, sizeof *f->stored.item, by_key);
	make_all_same(&f->stored);
	for (size_t i = 0; i < n; i++)
		f->by_same[i] = &f->stored.item[i];
	qsort(f->by_same, n, sizeof *f->by_same, by_same_pointer);
	take_plan(&f->now, f->plan);
	look(f, NULL);
	look_without_new_options(f);
	for (size_t i = 0; i < program->option_count; i++)
		free(f->lines[i]);
	free(f->lines), free(f->taken), free(f->by_same);
}

int abl_code_change_find(struct abl_code_change *out, const struct abl_plan *plan,
			 struct abl_store *store, struct abl_err *err)
{
	struct search f = {.out = out, .plan = plan, .store = store};
	int rc;

	*out = (struct abl_code_change){0};
	if (!plan->program)
		return 0;
	rc = abl_read_done_stages(store, plan->study->name, hear, &f.stored, err);
	if (!rc && f.stored.count)
		search(&f);
	texts_finish(&f.stored), texts_finish(&f.now);
	return rc;
}

void abl_code_change_finish(struct abl_code_change *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->count; i++)
		free(c->pair[i].was), free(c->pair[i].code);
	free(c->pair);
	free(c->added);
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

bool abl_code_change_is_of(const struct abl_code_change *c, const char *key)
{
	for (size_t i = 0; i < c->count; i++)
		if (!strcmp(c->pair[i].was, key))
			return true;
	return false;
}

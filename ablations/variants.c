/* SPDX-License-Identifier: Apache-2.0 */
/* variants.c - points of the designs -> variants: invalid, excluded and repeated ones are dropped,
 * and each is named with its reason. */
#include "design_points.h"
#include "hash.h"
#include "str.h"
#include "study_source.h"

#include <stdlib.h>
#include <string.h>

#define ALL_STAGES (ABL_AT_VOCAB | ABL_AT_TOKENIZE | ABL_AT_MODEL | ABL_AT_EVALUATE | ABL_AT_TUNING)

/* Variants by a text of theirs (label, canonical configuration): open addressing, linear probing.
 */
struct index {
	uint64_t *hashes;
	size_t *variants; /* number + 1; 0 = free */
	size_t capacity;  /* a power of two, more than twice the points */
	void (*text)(const struct abl_variant *, struct abl_str *out);
};

static void index_init(struct index *x, size_t points,
		       void (*text)(const struct abl_variant *, struct abl_str *))
{
	*x = (struct index){.capacity = 64, .text = text};
	while (x->capacity < 2 * points + 2)
		x->capacity *= 2;
	x->hashes = abl_calloc(x->capacity, sizeof *x->hashes);
	x->variants = abl_calloc(x->capacity, sizeof *x->variants);
}

static void index_finish(struct index *x)
{
	free(x->hashes);
	free(x->variants);
}

/* The variant of s with the same text as v, or -1; then v is entered as number `next`. */
static long index_find(struct index *x, const struct abl_study *s, const struct abl_variant *v,
		       bool enter)
{
	struct abl_str mine = {0}, other = {0};
	uint64_t hash;
	size_t at;
	long found = -1;

	x->text(v, &mine);
	hash = abl_hash64(mine.text, mine.length);
	for (at = hash & (x->capacity - 1); found < 0 && x->variants[at];
	     at = (at + 1) & (x->capacity - 1)) {
		if (x->hashes[at] != hash)
			continue;
		abl_str_clear(&other);
		x->text(&s->variants[x->variants[at] - 1], &other);
		if (!strcmp(mine.text, other.text))
			found = (long)x->variants[at] - 1;
	}
	if (found < 0 && enter) {
		x->hashes[at] = hash;
		x->variants[at] = s->variant_count + 1;
	}
	abl_str_finish(&mine);
	abl_str_finish(&other);
	return found;
}

static void label_text(const struct abl_variant *v, struct abl_str *out)
{
	abl_str_puts(out, v->label);
}

static void config_text(const struct abl_variant *v, struct abl_str *out)
{
	abl_values_canonical(v->config, ALL_STAGES, out);
}

struct unfolding {
	struct abl_study *s;
	struct index labels, configs;
	size_t variant_capacity, dropped_capacity, implied_capacity;
	char **lines; /* implied changes of the point at hand */
	size_t line_count, line_capacity;
};

static void note_line(void *data, const char *line)
{
	struct unfolding *u = data;

	abl_grow(&u->lines, &u->line_capacity, u->line_count + 1, sizeof *u->lines);
	u->lines[u->line_count++] = abl_strdup(line);
}

static void forget_lines(struct unfolding *u)
{
	while (u->line_count)
		free(u->lines[--u->line_count]);
}

static void add_implied(struct unfolding *u, const char *label, const char *line)
{
	struct abl_study *s = u->s;

	for (size_t i = 0; i < s->implied_count; i++)
		if (!strcmp(s->implied[i].text, line)) {
			s->implied[i].count++;
			return;
		}
	abl_grow(&s->implied, &u->implied_capacity, s->implied_count + 1, sizeof *s->implied);
	s->implied[s->implied_count++] = (struct abl_study_note){.kind = ABL_NOTE_IMPLIED,
								 .label = abl_strdup(label),
								 .text = abl_strdup(line),
								 .count = 1};
}

static void drop(struct unfolding *u, enum abl_note_kind kind, const struct abl_point *p,
		 const char *text, const struct abl_node *place)
{
	struct abl_study *s = u->s;
	char at[600];

	abl_grow(&s->dropped, &u->dropped_capacity, s->dropped_count + 1, sizeof *s->dropped);
	s->dropped[s->dropped_count++] =
		(struct abl_study_note){.kind = kind,
					.label = abl_strdup(p->label),
					.text = abl_strdup(text),
					.place = abl_strdup(abl_node_place(place, at, sizeof at)),
					.count = 1};
}

/* Active keys whose value is not the baseline's. */
static void find_changes(const struct abl_study *s, struct abl_variant *v)
{
	const struct abl_values *base = s->variants[0].config;
	const struct abl_key **changed = abl_malloc(s->space->key_count * sizeof *changed);

	for (size_t i = 0; i < s->space->key_count; i++) {
		const struct abl_key *key = s->space->keys[i];
		struct abl_value was, is;

		abl_values_get(base, key, &was);
		abl_values_get(v->config, key, &is);
		if (!abl_value_equal(&was, &is) &&
		    (abl_values_active(base, key) || abl_values_active(v->config, key)))
			changed[v->changed_count++] = key;
	}
	v->changed = abl_calloc(v->changed_count, sizeof *v->changed);
	memcpy(v->changed, changed, v->changed_count * sizeof *changed);
	free(changed);
}

static bool has_changed(const struct abl_variant *v, const struct abl_key *key)
{
	for (size_t i = 0; i < v->changed_count; i++)
		if (v->changed[i] == key)
			return true;
	return false;
}

/* What the design says of the changes; the rest follows from it. */
static void find_set(const struct abl_point *p, struct abl_variant *v)
{
	v->set = abl_calloc(p->settings.count, sizeof *v->set);
	for (size_t i = 0; i < p->settings.count; i++)
		if (has_changed(v, p->settings.items[i].setting.key))
			v->set[v->set_count++] = p->settings.items[i].setting;
}

/* Is the point dropped? Notes why. */
static bool dropped(struct unfolding *u, const struct abl_point *p, const struct abl_variant *v)
{
	const struct abl_study_source *r = u->s->source;
	const struct abl_node *rule =
		p->kind == ABL_VARIANT_ARM ? NULL : abl_rules_match(u->s, r->exclude, v->config);
	struct abl_str text = {0};
	long same;

	if (rule) {
		abl_node_print(rule, &text);
		drop(u, ABL_NOTE_EXCLUDED, p, text.text, rule);
		abl_str_finish(&text);
		return true;
	}
	if (r->include && p->kind != ABL_VARIANT_ARM &&
	    !abl_rules_match(u->s, r->include, v->config)) {
		drop(u, ABL_NOTE_INCLUDED, p, "", r->include);
		return true;
	}
	same = index_find(&u->configs, u->s, v, true);
	if (same >= 0 && !(p->again && !strcmp(u->s->variants[same].label, p->label)))
		drop(u, ABL_NOTE_DUPLICATE, p, u->s->variants[same].label, p->node);
	return same >= 0;
}

static int add_variant(struct unfolding *u, struct abl_point *p, struct abl_variant *v,
		       struct abl_err *err)
{
	struct abl_study *s = u->s;

	if (index_find(&u->labels, s, v, true) >= 0)
		return abl_node_fail(p->node, "give one of them another 'label:'", err,
				     "two variants are called '%s'", v->label);
	p->label = p->subject = NULL; /* the variant's now */
	abl_grow(&s->variants, &u->variant_capacity, s->variant_count + 1, sizeof *s->variants);
	s->variants[s->variant_count++] = *v;
	find_changes(s, &s->variants[s->variant_count - 1]);
	find_set(p, &s->variants[s->variant_count - 1]);
	for (size_t i = 0; i < u->line_count; i++)
		add_implied(u, v->label, u->lines[i]);
	return 0;
}

/* Turns point i into a variant or a note. *kept says which. */
static int unfold_point(struct unfolding *u, size_t i, bool *kept, struct abl_err *err)
{
	struct abl_point *p = &u->s->source->points[i];
	struct abl_variant v = {.label = p->label, .subject = p->subject, .kind = p->kind};
	struct abl_resolving r = {.implied = note_line, .data = u};
	struct abl_err inner = {0};
	int rc;

	*kept = false;
	if (p->why_not) {
		drop(u, ABL_NOTE_INVALID, p, p->why_not, p->node);
		return 0;
	}
	rc = abl_study_build(u->s, p, -1, &v.config, &r, &inner);
	if (rc) {
		if (rc != ABL_EINPUT) /* this machine's fault: nothing to leave out */
			return abl_node_fail(p->node, NULL, err, "%s", inner.text);
		if (p->kind == ABL_VARIANT_LIST)
			return abl_node_fail(p->node, abl_study_combined_help(u->s), err, "%s",
					     inner.text);
		drop(u, ABL_NOTE_INVALID, p, inner.text, p->node);
		return 0;
	}
	if (p->kind == ABL_VARIANT_BASELINE)
		index_find(&u->configs, u->s, &v, true);
	else if (dropped(u, p, &v)) {
		abl_values_destroy(v.config);
		return 0;
	}
	*kept = true;
	rc = add_variant(u, p, &v, err);
	if (rc)
		abl_values_destroy(v.config);
	return rc;
}

/* A task's own recipe must go with every variant. */
static int check_tasks(const struct abl_study *s, struct abl_err *err)
{
	for (size_t t = 0; t < s->task_count; t++)
		for (size_t v = 0; s->tasks[t].override_count && v < s->variant_count; v++) {
			struct abl_err inner = {0};
			struct abl_values *config;

			if (abl_study_build(s, &s->source->points[v], (int)t, &config, NULL,
					    &inner))
				return abl_node_fail(s->source->task_maps[t], NULL, err,
						     "task '%s' cannot run variant '%s': %s",
						     s->tasks[t].spec.name, s->variants[v].label,
						     inner.text);
			abl_values_destroy(config);
		}
	return 0;
}

static bool lacks(const struct abl_variant *v, const struct abl_key *key)
{
	struct abl_value now;

	abl_values_get(v->config, key, &now);
	return !strcmp(now.choice, "none");
}

/* A study of pre-training alone has nothing else to measure. */
static int check_pretrained(const struct abl_study *s, struct abl_err *err)
{
	const struct abl_key *pretraining = abl_space_role(s->space, ABL_KEY_PRETRAINING),
			     *objective = s->pretraining_only
						  ? abl_space_key(s->space, abl_study_objective(s))
						  : NULL;

	for (size_t v = 0; v < s->variant_count && objective; v++) {
		const struct abl_node *place = v ? s->source->points[v].node : s->source->tree.root;

		if (lacks(&s->variants[v], pretraining))
			return abl_node_fail(place, NULL, err,
					     "'%s' does no pre-training, and this study has no "
					     "tasks to measure it by",
					     s->variants[v].label);
		if (lacks(&s->variants[v], objective))
			return abl_node_fail(place, "remove it from the design, or 'exclude:' it",
					     err,
					     "'%s' has no held-out loss of '%s', by which this "
					     "study compares",
					     s->variants[v].label, objective->name);
	}
	return 0;
}

/* Settings of the baseline that do nothing in any variant are told, not hidden. */
static void note_idle(struct unfolding *u)
{
	const struct abl_placed_list *l = &u->s->source->baseline;

	for (size_t i = 0; i < l->count; i++) {
		const struct abl_key *key = l->items[i].setting.key;
		struct abl_str line = {0};
		bool active = false;

		for (size_t v = 0; !active && v < u->s->variant_count; v++)
			active = abl_values_active(u->s->variants[v].config, key);
		if (active)
			continue;
		abl_str_printf(&line, "'%s' of the baseline has no effect in this study",
			       key->name);
		add_implied(u, "baseline", line.text);
		abl_str_finish(&line);
	}
}

static void note_factorial(struct unfolding *u)
{
	if (u->s->baseline_is_no_cell)
		add_implied(u, "baseline",
			    "the baseline is no cell of the factorial: it runs beside it");
}

/* A loss that nobody says the goal of is taken for a score: that is told. */
static void note_goals(struct unfolding *u)
{
	static const char *const words[] = {"loss", "error", "perplexity", "ppl", "mse",
					    "mae",  "nll",   "latency",    "wer"};
	const struct abl_program *p = u->s->program;

	for (size_t i = 0; p && i < p->metric_count; i++) {
		struct abl_str path = {0}, line = {0};
		bool smaller = false;

		for (size_t k = 0; k < sizeof words / sizeof *words; k++)
			smaller = smaller || strcasestr(p->metrics[i].name, words[k]);
		abl_str_printf(&path, "metrics.%s.goal", p->metrics[i].name);
		abl_str_printf(&line, "more is taken for better in '%s': it has no 'goal: min'",
			       p->metrics[i].name);
		if (smaller && !abl_study_node(u->s, path.text, true))
			add_implied(u, "baseline", line.text);
		abl_str_finish(&path);
		abl_str_finish(&line);
	}
}

int abl_study_unfold(struct abl_study *s, struct abl_err *err)
{
	struct abl_study_source *r = s->source;
	struct unfolding u = {.s = s};
	size_t kept_count = 0;
	int rc = 0;

	index_init(&u.labels, r->point_count, label_text);
	index_init(&u.configs, r->point_count, config_text);
	for (size_t i = 0; !rc && i < r->point_count; i++) {
		bool kept;

		rc = unfold_point(&u, i, &kept, err);
		forget_lines(&u);
		if (!kept || rc)
			continue;
		if (kept_count != i) { /* points stay parallel to variants */
			struct abl_point swap = r->points[kept_count];

			r->points[kept_count] = r->points[i];
			r->points[i] = swap;
		}
		kept_count++;
	}
	if (!rc) {
		while (r->point_count > kept_count)
			abl_point_finish(&r->points[--r->point_count]);
		rc = check_tasks(s, err);
		rc = rc ? rc : check_pretrained(s, err);
	}
	if (!rc) {
		note_idle(&u);
		note_goals(&u);
		note_factorial(&u);
	}
	free(u.lines);
	index_finish(&u.labels);
	index_finish(&u.configs);
	return rc;
}

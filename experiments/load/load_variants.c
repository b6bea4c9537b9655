/* SPDX-License-Identifier: Apache-2.0 */
#include "load_variants.h"

#include "hint.h"
#include "load_options.h"
#include "store_load.h"
#include "study_name.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- the baseline ---- */

/* All labels: the study's, then the file's. */
static void all_labels(const struct abl_load *l, const struct abl_load_known *known,
		       struct abl_load_names *out)
{
	for (size_t i = 0; i < known->variant.count; i++)
		abl_load_names_add(out, known->variant.name[i]);
	for (size_t i = 0; i < l->runs.variant.count; i++)
		abl_load_names_add(out, l->runs.variant.name[i]);
}

static int no_baseline(const char *wanted, const struct abl_load_names *all, struct abl_err *err)
{
	const char *near = wanted ? abl_nearest(wanted, all->count, abl_load_names_at, all) : NULL;
	struct abl_str list = {0};
	int rc;

	abl_hint_names(&list, all->count, abl_load_names_at, all);
	if (!wanted)
		rc = abl_err_set(err, ABL_EINPUT,
				 "no variant is called 'baseline': say which one the others are "
				 "compared with, --baseline LABEL; there are %s",
				 list.text);
	else if (near)
		rc = abl_err_set(err, ABL_EINPUT,
				 "--baseline: no variant is called '%s'; did you mean '%s'?",
				 wanted, near);
	else
		rc = abl_err_set(err, ABL_EINPUT,
				 "--baseline: no variant is called '%s'; there are %s", wanted,
				 list.text);
	abl_str_finish(&list);
	return rc;
}

int abl_load_choose_baseline(struct abl_load *l, const struct abl_load_known *known,
			     struct abl_err *err)
{
	const char *wanted = l->request->baseline;
	struct abl_load_names all = {0};
	size_t found = SIZE_MAX;
	int rc = 0;

	all_labels(l, known, &all);
	if (wanted)
		found = abl_load_names_find(&all, abl_nfc(wanted));
	else if (known->baseline)
		found = abl_load_names_find(&all, known->baseline);
	else
		found = abl_load_names_find(&all, "baseline");
	for (size_t i = 0; !wanted && found == SIZE_MAX && i < all.count; i++)
		if (!strcasecmp(all.name[i], "baseline"))
			found = i;
	if (found == SIZE_MAX)
		rc = no_baseline(wanted, &all, err);
	else
		l->baseline = all.name[found];
	abl_load_names_finish(&all);
	return rc;
}

/* ---- kinds ---- */

/* As the designs of study files call them, and as people do. */
static const struct {
	const char *prefix;
	enum abl_variant_kind kind;
} prefixes[] = {
	{"no ", ABL_VARIANT_REMOVAL},  {"no_", ABL_VARIANT_REMOVAL},
	{"no-", ABL_VARIANT_REMOVAL},  {"without ", ABL_VARIANT_REMOVAL},
	{"w/o ", ABL_VARIANT_REMOVAL}, {"with ", ABL_VARIANT_ADDITION},
};

static struct abl_variant_row row_of(const struct abl_load *l, const char *label)
{
	struct abl_variant_row row = {.label = label, .kind = ABL_VARIANT_LIST, .subject = label};

	if (!strcmp(label, l->baseline)) {
		row.kind = ABL_VARIANT_BASELINE;
		return row;
	}
	if (!strcasecmp(label, "placebo")) {
		row.kind = ABL_VARIANT_PLACEBO;
		return row;
	}
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
		const size_t n = strlen(prefixes[i].prefix);

		if (!strncasecmp(label, prefixes[i].prefix, n) && label[n]) {
			row.kind = prefixes[i].kind;
			row.subject = label + n;
			return row;
		}
	}
	return row;
}

/* ---- writing ---- */

/* The file's runs of a variant: [*begin, *end). */
static void runs_of(const struct abl_load_runs *r, size_t variant, size_t *begin, size_t *end)
{
	size_t low = 0, high = r->count;

	while (low < high) {
		const size_t i = low + (high - low) / 2;

		if (r->run[i].variant < variant)
			low = i + 1;
		else
			high = i;
	}
	*begin = low;
	while (low < r->count && r->run[low].variant == variant)
		low++;
	*end = low;
}

/* A change of the file's numbers is none of what the variants are: options are those of the last
 * file that has them. */
int abl_load_put_variants(const struct abl_load *l, const struct abl_load_known *known,
			  struct abl_store *store, int64_t *out, struct abl_err *err)
{
	struct abl_load_names all = {0};
	int position = 1, rc = 0;

	all_labels(l, known, &all);
	for (size_t i = 0; i < all.count && !rc; i++) {
		struct abl_variant_row row = row_of(l, all.name[i]);
		const size_t its = abl_load_names_find(&l->runs.variant, all.name[i]);
		size_t begin, end;
		int64_t id;

		row.position = row.kind == ABL_VARIANT_BASELINE ? 0 : position++;
		rc = l->request->replace
			     ? abl_store_put_variant(store, l->study, &row, &id, err)
			     : abl_store_put_loaded_variant(store, l->study, &row, &id, err);
		if (rc || its == SIZE_MAX)
			continue;
		out[its] = id;
		runs_of(&l->runs, its, &begin, &end);
		rc = abl_load_put_options(l, store, begin, end, id, err);
	}
	abl_load_names_finish(&all);
	return rc;
}

/* ---- pairs ---- */

void abl_load_find_unpaired(struct abl_load *l, const struct abl_load_known *known)
{
	const struct abl_load_runs *r = &l->runs;
	struct abl_load_names seeds = {0};
	const size_t base = abl_load_names_find(&r->variant, l->baseline);
	struct abl_str seed = {0};
	size_t n = 0;

	for (size_t i = 0; i < known->baseline_seed.count; i++)
		abl_load_names_add(&seeds, known->baseline_seed.name[i]);
	for (size_t v = 0; v < r->variant.count; v++) {
		size_t begin, end, pairs = 0;
		const size_t of = !v ? base : v == base ? 0 : v; /* the baseline first */

		if (of == SIZE_MAX)
			continue;
		runs_of(r, of, &begin, &end);
		for (size_t i = begin; i < end; i++) {
			abl_str_clear(&seed);
			abl_str_printf(&seed, "%s\n%lld", r->task.name[r->run[i].task],
				       (long long)r->run[i].seed);
			if (of == base)
				abl_load_names_add(&seeds, seed.text);
			else
				pairs += abl_load_names_find(&seeds, seed.text) != SIZE_MAX;
		}
		if (of != base && !pairs && n++ < 5)
			abl_str_printf(&l->unpaired, "%s'%.60s'", n > 1 ? ", " : "",
				       r->variant.name[of]);
	}
	if (n > 5)
		abl_str_printf(&l->unpaired, " and %zu more", n - 5);
	abl_load_names_finish(&seeds);
	abl_str_finish(&seed);
}

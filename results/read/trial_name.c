/* SPDX-License-Identifier: Apache-2.0 */
#include "trial_name.h"

#include "sql.h"
#include "store.h"
#include "str.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS "t.id, y.id, y.name, v.label, t.task, t.seed, v.subject, t.plan = y.plan "
#define TRIALS \
	"FROM trial t JOIN study y ON y.id = t.study_id JOIN variant v ON v.id = t.variant_id "

enum { LISTED = 4 }; /* of several that a text can mean */

static struct abl_trial_name name_of(const struct abl_query *q)
{
	return (struct abl_trial_name){
		.trial = abl_query_int(q, 0),
		.study_id = abl_query_int(q, 1),
		.study = abl_query_text(q, 2),
		.variant = abl_query_text(q, 3),
		.task = abl_query_text(q, 4),
		.seed = abl_query_int(q, 5),
	};
}

void abl_trial_name_text(const struct abl_trial_name *name, struct abl_str *out)
{
	char seed[32];

	abl_str_printf(out, "%s/%s/%s/%s", name->study, name->variant, name->task,
		       abl_format_seed(name->seed, seed));
}

int abl_read_trial_name(struct abl_store *store, int64_t trial,
			void (*hear)(void *data, const struct abl_trial_name *name), void *data,
			struct abl_err *err)
{
	struct abl_trial_name name;
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store),
				"SELECT " COLUMNS TRIALS "WHERE t.id = ?1", err);

	if (rc)
		return rc;
	abl_query_set_int(q, 1, trial);
	rc = abl_query_step(q, err);
	if (rc == 1) {
		name = name_of(q);
		hear(data, &name);
	}
	abl_query_close(q);
	return rc;
}

/* ---- by its number ---- */

static int refuse_number(struct abl_store *store, int64_t number, struct abl_err *err)
{
	int64_t most = 0;
	const int rc = abl_sql_get(abl_store_sql(store), &most, err,
				   "SELECT coalesce(max(id), 0) FROM trial", "");

	if (rc < 0)
		return rc;
	return most ? abl_err_set(err, ABL_EINPUT,
				  "no trial %lld in the store '%s': its trials go up to %lld; "
				  "'ablate results STUDY --trials' shows them",
				  (long long)number, abl_store_folder(store), (long long)most)
		    : abl_err_set(err, ABL_EINPUT, "no trial %lld: the store '%s' has none yet",
				  (long long)number, abl_store_folder(store));
}

static int find_number(struct abl_store *store, int64_t number, int64_t *trial, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store),
				"SELECT " COLUMNS TRIALS "WHERE t.id = ?1", err);
	bool found = false;

	if (rc)
		return rc;
	abl_query_set_int(q, 1, number);
	rc = abl_query_step(q, err);
	if (rc == 1) {
		found = true;
		rc = abl_query_int(q, 7)
			     ? 0
			     : abl_err_set(err, ABL_EINPUT,
					   "trial %lld is not in study '%s' any more: its file was "
					   "changed since",
					   (long long)number, abl_query_text(q, 2));
	}
	abl_query_close(q);
	*trial = number;
	return rc || found ? rc : refuse_number(store, number, err);
}

/* ---- by the names of its parts ---- */

enum { STUDY, VARIANT, TASK, SEED, PARTS };

struct trial_parts {
	const char *part[PARTS]; /* as they are written */
	const char *subject;     /* what the variant removes, or NULL */
};
typedef bool is_same(const char *text, size_t length, const char *part);

static bool is_exactly(const char *text, size_t length, const char *part)
{
	return part && strlen(part) == length && !memcmp(text, part, length);
}

/* As a table of effects calls the variant, or in other letters. */
static bool is_alike(const char *text, size_t length, const char *part)
{
	char *word;
	bool same;

	if (!part)
		return false;
	word = abl_malloc(length + 1);
	memcpy(word, text, length);
	word[length] = '\0';
	same = abl_same_word(word, part);
	free(word);
	return same;
}

/* Whether the rest of the text can be the parts from `next` on, some of them left out. A name may
 * have a '/' itself: so it is not cut there. */
static bool fits(const char *text, const struct trial_parts *t, int next, is_same *same)
{
	if (!*text)
		return next > STUDY;
	if (next == PARTS)
		return false;
	if (*text == '/')
		return fits(text + 1, t, next + 1, same);
	for (size_t n = strcspn(text, "/");; n += 1 + strcspn(text + n + 1, "/")) {
		const char *subject = next == VARIANT && same == is_alike ? t->subject : NULL;

		if ((same(text, n, t->part[next]) || same(text, n, subject)) &&
		    fits(text + n + (text[n] == '/'), t, next + 1, same))
			return true;
		if (!text[n])
			break;
	}
	return fits(text, t, next + 1, same);
}

struct search {
	const char *text;
	size_t found;
	int64_t trial;         /* the first of them */
	struct abl_str listed; /* the first ones */
	const char **name;     /* [names] of studies, variants and tasks, interned */
	size_t names, capacity;
};

static void note_name(struct search *s, const char *name)
{
	const char *own = abl_intern(name);

	for (size_t i = s->names; i-- > 0;)
		if (s->name[i] == own)
			return;
	abl_grow(&s->name, &s->capacity, s->names + 1, sizeof *s->name);
	s->name[s->names++] = own;
}

static void note_found(struct search *s, const struct abl_trial_name *name)
{
	if (!s->found++)
		s->trial = name->trial;
	if (s->found > LISTED)
		return;
	abl_str_printf(&s->listed, "%s%lld (", s->listed.length ? ", " : "",
		       (long long)name->trial);
	abl_trial_name_text(name, &s->listed);
	abl_str_puts(&s->listed, ")");
}

/* Looks at every trial of the studies' last plans. */
static int look(struct abl_store *store, struct search *s, is_same *same, struct abl_err *err)
{
	struct abl_query *q;
	int rc =
		abl_query_open(&q, abl_store_sql(store),
			       "SELECT " COLUMNS TRIALS "AND v.plan = y.plan WHERE t.plan = y.plan "
			       "ORDER BY y.id, v.position, v.id, t.task, t.seed",
			       err);

	if (rc)
		return rc;
	while ((rc = abl_query_step(q, err)) == 1) {
		const struct abl_trial_name name = name_of(q);
		char seed[32];
		const struct trial_parts parts = {
			.part = {name.study, name.variant, name.task,
				 abl_format_seed(name.seed, seed)},
			.subject = abl_query_text(q, 6),
		};

		if (fits(s->text, &parts, STUDY, same))
			note_found(s, &name);
		if (same == is_alike) /* the last look: for the words of a message */
			for (int i = STUDY; i < SEED; i++)
				note_name(s, parts.part[i]);
	}
	abl_query_close(q);
	return rc;
}

static const char *name_at(size_t i, const void *data)
{
	return ((const struct search *)data)->name[i];
}

static bool is_known(const struct search *s, const char *word)
{
	for (size_t i = 0; i < s->names; i++)
		if (abl_same_word(s->name[i], word))
			return true;
	return false;
}

/* The name that a part of the text is near to, if that part is none itself; interned. */
static const char *nearest(const struct search *s)
{
	const char *near = NULL;

	for (const char *p = s->text; *p && !near;) {
		const size_t n = strcspn(p, "/");
		struct abl_str word = {0};
		int64_t seed;

		abl_str_add(&word, p, n);
		if (n && !is_known(s, word.text) && !abl_parse_seed(word.text, &seed))
			near = abl_nearest(word.text, s->names, name_at, s);
		abl_str_finish(&word);
		p += n + (p[n] == '/');
	}
	return near;
}

static int refuse(struct abl_store *store, const struct search *s, struct abl_err *err)
{
	const char *near;

	if (s->found > LISTED)
		return abl_err_set(err, ABL_EINPUT,
				   "'%s' are %zu trials: %s, and %zu more; name one by its number, "
				   "or by more of STUDY/VARIANT/TASK/SEED",
				   s->text, s->found, s->listed.text, s->found - LISTED);
	if (s->found)
		return abl_err_set(err, ABL_EINPUT,
				   "'%s' are %zu trials: %s; name one by its number", s->text,
				   s->found, s->listed.text);
	near = nearest(s);
	return abl_err_set(err, ABL_EINPUT,
			   "no trial '%s' in the store '%s'%s%s%s; a trial is a number of the "
			   "column 'trial' of 'ablate results STUDY --trials', or "
			   "STUDY/VARIANT/TASK/SEED",
			   s->text, abl_store_folder(store), near ? "; did you mean '" : "",
			   near ? near : "", near ? "'?" : "");
}

int abl_trial_find(struct abl_store *store, const char *text, int64_t *trial, struct abl_err *err)
{
	struct search s = {.text = text};
	int64_t number;
	int rc;

	if (abl_parse_int(text, &number))
		return find_number(store, number, trial, err);
	rc = look(store, &s, is_exactly, err);
	if (!rc && !s.found)
		rc = look(store, &s, is_alike, err);
	if (!rc && s.found != 1)
		rc = refuse(store, &s, err);
	*trial = s.trial;
	abl_str_finish(&s.listed);
	free(s.name);
	return rc;
}

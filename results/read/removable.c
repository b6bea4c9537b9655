/* SPDX-License-Identifier: Apache-2.0 */
#include "removable.h"

#include "sql.h"
#include "store.h"
#include "str.h"
#include "study_query.h"

#include <stdlib.h>
#include <string.h>

static int find_study(struct abl_store *store, const char *name, int64_t *id, struct abl_err *err)
{
	return abl_sql_get(abl_store_sql(store), id, err, "SELECT id FROM study WHERE name = ?",
			   "t", name);
}

static const char *name_at(size_t i, const void *data)
{
	return ((const char *const *)data)[i];
}

struct labels {
	const char **name;
	size_t count, capacity;
};

static int read_labels(struct abl_store *store, int64_t study, struct labels *out,
		       struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_of_study(&q, store, "SELECT label FROM variant WHERE study_id = ?1",
				    study, err);

	if (rc)
		return rc;
	while ((rc = abl_query_step(q, err)) == 1) {
		abl_grow(&out->name, &out->capacity, out->count + 1, sizeof *out->name);
		out->name[out->count++] = abl_intern(abl_query_text(q, 0));
	}
	abl_query_close(q);
	return rc;
}

static int no_variant(struct abl_store *store, int64_t study, const char *label,
		      struct abl_err *err)
{
	struct labels labels = {0};
	int rc = read_labels(store, study, &labels, err);
	const char *near = rc ? NULL : abl_nearest(label, labels.count, name_at, labels.name);

	free(labels.name);
	if (rc)
		return rc;
	return abl_err_set(err, ABL_EINPUT, "the study has no variant '%s'%s%s%s", label,
			   near ? "; did you mean '" : ": 'ablate ls STUDY' lists them",
			   near ? near : "", near ? "'?" : "");
}

static int find_variant(struct abl_store *store, const char *label, struct abl_removable *out,
			struct abl_err *err)
{
	struct abl_sql *sql = abl_store_sql(store);
	int64_t is_baseline = 0;
	int rc = abl_sql_get(sql, &out->variant, err,
			     "SELECT id FROM variant WHERE study_id = ? AND label = ?", "it",
			     out->study, label);

	if (rc <= 0)
		return rc ? rc : no_variant(store, out->study, label, err);
	rc = abl_sql_get(sql, &is_baseline, err,
			 "SELECT v.kind = 'baseline' AND v.plan = y.plan FROM variant v JOIN study "
			 "y ON y.id = v.study_id WHERE v.id = ?",
			 "i", out->variant);
	if (rc > 0 && is_baseline)
		return abl_err_set(err, ABL_EINPUT,
				   "'%s' is the baseline, which the other variants are compared "
				   "with: it goes with its study only",
				   label);
	return rc < 0 ? rc : 0;
}

int abl_removable_find(struct abl_store *store, const char *word, struct abl_removable *out,
		       struct abl_err *err)
{
	char *name = abl_strdup(word), *slash = NULL;
	int rc;

	*out = (struct abl_removable){0};
	rc = find_study(store, word, &out->study, err);
	/* names of studies and of variants may have slashes in them: the longest study wins */
	while (!rc && (slash = strrchr(name, '/'))) {
		*slash = '\0';
		rc = find_study(store, name, &out->study, err);
	}
	if (rc > 0)
		rc = slash ? find_variant(store, word + strlen(name) + 1, out, err) : 0;
	else if (!rc)
		rc = abl_store_find_study(store, name, &out->study, err);
	free(name);
	return rc;
}

int abl_read_confirmers(struct abl_store *store, int64_t study,
			void (*hear)(void *data, int64_t study, const char *name), void *data,
			struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_of_study(&q, store,
				    "SELECT o.id, o.name FROM study y JOIN study_rule r ON "
				    "r.name = 'confirms' AND r.value = y.name "
				    "JOIN study o ON o.id = r.study_id WHERE y.id = ?1",
				    study, err);

	if (rc)
		return rc;
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, abl_query_int(q, 0), abl_query_text(q, 1));
	abl_query_close(q);
	return rc;
}

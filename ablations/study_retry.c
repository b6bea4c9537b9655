/* SPDX-License-Identifier: Apache-2.0 */
/* study_retry.c - what a study says about trying failed stages again. */
#include "node_value.h"
#include "study_source.h"

#include <string.h>

#define BREAKER 5

static void retry_all(struct abl_study *s, int64_t tries)
{
#define RETRY(key, cause, its, pause, growth, help) s->retry.key = tries;
#include "retries.def"
#undef RETRY
}

void abl_study_default_retry(struct abl_study *s)
{
	s->retry = (struct abl_study_retry){
#define RETRY(key, cause, tries, pause, growth, help) .key = (tries),
#include "retries.def"
#undef RETRY
		.breaker = BREAKER};
}

/* What would be the same again is no cause to try it. */
static int refuse(const struct abl_node *map, struct abl_err *err)
{
	static const struct {
		const char *key, *why;
	} never[] = {
		{"diverged",
		 "a run that diverged would diverge again, bit for bit: it is a result"},
		{"data",
		 "a file that is not as it should be is so the next time, too: mend it, then "
		 "'ablate run STUDY --retry data'"},
	};
	const struct abl_node *value;

	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		if (map->kind == ABL_NODE_MAP && (value = abl_node_get(map, never[i].key)))
			return abl_node_fail(value, "remove it", err,
					     "'%s' is never tried again: %s", never[i].key,
					     never[i].why);
	return 0;
}

int abl_study_read_retry(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	static const struct abl_option row = {
		.name = "retry", .type = ABL_INT, .min = 0, .max = 1000};
	struct abl_value v;

	if (n->kind != ABL_NODE_SCALAR) {
		int rc = refuse(n, err);

		return rc ? rc : abl_study_read_fields(s, n, "retry.", err);
	}
	if (abl_node_option(n, &row, row.name,
			    "a number for all causes, or a map: {crash: 1, lost: 3}", &v, err))
		return ABL_EINPUT;
	retry_all(s, v.i);
	return 0;
}

int abl_study_read_breaker(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	static const struct abl_option row = {.name = "breaker",
					      .type = ABL_INT,
					      .offset = offsetof(struct abl_study, retry.breaker),
					      .min = 2,
					      .max = 1000};

	if (n->kind == ABL_NODE_SCALAR && !strcmp(n->text, "off")) {
		s->retry.breaker = 0;
		return 0;
	}
	return abl_study_read_option(s, &row, n, err);
}

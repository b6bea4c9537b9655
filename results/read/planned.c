/* SPDX-License-Identifier: Apache-2.0 */
#include "planned.h"

#include "rules.h"
#include "sql.h"
#include "store.h"

#include <string.h>

int abl_read_planned(struct abl_store *store, int64_t study, struct abl_planned *out,
		     struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store),
				"SELECT count(DISTINCT seed), "
				"sum(state IN ('waiting', 'running')), "
				"sum(state = 'done') FROM trial_states WHERE study_id = ?1",
				err);

	*out = (struct abl_planned){0};
	if (rc)
		return rc;
	abl_query_set_int(q, 1, study);
	rc = abl_query_step(q, err);
	if (rc == 1)
		*out = (struct abl_planned){abl_query_int(q, 0), abl_query_int(q, 1),
					    abl_query_int(q, 2)};
	abl_query_close(q);
	return rc < 0 ? rc : 0;
}

static void take_rule(void *data, const char *name, const char *subject, const char *value)
{
	struct abl_confirmation *c = data;

	(void)subject;
	if (!strcmp(name, ABL_RULE_CONFIRMS))
		abl_str_puts(&c->of, value);
	else if (!strcmp(name, ABL_RULE_AFTER) && !abl_parse_int(value, &c->seeds_after))
		c->seeds_after = 0;
}

int abl_read_confirmation(struct abl_store *store, int64_t study, struct abl_confirmation *out,
			  struct abl_err *err)
{
	*out = (struct abl_confirmation){0};
	return abl_read_rules(store, study, take_rule, out, err);
}

int abl_read_last_seed(struct abl_store *store, int64_t study, int64_t *out, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store),
				"SELECT coalesce(max(iif(seed > 1000000, seed / 1000000, seed)), "
				"0) FROM trial WHERE study_id = ?1",
				err);

	*out = 0;
	if (rc)
		return rc;
	abl_query_set_int(q, 1, study);
	rc = abl_query_step(q, err);
	if (rc == 1)
		*out = abl_query_int(q, 0);
	abl_query_close(q);
	return rc < 0 ? rc : 0;
}

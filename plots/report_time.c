/* SPDX-License-Identifier: Apache-2.0 */
/* report_time.c - what the plan expected, and what it took. */
#include "html.h"
#include "report_parts.h"
#include "spending.h"
#include "table.h"

#include <math.h>
#include <stdio.h>

struct time {
	struct abl_table *table;
	struct abl_spending sum;
	bool any; /* something was expected */
};

static double both(double a, double b)
{
	return isnan(a) ? b : isnan(b) ? a : a + b;
}

static void put_seconds(struct abl_table *t, double seconds)
{
	char text[32];

	abl_table_real(t, seconds, abl_format_duration(seconds, text));
}

static void put_row(struct abl_table *t, const struct abl_spending *s)
{
	char text[32];

	abl_table_text(t, s->stage);
	abl_table_int(t, s->stages);
	abl_table_int(t, s->done);
	abl_table_int(t, s->earlier);
	put_seconds(t, s->expected);
	put_seconds(t, s->taken);
	abl_table_real(t, s->expected_took / s->expected,
		       abl_format_percent(s->expected_took / s->expected - 1, text));
	put_seconds(t, s->lost);
	put_seconds(t, s->left);
}

static void add(void *data, const struct abl_spending *s)
{
	struct time *t = data;

	put_row(t->table, s);
	t->any |= isfinite(s->expected);
	t->sum.stages += s->stages, t->sum.done += s->done, t->sum.earlier += s->earlier;
	t->sum.expected = both(t->sum.expected, s->expected);
	t->sum.expected_took = both(t->sum.expected_took, s->expected_took);
	t->sum.taken = both(t->sum.taken, s->taken);
	t->sum.lost = both(t->sum.lost, s->lost);
	t->sum.left = both(t->sum.left, s->left);
}

static int put_clock(struct abl_page *p, const struct time *t, struct abl_err *err)
{
	double seconds = NAN;
	int64_t starts = 0;
	char text[32];
	int rc = abl_read_clock(p->store, p->id, &seconds, &starts, err);

	if (rc)
		return rc;
	if (isfinite(seconds))
		abl_str_printf(&p->html,
			       "<p>By the clock: %s in %lld start%s, pauses between them not "
			       "counted.</p>\n",
			       abl_format_duration(seconds, text), (long long)starts,
			       abl_plural(starts));
	if (!t->any)
		abl_str_puts(&p->html, "<p class=\"soft\">The plan had no expectation: nothing of "
				       "the kind had run here before.</p>\n");
	if (t->sum.earlier)
		abl_str_puts(&p->html, "<p class=\"soft\">\"reused\": computed by another study "
				       "before, so they cost nothing here.</p>\n");
	abl_str_puts(&p->html, "<p class=\"soft\">'ablate plan' tells what they are worth, where "
			       "the study has 'limits: {price: 0.12 per core-hour}'.</p>\n");
	return 0;
}

int abl_report_time(struct abl_page *p, struct abl_err *err)
{
	static const char *const columns[] = {"stage", "stages",     "done", "reused", "expected",
					      "taken", "difference", "lost", "left"};
	struct time t = {.table = abl_table_create(),
			 .sum = {.stage = "all",
				 .expected = NAN,
				 .expected_took = NAN,
				 .taken = NAN,
				 .lost = NAN,
				 .left = NAN}};
	int rc;

	if (p->facts.loaded) { /* by another program: nothing was planned here */
		abl_table_destroy(t.table);
		return 0;
	}
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		abl_table_column(t.table, columns[i], i > 0);
	rc = abl_read_spending(p->store, p->id, add, &t, err);
	if (!rc && t.sum.stages) {
		put_row(t.table, &t.sum);
		abl_str_puts(&p->html,
			     "<p class=\"soft\">Seconds of the processor: those that were expected "
			     "of what is done, those it took, those of attempts that failed, and "
			     "those expected of what is left.</p>\n");
		abl_html_table(&p->html, t.table, "Time of each kind of stage against the plan");
		rc = put_clock(p, &t, err);
	}
	abl_table_destroy(t.table);
	return rc;
}

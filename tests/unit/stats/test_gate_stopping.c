/* SPDX-License-Identifier: Apache-2.0 */
/* The size of the t test where units are added until the widest interval is narrow enough, by the
 * function that decides it in a run. */
#include "gate.h"
#include "run_case.h"
#include "stats.h"
#include "stopping.h"

#include <math.h>
#include <stdbool.h>

enum { MOST = 30, START = 8, ROWS = 4 };

/* One study without effects: rows are differences to one baseline. The units that it took; *hits
 * gets the rows whose p is at most .05, *missed those whose interval lacks the truth. */
static int64_t study(struct gate_stream *s, size_t rows, double until, int *hits, int *missed)
{
	double d[ROWS][MOST];
	int64_t have = 0, n = START, next = START;

	do {
		double widest = 0;

		n = next;
		for (; have < n; have++) {
			const double base = gate_normal(s);

			for (size_t r = 0; r < rows; r++)
				d[r][have] = (gate_normal(s) - base) / sqrt(2);
		}
		*hits = *missed = 0;
		for (size_t r = 0; r < rows; r++) {
			struct abl_t_test t;

			abl_stats_t(d[r], (size_t)n, .05, &t);
			widest = fmax(widest, (t.high - t.low) / 2);
			*hits += t.p <= .05;
			*missed += t.low > 0 || t.high < 0;
		}
		next = abl_stopping_next(n, widest, until, MOST);
	} while (next > n);
	return n;
}

static void gate(size_t rows, double until, double most, const char *name)
{
	const double studies = 15000;
	struct gate_stream s = gate_open(name);
	double flagged = 0, missed = 0, units = 0, full = 0;
	char what[120];

	for (double i = 0; i < studies; i++) {
		int hits, out;
		const int64_t n = study(&s, rows, until, &hits, &out);

		flagged += hits / (double)rows;
		missed += out / (double)rows;
		units += (double)n;
		full += n == MOST;
	}
	printf("# until %g sd, %zu rows: %.1f units on average, %.3f of the studies at the most\n",
	       until, rows, units / studies, full / studies);
	snprintf(what, sizeof what, "size of fixed-width stopping, until %g sd, %zu rows", until,
		 rows);
	gate_share(what, flagged, studies, .045, most);
	snprintf(what, sizeof what, "coverage at the end, until %g sd, %zu rows", until, rows);
	gate_share(what, studies - missed, studies, 1 - most, .955);
}

/* Where far more are needed than there were at first, the spread has had many a chance to look
 * small. */
START_TEST(test_gate__one_row)
{
	gate(1, .9, .06, "stopping of one row");
	gate(1, .8, .06, "stopping of one row");
	gate(1, .65, .06, "stopping of one row");
	gate(1, .47, .073, "stopping of one row");
}
END_TEST

START_TEST(test_gate__widest_of_rows)
{
	gate(ROWS, .8, .06, "stopping by the widest");
	gate(ROWS, .635, .06, "stopping by the widest");
	gate(ROWS, .533, .06, "stopping by the widest");
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("gate_stopping");

	tcase_set_timeout(c, 600);
	tcase_add_test(c, test_gate__one_row);
	tcase_add_test(c, test_gate__widest_of_rows);
	return run_case(c, "gate_stopping");
}

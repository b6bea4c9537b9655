/* SPDX-License-Identifier: Apache-2.0 */
/* `test_plots --make FOLDER` makes the store of plot_store.h and ends: for the scripts in cli/. */
#include "figure.h"
#include "files.h"
#include "gnuplot.h"
#include "plot_store.h"
#include "report.h"
#include "store.h"
#include "run_case.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/ablate-plots-XXXXXX";
static char *store_path, *out_path;
static struct abl_store *store;
static struct abl_err err;

#define ok(call)                                                            \
	do {                                                                \
		int code_;                                                  \
		err = (struct abl_err){0};                                  \
		code_ = (call);                                             \
		ck_assert_msg(!code_, "%s: %d %s", #call, code_, err.text); \
	} while (0)
#define fails(call, code)                     \
	do {                                  \
		err = (struct abl_err){0};    \
		ck_assert_int_eq(call, code); \
	} while (0)

/* A file of the output folder; the caller finishes. */
static struct abl_str contents(const char *name)
{
	struct abl_str text = {0};
	char *path = abl_path_join(out_path, name);

	ok(abl_file_read(path, &text, 1 << 24, &err));
	free(path);
	return text;
}

static bool exists(const char *name)
{
	char *path = abl_path_join(out_path, name);
	bool found = abl_file_exists(path);

	free(path);
	return found;
}

static void draw(const char *study, const char *name, struct abl_str *absent)
{
	const struct abl_figure *figure;

	ok(abl_figure_find(&figure, name, &err));
	ok(abl_figure_draw(store, figure,
			   &(struct abl_figure_request){.study = study, .folder = out_path}, absent,
			   NULL, &err));
}

START_TEST(test_figure__unknown_names)
{
	const struct abl_figure *figure;

	fails(abl_figure_find(&figure, "curvs", &err), ABL_EINPUT);
	ck_assert(strstr(err.text, "did you mean 'curves'"));
}
END_TEST

START_TEST(test_gnuplot__its_words_are_passed_on)
{
	char *path = abl_path_join(folder, "bad.gp");

	ok(abl_file_write(path, "plot nonsense\n", 14, &err));
	fails(abl_gnuplot_run(folder, "bad.gp", &err), ABL_EFAIL);
	ck_assert_msg(strstr(err.text, "bad.gp") &&
			      strstr(err.text, "undefined variable: nonsense"),
		      "%s", err.text);
	free(path);
}
END_TEST

static void expect_pdf_and_csv(const char *name)
{
	struct abl_str file = {0}, text;

	abl_str_printf(&file, "%s.pdf", name);
	text = contents(file.text);
	ck_assert(text.length > 2000 && !memcmp(text.text, "%PDF", 4));
	abl_str_finish(&text), abl_str_clear(&file);
	abl_str_printf(&file, "%s.csv", name);
	text = contents(file.text);
	ck_assert(!strncmp(text.text, "panel,series,", 13) && !strstr(text.text, "nan"));
	abl_str_finish(&text), abl_str_finish(&file);
}

/* Every figure of every study either says why not or leaves four files that are what they should
 * be. */
START_TEST(test_figure__all_templates_run)
{
	static const char *const studies[] = {"removals", "sizes", "rates", "names", "waiting"};
	int drawn = 0;

	for (size_t i = 0; i < sizeof studies / sizeof *studies; i++)
		for (size_t f = 0; f < abl_figure_count(); f++) {
			const char *name = abl_figure_at(f)->name;
			struct abl_str absent = {0}, png = {0}, svg = {0}, file = {0};

			draw(studies[i], name, &absent);
			abl_str_printf(&file, "%s.png", name);
			ck_assert_msg(exists(file.text) == !absent.length, "%s %s", studies[i],
				      name);
			if (!absent.length) {
				png = contents(file.text);
				ck_assert(png.length > 5000 &&
					  !memcmp(png.text, "\x89PNG\r\n\x1a\n", 8));
				abl_str_clear(&file);
				abl_str_printf(&file, "%s.svg", name);
				svg = contents(file.text);
				ck_assert(strstr(svg.text, "<svg") && strstr(svg.text, "</svg>") &&
					  strstr(svg.text, "n = "));
				ck_assert(strstr(svg.text, "prefers-color-scheme: dark") &&
					  !strstr(svg.text, "<title>Gnuplot</title>"));
				expect_pdf_and_csv(name);
				drawn++;
			}
			abl_str_finish(&absent), abl_str_finish(&png), abl_str_finish(&svg),
				abl_str_finish(&file);
		}
	ck_assert_int_ge(drawn, 2 + 4 + 3 + 3); /* a new figure draws more */
}
END_TEST

START_TEST(test_figure__effects_are_sorted_and_told_apart)
{
	struct abl_str absent = {0}, dat;
	const char *order[] = {"no positions", "no segments", "placebo", "no special tokens"};
	double effect, low, high, last = -1;
	int apart, n, found = 0;
	const char *at;

	draw("removals", "effects", &absent);
	dat = contents("effects.dat");
	at = dat.text;
	for (size_t i = 0; i < 4; i++) {
		char *end = strstr(at, order[i]);

		ck_assert_msg(end, "%s is not where it should be", order[i]);
		end = strchr(strchr(end, '\n') + 1, '\n') + 1;
		ck_assert_int_eq(sscanf(end, "%lf %lf %lf %d %d", &effect, &low, &high, &apart, &n),
				 5);
		ck_assert(effect >= last && low < effect && effect < high && n >= 7);
		ck_assert_int_eq(apart, i < 2);
		last = effect, at = end, found++;
	}
	ck_assert_int_eq(found, 4);
	ck_assert_double_eq_tol(last, .001, .02);
	abl_str_finish(&absent), abl_str_finish(&dat);
}
END_TEST

/* heads follows from hidden and parts no line; dropout does. */
START_TEST(test_figure__lines_of_a_sweep)
{
	struct abl_str absent = {0}, dat;
	int rows = 0;

	draw("sizes", "scaling", &absent);
	dat = contents("scaling.dat");
	ck_assert(strstr(dat.text, "# sst2: dropout=0.1\n") &&
		  strstr(dat.text, "# sst2: dropout=0.3\n"));
	ck_assert(!strstr(dat.text, "heads"));
	for (const char *line = dat.text; line;
	     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		rows += *line >= '0' && *line <= '9';
	ck_assert_int_eq(rows, 2 * 6 * 5);
	ck_assert(strstr(dat.text, "# pre-training, held-out documents: dropout=0.1\n"));
	abl_str_finish(&absent), abl_str_finish(&dat);
}
END_TEST

/* Each size at its own rate: the rate belongs to the size, and the caption says so. */
START_TEST(test_figure__a_rate_for_each_size)
{
	struct abl_str absent = {0}, text;

	draw("recipes", "scaling", &absent);
	text = contents("scaling.dat");
	ck_assert(strstr(text.text, "# sst2: all\n") && !strstr(text.text, "learning_rate"));
	abl_str_finish(&text);
	text = contents("scaling.gp");
	ck_assert(strstr(text.text, "With parameters change:") &&
		  strstr(text.text, "learning_rate."));
	abl_str_finish(&absent), abl_str_finish(&text);
}
END_TEST

/* Variants that change nothing in pre-training share it: one line for them all. */
START_TEST(test_figure__shared_stages_are_drawn_once)
{
	struct abl_str absent = {0}, dat;

	draw("removals", "curves", &absent);
	dat = contents("curves.dat");
	ck_assert(strstr(dat.text, "# pre-training: training loss: no segments\n"));
	ck_assert(!strstr(dat.text, "# pre-training: training loss: placebo\n"));
	ck_assert(strstr(dat.text, "# rte: training loss: placebo\n"));
	ck_assert(strstr(dat.text, "# sst2: dev_accuracy: no positions\n"));
	abl_str_finish(&absent), abl_str_finish(&dat);
}
END_TEST

/* One seed of five thousand million: it is in no mean, and the axis is that of the others. */
START_TEST(test_figure__a_diverging_seed_stands_beside)
{
	struct abl_str absent = {0}, dat;

	draw("removals", "curves", &absent);
	dat = contents("curves.dat");
	ck_assert(strstr(dat.text, "# rte: training loss: no positions (7 of 8)\n"));
	ck_assert(!strstr(dat.text, "e9") && !strstr(dat.text, "e11") &&
		  !strstr(dat.text, "000000"));
	abl_str_finish(&dat);
	dat = contents("curves.gp");
	ck_assert(strstr(dat.text, "n = 7 to 8 seeds per point of a line."));
	ck_assert(strstr(dat.text, "band: 95 % t interval of the mean"));
	ck_assert(strstr(dat.text, "chance[1] = NaN\n") && strstr(dat.text, "chance[4] = 0.509"));
	ck_assert(strstr(dat.text, "end_of[1] = 0\n")); /* no score, a cross, the final score */
	ck_assert(strstr(dat.text, "] = 1\nrows") && strstr(dat.text, "] = 2\nrows"));
	abl_str_finish(&absent), abl_str_finish(&dat);
}
END_TEST

START_TEST(test_figure__what_failed_is_shown)
{
	struct abl_str absent = {0}, text;

	draw("hard", "effects", &absent);
	text = contents("effects.gp");
	ck_assert(strstr(text.text, "'all 3 seeds failed'"));
	ck_assert(strstr(text.text, "'hidden=96'"));
	ck_assert(strstr(text.text, "settings with"));
	abl_str_finish(&text);
	draw("hard", "curves", &absent);
	text = contents("curves.gp");
	ck_assert(strstr(text.text, "'rte: dev_accuracy on 100 of 277 dev examples'"));
	abl_str_finish(&text);
	/* more is counted than there are examples, as of passages that are cut */
	draw("rates", "curves", &absent);
	text = contents("curves.gp");
	ck_assert(strstr(text.text, "'rte: dev_accuracy on 100 of 277 dev examples'"));
	ck_assert(strstr(text.text, "'sst2: dev_accuracy on 100 of 1,000 dev'"));
	ck_assert(strstr(text.text, "'sequences'")); /* the title's second line */
	abl_str_finish(&text);
	draw("removals", "effects", &absent);
	text = contents("effects.gp");
	ck_assert(strstr(text.text, "]  n = 7  1 failed'"));
	abl_str_finish(&text);
	draw("hard", "scaling", &absent);
	ck_assert_str_eq(absent.length ? absent.text : "", "");
	text = contents("scaling.dat");
	ck_assert(strstr(text.text, "\tNaN\tNaN\tNaN\tNaN\tNaN\n"));
	abl_str_finish(&text);
	text = contents("scaling.gp");
	ck_assert(strstr(text.text, "A line is broken") && strstr(text.text, "hidden=96."));
	abl_str_finish(&absent), abl_str_finish(&text);
}
END_TEST

START_TEST(test_figure__names_are_only_text)
{
	struct abl_str absent = {0}, svg;

	draw("names", "effects", &absent);
	svg = contents("effects.svg");
	ck_assert(strstr(svg.text, "a&lt;b"));
	ck_assert(!strstr(svg.text, "a<b>"));
	ck_assert(!exists("pwned"));
	abl_str_finish(&absent), abl_str_finish(&svg);
}
END_TEST

START_TEST(test_figure__what_does_not_apply_is_not_left_behind)
{
	struct abl_str absent = {0};

	draw("rates", "sensitivity", &absent);
	ck_assert(!absent.length && exists("sensitivity.png"));
	draw("removals", "sensitivity", &absent);
	ck_assert_str_eq(absent.text, "no numeric option varies in this study");
	ck_assert(!exists("sensitivity.png") && !exists("sensitivity.gp"));
	abl_str_finish(&absent);
}
END_TEST

START_TEST(test_figure__folder_stays_in_the_store)
{
	char *path = abl_figure_folder("store", "../../etc/x");

	ck_assert_str_eq(path, "store/plots/_._.._etc_x");
	free(path);
}
END_TEST

START_TEST(test_figure__bad_requests)
{
	struct abl_figure_request r = {.study = "rates", .folder = out_path, .option = "dropout"};
	struct abl_str absent = {0};
	const struct abl_figure *figure;

	ok(abl_figure_find(&figure, "sensitivity", &err));
	fails(abl_figure_draw(store, figure, &r, &absent, NULL, &err), ABL_EINPUT);
	ck_assert(strstr(err.text, "'dropout'") && strstr(err.text, "learning_rate"));
	r.option = NULL, r.metric = "acuracy";
	fails(abl_figure_draw(store, figure, &r, &absent, NULL, &err), ABL_EINPUT);
	ck_assert(strstr(err.text, "'acuracy'") && strstr(err.text, "accuracy, "));
	r.study = "none";
	fails(abl_figure_draw(store, figure, &r, &absent, NULL, &err), ABL_EINPUT);
	abl_str_finish(&absent);
}
END_TEST

START_TEST(test_report__is_one_page)
{
	static const char *const wanted[] = {"id=\"effects\"",
					     "id=\"figures\"",
					     "id=\"scores\"",
					     "id=\"failures\"",
					     "id=\"configuration\"",
					     "id=\"provenance\"",
					     "id=\"repeat\"",
					     "removal hurts",
					     "no difference seen",
					     "logs/removals-finetune-v3-t0-s8.log",
					     "diverged at step 180",
					     "<bdi>segments</bdi>: <bdi>none</bdi>",
					     "0123456789abcdef",
					     "&#39;studies/my study.yaml&#39;",
					     "data:image/svg+xml;base64,",
					     "<li>sensitivity: "};
	char *file = abl_path_join(folder, "page.html");
	struct abl_str path = {0}, page = {0};
	const char *row;

	ok(abl_report_write(store, "removals", file, NULL, &path, &err));
	ck_assert_str_eq(path.text, file);
	ok(abl_file_read(file, &page, 1 << 26, &err));
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		ck_assert_msg(strstr(page.text, wanted[i]), "no %s", wanted[i]);
	row = strstr(page.text, "<span>placebo</span></th><td"); /* its p stands in its verdict */
	ck_assert_ptr_nonnull(row);
	row = strstr(row, "data-of=\"p corrected\"><span>");
	ck_assert(row && !strncmp(strchr(row, '>') + 1, "<span>–<", strlen("<span>–<")));
	ck_assert(!strstr(page.text, "http:") && !strstr(page.text, "https:") &&
		  !strstr(page.text, "<link"));
	abl_str_clear(&page);
	ok(abl_report_write(store, "names", file, NULL, NULL, &err));
	ok(abl_file_read(file, &page, 1 << 26, &err));
	ck_assert(strstr(page.text, "&lt;script&gt;alert(&#39;no&#39;)") &&
		  !strstr(page.text, "<script>"));
	ck_assert(strstr(page.text, "a&lt;b&gt; &amp; &quot;it&#39;s&quot;"));
	abl_str_clear(&page);
	ok(abl_report_write(store, "waiting", file, NULL, NULL,
			    &err)); /* nothing done yet is no error */
	ok(abl_file_read(file, &page, 1 << 26, &err));
	ck_assert(strstr(page.text, "2 waiting") || strstr(page.text, "4 waiting"));
	abl_str_finish(&path), abl_str_finish(&page);
	free(file);
}
END_TEST

static int run(bool gnuplot)
{
	TCase *c = tcase_create("plots");

	tcase_set_timeout(c, 120);
	tcase_add_test(c, test_figure__unknown_names);
	tcase_add_test(c, test_figure__folder_stays_in_the_store);
	tcase_add_test(c, test_figure__bad_requests);
	if (gnuplot) {
		tcase_add_test(c, test_gnuplot__its_words_are_passed_on);
		tcase_add_test(c, test_figure__all_templates_run);
		tcase_add_test(c, test_figure__effects_are_sorted_and_told_apart);
		tcase_add_test(c, test_figure__lines_of_a_sweep);
		tcase_add_test(c, test_figure__a_rate_for_each_size);
		tcase_add_test(c, test_figure__shared_stages_are_drawn_once);
		tcase_add_test(c, test_figure__a_diverging_seed_stands_beside);
		tcase_add_test(c, test_figure__what_failed_is_shown);
		tcase_add_test(c, test_figure__names_are_only_text);
		tcase_add_test(c, test_figure__what_does_not_apply_is_not_left_behind);
		tcase_add_test(c, test_report__is_one_page);
	} else {
		fprintf(stderr, "SKIP: gnuplot is not installed, so nothing is drawn\n");
	}
	return run_case(c, "plots");
}

int main(int argc, char **argv)
{
	int failed = 1;

	if (argc == 3 && !strcmp(argv[1], "--make")) {
		if (!plot_store_make(argv[2], &err))
			return 0;
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	if (!mkdtemp(folder))
		return 1;
	store_path = abl_path_join(folder, "store");
	out_path = abl_path_join(folder, "out");
	if (!plot_store_make(store_path, &err) &&
	    !abl_store_open(&store, store_path, ABL_STORE_READ, &err))
		failed = run(!system("gnuplot --version >/dev/null 2>&1"));
	else
		fprintf(stderr, "%s\n", err.text);
	abl_store_close(store);
	free(store_path), free(out_path);
	return abl_remove_tree(folder, &err) || failed;
}

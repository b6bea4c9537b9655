/* SPDX-License-Identifier: Apache-2.0 */
/* test_collector.c - the numbers that a program leaves: what is told of files and printed lines,
 * and how it is said that a metric is missing. */
#include "collector.h"
#include "files.h"
#include "run_case.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FILES = 6, LINES = 6 };

static char root[] = "/tmp/ablate-collector-XXXXXX";
static char *out;

struct heard {
	struct abl_str points, results, messages;
};

static void hear_metric(void *data, int64_t step, const char *name, double value)
{
	abl_str_printf(&((struct heard *)data)->points, "%s@%lld=%.10g ", name, (long long)step,
		       value);
}

static void hear_result(void *data, const char *name, double value)
{
	abl_str_printf(&((struct heard *)data)->results, "%s=%.10g ", name, value);
}

static void hear_message(void *data, const char *text)
{
	abl_str_printf(&((struct heard *)data)->messages, "%s\n", text);
}

static struct abl_events events_of(struct heard *h)
{
	*h = (struct heard){0};
	abl_str_puts(&h->points, "");
	abl_str_puts(&h->results, "");
	abl_str_puts(&h->messages, "");
	return (struct abl_events){
		.data = h, .metric = hear_metric, .result = hear_result, .message = hear_message};
}

static void finish_heard(struct heard *h)
{
	abl_str_finish(&h->points);
	abl_str_finish(&h->results);
	abl_str_finish(&h->messages);
}

static void write_text(const char *name, const char *text)
{
	struct abl_str path = {0};
	struct abl_err err = {0};
	char *folder;

	abl_str_printf(&path, "%s/%s", out, name);
	folder = abl_path_dir(path.text);
	ck_assert_msg(!abl_mkdir_all(folder, &err), "%s", err.text);
	ck_assert_msg(!abl_file_write_passing(path.text, text, strlen(text), &err), "%s", err.text);
	free(folder);
	abl_str_finish(&path);
}

static void begin(void)
{
	struct abl_err err = {0};

	if (!out)
		ck_assert_ptr_nonnull(mkdtemp(root));
	else
		ck_assert(!abl_remove_tree(out, &err));
	free(out);
	out = abl_path_join(root, "out");
	ck_assert(!abl_mkdir_all(out, &err));
}

struct file {
	const char *name, *text;
};

/* A main metric `accuracy` of an order. */
struct the_case {
	const char *from, *step;
	bool series, best, lower;
	struct file files[FILES];
	const char *lines[LINES];
	const char *points, *results; /* exactly */
	const char *says;             /* a part of the messages, or of the failure */
	int rc;
};

static struct abl_order order_of(const struct the_case *t, struct abl_order_metric *m)
{
	*m = (struct abl_order_metric){.name = "accuracy",
				       .main = true,
				       .series = t->series,
				       .best = t->best,
				       .lower_is_better = t->lower,
				       .from = t->from,
				       .step = t->step};
	return (struct abl_order){.out = out, .metrics = m, .metric_count = 1};
}

static const struct the_case cases[] = {
	/* JSON */
	{.from = "{out}/all_results.json: eval_accuracy",
	 .files = {{"all_results.json", "\xef\xbb\xbf{\"eval_accuracy\": 0.8125, \"loss\": NaN}"}},
	 .results = "accuracy=0.8125 "},
	{.from = "{out}/results*.json: results.arc_easy.acc,none",
	 .files = {{"results_1.json", "{\"results\":{\"arc_easy\":{\"acc,none\":0.5}}}"}},
	 .results = "accuracy=0.5 "},
	{.from = "{train}/x.json: a.b.c",
	 .files = {{"x.json", "{\"a\":{\"b\":{\"d\":1}}, \"a.b\":{\"c\":\"0.25\"}}"}},
	 .results = "accuracy=0.25 "},
	{.from = "{out}/x.json",
	 .files = {{"x.json", "{\"accuracy\": true}"}},
	 .results = "accuracy=1 "},
	{.from = "{out}/x.json: [-1]['a.b'][0]",
	 .files = {{"x.json", "[{\"a.b\":[1]},{\"a.b\":[7,8]}]"}},
	 .results = "accuracy=7 "},
	{.from = "{out}/**/trainer_state.json: log_history[].eval_acc",
	 .step = "log_history[].step",
	 .series = true,
	 .files = {{"checkpoint-500/trainer_state.json",
		    "{\"global_step\":500,\"log_history\":[{\"loss\":1,\"step\":100},{\"eval_acc\":"
		    ".5,\"step\":500}]}"},
		   {"checkpoint-1000/trainer_state.json",
		    "{\"global_step\":1000,\"log_history\":[{\"eval_acc\":0.5,\"step\":500},"
		    "{\"eval_acc\":0.75,\"step\":1000}]}"}},
	 .points = "accuracy@500=0.5 accuracy@1000=0.75 ",
	 .results = "accuracy=0.75 "},
	{.from = "{out}/**/s.json: v",
	 .files = {{"checkpoint-500/s.json", "{\"v\":5}"},
		   {"checkpoint-1000/s.json", "{\"v\":10}"}},
	 .results = "accuracy=10 ",
	 .says = "2 files match '{out}/**/s.json': accuracy is read from 'checkpoint-1000/s.json'"},
	{.from = "{out}/*.json: v",
	 .files = {{"z.json", "{\"v\":5,\"step\":9}"}, {"a.json", "{\"v\":10,\"step\":10}"}},
	 .results = "accuracy=10 ",
	 .says = "which has the highest step"},
	{.from = "{out}/h.json: acc[]",
	 .best = true,
	 .series = true,
	 .files = {{"h.json", "{\"acc\":[0.1,0.9,0.2]}"}},
	 .points = "accuracy@1=0.1 accuracy@2=0.9 accuracy@3=0.2 ",
	 .results = "accuracy=0.9 "},
	{.from = "{out}/log.json: acc",
	 .files = {{"log.json", "{\"acc\":0.1}\n{\"acc\":0.2}\n{\"ac"}},
	 .results = "accuracy=0.2 "},
	{.from = "{out}/x.json: eval_accuracy",
	 .files = {{"x.json", "{\"eval_acc\": 0.5, \"eval_loss\": 1}"}},
	 .rc = ABL_EINPUT,
	 .says = "the main metric 'accuracy' is missing: 'x.json' has no 'eval_accuracy'; there is "
		 "'eval_acc', 'eval_loss': did you mean 'eval_acc'?"},
	{.from = "{out}/x.json: a",
	 .files = {{"y.json", "{\"a\": 0.5}"}},
	 .rc = ABL_EINPUT,
	 .says = "no file matches '{out}/x.json'; there is 'y.json'"},
	{.from = "{out}/x.json: a", .rc = ABL_EINPUT, .says = "the program has left no file there"},
	{.from = "{out}/x.json: a",
	 .files = {{"x.json", "{\"a\": 0.5"}},
	 .rc = ABL_EINPUT,
	 .says = "'x.json' is not JSON: line 1"},
	{.from = "{out}/x.json: a",
	 .files = {{"x.json", ""}},
	 .rc = ABL_EINPUT,
	 .says = "'x.json' is empty"},
	{.from = "{out}/x.json: a",
	 .files = {{"x.json", "{\"a\": NaN}"}},
	 .rc = ABL_EDIVERGED,
	 .says = "is no number"},
	{.from = "{out}/x.json: a",
	 .files = {{"x.json", "{\"a\": -Infinity}"}},
	 .rc = ABL_EDIVERGED,
	 .says = "is infinite"},
	/* what it prints */
	{.from = "stdout",
	 .lines = {"epoch 1 accuracy=0.25", "best_accuracy=0.99 accuracy_top5: 1", "accuracy: 0.5"},
	 .results = "accuracy=0.5 "},
	{.from = "stdout: eval_accuracy",
	 .lines = {"{'eval_loss': '0.6', 'eval_accuracy': '0.4895', 'epoch': '3'}"},
	 .results = "accuracy=0.4895 ",
	 .says = "accuracy: printed with 4 digits"},
	{.from = "stdout: epoch {step} acc {accuracy}",
	 .series = true,
	 .lines = {"[12:01] epoch 1  acc 0.123456", "epoch 2 acc\t0.9 of 1", "epoch x acc 3"},
	 .points = "accuracy@1=0.123456 accuracy@2=0.9 ",
	 .results = "accuracy=0.9 "},
	{.from = "stdout",
	 .lines = {"{\"step\": 7, \"accuracy\": 0.875}",
		   "  5%|#  | 1/9\r 99%| accuracy=\x1b[1m0.75\x1b[0m, x=1]\r"},
	 .results = "accuracy=0.75 "},
	{.from = "stdout",
	 .lines = {"acc=0.9 loss=0.1"},
	 .rc = ABL_EINPUT,
	 .says = "no 'accuracy' with a number in what the program printed; it said 'acc', 'loss': "
		 "did you mean 'acc'?"},
	{.from = "stdout", .rc = ABL_EINPUT, .says = "in what the program printed"},
	{.from = "stdout", .lines = {"accuracy: nan"}, .rc = ABL_EDIVERGED},
	/* events */
	{.lines = {"accuracy=0.5", "INFO: ablate: accuracy=0.25 step=300"},
	 .series = true,
	 .points = "accuracy@1=0.5 accuracy@300=0.25 ",
	 .results = "accuracy=0.25 "},
	{.lines = {"accuracy=0.5"}, .results = "accuracy=0.5 "},
	{.from = "events: acc",
	 .lines = {"acc=0.5", "ablate: acc=0.91"},
	 .results = "accuracy=0.91 "},
	{.lines = {"loss=0.5"},
	 .rc = ABL_EINPUT,
	 .says = "the program said nothing of it: no event, no \"accuracy=NUMBER\""},
};

START_TEST(test_what_is_told)
{
	const struct the_case *t = &cases[_i];
	struct abl_order_metric m;
	struct abl_order order;
	struct heard h;
	const struct abl_events e = events_of(&h);
	struct abl_collector *c;
	struct abl_err err = {0};
	int rc;

	begin();
	order = order_of(t, &m);
	ck_assert_msg(!abl_collector_create(&c, &order, NULL, &e, &err), "%s", err.text);
	for (size_t i = 0; i < FILES && t->files[i].name; i++)
		write_text(t->files[i].name, t->files[i].text);
	for (size_t i = 0; i < LINES && t->lines[i]; i++)
		abl_collector_line(c, t->lines[i], strlen(t->lines[i]));
	abl_collector_poll(c);
	rc = abl_collector_finish(c, (double)time(NULL), &err);
	ck_assert_msg(rc == t->rc, "case %d: %d: %s", _i, rc, err.text);
	if (t->says)
		ck_assert_msg(strstr(rc ? err.text : h.messages.text, t->says), "case %d: %s%s", _i,
			      err.text, h.messages.text);
	if (t->points)
		ck_assert_str_eq(h.points.text, t->points);
	ck_assert_str_eq(h.results.text, t->results ? t->results : "");
	abl_collector_destroy(c);
	finish_heard(&h);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("collector");
	struct abl_err err = {0};
	int failed;

	tcase_add_loop_test(c, test_what_is_told, 0, sizeof cases / sizeof *cases);
	failed = run_case(c, "collector");
	free(out);
	return abl_remove_tree(root, &err) || failed;
}

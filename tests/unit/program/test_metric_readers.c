/* SPDX-License-Identifier: Apache-2.0 */
/* test_metric_readers.c - numbers in files and in what is printed: what is told of each, and how it
 * is said that the main metric is missing. */
#include "collecting.h"
#include "printed_number.h"
#include "run_case.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

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
	 .says = "2 files match '{out}/**/s.json': 'checkpoint-1000/s.json' is read, the last"},
	{.from = "{out}/**/s.json: v", /* a Trainer's last word is at the top */
	 .files = {{"checkpoint-9/s.json", "{\"v\":5,\"global_step\":9}"},
		   {"s.json", "{\"v\":6,\"global_step\":9}"},
		   {"checkpoint-10/s.json", "{\"v\":7}"}},
	 .results = "accuracy=6 ",
	 .says = "3 files match"},
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
	{.from = "{out}/x.json: a", /* as shells write it; what is in a text stays */
	 .files = {{"x.json", "{\"b\": \"\\\" :.5\", \"c\": [.25,-.5], \"a\": .125, \"d\":.1e1}"}},
	 .results = "accuracy=0.125 "},
	{.from = "{out}/x.json: c[1]",
	 .files = {{"x.json", "{\"c\": [.25,-.5]}"}},
	 .results = "accuracy=-0.5 "},
	{.from = "{out}/{task}-{seed}/x.json: results.{task}.acc",
	 .files = {{"arc-3/x.json", "{\"results\":{\"arc\":{\"acc\":0.5}}}"}},
	 .results = "accuracy=0.5 "},
	{.from = "{out}/x.json: acc",
	 .files = {{"x.json", "{\"n\": 123456789012345678901234567890, \"acc\": 0.5}"}},
	 .results = "accuracy=0.5 "},
	{.from = "{out}/x.json: a[].v", /* steps that are missing, and nested ones */
	 .step = "a[].s",
	 .series = true,
	 .files = {{"x.json",
		    "{\"a\":[{\"v\":1},{\"v\":2,\"s\":20},{\"s\":30},{\"v\":4,\"s\":40}]}"}},
	 .points = "accuracy@1=1 accuracy@20=2 accuracy@40=4 ",
	 .results = "accuracy=4 "},
	{.from = "{out}/x.json: loss",
	 .step = "steps",
	 .series = true,
	 .best = true,
	 .lower = true,
	 .files = {{"x.json", "{\"loss\":[3,1,2],\"steps\":[10,20,30]}"}},
	 .points = "accuracy@10=3 accuracy@20=1 accuracy@30=2 ",
	 .results = "accuracy=1 "},
	{.from = "{out}/{variant}/*.json: a{{b",
	 .files = {{"no [x]*/y.json", "{\"a{b\":0.5}"}, {"no x1/y.json", "{\"a{b\":1}"}},
	 .results = "accuracy=0.5 "},
	/* tables */
	{.from = "{out}/**/metrics.csv: val_acc",
	 .series = true,
	 .files = {{"lightning_logs/version_0/metrics.csv",
		    "epoch,step,train_loss,val_acc\n0,99,0.5,\n0,99,,0.25\n"},
		   {"lightning_logs/version_1/metrics.csv",
		    "epoch,step,val_acc,\"x, "
		    "y\"\r\n0,99,0.25,1\r\n1,199,0.75,\"a\nb\"\r\n2,,,\r\n"}},
	 .points = "accuracy@99=0.25 accuracy@199=0.75 ",
	 .results = "accuracy=0.75 ",
	 .says = "which has the highest step"},
	{.from = "{out}/m.tsv: acc",
	 .files = {{"m.tsv", "\xef\xbb\xbf"
			     "acc\tname, long\n0.5\tb\n.75\tc"}},
	 .results = "accuracy=0.75 "},
	{.from = "{out}/m.csv: acc",
	 .best = true,
	 .lower = true,
	 .files = {{"m.csv", "acc;x\n0.5;1\n0.25;2\nnan;3\n"}},
	 .results = "accuracy=0.25 "},
	{.from = "{out}/m.csv: val_acc",
	 .files = {{"m.csv", "epoch,valid_acc\n0,1\n"}},
	 .rc = ABL_EINPUT,
	 .says = "'m.csv' has no 'val_acc'; there is 'epoch', 'valid_acc': did you mean "
		 "'valid_acc'?"},
	/* lines of JSON, and files whose names say nothing */
	{.from = "{out}/log.jsonl: eval.acc",
	 .step = "n",
	 .series = true,
	 .files = {{"log.jsonl", "{\"n\":1,\"eval\":{\"acc\":0.5}}\nnoise\n{\"n\":2,\"loss\":1}\n"
				 "{\"n\":3,\"eval.acc\":0.75}\n{\"n\":4,\"eval.acc\":0."}},
	 .points = "accuracy@1=0.5 accuracy@3=0.75 ",
	 .results = "accuracy=0.75 "},
	{.from = "{out}/log: acc",
	 .files = {{"log", "[12:00] start\nacc=0.5\nacc=0.654321\n"}},
	 .results = "accuracy=0.654321 "},
	{.from = "{out}/state: acc",
	 .files = {{"state", " {\"acc\": 3}"}},
	 .results = "accuracy=3 "},
	{.from = "{out}/table: acc",
	 .files = {{"table", "a,acc\n1,2\n"}},
	 .results = "accuracy=2 "},
	/* what it prints */
	{.from = "stdout",
	 .lines = {"epoch 1 accuracy=0.25", "best_accuracy=0.99 accuracy_top5: 1", "accuracy: 0.5"},
	 .results = "accuracy=0.5 "},
	{.from = "stdout: eval_accuracy",
	 .lines = {"{'eval_loss': '0.6', 'eval_accuracy': '0.4895', 'epoch': '3'}"},
	 .results = "accuracy=0.4895 ",
	 .says = "warning: accuracy: printed with fewer than 6 digits"},
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
	{.from = "stdout",
	 .lines = {"accuracy: 5", "accuracy at the end"},
	 .results = "accuracy=5 "},
	{.from = "stdout", /* said at the end: no point of the series */
	 .series = true,
	 .lines = {"step 1", "step: 100 accuracy: 0.125", "accuracy: 0.25"},
	 .points = "accuracy@100=0.125 ",
	 .results = "accuracy=0.25 "},
	{.from = "stdout", /* Lightning's table */
	 .lines = {"\xe2\x94\x82   accuracy   \xe2\x94\x82  0.8778588771820068  \xe2\x94\x82"},
	 .results = "accuracy=0.8778588772 "},
	{.from = "stdout", .lines = {"| accuracy | 0.5 |"}, .results = "accuracy=0.5 "},
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

static const struct {
	const char *from, *step, *error; /* NULL: fine */
} sources[] = {
	{NULL, NULL, NULL},
	{"stdout", NULL, NULL},
	{"tensorboard: eval/acc", NULL, NULL},
	{"{train}/a: b", "c[].d", NULL},
	{"{out}/a.csv: a column", NULL, NULL},
	{"stdout: acc {value} at {step}", NULL, NULL},
	{"stdot: acc", NULL, "did you mean 'stdout'?"},
	{"results.json: acc", NULL, "write \"{out}/results.json: acc\""},
	{"/tmp/results.json: acc", NULL, "a file is below the folder"},
	{"{out}/../x.json: acc", NULL, "cannot leave its folder"},
	{"{out}/x.json:acc", NULL, "a blank is missing behind the colon"},
	{"{out}/x.json: a..b", NULL, "character 2: two dots"},
	{"{out}/x.json: a[x]", NULL, "brackets hold a number"},
	{"{out}/x.json: a", "b[", "brackets hold a number"},
	{"{out}/x.json: ['a", NULL, "the quote has no end"},
	{"{out}/x.json:", NULL, "nothing behind the colon"},
	{"stdout: epoch {epoch} acc {accuracy}", NULL, "'{epoch}' is no word of a template"},
	{"stdout: epoch {step}", NULL, "has {accuracy} nowhere"},
	{"stdout: {step}{accuracy}", NULL, "nothing stands between"},
	{"", NULL, "an empty text"},
};

START_TEST(test_sources)
{
	struct abl_err err = {0};
	int rc = abl_metric_source_check("accuracy", sources[_i].from, sources[_i].step, &err);

	ck_assert_msg(rc == (sources[_i].error ? ABL_EINPUT : 0), "%s: %s", sources[_i].from,
		      err.text);
	if (sources[_i].error)
		ck_assert_msg(strstr(err.text, sources[_i].error), "%s", err.text);
}
END_TEST

/* Numbers as programs print them behind "name=". */
static const struct {
	const char *text;
	double value; /* NAN: it is none */
	int digits;
} printed[] = {
	{"0.4895", 0.4895, 4},
	{"0.48950000", 0.4895, 8},
	{"-1.5e-05", -1.5e-5, 2},
	{"+3", 3, 0},
	{".5", 0.5, 0},
	{"7.", 7, 0},
	{"1,234,567.5", 1234567.5, 0},
	{"0,91", NAN, 0},
	{"1,2", NAN, 0},
	{"91.2%", 91.2, 3},
	{"3.2s/it", 3.2, 2},
	{"0.9.", 0.9, 1},
	{"0.9,", 0.9, 1},
	{"'0.9'", 0.9, 1},
	{"'0.9", NAN, 0},
	{"np.float64(0.123456)", 0.123456, 6},
	{"tensor(0.25, device='cuda:0')", 0.25, 0},
	{"0:00:12", NAN, 0},
	{"2024-01-01", NAN, 0},
	{"1.2.3", NAN, 0},
	{"12ab34", NAN, 0},
	{"1e5", 1e5, 0},
	{"none", NAN, 0},
	{"nano", NAN, 0},
	{"", NAN, 0},
	{"-", NAN, 0},
	{"-inf", -INFINITY, 0},
	{"Infinity", INFINITY, 0},
};

START_TEST(test_printed)
{
	const char *text = printed[_i].text;
	struct abl_printed p = {0};
	size_t n = abl_printed_value(&p, text, strlen(text));

	ck_assert_msg(!n == !!isnan(printed[_i].value), "%s: %zu", text, n);
	if (n)
		ck_assert_msg(p.value == printed[_i].value && p.digits == printed[_i].digits,
			      "%s: %.10g %d", text, p.value, p.digits);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("metric_readers");
	int failed;

	tcase_add_loop_test(c, test_what_is_told, 0, sizeof cases / sizeof *cases);
	tcase_add_loop_test(c, test_printed, 0, sizeof printed / sizeof *printed);
	tcase_add_loop_test(c, test_sources, 0, sizeof sources / sizeof *sources);
	failed = run_case(c, "metric_readers");
	return end_collecting() || failed;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_collector.c - what a collector tells while a program runs and at its end, which files it
 * does not read, and the predictions. */
#include "collecting.h"
#include "run_case.h"

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A file that grows, is written anew with the same points, and grows again. */
START_TEST(test_points_are_told_once)
{
	static const struct the_case t = {
		.from = "{out}/log.jsonl: acc", .series = true, .best = true};
	static const char *const texts[] = {
		"{\"step\":1,\"acc\":1}\n{\"step\":2,\"ac",
		"{\"step\":1,\"acc\":1}\n{\"step\":2,\"acc\":2}\n",
		"{\"step\":1,\"acc\":1.0}\n{\"step\":2,\"acc\":2.0}\n{\"step\":3,\"acc\":0}\n",
		"{\"step\":2,\"acc\":2}\n{\"step\":2,\"acc\":9}\n",
	};
	struct abl_order_metric m;
	struct abl_order order;
	struct heard h;
	const struct abl_events e = events_of(&h);
	struct abl_collector *c;
	const char *const *used;
	struct abl_err err = {0};

	begin();
	order = order_of(&t, &m);
	c = create(&order, NULL, &e);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		abl_collector_poll(c);
		write_text("log.jsonl", texts[i]);
	}
	ck_assert_msg(!abl_collector_finish(c, 0, &err), "%s", err.text);
	ck_assert_str_eq(h.points.text, "accuracy@1=1 accuracy@2=2 accuracy@3=0 accuracy@2=9 ");
	ck_assert_str_eq(h.results.text, "accuracy=9 ");
	ck_assert_uint_eq(abl_collector_used(c, &used), 1);
	ck_assert_str_eq(used[0], "log.jsonl");
	abl_collector_destroy(c);
	abl_collector_destroy(NULL);
	finish_heard(&h);
}
END_TEST

/* $ABLATE_EVENTS: what several processes append; `result` is the last word. */
START_TEST(test_events_file)
{
	static const struct the_case t = {.series = true};
	struct abl_order_metric m[2];
	struct abl_order order;
	struct heard h;
	const struct abl_events e = events_of(&h);
	struct abl_collector *c;
	struct abl_err err = {0};
	char *path;

	begin();
	order = order_of(&t, m);
	m[1] = (struct abl_order_metric){.name = "loss"};
	order.metric_count = 2;
	path = abl_path_join(out, "events.jsonl");
	c = create(&order, path, &e);
	abl_collector_line(c, "accuracy=0.1", 12);
	write_text("events.jsonl", "{\"accuracy\": 0.5, \"step\": 10, \"other\": 1}\n"
				   "{\"metrics\": {\"accuracy\": 0.625}, \"step\": 20}\n{\"acc");
	abl_collector_poll(c);
	abl_collector_line(c, "accuracy=0.2", 12); /* printed beside an event: not heard */
	write_text("events.jsonl", "{\"accuracy\": 0.5, \"step\": 10, \"other\": 1}\n"
				   "{\"metrics\": {\"accuracy\": 0.625}, \"step\": 20}\n"
				   "{\"result\": {\"accuracy\": 0.75, \"loss\": NaN}}\n"
				   "accuracy=0.875 step=30\n");
	ck_assert_msg(!abl_collector_finish(c, 0, &err), "%s", err.text);
	ck_assert_str_eq(h.points.text, "accuracy@1=0.1 accuracy@10=0.5 accuracy@20=0.625 "
					"accuracy@30=0.875 ");
	ck_assert_str_eq(h.results.text, "accuracy=0.75 loss=nan ");
	abl_collector_destroy(c);
	free(path);
	finish_heard(&h);
}
END_TEST

/* What lies about and must not be read: another program's, a pipe, a link out of the folder. */
START_TEST(test_guards)
{
	static const struct the_case t = {.from = "{out}/x.json: acc"};
	static const char *const says[] = {
		"'x.json' is older than the program", "no file matches '{out}/x.json'",
		"'x.json' is a link that leads out of the program's folder",
		"no file matches '{out}/x.json'"};
	struct abl_order_metric m;
	struct abl_order order;

	for (size_t i = 0; i < sizeof says / sizeof *says; i++) {
		struct heard h;
		const struct abl_events e = events_of(&h);
		struct abl_collector *c;
		struct abl_err err = {0};
		char *path;

		begin();
		path = abl_path_join(out, "x.json");
		order = order_of(&t, &m);
		c = create(&order, NULL, &e);
		write_text("../x.json", "{\"acc\": 1}");
		if (i == 0)
			write_text("x.json", "{\"acc\": 1}");
		if (i == 1)
			ck_assert(!mkfifo(path, 0600));
		if (i == 2)
			ck_assert(!symlink("../x.json", path));
		if (i == 3)
			ck_assert(!symlink("/dev/zero", path));
		ck_assert_int_eq(abl_collector_finish(c, i ? 0 : (double)time(NULL) + 60, &err),
				 ABL_EINPUT);
		ck_assert_msg(strstr(err.text, says[i]), "%s", err.text);
		if (i == 0) {
			order.predictions = "{out}/x.json";
			err = (struct abl_err){0};
			ck_assert_int_eq(abl_collector_predictions(c, root, &err), ABL_EINPUT);
			ck_assert_msg(strstr(err.text, "is older than the program"), "%s",
				      err.text);
		}
		abl_collector_destroy(c);
		free(path);
		finish_heard(&h);
	}
}
END_TEST

/* A link within the folder is what some programs make of "latest". */
START_TEST(test_link_within)
{
	static const struct the_case t = {.from = "{out}/last.json: acc"};
	struct abl_order_metric m;
	struct abl_order order;
	struct heard h;
	const struct abl_events e = events_of(&h);
	struct abl_collector *c;
	struct abl_err err = {0};
	char *path;

	begin();
	order = order_of(&t, &m);
	c = create(&order, NULL, &e);
	write_text("a/x.json", "{\"acc\": 1}");
	path = abl_path_join(out, "last.json");
	ck_assert(!symlink("a/x.json", path));
	ck_assert_msg(!abl_collector_finish(c, 0, &err), "%s", err.text);
	ck_assert_str_eq(h.results.text, "accuracy=1 ");
	abl_collector_destroy(c);
	free(path);
	finish_heard(&h);
}
END_TEST

/* Another metric is not there: the trial is none the worse, and it is said. */
START_TEST(test_no_number)
{
	static const struct the_case t = {.from = "{out}/x.json: acc"};
	static const struct {
		const char *file, *says;
	} cases[] = {
		{"{\"acc\": null}", "'x.json' has no number at 'acc': it is null"},
		{"{\"acc\": \"n/a\"}", "'x.json' has no number at 'acc': it is the text 'n/a'"},
		{"{\"acc\": []}", "'x.json' has no number at 'acc': it is empty"},
		{"{\"acc\": {\"x\": 1}}", "'x.json' has no 'acc'; did you mean 'acc.x'?"},
	};
	struct abl_order_metric m;
	struct abl_order order;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct heard h;
		const struct abl_events e = events_of(&h);
		struct abl_collector *c;
		struct abl_err err = {0};

		begin();
		order = order_of(&t, &m);
		c = create(&order, NULL, &e);
		write_text("x.json", cases[i].file);
		ck_assert_int_eq(abl_collector_finish(c, 0, &err), ABL_EINPUT);
		ck_assert_msg(strstr(err.text, cases[i].says), "%s", err.text);
		abl_collector_destroy(c);
		finish_heard(&h);
	}
}
END_TEST

START_TEST(test_other_metric_missing)
{
	static const struct the_case t = {.from = "stdout"};
	struct abl_order_metric m[2];
	struct abl_order order;
	struct heard h;
	const struct abl_events e = events_of(&h);
	struct abl_collector *c;
	struct abl_err err = {0};
	static const char line[] = "accuracy=0.123456 \xff\xfe lo\x01ss=3";

	begin();
	order = order_of(&t, m);
	m[1] = (struct abl_order_metric){.name = "loss", .from = "stdout"};
	order.metric_count = 2;
	c = create(&order, NULL, &e);
	abl_collector_line(c, line, strlen(line));
	ck_assert_msg(!abl_collector_finish(c, 0, &err), "%s", err.text);
	ck_assert_str_eq(h.results.text, "accuracy=0.123456 ");
	ck_assert_msg(
		strstr(h.messages.text, "the metric 'loss' is missing: no 'loss' with a number"),
		"%s", h.messages.text);
	ck_assert(!abl_collector_selected(c));
	abl_collector_destroy(c);
	finish_heard(&h);
}
END_TEST

/* transformers: the state names a best checkpoint; the arguments say whether it was restored. */
START_TEST(test_selected_on_dev)
{
	static const char no[] = "load_best_model_at_endqm\x89X\x15...",
			  yes[] = "load_best_model_at_endqm\x88X\x15...";
	static const struct {
		const char *args;
		bool selected;
	} rows[] = {{NULL, true}, {yes, true}, {no, false}};
	static const struct the_case t = {.from = "{out}/all_results.json: acc"};
	struct abl_order_metric m;
	struct abl_order order;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct heard h;
		const struct abl_events e = events_of(&h);
		struct abl_collector *c;
		struct abl_err err = {0};

		begin();
		order = order_of(&t, &m);
		c = create(&order, NULL, &e);
		write_text("all_results.json", "{\"acc\": 0.5}");
		write_text("trainer_state.json",
			   "{\"global_step\": 24, \"best_model_checkpoint\": \"o/checkpoint-16\"}");
		write_text("checkpoint-8/trainer_state.json",
			   "{\"global_step\": 8, \"best_model_checkpoint\": null}");
		if (rows[i].args)
			write_text("training_args.bin", rows[i].args);
		ck_assert_msg(!abl_collector_finish(c, 0, &err), "%s", err.text);
		ck_assert_int_eq(abl_collector_selected(c), rows[i].selected);
		ck_assert_int_eq(
			!strncmp(h.messages.text, "selected on dev: 'trainer_state.json'", 37),
			rows[i].selected);
		abl_collector_destroy(c);
		finish_heard(&h);
	}
}
END_TEST

/* ---- predictions ---- */

static const struct {
	const char *file, *text, *table, *error;
} predicted[] = {
	{"p.jsonl",
	 "{\"id\": 12345678901234567, \"correct\": true}\n\n{\"id\":\"a\\tb\",\"correct\":0}\n",
	 "id\tcorrect\n12345678901234567\t1\na b\t0\n", NULL},
	{"p.json", "[{\"id\": 1, \"correct\": 0.5}, {\"id\": 2, \"correct\": \"1\"}]",
	 "id\tcorrect\n1\t0.5\n2\t1\n", NULL},
	{"p.json", "{\"n\": 1, \"rows\": [{\"id\": 1, \"correct\": false}]}", "id\tcorrect\n1\t0\n",
	 NULL},
	{"p.csv", "correct,x,id\nTrue,1,7\n0,,\"8, 9\"\n", "id\tcorrect\n7\t1\n8, 9\t0\n", NULL},
	{"p.tsv", "id\tcorrect\na,b\t1\n", "id\tcorrect\na,b\t1\n", NULL},
	{"p.csv", "id,correct\n1,1\n2,1\n1,0\n", NULL, "p.csv:4: the id '1' is in line 2, too"},
	{"p.csv", "id,right\n1,1\n", NULL, "p.csv:2: no 'correct'"},
	{"p.csv", "id,correct\n1,nan\n", NULL, "p.csv:2: 'correct' is no number"},
	{"p.jsonl", "{\"id\": 1, \"correct\": 1}\n{\"correct\": 1}\n", NULL, "p.jsonl:2: no 'id'"},
	{"p.jsonl", "{\"id\": 1, \"correct\": 1}\n{\"id\"", NULL, "p.jsonl:2: no JSON object"},
	{"p.csv", "id,correct\n", NULL, "'p.csv' has none"},
	{"q.csv", "", NULL, "no file matches '{out}/p.*'"},
};

START_TEST(test_predictions)
{
	struct abl_order order = {.predictions = "{out}/p.*", .out = NULL};
	struct heard h;
	const struct abl_events e = events_of(&h);
	struct abl_collector *c;
	struct abl_str text = {0};
	struct abl_err err = {0};
	char *path;
	int rc;

	begin();
	order.out = out;
	c = create(&order, NULL, &e);
	write_text(predicted[_i].file, predicted[_i].text);
	rc = abl_collector_predictions(c, root, &err);
	if (predicted[_i].table) {
		ck_assert_msg(rc == 1, "%s", err.text);
		path = abl_path_join(root, "predictions.tsv");
		ck_assert(!abl_file_read(path, &text, 1000, &err));
		ck_assert_str_eq(text.text, predicted[_i].table);
		free(path);
		abl_str_finish(&text);
	} else {
		ck_assert_int_eq(rc, ABL_EINPUT);
		ck_assert_msg(strstr(err.text, predicted[_i].error), "%s", err.text);
	}
	abl_collector_destroy(c);
	finish_heard(&h);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("collector");
	int failed;

	tcase_add_test(c, test_points_are_told_once);
	tcase_add_test(c, test_events_file);
	tcase_add_test(c, test_guards);
	tcase_add_test(c, test_link_within);
	tcase_add_test(c, test_no_number);
	tcase_add_test(c, test_other_metric_missing);
	tcase_add_test(c, test_selected_on_dev);
	tcase_add_loop_test(c, test_predictions, 0, sizeof predicted / sizeof *predicted);
	failed = run_case(c, "collector");
	return end_collecting() || failed;
}

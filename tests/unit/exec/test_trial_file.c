/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"
#include "protocol.h"
#include "native_config.h"
#include "native_space.h"
#include "protocol_fd.h"
#include "trial_file.h"
#include "run_case.h"

#include <check.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the hooks heard, as text. */
static struct abl_str heard;

static void hear_progress(void *data, double share, int64_t step, int64_t steps)
{
	abl_str_printf(&heard, "progress %g %d/%d;", share, (int)step, (int)steps);
}

static void hear_metric(void *data, int64_t step, const char *name, double value)
{
	abl_str_printf(&heard, "metric %d %s %g;", (int)step, name, value);
}

static void hear_result(void *data, const char *name, double value)
{
	abl_str_printf(&heard, "result %s %g;", name, value);
}

static void hear_predictions(void *data, const char *file)
{
	abl_str_printf(&heard, "predictions %s;", file);
}

static void hear_message(void *data, const char *text)
{
	abl_str_printf(&heard, "message %s;", text);
}

static void hear_paused(void *data, int64_t step)
{
	abl_str_printf(&heard, "paused %lld;", (long long)step);
}

static void hear_error(void *data, const char *text, const char *cause)
{
	abl_str_printf(&heard, "error %s (%s);", text, cause ? cause : "-");
}

static const struct abl_protocol_hooks ears = {
	.events = {.progress = hear_progress,
		   .metric = hear_metric,
		   .result = hear_result,
		   .predictions = hear_predictions,
		   .message = hear_message,
		   .paused = hear_paused},
	.error = hear_error,
};

static bool hear(const char *line)
{
	abl_str_clear(&heard);
	abl_str_puts(&heard, "");
	return abl_protocol_read(line, strlen(line), &ears);
}

START_TEST(test_protocol__each_kind_of_line)
{
	ck_assert(hear("{\"progress\":0.25}"));
	ck_assert_str_eq(heard.text, "progress 0.25 0/0;");
	ck_assert(hear("{\"step\": 120, \"metrics\": {\"loss\": 2.5, \"lr\": 1e-4}}"));
	ck_assert_str_eq(heard.text, "metric 120 loss 2.5;metric 120 lr 0.0001;");
	ck_assert(hear("{\"result\":{\"accuracy\":1}}"));
	ck_assert_str_eq(heard.text, "result accuracy 1;");
	ck_assert(hear("{\"predictions\":\"p.jsonl\"}"));
	ck_assert_str_eq(heard.text, "predictions p.jsonl;");
	ck_assert(hear("{\"message\":\"NaN is \\\"quoted\\\" here, -Infinity too\"}"));
	ck_assert_str_eq(heard.text, "message NaN is \"quoted\" here, -Infinity too;");
	ck_assert(hear("{\"error\":\"diverged\"}"));
	ck_assert_str_eq(heard.text, "error diverged (-);");
	ck_assert(hear("{\"error\":\"loss nan\",\"cause\":\"diverged\"}"));
	ck_assert_str_eq(heard.text, "error loss nan (diverged);");
	ck_assert(hear("{\"paused\":120}"));
	ck_assert_str_eq(heard.text, "paused 120;");
	ck_assert(hear("{\"checkpoint\":\"last\",\"step\":400}"));
	ck_assert_str_eq(heard.text, "");
}
END_TEST

START_TEST(test_protocol__infinite_numbers_as_python_writes_them)
{
	ck_assert(hear(
		"{\"step\": 3, \"metrics\": {\"a\": NaN, \"b\": Infinity, \"c\": -Infinity}}"));
	ck_assert_str_eq(heard.text, "metric 3 a nan;metric 3 b inf;metric 3 c -inf;");
	ck_assert(hear("{\"result\": {\"loss\": NaN}}"));
	ck_assert_str_eq(heard.text, "result loss nan;");
}
END_TEST

START_TEST(test_protocol__strange_lines_are_refused_whole)
{
	static const char *const lines[] = {
		"",
		"hello",
		"{",
		"[]",
		"3",
		"{}",
		"{\"unknown\":1}",
		"{\"progress\":\"half\"}",
		"{\"progress\":1.5}",
		"{\"progress\":NaN}",
		"{\"metrics\":{\"loss\":1}}",
		"{\"step\":1,\"metrics\":{\"loss\":1,\"name\":\"x\"}}",
		"{\"result\":3}",
		"{\"result\":{\"a\":[]}}",
		"{\"predictions\":1}",
		"{\"message\":null}",
		"{\"error\":\"x\",\"cause\":3}",
		"{\"paused\":true}",
		"{\"paused\":-1}",
		"{\"progress\":0.1} {\"progress\":0.2}",
		"{\"progress\":0.1,\"progress\":0.2}",
		"{\"message\":\"\\ud800\"}",
		"\"NaN",
		"NaN\\",
	};

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		ck_assert_msg(!hear(lines[i]), "accepted: %s", lines[i]);
		ck_assert_str_eq(heard.text, "");
	}
	ck_assert(!abl_protocol_read("{\"message\":\"a\0b\"}", 17, &ears));
}
END_TEST

START_TEST(test_protocol__what_is_written_reads_back)
{
	int ends[2];
	char text[2000];
	ssize_t n;
	struct abl_protocol_writer w = {.send = abl_protocol_fd_send, .carrier = &ends[1]};
	struct abl_events e = abl_protocol_events(&w);

	ck_assert_int_eq(pipe(ends), 0);
	e.progress(e.data, .5, 10, 20);
	e.metric(e.data, 10, "loss", NAN);
	e.result(e.data, "f1", .1);
	e.predictions(e.data, "predictions.jsonl");
	e.message(e.data, "caf\xc3\xa9\nnew line");
	e.paused(e.data, 7);
	abl_protocol_error(&w, "no", NULL);
	ck_assert(!e.stopping(e.data));
	n = read(ends[0], text, sizeof text - 1);
	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	close(ends[0]), close(ends[1]);
	abl_str_clear(&heard);
	for (char *rest = text, *line; (line = strsep(&rest, "\n")) && *line;)
		ck_assert(abl_protocol_read(line, strlen(line), &ears));
	ck_assert_str_eq(heard.text, "progress 0.5 10/20;metric 10 loss nan;result f1 0.1;"
				     "predictions predictions.jsonl;message caf\xc3\xa9\nnew "
				     "line;paused 7;error no (-);");
}
END_TEST

START_TEST(test_protocol__a_reader_that_is_gone_stops_the_writer)
{
	int fd = open("/dev/full", O_WRONLY);
	struct abl_protocol_writer w = {.send = abl_protocol_fd_send, .carrier = &fd};
	struct abl_events e = abl_protocol_events(&w);

	ck_assert_int_ge(fd, 0);
	e.message(e.data, "nobody hears");
	ck_assert(e.stopping(e.data));
	close(fd);
}
END_TEST

static char folder[] = "/tmp/ablate-trial-XXXXXX";

static const struct abl_space *space_of(const char *stage)
{
	return strcmp(stage, "fly") ? abl_native_space() : NULL;
}

static void set_int(struct abl_values *c, const char *name, int64_t i)
{
	const struct abl_value v = {.type = ABL_INT, .i = i};

	ck_assert_int_eq(abl_values_set(c, abl_config_key(name), &v, NULL), 0);
}

static void set_name(struct abl_values *c, const char *name, const char *choice)
{
	const struct abl_value v = {.type = ABL_CHOICE, .choice = choice};

	ck_assert_int_eq(abl_values_set(c, abl_config_key(name), &v, NULL), 0);
}

START_TEST(test_trial_file__round_trip)
{
	static const char *const texts[] = {"/data/one.txt", "/data/two.txt.xz", NULL};
	struct abl_err err = {0};
	struct abl_task_spec task = {.name = abl_strdup("intents"),
				     .type = abl_strdup("classify"),
				     .train = abl_strdup("/data/t.csv"),
				     .format = abl_strdup("csv"),
				     .text = abl_strdup("text"),
				     .label = abl_strdup("label"),
				     .limit = 500};
	struct abl_values *config = abl_values_create(abl_native_space());
	const struct abl_task_spec *const tasks[] = {&task, &task};
	struct abl_trial back;
	const struct abl_trial trial = {.study = "s",
					.variant = "no \"segments\"",
					.stage = "finetune",
					.key = "abc",
					.attempt = 7,
					.config = config,
					.seed = 1234567890123456789,
					.output = "/out",
					.texts = texts,
					.inputs = {{"vocab", "/v.txt"}, {"parent", "/p"}},
					.input_count = 2,
					.task = &task,
					.tasks = tasks,
					.task_count = 2,
					.split = "dev",
					.hold_back = true,
					.sharpness = true,
					.threads = 2,
					.resume = true};
	char *path = abl_path_join(folder, "trial.json");
	struct abl_str before = {0}, after = {0};

	set_int(config, "layers", 3);
	set_int(config, "hidden", 192);
	set_name(config, "segments", "none");
	abl_native_config_mut(config)->finetune.learning_rate = 1.0 / 3 * 1e-4;
	ck_assert_int_eq(abl_values_resolve(config, NULL, &err), 0);
	ck_assert_msg(!abl_trial_write(path, &trial, &err), "%s", err.text);
	ck_assert_msg(!abl_trial_read(&back, path, space_of, &err), "%s", err.text);
	ck_assert_str_eq(back.variant, trial.variant);
	ck_assert_int_eq(back.attempt, 7);
	ck_assert_str_eq(back.stage, "finetune");
	ck_assert_int_eq(back.seed, trial.seed);
	ck_assert_str_eq(back.texts[1], texts[1]);
	ck_assert_ptr_null(back.texts[2]);
	ck_assert_ptr_null(abl_trial_input(&back, "corpus"));
	ck_assert_str_eq(abl_trial_input(&back, "parent"), "/p");
	ck_assert_str_eq(back.task->name, "intents");
	ck_assert_int_eq(back.task->limit, 500);
	ck_assert_uint_eq(back.task_count, 2);
	ck_assert_str_eq(back.tasks[1]->train, "/data/t.csv");
	ck_assert(back.sharpness && back.hold_back && back.resume && back.threads == 2);
	ck_assert(abl_native_config(back.config)->finetune.learning_rate == 1.0 / 3 * 1e-4);
	abl_values_canonical(config, ~0u, &before);
	abl_values_canonical(back.config, ~0u, &after);
	ck_assert_str_eq(before.text, after.text);
	abl_trial_finish(&back);
	abl_trial_finish(&back);
	abl_values_destroy(config);
	abl_task_spec_finish(&task);
	abl_str_finish(&before), abl_str_finish(&after);
	free(path);
}
END_TEST

/* For a machine where the stage runs in another folder. */
START_TEST(test_trial_file__has_whole_paths)
{
	static const char *const texts[] = {"../d/a.txt", "own.txt", "world", NULL};
	const struct abl_whole whole = {"/here", "../d", "/data"};
	char train[] = "../d/t.csv", dev[] = "world", name[] = "t";
	struct abl_task_spec task = {.name = name, .train = train, .dev = dev};
	const struct abl_trial trial = {.stage = "vocab",
					.key = "k",
					.config = abl_values_create(abl_native_space()),
					.output = "/out",
					.texts = texts,
					.groups = "../dd/g.tsv",
					.held_out = "../d/dev.txt",
					.inputs = {{"vocab", "/v.txt"}},
					.input_count = 1,
					.task = &task,
					.whole = &whole};
	struct abl_trial back;
	char *path = abl_path_join(folder, "trial.json");

	ck_assert(!abl_trial_write(path, &trial, NULL));
	ck_assert(!abl_trial_read(&back, path, space_of, NULL));
	ck_assert_str_eq(back.texts[0], "/data/a.txt");
	ck_assert_str_eq(back.texts[1], "/here/own.txt");
	ck_assert_str_eq(back.texts[2], "world");
	ck_assert_str_eq(back.groups, "/here/../dd/g.tsv");
	ck_assert_str_eq(back.held_out, "/data/dev.txt");
	ck_assert_uint_eq(back.input_count, 1);
	ck_assert_str_eq(abl_trial_input(&back, "vocab"), "/v.txt");
	ck_assert_str_eq(back.task->train, "/data/t.csv");
	ck_assert_str_eq(back.task->dev, "world");
	abl_trial_finish(&back);
	abl_values_destroy((struct abl_values *)(uintptr_t)trial.config);
	free(path);
}
END_TEST

START_TEST(test_trial_file__damage_is_named)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{"", "trial.json"},
		{"{\"stage\":", "trial.json:1:"},
		{"{\"stage\":\"fly\"}", "unknown stage 'fly'"},
		{"{\"stage\":\"vocab\"}", "'config' is missing"},
		{"{\"stage\":\"vocab\",\"config\":{\"layrs\":2}}", "unknown option 'layrs'"},
		{"{\"stage\":\"vocab\",\"config\":{\"layers\":null}}", "unknown option 'layers'"},
		{"{\"stage\":\"vocab\",\"config\":{}}", "'output' is missing"},
	};
	char *path = abl_path_join(folder, "trial.json");
	struct abl_trial back;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct abl_err err = {0};

		ck_assert_int_eq(abl_file_write(path, bad[i].text, strlen(bad[i].text), &err), 0);
		ck_assert_int_eq(abl_trial_read(&back, path, space_of, &err), ABL_EINPUT);
		ck_assert_msg(strstr(err.text, bad[i].says) != NULL, "%s", err.text);
	}
	free(path);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("trial_file");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_test(c, test_protocol__each_kind_of_line);
	tcase_add_test(c, test_protocol__infinite_numbers_as_python_writes_them);
	tcase_add_test(c, test_protocol__strange_lines_are_refused_whole);
	tcase_add_test(c, test_protocol__what_is_written_reads_back);
	tcase_add_test(c, test_protocol__a_reader_that_is_gone_stops_the_writer);
	tcase_add_test(c, test_trial_file__round_trip);
	tcase_add_test(c, test_trial_file__has_whole_paths);
	tcase_add_test(c, test_trial_file__damage_is_named);
	failed = run_case(c, "trial_file");
	abl_str_finish(&heard);
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed;
}

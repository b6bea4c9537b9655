/* SPDX-License-Identifier: Apache-2.0 */
/* test_stops.c - stages that are paused, killed, or cannot save their state: the weights and every
 * point of the curves are those of a run that was never disturbed. */
#include "files.h"
#include "rng.h"
#include "saving.h"
#include "seal.h"
#include "stage.h"
#include "str.h"
#include "task_spec.h"
#include "run_case.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char root[] = "/tmp/ablate-stops-XXXXXX";
static const char *const texts[] = {"world", NULL};
static struct abl_config config;
static struct abl_task_spec task;
static char *vocab, *corpus, *pretrained;

static unsigned long room = 1UL << 30; /* bytes free on the disk, as the program sees it */

int statvfs(const char *path, struct statvfs *out)
{
	(void)path;
	*out = (struct statvfs){.f_bavail = room, .f_frsize = 1};
	return 0;
}

static char *folder(const char *name)
{
	struct abl_err err = {0};
	char *path = abl_path_join(root, name);

	ck_assert_int_eq(abl_mkdir_all(path, &err), 0);
	return path;
}

/* Every point that an attempt tells, as text: the last attempt's must be those of one that was
 * never stopped. */
static void on_point(void *data, int64_t step, const char *name, double value)
{
	abl_str_printf(data, "%lld %s %a\n", (long long)step, name, value);
}

enum { STOPS = 4, STEPS = 131, RANDOM = 5 };

struct stops {
	struct abl_str points, messages;
	int64_t at;       /* step; 0 = never */
	const char *name; /* of the point that it is counted by, or NULL */
	bool kill;
	int threads;      /* 0 is 1 */
	int64_t enlarged; /* the step from which the disk has room again */
	int64_t step, paused;
};

static void on_stops_point(void *data, int64_t step, const char *name, double value)
{
	struct stops *s = data;

	s->step = s->name && strcmp(name, s->name) != 0 ? s->step : step;
	if (s->enlarged && step >= s->enlarged)
		room = 1UL << 30;
	on_point(&s->points, step, name, value);
	if (s->kill && s->at && step >= s->at)
		_exit(9); /* between two states */
}

static bool on_stops_stopping(void *data)
{
	const struct stops *s = data;

	return !s->kill && s->at && s->step >= s->at;
}

static void on_stops_paused(void *data, int64_t step)
{
	((struct stops *)data)->paused = step;
}

static void on_stops_message(void *data, const char *text)
{
	abl_str_printf(&((struct stops *)data)->messages, "%s\n", text);
}

static int attempt(enum abl_stage_kind kind, const char *output, struct abl_stage_request r,
		   struct stops *s, struct abl_err *err)
{
	const struct abl_events e = {.data = s,
				     .metric = on_stops_point,
				     .stopping = on_stops_stopping,
				     .paused = on_stops_paused,
				     .message = on_stops_message};
	int rc;

	r.kind = kind, r.config = &config, r.task = &task, r.output = output;
	r.threads = s->threads ? s->threads : 1;
	r.resume = true;
	rc = abl_stage_run(&r, &e, err);
	return rc ? rc : abl_made_remove_others(r.output, err); /* as its caller does */
}

static void finish_stops(struct stops *s)
{
	abl_str_finish(&s->points), abl_str_finish(&s->messages);
	*s = (struct stops){0};
}

/* A stage, paused and killed at these steps and then done, in a process of its own each time, on
 * one thread and on two in turn. */
static void with_stops(enum abl_stage_kind kind, const char *output,
		       const struct abl_stage_request *r, const int64_t *at, struct stops *last)
{
	for (int i = 0; i < STOPS; i++) {
		const bool kill = i % 2;
		struct stops s = {.at = at[i], .kill = kill, .threads = 1 + (i / 2) % 2};
		int status;
		pid_t pid = fork();

		if (!pid) {
			int rc = attempt(kind, output, *r, &s, NULL);

			_exit(rc == ABL_ESTOP && s.paused >= at[i] ? 3 : 1);
		}
		ck_assert(waitpid(pid, &status, 0) == pid);
		ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == (kill ? 9 : 3),
			      "stop %d: %x", i, status);
	}
	ck_assert(!attempt(kind, output, *r, last, NULL)); /* threads here would hang in forks */
}

/* The weights of the two, and of no other, too. */
static void same_weights(const char *a, const char *b)
{
	const char *const folders[] = {a, b};
	struct abl_str text[2] = {{0}};

	for (int i = 0; i < 2; i++) {
		char *path = abl_path_join(folders[i], "model.safetensors"), *left;

		ck_assert(!abl_file_read(path, &text[i], 1 << 26, NULL));
		free(path);
		left = abl_path_join(folders[i], "state.safetensors");
		ck_assert(!abl_file_exists(left));
		free(left);
	}
	ck_assert(text[0].length == text[1].length &&
		  !memcmp(text[0].text, text[1].text, text[0].length));
	abl_str_finish(&text[0]), abl_str_finish(&text[1]);
}

START_TEST(test_stops__curves_of_stopped_runs_are_those_of_others)
{
	static const int64_t at[][STOPS] = {{7, 11, 18, 23}, {3, 8, 12, 17}};
	const struct abl_stage_request r[] = {
		{.vocab = vocab, .corpus = corpus, .seed = 1},
		{.vocab = vocab, .parent = pretrained, .seed = 1, .split = "dev"}};
	const enum abl_stage_kind kinds[] = {ABL_STAGE_PRETRAIN, ABL_STAGE_FINETUNE};
	const struct abl_config before = config;

	config.pretrain.steps = config.finetune.steps = STEPS; /* points lie 1 or 2 apart */
	setenv("ABLATE_SAVE_SECONDS", "0", 1);
	for (int i = 0; i < 2; i++) {
		char *whole = folder("whole"), *stopped = folder("stopped");
		struct stops a = {0}, b = {0};

		ck_assert(!attempt(kinds[i], whole, r[i], &a, NULL));
		ck_assert_uint_gt(a.points.length, 1000);
		with_stops(kinds[i], stopped, &r[i], at[i], &b);
		ck_assert_str_eq(a.points.text, b.points.text);
		same_weights(whole, stopped);
		ck_assert(!abl_remove_tree(whole, NULL) && !abl_remove_tree(stopped, NULL));
		finish_stops(&a), finish_stops(&b);
		free(whole), free(stopped);
	}
	unsetenv("ABLATE_SAVE_SECONDS");
	config = before;
}
END_TEST

/* The same at random steps; $ABLATE_SEED repeats them. */
static void stop_at_random(enum abl_stage_kind kind, const struct abl_stage_request *r,
			   uint64_t seed)
{
	char *whole = folder("whole"), *stopped = folder("stopped");
	struct stops a = {0};

	ck_assert(!attempt(kind, whole, *r, &a, NULL));
	for (int i = 0; i < RANDOM; i++) {
		int64_t at[STOPS];
		struct stops b = {0};

		for (int k = 0; k < STOPS; k++) /* in order: each attempt gets further */
			at[k] = 1 + k * (STEPS - 4) / STOPS +
				(int64_t)(abl_rng_derive(abl_rng_derive(seed, (uint64_t)i),
							 (uint64_t)k) %
					  ((STEPS - 4) / STOPS));
		with_stops(kind, stopped, r, at, &b);
		ck_assert_msg(!strcmp(a.points.text, b.points.text), "ABLATE_SEED=%llu, %d",
			      (unsigned long long)seed, i);
		same_weights(whole, stopped);
		ck_assert(!abl_remove_tree(stopped, NULL) && !abl_mkdir_all(stopped, NULL));
		finish_stops(&b);
	}
	finish_stops(&a);
	ck_assert(!abl_remove_tree(whole, NULL) && !abl_remove_tree(stopped, NULL));
	free(whole), free(stopped);
}

START_TEST(test_stops__at_random_steps)
{
	const struct abl_stage_request r[] = {{.vocab = vocab, .corpus = corpus, .seed = 1},
					      {.vocab = vocab,
					       .parent = pretrained,
					       .seed = 1,
					       .split = "dev",
					       .hold_back = true}};
	const struct abl_config before = config;
	const char *text = getenv("ABLATE_SEED");
	int64_t seed = (int64_t)time(NULL);

	if (!getenv("ABLATE_SLOW"))
		return;
	if (text)
		ck_assert(abl_parse_int(text, &seed));
	printf("# ABLATE_SEED=%lld\n", (long long)seed);
	config.pretrain.steps = config.finetune.steps = STEPS;
	config.finetune.learning_rate = 2e-2;
	config.finetune.select = "best";
	for (int i = 0; i < 2; i++) {
		setenv("ABLATE_SAVE_SECONDS", i ? "0.02" : "0", 1);
		stop_at_random(ABL_STAGE_PRETRAIN, &r[0], (uint64_t)seed + (uint64_t)i);
		stop_at_random(ABL_STAGE_FINETUNE, &r[1], (uint64_t)seed + (uint64_t)i);
	}
	unsetenv("ABLATE_SAVE_SECONDS");
	config = before;
}
END_TEST

/* Asked to stop when all steps are done: what is left is a score of the held-out pairs. */
START_TEST(test_stops__the_end_is_paused_like_the_rest)
{
	const struct abl_stage_request r = {.vocab = vocab, .corpus = corpus, .seed = 1};
	char *other = folder("last-score");
	struct stops whole = {0}, s = {.at = 20, .name = "held_out_nsp_loss"};

	ck_assert(!attempt(ABL_STAGE_PRETRAIN, other, r, &whole, NULL));
	ck_assert(!abl_remove_tree(other, NULL) && !abl_mkdir_all(other, NULL));
	ck_assert_int_eq(attempt(ABL_STAGE_PRETRAIN, other, r, &s, NULL), ABL_ESTOP);
	ck_assert_int_eq(s.paused, 20);
	ck_assert_str_eq(s.points.text, whole.points.text);
	finish_stops(&s);
	ck_assert(!attempt(ABL_STAGE_PRETRAIN, other, r, &s, NULL));
	ck_assert_str_eq(s.points.text, whole.points.text);
	same_weights(pretrained, other);
	finish_stops(&s), finish_stops(&whole);
	free(other);
}
END_TEST

/* Hardly any room on the disk: no state is begun, that is said once, and it is tried again. */
START_TEST(test_stops__a_disk_without_room_is_told_once)
{
	const struct abl_stage_request r = {.vocab = vocab, .corpus = corpus, .seed = 1};
	struct stops s = {.enlarged = 9};
	char *other = folder("no-room");

	setenv("ABLATE_SAVE_SECONDS", "0", 1);
	room = 100000;
	ck_assert(!attempt(ABL_STAGE_PRETRAIN, other, r, &s, NULL));
	unsetenv("ABLATE_SAVE_SECONDS");
	same_weights(pretrained, other);
	ck_assert_str_eq(
		s.messages.text,
		"warning: the state after step 1 was not saved: only 98 KiB are free on "
		"the disk, and 253 KiB are wanted; there is none to go on from; the work goes "
		"on, and it is tried again\n"
		"the state after step 9 is saved again\n");
	finish_stops(&s);
	free(other);
	ck_assert_double_eq(abl_saving_interval(0), 120); /* seldom costs more than a hundredth */
	ck_assert_double_eq_tol(abl_saving_interval(3), 300, 1e-9);
	ck_assert_double_eq(abl_saving_interval(1e4), 3600);
}
END_TEST

/* So are the evaluation whose weights are kept, the weights, and the end. */
START_TEST(test_stops__the_best_is_the_same)
{
	static const struct {
		const char *select;
		int64_t early_stopping;
	} cases[] = {{"best", 4}, {"best_dev", 0}};
	static const int64_t at[STOPS] = {20, 41, 62, 70};
	const struct abl_config before = config;

	config.finetune.steps = 131;
	config.finetune.learning_rate = 2e-2; /* so that evaluations go up and down */
	setenv("ABLATE_SAVE_SECONDS", "0", 1);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const bool apart = strcmp(cases[i].select, "best_dev") != 0;
		const struct abl_stage_request r = {.vocab = vocab,
						    .parent = pretrained,
						    .seed = 1,
						    .split = "dev",
						    .hold_back = apart};
		char *whole = folder("whole"), *stopped = folder("stopped");
		struct stops a = {0}, b = {0};

		config.finetune.select = cases[i].select;
		config.finetune.early_stopping = cases[i].early_stopping;
		ck_assert(!attempt(ABL_STAGE_FINETUNE, whole, r, &a, NULL));
		with_stops(ABL_STAGE_FINETUNE, stopped, &r, at, &b);
		ck_assert_str_eq(a.points.text, b.points.text);
		ck_assert(!strstr(a.points.text, "held_back_accuracy") == !apart);
		same_weights(whole, stopped);
		ck_assert(!abl_remove_tree(whole, NULL) && !abl_remove_tree(stopped, NULL));
		finish_stops(&a), finish_stops(&b);
		free(whole), free(stopped);
	}
	unsetenv("ABLATE_SAVE_SECONDS");
	config = before;
}
END_TEST

static void flip(const char *path, long at)
{
	FILE *f = fopen(path, "r+b");
	int c;

	ck_assert(f && !fseek(f, at, at < 0 ? SEEK_END : SEEK_SET) && (c = getc(f)) != EOF);
	ck_assert(!fseek(f, -1, SEEK_CUR) && putc(c ^ 4, f) != EOF && !fclose(f));
}

/* Two pauses leave two states: the newest that is whole is gone on from, and it is said so. */
START_TEST(test_stops__damaged_states_are_told_and_passed_over)
{
	static const struct {
		bool first, second;
		long at;
		const char *said;
	} cases[] = {
		{false, true, -5, "goes on from the state before it, of step 5"},
		{true, false, 400, NULL}, /* nobody needs the older one: but it is said */
		{true, true, -5, "begins anew"},
		{true, true, 100, "begins anew"},
		{true, true, 3, "begins anew"},
	};
	const struct abl_stage_request r = {.vocab = vocab, .corpus = corpus, .seed = 1};
	struct stops whole = {0};
	char *other = folder("damaged-states"), *files[2];

	ck_assert(!attempt(ABL_STAGE_PRETRAIN, other, r, &whole, NULL));
	files[0] = abl_path_join(other, "state.safetensors");
	files[1] = abl_path_join(other, "state-2.safetensors");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct stops s = {.at = 5};

		ck_assert(!abl_remove_tree(other, NULL) && !abl_mkdir_all(other, NULL));
		ck_assert_int_eq(attempt(ABL_STAGE_PRETRAIN, other, r, &s, NULL), ABL_ESTOP);
		s.at = 9;
		ck_assert_int_eq(attempt(ABL_STAGE_PRETRAIN, other, r, &s, NULL), ABL_ESTOP);
		ck_assert_int_eq(s.paused, 9);
		ck_assert(abl_is_regular(files[0]) && abl_is_regular(files[1]));
		if (cases[i].first)
			flip(files[0], cases[i].at);
		if (cases[i].second)
			flip(files[1], cases[i].at);
		finish_stops(&s);
		ck_assert(!attempt(ABL_STAGE_PRETRAIN, other, r, &s, NULL));
		ck_assert_str_eq(s.points.text, whole.points.text);
		ck_assert_msg(strstr(s.messages.text,
				     cases[i].said ? cases[i].said : "state.safetensors"),
			      "%zu: %s", i, s.messages.text);
		ck_assert(!abl_file_exists(files[0]) && !abl_file_exists(files[1]));
		finish_stops(&s);
	}
	finish_stops(&whole);
	free(other), free(files[0]), free(files[1]);
}
END_TEST

/* A disk that is full at the second state: the first stays, training goes on, and a pause says
 * where it really stands. */
START_TEST(test_stops__a_failed_save_takes_nothing_with_it)
{
	const struct rlimit none = {64, RLIM_INFINITY};
	const struct abl_stage_request r = {.vocab = vocab, .corpus = corpus, .seed = 1};
	struct rlimit before;
	struct stops s = {0};
	char *other = folder("full-disk");

	signal(SIGXFSZ, SIG_IGN);
	ck_assert(!getrlimit(RLIMIT_FSIZE, &before));
	for (int i = 0; i < 2; i++) { /* without and with a state before it */
		ck_assert(!abl_remove_tree(other, NULL) && !abl_mkdir_all(other, NULL));
		s.at = 5;
		if (i)
			ck_assert_int_eq(attempt(ABL_STAGE_PRETRAIN, other, r, &s, NULL),
					 ABL_ESTOP);
		finish_stops(&s);
		s.at = 9;
		ck_assert(!setrlimit(RLIMIT_FSIZE, &none));
		ck_assert_int_eq(attempt(ABL_STAGE_PRETRAIN, other, r, &s, NULL), ABL_ESTOP);
		ck_assert(!setrlimit(RLIMIT_FSIZE, &before));
		ck_assert_int_eq(s.paused, i ? 5 : 0);
		ck_assert_msg(strstr(s.messages.text, "the state after step 9 was not saved: "),
			      "%s", s.messages.text);
		ck_assert_msg(strstr(s.messages.text, "File too large; "), "%s", s.messages.text);
		ck_assert_msg(strstr(s.messages.text, i ? "that after step 5 is kept"
							: "there is none to go on from"),
			      "%s", s.messages.text);
		finish_stops(&s);
	}
	s.at = 9;
	ck_assert_int_eq(attempt(ABL_STAGE_PRETRAIN, other, r, &s, NULL), ABL_ESTOP);
	ck_assert_int_eq(s.paused, 9);
	ck_assert(!s.messages.length);
	finish_stops(&s);
	free(other);
}
END_TEST

static void prepare(void)
{
	char *text = folder("vocab");
	struct stops s = {0};
	struct abl_err err = {0};
	struct abl_stage_request r = {.texts = texts, .seed = 1};

	abl_config_init(&config);
	config.layers = 1;
	config.hidden = 16;
	config.heads = 1;
	config.vocab_size = 300;
	config.max_length = 24;
	config.pretrain.steps = 20;
	config.pretrain.batch_tokens = 256;
	config.finetune.batch_size = 4;
	ck_assert_int_eq(abl_config_resolve(&config, NULL, &err), 0);
	ck_assert_msg(!abl_task_spec_known(&task, "sentiment", "world", &err), "%s", err.text);
	corpus = folder("corpus"), pretrained = folder("pretrained");
	ck_assert_msg(!attempt(ABL_STAGE_VOCAB, text, r, &s, &err), "%s", err.text);
	r.vocab = vocab = abl_path_join(text, "vocab.txt");
	ck_assert_msg(!attempt(ABL_STAGE_TOKENIZE, corpus, r, &s, &err), "%s", err.text);
	r.corpus = corpus;
	ck_assert_msg(!attempt(ABL_STAGE_PRETRAIN, pretrained, r, &s, &err), "%s", err.text);
	finish_stops(&s);
	free(text);
}

int main(void)
{
	TCase *c = tcase_create("stops");
	int failed;

	if (!mkdtemp(root))
		return 1;
	tcase_add_unchecked_fixture(c, prepare, NULL);
	tcase_set_timeout(c, 300);
	tcase_add_test(c, test_stops__curves_of_stopped_runs_are_those_of_others);
	tcase_add_test(c, test_stops__at_random_steps);
	tcase_add_test(c, test_stops__the_end_is_paused_like_the_rest);
	tcase_add_test(c, test_stops__a_disk_without_room_is_told_once);
	tcase_add_test(c, test_stops__the_best_is_the_same);
	tcase_add_test(c, test_stops__damaged_states_are_told_and_passed_over);
	tcase_add_test(c, test_stops__a_failed_save_takes_nothing_with_it);
	failed = run_case(c, "stops");
	abl_task_spec_finish(&task);
	free(vocab), free(corpus), free(pretrained);
	return abl_remove_tree(root, NULL) || failed;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"
#include "order_fixture.h"
#include "order_reason.h"
#include "process.h"
#include "run_case.h"
#include "run_order.h"
#include "seal.h"
#include "str.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/test_run_order.XXXXXX";
static char work[64], out[80], output[80];

/* What the events said, a line each. */
static struct abl_str heard;
static bool stop;

static void hear_result(void *data, const char *name, double value)
{
	abl_str_printf(&heard, "result %s %g\n", name, value);
}

static void hear_metric(void *data, int64_t step, const char *name, double value)
{
	abl_str_printf(&heard, "metric %d %s %g\n", (int)step, name, value);
}

static void hear_message(void *data, const char *text)
{
	abl_str_printf(&heard, "%s\n", text);
}

static void hear_predictions(void *data, const char *file)
{
	abl_str_printf(&heard, "predictions %s\n", file);
}

static void hear_sealed(void *data, const char *hash)
{
	ck_assert(!abl_made_check(output, hash, ABL_LOOK_ALL, NULL));
	abl_str_puts(&heard, "sealed\n");
}

static void hear_paused(void *data, int64_t step)
{
	abl_str_printf(&heard, "paused %d\n", (int)step);
}

/* Asked to stop as soon as the program says so. */
static bool is_stopping(void *data)
{
	char path[100];

	snprintf(path, sizeof path, "%s/stop", root);
	return stop && abl_file_exists(path);
}

static const struct abl_events ears = {.metric = hear_metric,
				       .result = hear_result,
				       .message = hear_message,
				       .predictions = hear_predictions,
				       .sealed = hear_sealed,
				       .paused = hear_paused,
				       .stopping = is_stopping};

static const struct abl_order_metric accuracy[] = {
	{"accuracy", .main = true, .from = "{out}/r.json: accuracy"}};
static const struct abl_order_option options[] = {{"lr", A_REAL(1e-5)}, {"text", A_TEXT("a b")}};
static const char *words[] = {"sh", "-c", NULL, "sh", "{flags}", NULL};

static struct abl_order order_of(const char *script)
{
	struct abl_order o = plain_order(words);

	words[2] = script;
	o.directory = o.home = root;
	o.out = out;
	o.options = options, o.option_count = 2;
	o.metrics = accuracy, o.metric_count = 1;
	o.seed = 7;
	o.stop_grace = 3;
	return o;
}

/* A new attempt in an empty folder, as the supervisor makes it. */
static int run_order(const struct abl_order *o, bool resume, struct abl_err *err)
{
	int rc;

	abl_str_clear(&heard);
	abl_str_puts(&heard, "");
	*err = (struct abl_err){0};
	ck_assert(!abl_remove_tree(output, NULL) && !abl_mkdir_all(output, NULL));
	rc = abl_order_run(o, output, "/trial.json", resume, &ears, err);
	if (!rc)
		abl_order_tidy(o);
	return rc;
}

static void check_run(const struct abl_order *o, int rc, const char *message)
{
	struct abl_err err;
	const int got = run_order(o, false, &err);

	ck_assert_msg(got == rc, "%d: %s", got, err.text);
	ck_assert_str_eq(err.text, message);
}

static bool has(const char *name)
{
	char path[200];

	snprintf(path, sizeof path, "%s/%s", output, name);
	return abl_is_regular(path);
}

static size_t entries(const char *folder)
{
	DIR *d = opendir(folder);
	size_t n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n ? n - 2 : 0;
}

START_TEST(test_run__what_metrics_and_keep_name_stays)
{
	static const struct abl_order_metric two[] = {
		{"accuracy", .main = true, .from = "{out}/deep/r.json: accuracy"},
		{"loss", .lower_is_better = true}};
	struct abl_order o =
		order_of("cd {out}; mkdir deep best; echo '{{\"accuracy\": 0.875}}' >deep/r.json; "
			 "echo 'loss=0.123456'; echo w >best/w; echo big >big; echo x >.hidden; "
			 "ln -s /etc/passwd best/link; echo \"$@\" >best/words");

	o.metrics = two, o.metric_count = 2;
	o.keep = WORDS("best/*", "{out}/nothing*");
	check_run(&o, 0, "");
	ck_assert_str_eq(heard.text, "result accuracy 0.875\nresult loss 0.123456\n"
				     "not kept of {out}: 1 link\nsealed\n");
	ck_assert(has("deep/r.json") && has("best/w") && has("best/words") && has("sealed.json"));
	ck_assert(!has("big") && !has("best/link") && !has("events.jsonl"));
	ck_assert_uint_eq(entries(output), 3);
	ck_assert(!abl_file_exists(out));
	ck_assert_uint_eq(entries(work), 1); /* the attempt, and no file beside it */
}
END_TEST

START_TEST(test_run__a_step_before_keeps_all)
{
	struct abl_order o = order_of("cd {out}; mkdir -p a/b/.c; echo 1 >a/b/.c/x; echo 2 >.y; "
				      "echo 3 >z; ln -s z l; mkfifo p; echo 4 >sealed.json; "
				      "echo 5 >$(printf '\\377')");

	o.metric_count = 0, o.keep_all = true;
	check_run(&o, 0, "");
	ck_assert_str_eq(heard.text,
			 "not kept of {out}: 1 link\n"
			 "not kept of {out}: 1 pipe, socket or device\n"
			 "not kept of {out}: 2 files whose names are not UTF-8, or ours\n"
			 "sealed\n");
	ck_assert(has("a/b/.c/x") && has(".y") && has("z"));
	ck_assert_uint_eq(entries(output), 4);
}
END_TEST

START_TEST(test_run__what_it_is_told)
{
	static const struct abl_order_setting environment[] = {{"MINE", "{variant}"}};
	static const struct abl_order_metric told[] = {{"accuracy", .main = true}};
	struct abl_str text = {0};
	struct abl_order o =
		order_of("test \"$1\" = --lr=1e-5 && test \"$2\" = '--text=a b' && test $# = 2 && "
			 "test \"$ABLATE_SEED,$ABLATE_TRIAL,$MINE,$PYTHONUNBUFFERED\" = "
			 "7,/trial.json,baseline,1 && test \"$ABLATE_OUT\" = {out} && "
			 "test $OMP_NUM_THREADS = 3 && test $ABLATE_OPTIONS = {options} && "
			 "cp {options} {out}/copy && test {port} -gt 1024 && "
			 "test \"$ABLATE_STAGE/out\" = {out} && test -z "
			 "\"$OMP_WAIT_POLICY$GOMP_SPINCOUNT\" && "
			 "test \"$CUDA_VISIBLE_DEVICES\" = 2,5 && "
			 "echo '{{\"accuracy\": 0.5}}' >>$ABLATE_EVENTS");

	o.environment = environment, o.environment_count = 1;
	o.metrics = told;
	o.gpus = 2, o.cards = WORDS("2", "5");
	o.keep = WORDS("copy");
	o.threads = 3;
	setenv("OMP_WAIT_POLICY", "passive", 1);
	setenv("GOMP_SPINCOUNT", "1000", 1);
	check_run(&o, 0, "");
	unsetenv("OMP_WAIT_POLICY");
	unsetenv("GOMP_SPINCOUNT");
	ck_assert_str_eq(heard.text, "result accuracy 0.5\nsealed\n");
	ck_assert(!chdir(output) && !abl_file_read("copy", &text, 1000, NULL));
	ck_assert_str_eq(text.text,
			 "{\n  \"lr\": 1.0000000000000001e-5,\n  \"text\": \"a b\"\n}\n");
	abl_str_finish(&text);
	ck_assert(!chdir("/"));
}
END_TEST

START_TEST(test_run__why_it_failed)
{
	static const struct {
		const char *script;
		int rc;
		const char *message;
	} cases[] = {
		{"echo a; echo 'no such option: --lr' >&2; echo; exit 2", ABL_EFAIL,
		 "exit code 2: no such option: --lr"},
		{"exit 1", ABL_EFAIL, "exit code 1; it printed nothing"},
		{"kill -SEGV $$", ABL_EFAIL,
		 "killed by signal 11 (Segmentation fault); it printed nothing"},
		{"echo x; kill -9 $$", ABL_EKILLED, "killed by signal 9 (Killed): x"},
		{"echo x; exit 143", ABL_EKILLED, "exit code 143: x"}, /* a shell's child */
		{"echo '[rank0]: torch.OutOfMemoryError: CUDA out of memory. Tried'; echo ====; "
		 "echo 'error_file: <N/A>'; exit 1",
		 ABL_ENOMEM,
		 "exit code 1, out of memory: [rank0]: torch.OutOfMemoryError: CUDA out of "
		 "memory. Tried"},
		{"echo 'OSError: [Errno 28] No space left on device'; exit 1", ABL_EFULL,
		 "exit code 1: OSError: [Errno 28] No space left on device"},
		{"echo 'RuntimeError: CUDA error: out of memory'; exit 1", ABL_ENOMEM,
		 "exit code 1, out of memory: RuntimeError: CUDA error: out of memory"},
		{"echo 'DataLoader worker (pid 7) is killed by signal: Killed. '; exit 1",
		 ABL_EKILLED,
		 "exit code 1: DataLoader worker (pid 7) is killed by signal: Killed."},
		{"echo 'OSError: [Errno 122] Disk quota exceeded'; exit 1", ABL_EFULL,
		 "exit code 1: OSError: [Errno 122] Disk quota exceeded"},
		{"echo 'OSError: [Errno 30] Read-only file system'; exit 1", ABL_EIO,
		 "exit code 1: OSError: [Errno 30] Read-only file system"},
		{"echo './train.sh: 22: echo: echo: I/O error'; exit 1", ABL_EIO,
		 "exit code 1: ./train.sh: 22: echo: echo: I/O error"},
		{"echo 'it ran'", ABL_EINPUT, NULL},
		{"echo '{{\"accuracy\": NaN}}' >{out}/r.json", ABL_EDIVERGED,
		 "the main metric 'accuracy' is no number (NaN)"},
	};
	struct abl_err err;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct abl_order o = order_of(cases[i].script);

		if (cases[i].message) {
			check_run(&o, cases[i].rc, cases[i].message);
			continue;
		}
		ck_assert_int_eq(run_order(&o, false, &err), cases[i].rc);
		ck_assert_msg(strstr(err.text, "the main metric 'accuracy' is missing"), "%s",
			      err.text);
		ck_assert_msg(strstr(err.text, "; the last it printed: it ran"), "%s", err.text);
	}
}
END_TEST

START_TEST(test_run__a_copy_lacks_a_file)
{
	struct abl_order o = order_of("cat data.txt");

	o.home = "/u/me";
	check_run(&o, ABL_EFAIL,
		  "exit code 1: cat: data.txt: No such file or directory; it runs in a copy of its "
		  "code: name what it reads under 'files:' or 'inputs:', or write 'code: "
		  "in-place'");
	words[0] = "no-such-program";
	ck_assert_int_eq(run_order(&o, false, &(struct abl_err){0}), ABL_EINPUT);
	words[0] = "sh";
}
END_TEST

START_TEST(test_run__setup)
{
	struct abl_order o = order_of("echo \"{{\\\"accuracy\\\": $X}}\" >{out}/r.json");

	o.setup = WORDS("X=0.25", "export X\nfalse || true", "if true; then Y='a b'; fi # {X}");
	check_run(&o, 0, "");
	ck_assert_str_eq(heard.text, "result accuracy 0.25\nsealed\n");
	o.setup = WORDS("X=0.25", "conda_activate 'x y'; (exit 3)", "X=1");
	check_run(&o, ABL_EFAIL,
		  "exit code 3: ablate: line 2 of setup ended with code 3: conda_activate 'x y'; "
		  "(exit 3)");
}
END_TEST

/* Three attempts: stopped with a state, stopped and gone on with, done. */
START_TEST(test_run__stopped_and_gone_on_with)
{
	struct abl_order o = order_of(
		"trap ': >{out}/checkpoint-1; exit 0' USR1; test -e {out}/checkpoint-1 && exec sh "
		"-c 'echo $0 >{out}/seen; echo \"{{\\\"accuracy\\\": 1}}\" >{out}/r.json' \"$3\"; "
		": >stop; while :; do sleep .02; done");
	struct abl_err err;

	o.resume_if = "{state}/checkpoint-*", o.resume_flags = WORDS("--resume");
	o.stop_signal = SIGUSR1;
	o.keep = WORDS("seen");
	stop = true;
	ck_assert_int_eq(run_order(&o, false, &err), ABL_ESTOP);
	ck_assert_str_eq(heard.text, "paused 0\n");
	ck_assert(abl_is_dir(out));
	ck_assert(!chdir(root) && !unlink("stop"));
	ck_assert_msg(!run_order(&o, true, &err), "%s", err.text);
	ck_assert_str_eq(heard.text, "result accuracy 1\nsealed\n");
	ck_assert(has("seen") && !abl_file_exists(out));
	/* no state yet: nothing to go on from, and the next attempt begins anew */
	words[2] = ": >{out}/other; : >stop; sleep 100";
	ck_assert_int_eq(run_order(&o, false, &err), ABL_ESTOP);
	ck_assert_str_eq(heard.text, "");
	stop = false;
	words[2] = "test ! -e {out}/other && test $# = 2 && echo '{{\"accuracy\": 2}}' "
		   ">{out}/r.json";
	ck_assert_msg(!run_order(&o, true, &err), "%s", err.text);
	o.resume_if = "/elsewhere/*";
	ck_assert(!abl_mkdir_all(out, NULL));
	ck_assert_int_eq(run_order(&o, true, &err), ABL_EINPUT);
	ck_assert_str_eq(err.text, "'resume': '/elsewhere/*' does not begin with '{state}/'; only "
				   "that stays from one attempt to the next");
	ck_assert(!chdir("/"));
}
END_TEST

/* What a program saved before it crashed is gone on from, but not for ever. */
START_TEST(test_run__crashed_and_gone_on_with)
{
	struct abl_order o = order_of("set -- $#; echo $1; : >{out}/checkpoint-1; exit 3");
	struct abl_err err;

	o.resume_if = "{state}/checkpoint-*", o.resume_flags = WORDS("--resume");
	/* as long as it saves more, seven times at most */
	for (int i = 0; i < 8; i++) {
		ck_assert_int_eq(run_order(&o, i, &err), ABL_EFAIL);
		ck_assert_str_eq(err.text, i ? "exit code 3: 3" : "exit code 3: 2");
		ck_assert_str_eq(heard.text, i == 7 ? "what it had gone on from is given up: the "
						      "next attempt begins anew\n"
						    : "paused 0\n");
	}
	/* killed, with a checkpoint that crashes whoever reads it */
	ck_assert(!abl_remove_tree(work, NULL) && !abl_mkdir_all(work, NULL));
	words[2] = ": >{out}/checkpoint-1; kill -9 $$";
	ck_assert_int_eq(run_order(&o, false, &err), ABL_EKILLED);
	words[2] = "exit 3";
	usleep(30000); /* ticks of the clock of files: what was saved is old */
	ck_assert_int_eq(run_order(&o, true, &err), ABL_EFAIL);
	ck_assert_ptr_nonnull(strstr(heard.text, "begins anew"));
	/* with one that helps: it saves another, and may go on once more */
	ck_assert(!abl_remove_tree(work, NULL) && !abl_mkdir_all(work, NULL));
	words[2] = ": >{out}/checkpoint-1; kill -9 $$";
	ck_assert_int_eq(run_order(&o, false, &err), ABL_EKILLED);
	words[2] = "sleep .03; : >{out}/checkpoint-2; exit 3";
	ck_assert_int_eq(run_order(&o, true, &err), ABL_EFAIL);
	ck_assert_str_eq(heard.text, "paused 0\n");
	ck_assert(!abl_remove_tree(work, NULL) && !abl_mkdir_all(work, NULL));
}
END_TEST

/* A program that goes on from its last checkpoint says nothing twice. */
START_TEST(test_run__what_was_said_before_a_stop_counts)
{
	static const struct abl_order_metric said[] = {
		{"accuracy", .main = true, .best = true, .series = true, .from = "stdout"},
		{"loss", .series = true}};
	struct abl_order o = order_of(
		"if test $# = 3; then echo '{{\"loss\": 0.125, \"step\": 2}}' >>$ABLATE_EVENTS; "
		"echo 'accuracy=0.812345 step=2'; exit; fi; printf 'accuracy=0.912345 step=1\n"
		"nothing: 1\naccuracy=0.5'; printf '{{\"loss\": 0.25, \"step\": 1}}\n{{\"los' "
		">>$ABLATE_EVENTS; : >{out}/checkpoint-1; : >stop; exec sleep 100");
	struct abl_err err = {0};

	ck_assert(!chdir(root) && (!unlink("stop") || true) && !chdir("/"));
	o.metrics = said, o.metric_count = 2;
	o.resume_if = "{state}/checkpoint-*", o.resume_flags = WORDS("--resume");
	stop = true;
	ck_assert_int_eq(run_order(&o, false, &err), ABL_ESTOP);
	stop = false;
	abl_str_clear(&heard);
	err = (struct abl_err){0};
	ck_assert_msg(!abl_order_run(&o, output, "/trial.json", true, &ears, &err), "%s", err.text);
	ck_assert_msg(strstr(heard.text, "metric 1 accuracy 0.912345\n") &&
			      strstr(heard.text, "metric 1 loss 0.25\nmetric 2 loss 0.125\n") &&
			      strstr(heard.text, "result accuracy 0.912345\nresult loss 0.125\n"),
		      "%s", heard.text);
	abl_order_tidy(&o);
	ck_assert(entries(work) == 1 && entries(output) == 1); /* the seal */
}
END_TEST

START_TEST(test_run__a_link_in_the_place_of_out)
{
	struct abl_order o = order_of(
		"mkdir -p else; echo '{{\"accuracy\": 1}}' >else/r.json; rm -r {out}; ln -s "
		"$PWD/else {out}");
	struct abl_err err;

	check_run(&o, ABL_EINPUT,
		  "the program has put a link or a file in the place of {out}: only what lies in "
		  "that folder itself is read and kept");
	ck_assert(!has("r.json") && !abl_remove_tree(out, NULL));
	words[2] = "test -e else/r.json && rm -r {out} else; echo accuracy=1";
	o.metrics = &(struct abl_order_metric){"accuracy", .main = true, .from = "stdout"};
	check_run(&o, 0, ""); /* who reads nothing there need not miss it */
	words[2] = "echo accuracy=1; mkdir else; >else/precious; rm -r {out}/../1; ln -s $PWD/else "
		   "{out}/../1";
	ck_assert_int_eq(run_order(&o, false, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "it may write to {out}, and not beside it"), "%s", err.text);
	ck_assert(has("precious") && !unlink(output));
}
END_TEST

START_TEST(test_run__what_was_left_running_is_killed)
{
	struct abl_order o = order_of("setsid sleep 100 & echo '{{\"accuracy\": 1}}' "
				      ">{out}/r.json");
	char mark[100], command[200];

	check_run(&o, 0, "");
	ck_assert_str_eq(heard.text, "1 process that the program had left behind: killed\n"
				     "result accuracy 1\nsealed\n");
	/* of an attempt whose parents were all killed */
	snprintf(mark, sizeof mark, "ABLATE_STAGE=%s", work);
	snprintf(command, sizeof command, "env %s setsid sleep 100 >/dev/null 2>&1 & sleep .1",
		 mark);
	ck_assert(!system(command) && !abl_mkdir_all(out, NULL));
	words[2] = "echo '{{\"accuracy\": 1}}' >{out}/r.json";
	check_run(&o, 0, "");
	ck_assert_str_eq(heard.text, "1 process of an earlier attempt: killed\nresult accuracy 1\n"
				     "sealed\n");
}
END_TEST

START_TEST(test_words__the_line_that_says_most)
{
	static const char *const cases[][2] = {
		{"", ""},
		{"\n \n===\n", ""},
		{"a\nb\n\n----\n", "b"},
		{"Traceback:\n  x\nValueError: bad lr\n", "ValueError: bad lr"},
		{"KeyError: 'x'\nwandb: run finished\n", "KeyError: 'x'"},
		{"a.b.MyError: deep\nroot cause\nChildFailedError:\n====\n", "a.b.MyError: deep"},
		{"Error:\nlast\n", "last"},
		{"turned \xe2\x80\xae round\n", "turned \\u202e round"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct abl_str text = {0};

		ck_assert(abl_order_last_words(cases[i][0], &text) == (*cases[i][1] != '\0'));
		ck_assert_str_eq(text.text, cases[i][1]);
		abl_str_finish(&text);
	}
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("run_order");
	int failed;

	if (!mkdtemp(root))
		return 1;
	snprintf(work, sizeof work, "%s/work", root);
	snprintf(out, sizeof out, "%s/out", work);
	snprintf(output, sizeof output, "%s/1", work);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, test_run__what_metrics_and_keep_name_stays);
	tcase_add_test(c, test_run__a_step_before_keeps_all);
	tcase_add_test(c, test_run__what_it_is_told);
	tcase_add_test(c, test_run__why_it_failed);
	tcase_add_test(c, test_run__a_copy_lacks_a_file);
	tcase_add_test(c, test_run__setup);
	tcase_add_test(c, test_run__stopped_and_gone_on_with);
	tcase_add_test(c, test_run__crashed_and_gone_on_with);
	tcase_add_test(c, test_run__what_was_said_before_a_stop_counts);
	tcase_add_test(c, test_run__a_link_in_the_place_of_out);
	tcase_add_test(c, test_run__what_was_left_running_is_killed);
	tcase_add_test(c, test_words__the_line_that_says_most);
	failed = run_case(c, "run_order");
	abl_str_finish(&heard);
	return abl_remove_tree(root, NULL) || failed;
}

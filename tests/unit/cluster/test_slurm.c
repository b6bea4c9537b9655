/* SPDX-License-Identifier: Apache-2.0 */
/* test_slurm.c - what Slurm is given, what it answers, and what becomes of allocations. Slurm's
 * programs are scripts of ours here, in a folder at the front of $PATH. */
#include "files.h"
#include "machine.h"
#include "run_case.h"
#include "slurm_fake.h"
#include "slurm_fleet.h"
#include "slurm_submit.h"

#include <check.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const words[] = {"/opt/my ablate", "worker", "--store", "/s/it's", NULL};

static const char *lines(const struct abl_argv *a)
{
	abl_str_clear(&all);
	for (size_t i = 0; i < a->count; i++)
		abl_str_printf(&all, "%s\n", a->word[i]);
	return all.text;
}

START_TEST(test_script)
{
	const struct abl_slurm_job job = {
		.study = "toy\nrm", .folder = "/s/logs", .elements = 4, .words = words};
	struct abl_str text = {0};

	abl_slurm_script(&job, &text);
	ck_assert_str_eq(text.text,
			 "#!/bin/sh\n"
			 "# Workers of the study toy?rm, submitted by 'ablate run --on slurm'.\n"
			 ": >>/s/logs/slurm-\"${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}.log\"\n"
			 "[ -z \"${SLURM_CPUS_PER_TASK:-}\" ] || "
			 "export SRUN_CPUS_PER_TASK=\"$SLURM_CPUS_PER_TASK\"\n"
			 "exec srun --kill-on-bad-exit=1 '/opt/my ablate' worker --store "
			 "'/s/it'\\''s'\n");
	abl_str_finish(&text);
}
END_TEST

/* Executes a head's script with that as the head, and a shell's commands on it as $p. What they
 * print, and the exit code. */
static const char *run_head(const char *head, const char *commands, bool whole)
{
	const char *const own[] = {"/bin/sh", "-c", head, NULL};
	const struct abl_slurm_job job = {.study = "toy",
					  .folder = folder,
					  .words = own,
					  .directory = folder,
					  .whole = whole};
	char *path = path_of("head.sh"), *out = path_of("out");
	struct abl_str text = {0}, line = {0};

	abl_slurm_script(&job, &text);
	ck_assert_int_eq(abl_file_write(path, text.text, text.length, NULL), 0);
	abl_str_printf(&line, "d=%s; { sh %s & p=$!; %s; wait $p; echo code $?; } >%s 2>/dev/null",
		       folder, path, commands, out);
	(void)!system(line.text);
	abl_str_clear(&all);
	ck_assert_int_eq(abl_file_read(out, &all, 1 << 16, NULL), 0);
	free(path), free(out);
	abl_str_finish(&text), abl_str_finish(&line);
	return all.text;
}

#define UNTIL_READY "until [ -e $d/ready ]; do sleep .01; done; sleep .05; rm $d/ready; "

START_TEST(test_script_of_head)
{
	fake("sleep", "[ \"$1\" = 5 ] || exec /bin/sleep $1");
	fake("scontrol", "[ -e $dir/asked ] || { : >$dir/asked; exit 1; }; echo scontrol $*");
	setenv("SLURM_JOB_ID", "5", 1);
	ck_assert_str_eq(run_head("pwd; exit 3", ":", false) + strlen(folder), "\ncode 3\n");
	/* its time is up: ended at once, or asked to save what its steps do */
	ck_assert_str_eq(run_head("trap 'echo saved; exit 3' TERM; : >ready; sleep 9 & wait",
				  UNTIL_READY "kill -USR1 $p", false),
			 "scontrol requeue 5\ncode 0\n");
	ck_assert_str_eq(run_head("trap 'echo saved; exit 3' TERM; : >ready; sleep 9 & wait",
				  UNTIL_READY "kill -USR1 $p", true),
			 "saved\nscontrol requeue 5\ncode 0\n");
	ck_assert_str_eq(run_head("trap 'echo saved; exit 3' TERM; : >ready; sleep 9 & wait",
				  UNTIL_READY "kill -TERM $p", false),
			 "saved\ncode 3\n");
	unsetenv("SLURM_JOB_ID");
}
END_TEST

START_TEST(test_submit_words)
{
	const char *const options[] = {"--partition=a b", "-x", "n1", "--time=4:00:00", NULL};
	struct abl_slurm_job job = {.study = "my study",
				    .folder = "/s/100%/logs",
				    .token = "ablate-1",
				    .elements = 16,
				    .lead = 120,
				    .options = options,
				    .words = words};
	struct abl_argv a = {0};

	abl_slurm_submit_words(&job, &a);
	ck_assert_str_eq(lines(&a), "sbatch\n--parsable\n--job-name=ablate-my_study\n"
				    "--comment=ablate-1\n--open-mode=append\n"
				    "--output=/s/100%%/logs/slurm-%A_%a.log\n--array=0-15%16\n"
				    "--signal=USR1@120\n"
				    "--partition=a b\n-x\nn1\n--time=4:00:00\n"
				    "/s/100%/logs/slurm-ablate-1.sh\n");
	abl_argv_finish(&a);
	job.elements = 0, job.exclude = "n7", job.folder = "/s/logs";
	abl_slurm_submit_words(&job, &a);
	ck_assert_str_eq(lines(&a), "sbatch\n--parsable\n--job-name=ablate-head-my_study\n"
				    "--comment=ablate-1\n--open-mode=append\n"
				    "--output=/s/logs/slurm-%j.log\n--requeue\n"
				    "--signal=B:USR1@120\n"
				    "--partition=a b\n-x\nn1\n--time=4:00:00\n--exclude=n1,n7\n"
				    "/s/logs/slurm-ablate-1.sh\n");
	abl_argv_finish(&a);
}
END_TEST

START_TEST(test_times)
{
	static const struct {
		const char *text;
		double seconds;
	} cases[] = {{"90", 5400},      {"90:30", 5430},  {"1:30:00", 5400}, {"1-2", 93600},
		     {"1-2:30", 95400}, {"0-0:0:5", 5},   {"UNLIMITED", 0},  {"", 0},
		     {"1:2:3:4", 0},    {"1-2:3:4:5", 0}, {"1-", 0},         {"5x", 0}};
	const char *const options[] = {"--time=9:0:0", "-t", "2", NULL};
	const struct abl_slurm_job job = {.study = "toy",
					  .folder = "/s",
					  .token = "t",
					  .elements = 1,
					  .lead = 120,
					  .options = options,
					  .words = words};
	struct abl_argv a = {0};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_double_eq(abl_slurm_time(cases[i].text), cases[i].seconds);
	abl_slurm_submit_words(&job, &a);
	ck_assert_ptr_nonnull(strstr(lines(&a), "--signal=USR1@60\n"));
	abl_argv_finish(&a);
}
END_TEST

START_TEST(test_options_that_are_ours)
{
	const char *const good[] = {"--partition=cpu", "-Aprojects", "--wait-all-nodes=1", NULL};
	const char *const *const bad[] = {
		(const char *const[]){"--array=0-3", NULL},
		(const char *const[]){"-p", "cpu", "-a0-3", NULL},
		(const char *const[]){"--wrap", "true", NULL},
		(const char *const[]){"-W", NULL},
		(const char *const[]){"#SBATCH --partition=cpu", NULL},
		(const char *const[]){"", NULL},
		(const char *const[]){"--time 4:00:00", NULL},
		(const char *const[]){"-p cpu", NULL},
	};
	struct abl_err err = {0};

	ck_assert_int_eq(abl_slurm_check_options(good, &err), 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		err = (struct abl_err){0};
		ck_assert_int_eq(abl_slurm_check_options(bad[i], &err), ABL_EINPUT);
	}
}
END_TEST

START_TEST(test_answers)
{
	static const struct {
		const char *printed, *job;
	} cases[] = {
		{"4711\n", "4711"}, {"welcome to 3 clusters\n4711;big\r\n", "4711;big"},
		{"4711", "4711"},   {"Submitted batch job 4711\n", ""},
		{"", ""},           {"\n;big\n12 34\n", ""},
	};
	struct abl_str out = {0};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		abl_str_clear(&out);
		abl_str_puts(&out, "");
		ck_assert_int_eq(abl_slurm_read_job(cases[i].printed, &out), *cases[i].job != 0);
		ck_assert_str_eq(out.text, cases[i].job);
	}
	abl_str_clear(&out);
	ck_assert(!abl_slurm_find_job("12|ablate-2|/s\nx|ablate-1|y\n", "ablate-1", &out));
	ck_assert(abl_slurm_find_job("12|ablate-2|/s\n13|mine|/s/slurm-ablate-1.sh\n", "ablate-1",
				     &out));
	ck_assert_str_eq(out.text, "13");
	abl_str_finish(&out);
	ck_assert(abl_slurm_passes("sbatch: error: Batch job submission failed: Unable to contact "
				   "slurm controller (connect failure)"));
	ck_assert(!abl_slurm_passes("sbatch: error: invalid partition specified: nope"));
}
END_TEST

/* ---- what becomes of allocations ---- */

START_TEST(test_fleet)
{
	struct abl_slurm_fleet f = {0};
	struct abl_str out = {0};
	const size_t a = abl_slurm_fleet_add(&f, "7;big", 3, 0);

	ck_assert_int_eq(abl_slurm_fleet_count(&f), 3);
	abl_slurm_fleet_begun(&f, a, 1, 5);
	ck_assert(!abl_slurm_fleet_joined(&f, 1, "8", "1", "n1", 6));
	ck_assert(!abl_slurm_fleet_joined(&f, 1, "7", "3", "n1", 6));
	ck_assert(!abl_slurm_fleet_joined(&f, 1, NULL, NULL, NULL, 6));
	ck_assert(abl_slurm_fleet_joined(&f, 1, "7", "1", "n1", 6));
	ck_assert(abl_slurm_fleet_joined(&f, 2, "7", "1", "n1", 6));
	ck_assert(abl_slurm_fleet_joined(&f, 2, "7", "1", "n1", 6)); /* it has called again */
	ck_assert_int_eq(abl_slurm_fleet_in(&f, ABL_SLURM_JOINED), 1);
	ck_assert_ptr_null(abl_slurm_fleet_gone(&f, 1, false, 7)); /* two were there */
	ck_assert_int_eq(abl_slurm_fleet_count(&f), 3);
	ck_assert_ptr_null(abl_slurm_fleet_gone(&f, 2, true, 7));
	ck_assert_int_eq(abl_slurm_fleet_count(&f), 2);
	ck_assert(abl_slurm_fleet_joined(&f, 3, "7", "1", "n1", 8)); /* Slurm has begun it anew */
	ck_assert_int_eq(abl_slurm_fleet_count(&f), 3);
	ck_assert_ptr_null(abl_slurm_fleet_gone(&f, 9, true, 9));
	ck_assert_str_eq(abl_slurm_fleet_gone(&f, 3, true, 9), "n1"); /* the second loss there */
	abl_slurm_fleet_left_out(&f, &out);
	ck_assert_str_eq(out.text, "n1");
	abl_str_finish(&out);
	abl_slurm_fleet_finish(&f);
}
END_TEST

/* Where all nodes lose workers, it is not the nodes: none is left out. */
START_TEST(test_nodes_all_lost)
{
	static const char *const nodes[] = {"n1", "n2", "n1", "n2"};
	struct abl_slurm_fleet f = {0};
	struct abl_str out = {0};

	abl_slurm_fleet_add(&f, "7", 4, 0);
	for (int i = 0; i < 4; i++)
		ck_assert(abl_slurm_fleet_joined(&f, i, "7", (const char[]){(char)('0' + i), '\0'},
						 nodes[i], 0));
	for (int i = 0; i < 4; i++)
		if (i == 2)
			ck_assert_str_eq(abl_slurm_fleet_gone(&f, i, true, 1), "n1");
		else
			ck_assert_ptr_null(abl_slurm_fleet_gone(&f, i, true, 1));
	abl_str_puts(&out, "");
	abl_slurm_fleet_left_out(&f, &out);
	ck_assert_str_eq(out.text, "");
	abl_str_finish(&out);
	abl_slurm_fleet_finish(&f);
}
END_TEST

/* Held, or lost by Slurm: what waits though others began long after it. */
START_TEST(test_forgotten)
{
	struct abl_slurm_fleet f = {0};

	abl_slurm_fleet_add(&f, "7", 3, 0);
	abl_slurm_fleet_add(&f, "8", 2, 5);
	abl_slurm_fleet_begun(&f, 0, 1, 8);
	ck_assert_int_eq(abl_slurm_fleet_forget(&f, 10, 1000), 0); /* nothing later has begun */
	ck_assert(abl_slurm_fleet_joined(&f, 1, "8", "0", NULL, 1000));
	ck_assert_int_eq(abl_slurm_fleet_forget(&f, 10, 1009), 0);
	ck_assert_int_eq(abl_slurm_fleet_count(&f), 5);
	ck_assert_int_eq(abl_slurm_fleet_forget(&f, 10, 1010), 2);
	ck_assert_int_eq(abl_slurm_fleet_forget(&f, 10, 1011), 0);
	ck_assert_int_eq(abl_slurm_fleet_count(&f), 3);
	ck_assert(abl_slurm_fleet_joined(&f, 2, "7", "2", NULL, 1020)); /* it comes all the same */
	ck_assert_int_eq(abl_slurm_fleet_count(&f), 4);
	(void)abl_slurm_fleet_gone(&f, 1, false, 1030);
	(void)abl_slurm_fleet_gone(&f, 2, false, 1030);
	ck_assert(abl_slurm_fleet_is_open(&f, 0)); /* to be cancelled in the end */
	abl_slurm_fleet_finish(&f);
}
END_TEST

START_TEST(test_never_connects)
{
	struct abl_slurm_fleet f = {0};
	size_t array;
	int64_t element;

	abl_slurm_fleet_add(&f, "7", 5, 0);
	for (int i = 0; i < 2; i++)
		abl_slurm_fleet_begun(&f, 0, i, 10);
	ck_assert(!abl_slurm_fleet_silent(&f, 120, 129, &array, &element));
	ck_assert(abl_slurm_fleet_silent(&f, 120, 130, &array, &element));
	ck_assert_int_eq(element, 0);
	ck_assert(abl_slurm_fleet_silent(&f, 120, 130, &array, &element));
	ck_assert(!abl_slurm_fleet_silent(&f, 120, 130, &array, &element));
	ck_assert(!abl_slurm_fleet_is_hopeless(&f));
	ck_assert_int_eq(abl_slurm_fleet_count(&f), 3);
	ck_assert(abl_slurm_fleet_joined(&f, 1, "7", "1", NULL, 140)); /* late, but there */
	for (int i = 2; i < 5; i++)
		abl_slurm_fleet_begun(&f, 0, i, 150);
	for (int i = 2; i < 5; i++)
		ck_assert(abl_slurm_fleet_silent(&f, 120, 300, &array, &element));
	ck_assert(abl_slurm_fleet_is_hopeless(&f));
	ck_assert_ptr_null(abl_slurm_fleet_gone(&f, 1, true, 310)); /* nobody knows where */
	abl_slurm_fleet_finish(&f);
}
END_TEST

/* ---- submitting ---- */

static double clock_now;

static double clock_of_test(void)
{
	return clock_now;
}

static const char *const no_options[] = {NULL};

static void begin(struct abl_slurm_submit *s)
{
	struct abl_slurm_job job = {
		.study = "toy", .elements = 2, .options = no_options, .words = words};
	char *path = path_of("calls"), *logs = path_of("logs");

	unlink(path);
	free(path);
	job.folder = logs;
	s->now = clock_of_test;
	ck_assert_int_eq(abl_slurm_submit_begin(s, &job, NULL), 0);
	free(logs);
}

/* The next that happens at this time. */
static enum abl_slurm_news next(struct abl_slurm_submit *s)
{
	enum abl_slurm_news news;

	while (!(news = abl_slurm_submit_advance(s)) && s->command.pid > 0) {
		struct pollfd fds[2];

		(void)poll(fds, abl_slurm_command_descriptors(&s->command, fds, 2), 10);
	}
	return news;
}

START_TEST(test_submit)
{
	struct abl_slurm_submit s = {0};

	fake("sbatch", "env | grep -q SLURM_JOB_ID && exit 9; env | grep -q SLURM_CONF || exit 8;"
		       "for last; do :; done; grep -q 'srun' \"$last\" || exit 7; echo '12;big'");
	fake("squeue", "exit 1");
	setenv("SLURM_JOB_ID", "5", 1), setenv("SLURM_CONF", "/x", 1);
	begin(&s);
	ck_assert_int_eq(next(&s), ABL_SLURM_SUBMITTED);
	ck_assert_str_eq(s.job.text, "12;big");
	ck_assert(abl_slurm_submit_rests(&s));
	ck_assert_double_eq(abl_slurm_submit_deadline(&s), INFINITY);
	begin(&s); /* not within a minute */
	ck_assert_int_eq(next(&s), ABL_SLURM_NOTHING);
	ck_assert_int_eq(calls_of("sbatch"), 0);
	clock_now += 59;
	ck_assert_int_eq(next(&s), ABL_SLURM_NOTHING);
	clock_now += 1.5;
	ck_assert_int_eq(next(&s), ABL_SLURM_SUBMITTED);
	ck_assert_int_eq(calls_of("sbatch"), 1);
	ck_assert_int_eq(calls_of("squeue"), 0);
	abl_slurm_submit_finish(&s);
}
END_TEST

/* It has taken the job, and answered with an error: it is found, and not submitted again. */
START_TEST(test_taken_all_the_same)
{
	struct abl_slurm_submit s = {0};

	fake("sbatch", "for w; do case $w in --comment=*) c=${w#--comment=} ;; esac; done\n"
		       "echo \"31|$c|x\" >$dir/queue\n"
		       "echo 'sbatch: error: Socket timed out on send/recv operation' >&2; exit 1");
	fake("squeue", "[ -e $dir/answers ] || exit 1; echo '30|other|y'; cat $dir/queue");
	begin(&s);
	ck_assert_int_eq(next(&s), ABL_SLURM_FAILED);
	ck_assert(s.passes);
	ck_assert_str_eq(s.why.text, "sbatch: error: Socket timed out on send/recv operation");
	ck_assert_int_eq(next(&s), ABL_SLURM_NOTHING);
	clock_now += 61;
	ck_assert_int_eq(next(&s), ABL_SLURM_FAILED); /* the queue does not answer */
	ck_assert_int_eq(calls_of("sbatch"), 1);
	fake("answers", "");
	clock_now += 121;
	ck_assert_int_eq(next(&s), ABL_SLURM_SUBMITTED);
	ck_assert_str_eq(s.job.text, "31");
	ck_assert_int_eq(calls_of("sbatch"), 1);
	abl_slurm_submit_finish(&s);
}
END_TEST

START_TEST(test_refused)
{
	struct abl_slurm_submit s = {0};

	fake("sbatch", "echo 'sbatch: error: invalid partition specified: nope' >&2; exit 1");
	fake("squeue", "exit 0");
	begin(&s);
	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(next(&s), ABL_SLURM_FAILED);
		ck_assert(!s.passes);
		ck_assert_int_eq(calls_of("sbatch"), i + 1);
		ck_assert_double_le(abl_slurm_submit_deadline(&s), clock_now + 600);
		clock_now = abl_slurm_submit_deadline(&s);
	}
	abl_slurm_submit_drop(&s);
	fake("sbatch", "exit 0"); /* names none */
	clock_now += 600;
	begin(&s);
	ck_assert_int_eq(next(&s), ABL_SLURM_FAILED);
	ck_assert_str_eq(s.why.text, "it has named no job");
	abl_slurm_submit_drop(&s);
	fake("sbatch", "sleep 30"); /* and hangs: whoever ends does not wait for it */
	clock_now += 600;
	begin(&s);
	ck_assert_int_eq(abl_slurm_submit_advance(&s), ABL_SLURM_NOTHING);
	abl_slurm_submit_finish(&s);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("slurm");
	int failed;

	if (!fake_begin())
		return 1;
	tcase_add_test(c, test_script);
	tcase_add_test(c, test_script_of_head);
	tcase_add_test(c, test_submit_words);
	tcase_add_test(c, test_times);
	tcase_add_test(c, test_options_that_are_ours);
	tcase_add_test(c, test_answers);
	tcase_add_test(c, test_fleet);
	tcase_add_test(c, test_nodes_all_lost);
	tcase_add_test(c, test_forgotten);
	tcase_add_test(c, test_never_connects);
	tcase_add_test(c, test_submit);
	tcase_add_test(c, test_taken_all_the_same);
	tcase_add_test(c, test_refused);
	failed = run_case(c, "slurm");
	fake_end();
	return failed;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_slurm_control.c - allocations are asked for while there is work, and given up where they
 * bring nothing; the time that a job has left. Slurm's programs are scripts of ours. */
#include "files.h"
#include "machine.h"
#include "run_case.h"
#include "slurm_control.h"
#include "slurm_fake.h"
#include "slurm_inside.h"
#include "slurm_self.h"

#include <check.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const words[] = {"/opt/ablate", "worker", NULL};
static size_t work_left;
static double now = 1000;
static struct abl_str said;
static char *logs;
static struct abl_executor control;

static size_t left(void *data)
{
	(void)data;
	return work_left;
}

static void says(void *data, const char *text)
{
	(void)data;
	abl_str_printf(&said, "%s\n", text);
}

static double clock_of_test(void)
{
	return now;
}

static void begin(int64_t workers)
{
	struct abl_slurm_setup setup = {.study = "toy",
					.words = words,
					.workers = workers,
					.grace = 30,
					.now = clock_of_test,
					.left = left,
					.says = says};
	char *calls = path_of("calls");

	unlink(calls);
	free(calls);
	setup.folder = logs;
	abl_str_clear(&said), abl_str_puts(&said, "");
	ck_assert_int_eq(abl_slurm_control_init(&control, &setup, NULL), 0);
}

/* Does what the loop does, for so many seconds of the clock; commands take none. */
static void go(double seconds)
{
	const double until = now + seconds;

	while (now < until) {
		struct pollfd fds[4];

		now++;
		control.ops->advance(control.state);
		while (control.ops->descriptors(control.state, fds, 4)) {
			(void)poll(fds, 2, 5);
			control.ops->advance(control.state);
		}
	}
}

/* ... until Slurm was called so often. */
static void go_until(const char *name, int calls)
{
	for (int i = 0; i < 5000 && calls_of(name) < calls; i++)
		go(1);
	ck_assert_int_eq(calls_of(name), calls);
	go(1); /* what follows from it */
}

static void end(void)
{
	abl_executor_finish(&control);
}

/* Jobs 100, 101 and so on. */
static void fake_all(void)
{
	char *last = path_of("last");

	unlink(last);
	free(last);
	(void)!abl_remove_tree(logs, NULL);
	ck_assert_int_eq(abl_mkdir_all(logs, NULL), 0);
	fake("sbatch",
	     "n=$(cat $dir/last 2>/dev/null || echo 99); n=$((n + 1)); echo $n >$dir/last; "
	     "echo $n");
	fake("squeue", "");
	fake("scancel", "");
}

static void touch_log(const char *name, const char *text)
{
	char *path = abl_path_join(logs, name);

	ck_assert_int_eq(abl_file_write(path, text, strlen(text), NULL), 0);
	free(path);
}

START_TEST(test_topped_up)
{
	fake_all();
	work_left = 8;
	begin(4);
	go_until("sbatch", 1);
	ck_assert_ptr_nonnull(strstr(all.text, "--array=0-3%4 --signal=USR1@120 "));
	ck_assert_ptr_nonnull(
		strstr(said.text, "job 100 asks for 4 workers; 'squeue --jobs=100' shows when"));
	go(100);
	ck_assert_int_eq(calls_of("sbatch"), 1);
	ck_assert(abl_slurm_control_joined(&control, 1, "100", "0", "n1"));
	ck_assert(abl_slurm_control_joined(&control, 2, "100", "1", "n2"));
	ck_assert(!abl_slurm_control_joined(&control, 3, NULL, NULL, NULL));
	abl_slurm_control_gone(&control, 1, false);
	go_until("sbatch", 2);
	ck_assert_ptr_nonnull(strstr(all.text, "--array=0-0%1 "));
	work_left = 3; /* three are enough for it */
	abl_slurm_control_gone(&control, 2, false);
	go(100);
	ck_assert_int_eq(calls_of("sbatch"), 2);
	work_left = 0;
	ck_assert(abl_slurm_control_may_come(&control));
	end();
	ck_assert_int_eq(calls_of("scancel"), 4);
	ck_assert_ptr_nonnull(strstr(all.text, "scancel --state=PENDING 100\n"));
	ck_assert_ptr_nonnull(strstr(all.text, "scancel --state=PENDING 101\nscancel 100\n"
					       "scancel 101\n"));
}
END_TEST

START_TEST(test_nodes_left_out)
{
	fake_all();
	work_left = 8;
	begin(2);
	go_until("sbatch", 1);
	ck_assert(abl_slurm_control_joined(&control, 1, "100", "0", "n1"));
	ck_assert(abl_slurm_control_joined(&control, 2, "100", "1", "n2"));
	abl_slurm_control_gone(&control, 1, true);
	go_until("sbatch", 2);
	ck_assert_ptr_null(strstr(all.text, "--exclude"));
	ck_assert(abl_slurm_control_joined(&control, 3, "101", "0", "n1"));
	abl_slurm_control_gone(&control, 3, true);
	ck_assert_ptr_nonnull(
		strstr(said.text, "2 workers were lost on node n1: it is left out from now on\n"));
	/* then Slurm has nothing else: better these than none */
	fake("sbatch",
	     "case $* in *--exclude=n1\\ *) echo 'sbatch: error: Batch job submission "
	     "failed: Requested node configuration is not available' >&2; exit 1 ;; esac\n"
	     "echo 104");
	go_until("sbatch", 4);
	ck_assert_ptr_nonnull(strstr(said.text, "no node is left out any more"));
	ck_assert_ptr_nonnull(strstr(said.text, "job 104 asks for 1 worker;"));
	end();
}
END_TEST

START_TEST(test_never_connects)
{
	struct abl_err err = {0};

	fake_all();
	work_left = 8;
	begin(5);
	go_until("sbatch", 1);
	for (int i = 0; i < 3; i++) {
		char name[64];

		snprintf(name, sizeof name, "slurm-100_%d.log", i);
		touch_log(name, "x\nsrun: error: no such store\nsrun: terminating\n\n");
	}
	ck_assert_int_eq(abl_slurm_control_failure(&control, &err), 0);
	go(140);
	ck_assert_int_eq(abl_slurm_control_failure(&control, &err), ABL_EFAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "3 allocations in a row have begun and none has "
					       "connected"));
	ck_assert_ptr_nonnull(strstr(err.text, "says: srun: error: no such store"));
	ck_assert(!abl_slurm_control_may_come(&control));
	ck_assert_int_eq(calls_of("sbatch"), 1);
	end();
	ck_assert_int_gt(calls_of("scancel"), 0);
}
END_TEST

/* All that was asked for is held: one more is tried, and what it overtakes is forgotten. */
START_TEST(test_nothing_begins)
{
	fake_all();
	work_left = 8;
	begin(2);
	go_until("sbatch", 1);
	go(1700);
	ck_assert_int_eq(calls_of("sbatch"), 1);
	go_until("sbatch", 2);
	ck_assert_ptr_nonnull(strstr(all.text, "--array=0-0%1 "));
	ck_assert(abl_slurm_control_joined(&control, 1, "101", "0", NULL));
	go_until("sbatch", 3);
	ck_assert_ptr_nonnull(strstr(said.text, "2 allocations still wait, and later ones have "
						"begun long ago: others are asked for\n"));
	end();
}
END_TEST

START_TEST(test_refused)
{
	struct abl_err err = {0};

	fake_all();
	fake("sbatch", "echo 'sbatch: error: invalid partition specified: x' >&2; exit 1");
	work_left = 1;
	begin(5);
	go_until("sbatch", 3);
	ck_assert_int_eq(abl_slurm_control_failure(&control, &err), ABL_EFAIL);
	ck_assert_ptr_nonnull(strstr(err.text, "invalid partition specified: x"));
	ck_assert_ptr_nonnull(strstr(said.text, "no workers were submitted: sbatch: error: invalid "
						"partition specified: x; tried again in 1"));
	ck_assert_int_eq(calls_of("squeue"), 2);
	end();
	fake("sbatch", "echo 'sbatch: error: Unable to contact slurm controller' >&2; exit 1");
	begin(5);
	go_until("sbatch", 4);
	ck_assert_int_eq(abl_slurm_control_failure(&control, &err), 0);
	control.ops->stop(control.state, ABL_EVERY_ATTEMPT, ABL_STOP_GENTLY);
	ck_assert(!abl_slurm_control_may_come(&control));
	end();
}
END_TEST

/* A head that was killed has left a list: its jobs are taken over, and cancelled in the end. */
START_TEST(test_earlier_head)
{
	fake_all();
	fake("squeue", "echo '7|ablate-0|x'; echo '9|other|x'");
	touch_log("slurm-jobs.json", "{\"jobs\":[{\"job\":\"7;big\",\"elements\":2},"
				     "{\"job\":\"8; rm\",\"elements\":2},{\"job\":\"9\","
				     "\"elements\":-1}]}");
	work_left = 8;
	begin(2);
	go(10);
	ck_assert_int_eq(calls_of("sbatch"), 0);
	ck_assert(abl_slurm_control_joined(&control, 1, "7", "0", "n1"));
	go(620); /* the other does not come */
	go_until("sbatch", 1);
	ck_assert_ptr_nonnull(strstr(all.text, "--array=0-0%1 "));
	end();
	ck_assert_int_eq(calls_of("scancel"), 4);
	ck_assert_ptr_nonnull(strstr(all.text, "scancel --clusters=big 7\n"));
	ck_assert_ptr_null(strstr(all.text, "scancel 8"));
}
END_TEST

/* A digit of the list has flipped, or Slurm counts anew: that job is somebody else's. */
START_TEST(test_number_of_another_job)
{
	fake_all();
	fake("squeue", "echo '4711|ablate-1|x'; echo '4713|mine|x'; echo '4714|ablate-2|x'");
	touch_log("slurm-jobs.json",
		  "{\"jobs\":[{\"job\":\"4711\",\"elements\":1,\"comment\":\"ablate-1\"},"
		  "{\"job\":\"4713\",\"elements\":1,\"comment\":\"ablate-1\"},"
		  "{\"job\":\"4714\",\"elements\":1,\"comment\":\"ablate-1\"},"
		  "{\"job\":\"4712\",\"elements\":1}]}");
	work_left = 1;
	begin(1);
	go(10);
	end();
	ck_assert_int_eq(calls_of("scancel"), 2);
	ck_assert_ptr_nonnull(strstr(all.text, "scancel --state=PENDING 4711\nscancel 4711\n"));
}
END_TEST

/* ... and called sbatch just now: the minute holds over heads. */
START_TEST(test_called_just_now)
{
	struct abl_str text = {0};

	fake_all();
	abl_str_printf(&text, "{\"jobs\":[],\"submitted\":%lld}", (long long)time(NULL));
	touch_log("slurm-jobs.json", text.text);
	work_left = 8;
	begin(2);
	go(10);
	ck_assert_int_eq(calls_of("sbatch"), 0);
	end();
	text.text[strlen("{\"jobs\":[],\"submitted\":")] = '0'; /* long ago */
	touch_log("slurm-jobs.json", text.text);
	begin(2);
	go_until("sbatch", 1);
	end();
	begin(2); /* a round after it */
	go(10);
	ck_assert_int_eq(calls_of("sbatch"), 0);
	end();
	abl_str_finish(&text);
}
END_TEST

/* An allocation that is there already: a worker by srun on each of its nodes. */
START_TEST(test_inside)
{
	struct abl_places p = {0};
	struct abl_err err = {0};

	unsetenv("SLURM_JOB_ID"), unsetenv("SLURM_JOB_NODELIST");
	ck_assert(!abl_slurm_is_inside());
	setenv("SLURM_JOB_ID", "12", 1);
	ck_assert(abl_slurm_is_inside());
	ck_assert_int_eq(abl_places_add(&p, "local,slurm:3", NULL), 0);
	ck_assert_int_eq(abl_slurm_inside_places(&p, "/opt/ablate", &err), ABL_EFAIL);
	setenv("SLURM_JOB_NODELIST", "n[1-2]", 1);
	fake("scontrol", "[ \"$*\" = 'show hostnames n[1-2]' ] && printf 'n1\\nn2\\n'");
	ck_assert_int_eq(abl_slurm_inside_places(&p, "/opt/ablate", NULL), 0);
	ck_assert_uint_eq(p.count, 3);
	ck_assert_ptr_null(abl_places_of(&p, ABL_PLACE_SLURM));
	ck_assert_str_eq(p.items[2].name, "n2");
	ck_assert_int_eq(p.items[2].slots, 3);
	ck_assert_str_eq(p.items[2].words.word[0], "srun");
	ck_assert_str_eq(p.items[2].words.word[6], "--nodelist=n2");
	ck_assert_str_eq(p.items[2].words.word[7], "/opt/ablate");
	ck_assert_uint_eq(p.items[2].words.count, 8);
	abl_places_finish(&p);
	unsetenv("SLURM_JOB_ID"), unsetenv("SLURM_JOB_NODELIST");
}
END_TEST

START_TEST(test_self)
{
	static const char *const options[] = {"--partition=cpu", "-A",     "me",
					      "--gres=gpu:4",    "-t1:00", NULL};
	static const char *const own[] = {"--mem=1G", NULL};
	struct abl_slurm_self self = {.study = "toy",
				      .folder = logs,
				      .options = options,
				      .head_options = own,
				      .words = words,
				      .directory = "/",
				      .pause = .05,
				      .says = says};
	struct abl_str job = {0}, log = {0};
	struct abl_err err = {0};

	fake_all();
	abl_str_clear(&said);
	ck_assert_int_eq(abl_slurm_self_submit(&self, &job, &log, NULL), 0);
	ck_assert_str_eq(job.text, "100");
	ck_assert_ptr_nonnull(strstr(log.text, "/logs/slurm-100.log"));
	(void)calls_of("sbatch");
	ck_assert_ptr_nonnull(strstr(all.text, "--requeue --signal=B:USR1@30 --ntasks=1 "
					       "--partition=cpu -A me -t1:00 --mem=1G "));
	self.whole = true;
	fake("sbatch", "[ -e $dir/busy ] || { : >$dir/busy; echo 'sbatch: error: Socket timed out' "
		       ">&2; exit 1; }; echo 7");
	ck_assert_int_eq(abl_slurm_self_submit(&self, &job, &log, NULL), 0);
	ck_assert_str_eq(job.text, "1007");
	ck_assert_ptr_nonnull(strstr(said.text, "not submitted yet: sbatch: error: Socket timed "
						"out; tried again in 1"));
	(void)calls_of("sbatch");
	ck_assert_ptr_nonnull(strstr(all.text, "--partition=cpu -A me --gres=gpu:4 -t1:00 "));
	fake("sbatch", "echo 'sbatch: error: invalid account' >&2; exit 1");
	ck_assert_int_eq(abl_slurm_self_submit(&self, &job, &log, &err), ABL_EFAIL);
	ck_assert_str_eq(err.text, "the run was not submitted: sbatch: error: invalid account; see "
				   "'cluster: slurm:' in the study");
	abl_str_finish(&job), abl_str_finish(&log);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("slurm_control");
	int failed;

	if (!fake_begin())
		return 1;
	logs = path_of("logs");
	tcase_add_test(c, test_topped_up);
	tcase_add_test(c, test_nodes_left_out);
	tcase_add_test(c, test_never_connects);
	tcase_add_test(c, test_nothing_begins);
	tcase_add_test(c, test_refused);
	tcase_add_test(c, test_earlier_head);
	tcase_add_test(c, test_number_of_another_job);
	tcase_add_test(c, test_called_just_now);
	tcase_add_test(c, test_inside);
	tcase_add_test(c, test_self);
	failed = run_case(c, "slurm_control");
	free(logs);
	abl_str_finish(&said);
	fake_end();
	return failed;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_worker_parts.c - what a worker is made of: when its job ends, whether the store is the
 * head's, and how much waits for a head that does not listen. */
#include "files.h"
#include "machine.h"
#include "run_case.h"
#include "store_id.h"
#include "worker_site.h"
#include "worker_stages.h"
#include "writer.h"

#include <check.h>
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define KEY "0123456789abcdef0123456789abcdef"

static char folder[] = "/tmp/ablate-worker-XXXXXX";

static char *file_of(const char *name, const char *text)
{
	char *path = abl_path_join(folder, name);

	ck_assert(!abl_file_write(path, text, strlen(text), NULL));
	return path;
}

START_TEST(test_worker_parts__end_of_a_job)
{
	struct abl_site site;
	char text[32];

	setenv("TZ", "UTC", 1);
	tzset();
	ck_assert(abl_site_end_of("JobId=7 StartTime=2026-11-30T00:00:00 "
				  "EndTime=2026-11-30T01:00:00 Deadline=N/A") == 1796000400);
	ck_assert(isinf(abl_site_end_of("JobId=7 EndTime=Unknown")));
	ck_assert(isinf(abl_site_end_of("slurm_load_jobs error: Invalid job id specified")));
	ck_assert(isinf(abl_site_end_of("")));
	unsetenv("SLURM_JOB_ID"), unsetenv("SLURM_JOB_END_TIME");
	abl_site_read(&site);
	ck_assert(isinf(abl_site_seconds_left(&site)));
	setenv("SLURM_JOB_ID", "8", 1), setenv("SLURM_ARRAY_TASK_ID", "3", 1);
	snprintf(text, sizeof text, "%lld", (long long)time(NULL) + 100);
	setenv("SLURM_JOB_END_TIME", text, 1);
	abl_site_read(&site);
	ck_assert_str_eq(site.job, "8");
	ck_assert_str_eq(site.array, "3");
	ck_assert(abl_site_seconds_left(&site) <= 100 && abl_site_seconds_left(&site) >= 98);
	setenv("SLURM_JOB_END_TIME", "5", 1);
	abl_site_read(&site);
	ck_assert(abl_site_seconds_left(&site) == 0);
}
END_TEST

/* Of two tasks on a node that got 8 CPUs and 4 GiB of it. */
START_TEST(test_worker_parts__share_of_a_job)
{
	struct abl_site site;

	setenv("SLURM_JOB_ID", "8", 1), setenv("SLURM_JOB_END_TIME", "5", 1);
	setenv("SLURM_ARRAY_JOB_ID", "7", 1);
	unsetenv("SLURM_CPUS_ON_NODE"), unsetenv("SLURM_STEP_TASKS_PER_NODE");
	unsetenv("SLURM_MEM_PER_NODE"), unsetenv("SLURM_MEM_PER_CPU");
	abl_site_read(&site);
	ck_assert_str_eq(site.job, "7");
	ck_assert(!site.cores && isinf(site.memory));
	setenv("SLURM_CPUS_ON_NODE", "8", 1), setenv("SLURM_STEP_TASKS_PER_NODE", "2(x2)", 1);
	setenv("SLURM_MEM_PER_NODE", "4096", 1);
	abl_site_read(&site);
	ck_assert_int_eq(site.cores, 4);
	ck_assert(site.memory == 2048.0 * 1048576);
	unsetenv("SLURM_MEM_PER_NODE"), setenv("SLURM_MEM_PER_CPU", "100", 1);
	abl_site_read(&site);
	ck_assert(site.memory == 400.0 * 1048576);
	unsetenv("SLURM_CPUS_ON_NODE"), unsetenv("SLURM_STEP_TASKS_PER_NODE");
	unsetenv("SLURM_MEM_PER_CPU"), unsetenv("SLURM_ARRAY_JOB_ID");
}
END_TEST

/* Slurm itself is asked where the environment does not say. */
START_TEST(test_worker_parts__asks_slurm)
{
	struct abl_str path = {0};
	struct abl_site site;
	char *script = file_of("scontrol", "#!/bin/sh\n[ \"$*\" = 'show job -o 9' ] || exit 1\n"
					   "echo 'JobId=9 EndTime=2126-11-30T01:00:00 X=1'\n");

	ck_assert(!chmod(script, 0755));
	abl_str_printf(&path, "%s:%s", folder, getenv("PATH"));
	setenv("PATH", path.text, 1);
	setenv("SLURM_JOB_ID", "9", 1);
	unsetenv("SLURM_JOB_END_TIME");
	abl_site_read(&site);
	ck_assert(isfinite(site.ends) && abl_site_seconds_left(&site) > 9e8);
	setenv("SLURM_JOB_ID", "10", 1);
	abl_site_read(&site);
	ck_assert(isinf(site.ends));
	unsetenv("SLURM_JOB_ID");
	abl_str_finish(&path);
	free(script);
}
END_TEST

START_TEST(test_worker_parts__id_of_a_store)
{
	char first[ABL_HASH_TEXT], again[ABL_HASH_TEXT];
	struct abl_err err = {0};

	ck_assert_str_eq(abl_store_id_read(folder, first), "");
	ck_assert_str_eq(abl_store_id_read("/nowhere", first), "");
	ck_assert(abl_store_id_make("/nowhere", first, &err));
	ck_assert(!abl_store_id_make(folder, first, NULL));
	ck_assert_uint_eq(strlen(first), 32);
	ck_assert(!abl_store_id_make(folder, again, NULL));
	ck_assert_str_eq(first, again);
	ck_assert_str_eq(abl_store_id_read(folder, again), first);
	free(file_of(ABL_STORE_ID_FILE, "damaged\n"));
	ck_assert(!abl_store_id_make(folder, again, NULL));
	ck_assert(strcmp(first, again) != 0);
}
END_TEST

/* A link that takes nothing. */

static size_t no_descriptors(void *state, bool writing, struct pollfd *out, size_t most)
{
	return 0;
}

static ssize_t nothing(void *state, void *out, size_t size)
{
	errno = EAGAIN;
	return -1;
}

static ssize_t not_now(void *state, const void *bytes, size_t size)
{
	errno = EAGAIN;
	return -1;
}

static void do_nothing(void *state)
{
}

static const struct abl_link_ops standing_still = {.name = "still",
						   .descriptors = no_descriptors,
						   .read = nothing,
						   .write = not_now,
						   .close = do_nothing};

static bool hear(void *data, const struct abl_message *m)
{
	return true;
}

START_TEST(test_worker_parts__queue_has_a_bound)
{
	char *script =
		file_of("program", "#!/bin/sh\nexec awk 'BEGIN { for (i = 0; i < 90000; i++)"
				   " print \"{\\\"step\\\":1,\\\"metrics\\\":{\\\"loss\\\":0.5}}\";"
				   " print \"{\\\"error\\\":\\\"it is over\\\"}\" }' >&3\n");
	const struct abl_worker_setup setup = {
		.program = script, .store = folder, .hello = {.slots = 1, .threads = 1}};
	const struct abl_start_order order = {.of = {KEY, 3},
					      .trial = "trial.json",
					      .log = "log",
					      .roots = {folder, NULL},
					      .threads = 1};
	struct abl_talk talk = {.link = {&standing_still, NULL}, .hear = hear};
	static struct abl_worker_stages s;
	const double until = abl_clock_now() + 60;

	ck_assert(!chmod(script, 0755));
	free(file_of("trial.json", "{}"));
	abl_talk_begin(&talk);
	ck_assert(!abl_worker_stages_init(&s, &setup, 5, NULL));
	s.talk = &talk;
	abl_worker_stages_start(&s, &order, 1, NULL);
	ck_assert_uint_eq(s.count, 1);
	while (s.count && abl_clock_now() < until) {
		struct pollfd fds[8];
		const size_t n = abl_worker_stages_descriptors(&s, fds, 8);

		poll(fds, n, 1000);
		abl_worker_stages_advance(&s);
		ck_assert(abl_talk_advance(&talk));
	}
	ck_assert_uint_eq(s.count, 0);
	ck_assert_uint_gt(s.dropped, 0);
	ck_assert_uint_gt(abl_talk_waiting(&talk), 4 << 20);
	ck_assert_uint_lt(abl_talk_waiting(&talk), 9 << 20);
	ck_assert(strstr(talk.out.text, "it is over") != NULL);
	ck_assert(strstr(talk.out.text, "\"say\":\"ended\"") != NULL);
	ck_assert_str_eq(s.ended[0].key, KEY);
	ck_assert_str_eq(s.ended[0].last, "{\"error\":\"it is over\"}\n");
	abl_worker_stages_finish(&s);
	abl_talk_finish(&talk);
	free(script);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("worker_parts");
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_test(c, test_worker_parts__end_of_a_job);
	tcase_add_test(c, test_worker_parts__share_of_a_job);
	tcase_add_test(c, test_worker_parts__asks_slurm);
	tcase_add_test(c, test_worker_parts__id_of_a_store);
	tcase_add_test(c, test_worker_parts__queue_has_a_bound);
	failed = run_case(c, "worker_parts");
	return abl_remove_tree(folder, NULL) || failed;
}

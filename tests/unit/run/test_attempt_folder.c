/* SPDX-License-Identifier: Apache-2.0 */
/* test_attempt_folder.c - where attempts write: what is taken over, what is thrown away, and what
 * waits for the next. */
#include "attempt_away.h"
#include "attempt_folder.h"
#include "files.h"
#include "run_state.h"
#include "str.h"
#include "run_case.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char store[] = "/tmp/ablate-attempt-XXXXXX";
static struct abl_err err;

static void set_up(void)
{
	struct abl_str path = {0};

	err = (struct abl_err){0};
	snprintf(store, sizeof store, "/tmp/ablate-attempt-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(store));
	for (int i = 0; i < 2; i++) {
		abl_str_clear(&path);
		abl_str_printf(&path, "%s/%s", store, i ? "work" : "artifacts");
		ck_assert_int_eq(mkdir(path.text, 0777), 0);
	}
	abl_str_finish(&path);
}

static void tear_down(void)
{
	ck_assert_int_eq(abl_remove_tree(store, &err), 0);
}

static bool is_there(const char *name)
{
	char *path = abl_path_join(store, name);
	bool found = abl_file_exists(path) || abl_is_dir(path);

	free(path);
	return found;
}

static void write_file(const char *name, const char *text)
{
	char *path = abl_path_join(store, name);

	ck_assert_msg(!abl_file_write_passing(path, text, strlen(text), &err), "%s", err.text);
	free(path);
}

static bool begin(const char *key, int64_t attempt)
{
	bool resume;

	ck_assert_msg(!abl_attempt_folder(store, key, attempt, &resume, &err), "%s", err.text);
	return resume;
}

static void leave(const char *key, int64_t attempt, bool published)
{
	ck_assert_msg(!abl_attempt_leave(store, key, attempt, published, &err), "%s", err.text);
}

static void publish(const char *key, int64_t attempt)
{
	char *artifact;

	ck_assert_msg(!abl_attempt_publish(store, key, attempt, false, &artifact, &err), "%s",
		      err.text);
	free(artifact);
}

START_TEST(test_attempt_folder__published_waits_for_the_next)
{
	ck_assert(!begin("aa", 1));
	write_file("work/aa/1.json", "a long trial file");
	write_file("work/aa/1/model", "weights of aa");
	publish("aa", 1);
	leave("aa", 1, true);
	ck_assert(is_there("artifacts/aa/model") && !is_there("work/aa"));
	ck_assert(is_there("work/spare"));

	ck_assert(!begin("bb", 1));
	ck_assert(is_there("work/bb/1") && !is_there("work/spare"));
	ck_assert(!is_there("work/bb/1/model"));
	write_file("work/bb/1.json", "short");
	{
		char *path = abl_path_join(store, "work/bb/1.json");
		struct abl_str text = {0};

		ck_assert_int_eq(abl_file_read(path, &text, 100, &err), 0);
		ck_assert_str_eq(text.text, "short");
		abl_str_finish(&text), free(path);
	}
	/* two at a time: one waits, the other goes */
	ck_assert(!begin("cc", 1));
	write_file("work/cc/1.json", "third");
	publish("bb", 1), publish("cc", 1);
	leave("bb", 1, true), leave("cc", 1, true);
	ck_assert(is_there("work/spare") && !is_there("work/bb") && !is_there("work/cc"));
	ck_assert_int_eq(abl_attempt_tidy(store, &err), 0);
	ck_assert_int_eq(abl_attempt_tidy(store, &err), 0);
	ck_assert(!is_there("work/spare"));
}
END_TEST

START_TEST(test_attempt_folder__failed_leaves_nothing)
{
	ck_assert(!begin("aa", 1));
	write_file("work/aa/1.json", "trial");
	write_file("work/aa/1/state", "of no use");
	leave("aa", 1, false);
	ck_assert(!is_there("work/aa") && !is_there("work/spare"));
}
END_TEST

/* Killed before it was told: the next attempt goes on from its folder, spare or not. */
START_TEST(test_attempt_folder__taken_over)
{
	ck_assert(!begin("zz", 1));
	write_file("work/zz/1.json", "trial");
	publish("zz", 1);
	leave("zz", 1, true);

	ck_assert(
		!begin("aa", 2)); /* not the first: the spare has a trial file of another number */
	ck_assert(is_there("work/spare"));
	write_file("work/aa/2.json", "trial");
	write_file("work/aa/2/state", "saved");
	write_file("work/aa/2/state.tmp-77", "half");
	ck_assert(begin("aa", 3));
	ck_assert(is_there("work/aa/3/state") && !is_there("work/aa/3/state.tmp-77"));
	ck_assert(!is_there("work/aa/2") && !is_there("work/aa/2.json"));
	ck_assert(begin("aa", 1)); /* a first attempt whose row was lost with the power */
	ck_assert(is_there("work/aa/1/state") && is_there("work/spare"));
	publish("aa", 1);
	leave("aa", 1, true);
	ck_assert(!is_there("work/aa"));
}
END_TEST

/* Whatever somebody puts in the place of a folder or a file of ours: it goes, and what it leads to
 * stays. */
START_TEST(test_attempt_folder__no_link_is_followed)
{
	static const char *const places[] = {"work/aa", "work/spare", "work/aa/1", "work/aa/1.json",
					     "work/aa/1/state"};
	char *away = abl_path_join(store, "away");

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		char *link = abl_path_join(store, places[i]), *folder = abl_path_dir(link);

		ck_assert(!abl_mkdir_all(away, &err) && !abl_mkdir_all(folder, &err));
		write_file("away/1", "not ours");
		ck_assert(!symlink(i == 3   ? "../../away/1"
				   : i == 4 ? "../../../away/1"
					    : away,
				   link));
		(void)begin("aa", 1);
		write_file("work/aa/1.json", "trial");
		write_file("work/aa/1/state", "saved");
		{
			char *path = abl_path_join(store, "away/1");
			struct abl_str text = {0};

			ck_assert_int_eq(abl_file_read(path, &text, 100, &err), 0);
			ck_assert_str_eq(text.text, "not ours");
			abl_str_finish(&text), free(path);
		}
		leave("aa", 1, false);
		ck_assert(!abl_attempt_tidy(store, &err));
		ck_assert(is_there("away/1") && !is_there("work/aa") && !is_there("work/spare"));
		free(link), free(folder);
	}
	free(away);
}
END_TEST

/* Between machines: nothing that a worker may still write to is taken over or removed. */

static struct abl_plan_stage stages[1] = {{.key = "aa"}};
static struct abl_plan plan = {.stages = stages, .stage_count = 1};
static struct abl_node nodes[1];
static struct abl_run run_of_it;

static bool begin_away(int64_t attempt, bool away, bool last_away)
{
	struct abl_attempt_place place = {.store = store,
					  .key = "aa",
					  .attempt = attempt,
					  .away = away,
					  .last_away = last_away,
					  .run = &run_of_it};
	bool resume;

	run_of_it.plan = &plan, run_of_it.nodes = nodes, run_of_it.folder = store;
	ck_assert_int_eq(abl_attempt_last(store, "aa", &place.last, &err), 0);
	ck_assert_msg(!abl_attempt_folder_away(&place, &resume, &err), "%s", err.text);
	return resume;
}

static void check_file(const char *name, const char *expected)
{
	char *path = abl_path_join(store, name);
	struct abl_str text = {0};

	ck_assert_msg(!abl_file_read(path, &text, 100, &err), "%s", err.text);
	ck_assert_str_eq(text.text, expected);
	abl_str_finish(&text), free(path);
}

START_TEST(test_attempt_folder__work_goes_from_machine_to_machine)
{
	char *out = abl_path_join(store, "work/aa/out"), *link = abl_path_join(out, "last");

	/* here, then with a worker */
	ck_assert(!begin("aa", 1));
	ck_assert_int_eq(mkdir(out, 0777), 0);
	write_file("work/aa/1/state", "saved");
	write_file("work/aa/1/half.tmp-77", "half");
	write_file("work/aa/1.json", "trial");
	write_file("work/aa/out/checkpoint", "weights");
	write_file("work/aa/events.jsonl", "{}");
	ck_assert_int_eq(symlink("checkpoint", link), 0);
	ck_assert(begin_away(2, true, false));
	check_file("work/aa/2/state", "saved");
	check_file("work/aa/2.out/out/checkpoint", "weights");
	check_file("work/aa/2.out/out/last", "weights");
	check_file("work/aa/2.out/events.jsonl", "{}");
	ck_assert(!is_there("work/aa/1") && !is_there("work/aa/1.json") &&
		  !is_there("work/aa/out"));
	ck_assert(!is_there("work/aa/2/half.tmp-77") && !is_there("work/aa/2.part"));
	/* with another, while the first may go on */
	write_file("work/aa/2.out/out/checkpoint", "more weights");
	abl_held_add(&run_of_it, 0, 2, 60);
	ck_assert(begin_away(3, true, true));
	check_file("work/aa/3.out/out/checkpoint", "more weights");
	write_file("work/aa/2/state", "later");
	write_file("work/aa/2.out/out/checkpoint", "later");
	check_file("work/aa/3/state", "saved");
	/* and here again */
	ck_assert(begin_away(4, false, true));
	check_file("work/aa/out/checkpoint", "more weights");
	check_file("work/aa/events.jsonl", "{}");
	check_file("work/aa/4/state", "saved");
	ck_assert(!is_there("work/aa/3") && !is_there("work/aa/3.out") &&
		  is_there("work/aa/2.out"));
	/* who is done leaves what is held, until it is held no more */
	ck_assert_int_eq(abl_attempt_leave_away(&run_of_it, "aa", &err), 0);
	ck_assert(!is_there("work/aa/4") && is_there("work/aa/2") && is_there("work/aa/2.out"));
	nodes[0] = (struct abl_node){.state = ABL_DONE, .attempt = 4};
	run_of_it.held[0].until = 0;
	abl_held_look(&run_of_it);
	ck_assert(!is_there("work/aa") && !run_of_it.held_count);
	free(run_of_it.held), free(link), free(out);
	run_of_it = (struct abl_run){0};
}
END_TEST

START_TEST(test_attempt_folder__no_link_leads_a_worker_away)
{
	static const char *const places[] = {"work/aa", "work/aa/1", "work/aa/1.out"};
	char *away = abl_path_join(store, "away");

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		char *link = abl_path_join(store, places[i]), *in = abl_path_dir(link);

		ck_assert(!abl_mkdir_all(away, &err) && !abl_mkdir_all(in, &err));
		write_file("away/state", "not ours");
		ck_assert_int_eq(symlink(away, link), 0);
		if (i == 1) { /* a dangling or a strange one is taken for somebody's work */
			ck_assert_int_eq(unlink(link), 0);
			ck_assert_int_eq(symlink("nowhere", link), 0);
		}
		ck_assert(!begin_away(1, true, false));
		write_file("work/aa/1/state", "saved");
		check_file("away/state", "not ours");
		ck_assert(!is_there("away/1"));
		ck_assert_int_eq(abl_attempt_leave_away(&run_of_it, "aa", &err), 0);
		check_file("away/state", "not ours");
		ck_assert(!is_there("work/aa"));
		free(link), free(in);
	}
	free(away);
	run_of_it = (struct abl_run){0};
}
END_TEST

START_TEST(test_attempt_folder__many_are_made_to_last)
{
	enum { MANY = 70 };
	char *names[MANY];

	for (int i = 0; i < MANY; i++) {
		names[i] = abl_store_path("", "artifacts/%d", i);
		if (i % 3) { /* the others were taken away meanwhile */
			char *path = abl_path_join(store, names[i]);

			ck_assert_int_eq(mkdir(path, 0777), 0);
			free(path);
		}
	}
	ck_assert_int_eq(abl_attempt_sync(store, names, MANY, &err), 0);
	ck_assert_int_eq(abl_attempt_sync(store, names, 0, &err), 0);
	ck_assert_int_eq(abl_attempt_sync("/nowhere", names, MANY, &err), ABL_EIO);
	ck_assert_str_eq(err.text, "cannot sync '/nowhere/artifacts': No such file or directory");
	for (int i = 0; i < MANY; i++)
		free(names[i]);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("attempt_folder");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, test_attempt_folder__published_waits_for_the_next);
	tcase_add_test(c, test_attempt_folder__failed_leaves_nothing);
	tcase_add_test(c, test_attempt_folder__taken_over);
	tcase_add_test(c, test_attempt_folder__no_link_is_followed);
	tcase_add_test(c, test_attempt_folder__work_goes_from_machine_to_machine);
	tcase_add_test(c, test_attempt_folder__no_link_leads_a_worker_away);
	tcase_add_test(c, test_attempt_folder__many_are_made_to_last);
	return run_case(c, "attempt_folder");
}

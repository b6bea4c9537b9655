/* SPDX-License-Identifier: Apache-2.0 */
/* Workers that cannot be reached, are refused, or get lost, and when they are started again. */
#include "files.h"
#include "launcher.h"
#include "run_case.h"

#include <check.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/ablate-launcher-XXXXXX";
static double clock_now;
static struct abl_str said, added;
static struct abl_link link_of; /* the last one */

static double fake_clock(void)
{
	return clock_now;
}

static void hear(void *data, const char *text)
{
	(void)data;
	abl_str_printf(&said, "%s\n", text);
}

static void take(void *data, struct abl_link *link, const char *name)
{
	(void)data;
	abl_str_printf(&added, "%s ", name);
	abl_link_close(&link_of);
	link_of = *link;
	*link = (struct abl_link){0};
}

static struct abl_places places;

static struct abl_launcher *make(const char *on)
{
	const struct abl_launcher_setup setup = {.places = &places,
						 .words = {"ablate", "/s", NULL, NULL},
						 .logs = folder,
						 .add = take,
						 .says = hear,
						 .now = fake_clock};
	struct abl_err err = {0};

	clock_now = 1000;
	abl_str_clear(&said), abl_str_clear(&added);
	abl_str_puts(&said, ""), abl_str_puts(&added, "");
	ck_assert_msg(!abl_places_add(&places, on, &err), "%s", err.text);
	return abl_launcher_create(&setup);
}

static void end(struct abl_launcher *l)
{
	abl_launcher_destroy(l);
	abl_link_close(&link_of);
	abl_places_finish(&places);
}

/* What was said since it was last asked. */
static void expect(const char *text)
{
	ck_assert_str_eq(said.text, text);
	abl_str_clear(&said);
	abl_str_puts(&said, "");
}

/* Waits until the last launcher has ended, so that its log is whole. */
static void wait_for_end(void)
{
	char text[80] = "";

	for (int i = 0; i < 400 && !*text; i++) {
		abl_link_ended(&link_of, text, sizeof text);
		(void)poll(NULL, 0, 5);
	}
	ck_assert_int_gt((int)strlen(text), 0);
}

START_TEST(test_what_cannot_be_reached_is_said_once_and_tried_again)
{
	struct abl_launcher *l =
		make("command:sh -c 'echo first >&2; echo no route to it >&2; exit 255'");

	abl_launcher_tick(l);
	abl_launcher_tick(l);
	ck_assert_str_eq(added.text, "sh ");
	expect("");
	wait_for_end();
	abl_launcher_gone(l, "sh", ABL_REMOTE_LOST, "the other end is gone (exit code 255)");
	expect("worker sh cannot be reached: the other end is gone (exit code 255): no route to "
	       "it; it is tried again in 15 s, and then less and less often\n");
	abl_launcher_tick(l);
	expect("no worker is there: waits for sh; the next try is in 15 s\n");
	clock_now += 14;
	abl_launcher_tick(l);
	ck_assert_str_eq(added.text, "sh ");
	clock_now += 2;
	abl_launcher_tick(l);
	ck_assert_str_eq(added.text, "sh sh ");
	abl_launcher_gone(l, "sh", ABL_REMOTE_LOST, "again");
	clock_now += 29;
	abl_launcher_tick(l);
	ck_assert_str_eq(added.text, "sh sh ");
	clock_now += 2;
	abl_launcher_tick(l);
	ck_assert_str_eq(added.text, "sh sh sh ");
	expect("");
	abl_launcher_joined(l, "sh");
	expect("worker sh is there\n");
	clock_now += 100;
	abl_launcher_gone(l, "sh", ABL_REMOTE_LOST, "no sign of life for 1 min 0 s");
	ck_assert_msg(strstr(said.text, "worker sh is lost: no sign of life"), "%s", said.text);
	ck_assert_msg(strstr(said.text, "tried again in 15 s\n"), "%s", said.text);
	ck_assert(abl_launcher_has_more(l));
	end(l);
}
END_TEST

START_TEST(test_what_waiting_does_not_mend_is_left_out)
{
	struct abl_launcher *l = make("ssh:h,command:/no/such/launcher x");
	struct abl_str why = {0};

	places.items[0].kind = ABL_PLACE_COMMAND; /* nobody is called */
	abl_word_list_add(&places.items[0].words, "cat");
	abl_launcher_tick(l);
	ck_assert_str_eq(added.text, "h ");
	ck_assert_msg(strstr(said.text, "worker launcher is left out: cannot start "
					"'/no/such/launcher'"),
		      "%s", said.text);
	abl_str_clear(&said);
	ck_assert(abl_launcher_has_more(l));
	abl_launcher_gone(l, "h", ABL_REMOTE_REFUSED, "its ablate is version 1");
	expect("worker h is left out: its ablate is version 1\n");
	clock_now += 10000;
	abl_launcher_tick(l);
	ck_assert_str_eq(added.text, "h ");
	ck_assert(!abl_launcher_has_more(l));
	abl_launcher_why_none(l, &why);
	ck_assert_msg(strstr(why.text, "h: its ablate is version 1; launcher: cannot start"), "%s",
		      why.text);
	abl_str_finish(&why);
	end(l);
}
END_TEST

static const struct {
	const char *why;
	bool again;
} ends[] = {
	{"the other end is gone (exit code 255)", true},
	{"gone (exit code 1)", true},
	{"gone (exit code 125)", true},
	{"gone (killed by signal 15)", true},
	{"gone (exit code 2)", false},
	{"gone (exit code 3)", false},
	{"gone (exit code 127)", false},
	{"gone (exit code 126)", false},
};

START_TEST(test_how_a_launcher_ended_decides)
{
	struct abl_launcher *l = make("command:true");

	abl_launcher_tick(l);
	abl_launcher_gone(l, "nobody", ABL_REMOTE_LOST, "x");
	abl_launcher_gone(l, "true", ABL_REMOTE_LOST, ends[_i].why);
	ck_assert(abl_launcher_has_more(l) == ends[_i].again);
	end(l);
	l = make("command:true"); /* a worker that had been there comes back */
	abl_launcher_tick(l);
	abl_launcher_joined(l, "true");
	abl_launcher_gone(l, "true", ABL_REMOTE_LEFT, "signal 15");
	ck_assert_msg(strstr(said.text, "worker true has left: signal 15; it is tried again"), "%s",
		      said.text);
	clock_now += 20;
	abl_launcher_tick(l);
	abl_launcher_gone(l, "true", ABL_REMOTE_LOST, ends[_i].why);
	ck_assert(abl_launcher_has_more(l));
	end(l);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("launcher");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_test(c, test_what_cannot_be_reached_is_said_once_and_tried_again);
	tcase_add_test(c, test_what_waiting_does_not_mend_is_left_out);
	tcase_add_loop_test(c, test_how_a_launcher_ended_decides, 0, sizeof ends / sizeof *ends);
	failed = run_case(c, "launcher");
	return abl_remove_tree(folder, &err) || failed;
}

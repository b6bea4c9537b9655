/* SPDX-License-Identifier: Apache-2.0 */
/* test_remote.c - attempts that workers run: who is taken in, what is offered, what is started and
 * stopped, and how it ends. What gets lost: test_remote_lost.c. */
#include "pretended_worker.h"
#include "run_case.h"
#include "str.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pretended_head head;

static void set_up(void)
{
	pretended_begin(&head);
}

static void tear_down(void)
{
	pretended_end(&head);
}

static void refuses(struct abl_hello hello, const char *why)
{
	struct pretended_worker *w = pretended_add(&head, "n1");
	const struct abl_message m = {.say = ABL_SAY_HELLO, .hello = hello};
	const int before = head.goings;

	pretended_say(w, &m);
	pretended_go(&head, 0);
	ck_assert_ptr_nonnull(pretended_heard(w, ABL_SAY_REFUSE));
	ck_assert_str_eq(pretended_heard(w, ABL_SAY_REFUSE)->refuse.text, why);
	ck_assert_ptr_null(pretended_heard(w, ABL_SAY_WELCOME));
	ck_assert_uint_eq(pretended_offers(&head, NULL, 0), 0);
	ck_assert_int_eq(head.goings, before + 1);
	ck_assert(strstr(head.gone, "n1 0 refused: ") == head.gone);
	pretended_kill(w);
	pretended_go(&head, 0);
}

START_TEST(test_remote__who_fits_is_taken_in)
{
	struct abl_hello hello = pretended_hello();
	struct pretended_worker *w = pretended_joined(&head, "n1");
	const struct abl_welcome *welcome = &pretended_heard(w, ABL_SAY_WELCOME)->welcome;

	ck_assert_int_eq(welcome->worker, 1);
	ck_assert_double_eq(welcome->beat, 15);
	ck_assert_double_eq(welcome->lease, 60);
	pretended_kill(w);
	pretended_go(&head, 0);

	hello.version = "2";
	refuses(hello, "its ablate is version 2, ours is 1: install the same there");
	hello = pretended_hello();
	hello.keys = "other";
	refuses(hello, "its ablate knows other keys than ours, though both are version 1: build "
		       "both from the same source");
	hello = pretended_hello();
	hello.store = "t";
	refuses(hello, "the store that it sees is not ours: it must be the same folder of a file "
		       "system that both share");
	hello.store = "";
	refuses(hello, "it does not see our store there: it must be the same folder of a file "
		       "system that both share");
	hello = pretended_hello();
	hello.slots = (int64_t)1 << 40;
	refuses(hello, "more than 65536 stages at a time, or threads, are no machine's");
	head.join_rc = ABL_EINPUT;
	refuses(pretended_hello(), "n1 is not wanted");
}
END_TEST

START_TEST(test_remote__a_busy_store_is_waited_for)
{
	struct pretended_worker *w = pretended_add(&head, "n1");
	const struct abl_message m = {.say = ABL_SAY_HELLO, .hello = pretended_hello()};

	head.join_rc = ABL_EBUSY;
	pretended_say(w, &m);
	head.remote.ops->advance(head.remote.state);
	ck_assert_int_eq(head.joins, 0);
	pretended_go(&head, 1);
	ck_assert_int_eq(head.joins, 1);
	ck_assert_ptr_nonnull(pretended_heard(w, ABL_SAY_WELCOME));
}
END_TEST

START_TEST(test_remote__an_attempt_from_start_to_end)
{
	const struct abl_needed_file files[] = {{"/srv/data/a.csv", "h"}, {NULL, NULL}};
	const char *environment[] = {"ABLATE_SECRET_X=1", NULL};
	struct abl_attempt_spec more = {
		.cores = 3, .seconds = 9, .environment = environment, .files = files};
	struct pretended_worker *w = pretended_joined(&head, "n1");
	struct pretended_attempt a;
	const struct abl_start_order *order;

	ck_assert_int_eq(pretended_start(&head, 1, KEY_A, 4, &a, &more), 0);
	ck_assert_int_gt(a.number, 0);
	ck_assert_uint_eq(head.remote.ops->running(head.remote.state), 1);
	order = &pretended_heard(w, ABL_SAY_START)->start;
	ck_assert_str_eq(order->of.key, KEY_A);
	ck_assert_int_eq(order->of.attempt, 4);
	ck_assert_str_eq(order->trial, "work/k/1.json");
	ck_assert_str_eq(order->log, "logs/train-1.log");
	ck_assert_str_eq(order->roots[0], "/srv/store");
	ck_assert_str_eq(order->roots[1], "/srv/data");
	ck_assert_int_eq(order->threads, 3);
	ck_assert_double_eq(order->seconds, 9);
	ck_assert_uint_eq(order->environment.count, 1);
	ck_assert_str_eq(order->files.item[0].path, "/srv/data/a.csv");

	pretended_started(w, KEY_A, 4);
	pretended_line(w, KEY_A, 4, "{\"progress\":0.5}");
	pretended_line(w, KEY_A, 4, "strange");
	pretended_go(&head, 0);
	ck_assert_int_eq(a.lines, 2);
	pretended_ended(w, KEY_A, 4, false);
	pretended_go(&head, 0);
	ck_assert(a.ended && a.end.kind == ABL_END_EXITED && !a.end.asked && !a.end.given_back);
	ck_assert_double_eq(a.end.cpu_seconds, 3);
	ck_assert_uint_eq(a.end.strange_lines, 1);
	ck_assert_str_eq(a.end.text, "exit code 0, on n1 (host cas01)");
	ck_assert_uint_eq(head.remote.ops->running(head.remote.state), 0);
	ck_assert_ptr_null(pretended_heard(w, ABL_SAY_DROP));
}
END_TEST

START_TEST(test_remote__what_cannot_be_told_is_not_started)
{
	struct abl_attempt_spec more = {.cores = 1, .trial = "/elsewhere/1.json"};
	char *big = abl_malloc(2 << 20);
	const char *environment[] = {big, NULL};
	struct pretended_attempt a;

	memset(big, 'x', (2 << 20) - 1);
	big[(2 << 20) - 1] = 0;
	pretended_joined(&head, "n1");
	ck_assert_int_eq(pretended_start(&head, 1, KEY_A, 1, &a, &more), ABL_EIO);
	more = (struct abl_attempt_spec){.cores = 1, .environment = environment};
	ck_assert_int_eq(pretended_start(&head, 1, KEY_A, 1, &a, &more), ABL_EIO);
	ck_assert_int_eq(pretended_start(&head, 9, KEY_A, 1, &a, NULL), ABL_EIO);
	ck_assert_uint_eq(head.remote.ops->running(head.remote.state), 0);
	free(big);
}
END_TEST

START_TEST(test_remote__offers_are_of_the_emptiest_first)
{
	struct abl_offer offers[4];
	struct abl_attempt_spec more = {.cores = 1, .expected_memory = 3e9};
	struct pretended_attempt a, b, c;
	struct abl_message beat = {.say = ABL_SAY_BEAT, .beat = {600, 6e9}};
	struct pretended_worker *w = pretended_joined(&head, "n1");

	pretended_joined(&head, "n2");
	ck_assert_uint_eq(pretended_offers(&head, offers, 4), 2);
	ck_assert_int_eq(offers[0].worker, 1);
	ck_assert_str_eq(offers[0].name, "n1");
	ck_assert_int_eq(offers[0].threads, 4);
	ck_assert_double_eq(offers[0].memory, 8e9);
	ck_assert(isinf(offers[0].seconds) && offers[0].idle && !offers[0].cards);

	ck_assert_int_eq(pretended_start(&head, 1, KEY_A, 1, &a, &more), 0);
	ck_assert_uint_eq(pretended_offers(&head, offers, 4), 2);
	ck_assert_int_eq(offers[0].worker, 2);
	ck_assert(!offers[1].idle);
	ck_assert_double_eq(offers[1].memory, 5e9); /* the rest is claimed */

	pretended_say(w, &beat);
	pretended_go(&head, 0);
	pretended_now += 2;
	pretended_offers(&head, offers, 4);
	ck_assert_double_eq(offers[1].memory, 3e9); /* others use some; ours has not grown */
	ck_assert_double_eq(offers[1].seconds, 598);
	pretended_go(&head, 30);
	pretended_say(w, &beat);
	pretended_go(&head, 0);
	pretended_offers(&head, offers, 4);
	ck_assert_double_eq(offers[1].memory, 5e9);

	ck_assert_int_eq(pretended_start(&head, 1, KEY_B, 1, &b, &more), 0);
	ck_assert_uint_eq(pretended_offers(&head, offers, 4), 1); /* no slot is left */
	ck_assert_int_eq(pretended_start(&head, 1, KEY_B, 2, &c, NULL), ABL_EIO);
}
END_TEST

START_TEST(test_remote__offers_go_round)
{
	struct pretended_worker *w = pretended_joined(&head, "n1");
	struct pretended_attempt a;
	struct abl_offer offer;

	pretended_joined(&head, "n2");
	pretended_start(&head, 1, KEY_A, 1, &a, NULL);
	pretended_ended(w, KEY_A, 1, false);
	pretended_go(&head, 1);
	pretended_offers(&head, &offer, 1);
	ck_assert_int_eq(offer.worker, 2); /* it has waited longer */
}
END_TEST

START_TEST(test_remote__cards_are_of_one_at_a_time)
{
	static const char *const cards[] = {"0", "1", NULL}, *const one[] = {"0", NULL};
	struct pretended_worker *w = pretended_add(&head, "n1");
	struct abl_message m = {.say = ABL_SAY_HELLO, .hello = pretended_hello()};
	struct abl_attempt_spec more = {.cores = 1, .cards = one};
	struct pretended_attempt a;
	struct abl_offer offer;

	m.hello.cards = (struct abl_wire_texts){cards, 2};
	pretended_say(w, &m);
	pretended_go(&head, 0);
	ck_assert_uint_eq(pretended_offers(&head, &offer, 1), 1);
	ck_assert(!strcmp(offer.cards[0], "0") && !strcmp(offer.cards[1], "1") && !offer.cards[2]);
	ck_assert_int_eq(pretended_start(&head, 1, KEY_A, 1, &a, &more), 0);
	ck_assert_str_eq(pretended_heard(w, ABL_SAY_START)->start.cards.item[0], "0");
	pretended_offers(&head, &offer, 1);
	ck_assert(!strcmp(offer.cards[0], "1") && !offer.cards[1]);
	pretended_ended(w, KEY_A, 1, false);
	pretended_go(&head, 0);
	pretended_offers(&head, &offer, 1);
	ck_assert_str_eq(offer.cards[1], "1");
}
END_TEST

START_TEST(test_remote__stops_one_or_all)
{
	struct pretended_worker *w = pretended_joined(&head, "n1");
	struct pretended_attempt a, b;
	const struct abl_wire_stop *stop;

	pretended_start(&head, 1, KEY_A, 1, &a, NULL);
	pretended_start(&head, 1, KEY_B, 2, &b, NULL);
	head.remote.ops->stop(head.remote.state, b.number, ABL_STOP_GENTLY);
	pretended_go(&head, 0);
	stop = &pretended_heard(w, ABL_SAY_STOP)->stop;
	ck_assert(!strcmp(stop->of.key, KEY_B) && stop->of.attempt == 2 && !stop->hard);
	pretended_ended(w, KEY_B, 2, true);
	pretended_go(&head, 0);
	ck_assert(b.end.asked && !b.end.given_back && !a.ended);

	head.remote.ops->stop(head.remote.state, ABL_EVERY_ATTEMPT, ABL_STOP_HARD);
	pretended_go(&head, 0);
	stop = &pretended_heard(w, ABL_SAY_STOP)->stop;
	ck_assert(!stop->of.key && stop->hard);
	pretended_go(&head, 9);
	ck_assert(!a.ended);
	pretended_go(&head, 2); /* nobody waits longer for what was killed */
	ck_assert(a.ended && a.end.kind == ABL_END_LOST && a.end.asked);
}
END_TEST

static void refuse(struct pretended_worker *w, const char *key, enum abl_refusal why,
		   const char *text)
{
	const struct abl_message m = {.say = ABL_SAY_REFUSED, .refused = {{key, 1}, why, text}};

	pretended_say(w, &m);
	pretended_go(&head, 0);
}

START_TEST(test_remote__one_that_leaves_gives_back)
{
	struct pretended_worker *w = pretended_joined(&head, "n1");
	const struct abl_message leaving = {.say = ABL_SAY_LEAVING, .leaving = {"signal USR1"}};
	struct pretended_attempt a, b;

	pretended_start(&head, 1, KEY_A, 1, &a, NULL);
	pretended_start(&head, 1, KEY_B, 1, &b, NULL);
	pretended_say(w, &leaving);
	pretended_go(&head, 0);
	ck_assert_uint_eq(pretended_offers(&head, NULL, 0), 0);
	pretended_ended(w, KEY_A, 1, true);
	pretended_go(&head, 0);
	ck_assert(a.ended && a.end.given_back);
	refuse(w, KEY_B, ABL_REFUSED_START, "leaving"); /* it had been started meanwhile */
	ck_assert(b.ended && b.end.given_back);
	pretended_kill(w);
	pretended_go(&head, 2);
	ck_assert_str_eq(head.gone, "n1 1 left: signal USR1");
	ck_assert_int_eq(head.goings, 1);
}
END_TEST

START_TEST(test_remote__other_data_get_no_more)
{
	struct pretended_worker *w = pretended_joined(&head, "n1");
	struct pretended_attempt a, b;

	pretended_start(&head, 1, KEY_A, 1, &a, NULL);
	pretended_start(&head, 1, KEY_B, 1, &b, NULL);
	refuse(w, KEY_A, ABL_REFUSED_DATA, "'/srv/data/a.csv' differs from\033ours");
	ck_assert(a.ended && a.end.kind == ABL_END_NOT_STARTED && a.end.given_back);
	ck_assert_str_eq(head.says, "worker n1 (host cas01) gets no more stages: "
				    "'/srv/data/a.csv' differs from\\x1bours");
	ck_assert_uint_eq(pretended_offers(&head, NULL, 0), 0);
	pretended_go(&head, 2);
	ck_assert(!b.ended && !head.goings);
	pretended_ended(w, KEY_B, 1, false);
	pretended_go(&head, 0);
	ck_assert_str_eq(head.gone, "n1 1 refused: '/srv/data/a.csv' differs from\\x1bours");
	ck_assert_str_eq(pretended_heard(w, ABL_SAY_REFUSE)->refuse.text,
			 "'/srv/data/a.csv' differs from\\x1bours");
}
END_TEST

START_TEST(test_remote__want_of_memory_is_waited_for)
{
	struct pretended_worker *w = pretended_joined(&head, "n1");
	const struct abl_message beat = {.say = ABL_SAY_BEAT, .beat = {INFINITY, 1e9}};
	struct abl_offer offer;
	struct pretended_attempt a;

	for (int pause = 15; pause < 40; pause *= 2) {
		pretended_start(&head, 1, KEY_A, 1, &a, NULL);
		refuse(w, KEY_A, ABL_REFUSED_MEMORY, "1 GiB is free");
		ck_assert(a.ended && a.end.given_back);
		pretended_say(w, &beat);
		pretended_go(&head, pause - 1);
		ck_assert_uint_eq(pretended_offers(&head, &offer, 1), 0);
		pretended_go(&head, 2);
		ck_assert_uint_eq(pretended_offers(&head, &offer, 1), 1);
		ck_assert_double_eq(offer.memory, 1e9);
	}
}
END_TEST

START_TEST(test_remote__who_starts_nothing_gets_no_more)
{
	struct pretended_worker *w = pretended_joined(&head, "n1");
	struct pretended_attempt a;

	for (int i = 0; i < 4; i++) {
		ck_assert_uint_eq(pretended_offers(&head, NULL, 0), 1);
		pretended_start(&head, 1, KEY_A, 1, &a, NULL);
		if (i == 1)
			pretended_started(w, KEY_A, 1); /* in a row is meant */
		refuse(w, KEY_A, ABL_REFUSED_START, "cannot start: no such file");
		ck_assert(a.ended && a.end.kind == ABL_END_NOT_STARTED && !a.end.given_back);
	}
	ck_assert_uint_eq(pretended_offers(&head, NULL, 0), 0);
	ck_assert(strstr(head.gone, "n1 1 refused: cannot start: no such file"));
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("remote");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, test_remote__who_fits_is_taken_in);
	tcase_add_test(c, test_remote__a_busy_store_is_waited_for);
	tcase_add_test(c, test_remote__an_attempt_from_start_to_end);
	tcase_add_test(c, test_remote__what_cannot_be_told_is_not_started);
	tcase_add_test(c, test_remote__offers_are_of_the_emptiest_first);
	tcase_add_test(c, test_remote__offers_go_round);
	tcase_add_test(c, test_remote__cards_are_of_one_at_a_time);
	tcase_add_test(c, test_remote__stops_one_or_all);
	tcase_add_test(c, test_remote__one_that_leaves_gives_back);
	tcase_add_test(c, test_remote__other_data_get_no_more);
	tcase_add_test(c, test_remote__want_of_memory_is_waited_for);
	tcase_add_test(c, test_remote__who_starts_nothing_gets_no_more);
	return run_case(c, "remote");
}

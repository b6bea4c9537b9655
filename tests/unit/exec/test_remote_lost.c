/* SPDX-License-Identifier: Apache-2.0 */
/* test_remote_lost.c - workers that fall silent, die, talk nonsense, wake up late or come back by
 * another link: every attempt ends once, and what comes after that counts for nothing. */
#include "pretended_worker.h"
#include "run_case.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
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

static void beat(struct pretended_worker *w)
{
	const struct abl_message m = {.say = ABL_SAY_BEAT, .beat = {INFINITY, 8e9}};

	pretended_say(w, &m);
}

static void check_lost(const struct pretended_attempt *a, const char *why)
{
	ck_assert(a->ended && a->end.kind == ABL_END_LOST && a->end.exit_code == -1);
	ck_assert(!a->end.asked && !a->end.given_back);
	ck_assert_str_eq(a->end.text, why);
}

START_TEST(test_remote_lost__silent_for_a_lease)
{
	struct pretended_worker *w = pretended_joined(&head, "n1");
	struct pretended_attempt a;

	pretended_start(&head, 1, KEY_A, 1, &a, NULL);
	for (int i = 0; i < 10; i++) { /* beats are enough */
		pretended_go(&head, 15);
		beat(w);
	}
	pretended_go(&head, 59);
	ck_assert(!a.ended);
	w->deaf = true; /* it stands still for three leases */
	pretended_go(&head, 2);
	check_lost(&a, "lost: no sign of life for 1 min 0 s, on n1 (host cas01)");
	ck_assert_str_eq(head.gone, "n1 1 lost: no sign of life for 1 min 0 s");
	ck_assert_uint_eq(pretended_offers(&head, NULL, 0), 0);
	pretended_go(&head, 180);

	w->deaf = false; /* and wakes */
	pretended_line(w, KEY_A, 1, "{\"progress\":1}");
	pretended_ended(w, KEY_A, 1, false);
	pretended_go(&head, 0);
	ck_assert_int_eq(a.lines, 0);
	ck_assert(pretended_heard(w, ABL_SAY_STOP)->stop.hard);
	ck_assert_ptr_null(pretended_heard(w, ABL_SAY_STOP)->stop.of.key);
	ck_assert_ptr_nonnull(pretended_heard(w, ABL_SAY_BYE));
	ck_assert(w->talk.over); /* its link is closed */
	ck_assert_int_eq(head.goings, 1);
}
END_TEST

START_TEST(test_remote_lost__late_words_before_the_link_closes)
{
	struct pretended_worker *w = pretended_joined(&head, "n1");
	struct pretended_attempt a, again;

	pretended_start(&head, 1, KEY_A, 1, &a, NULL);
	pretended_go(&head, 61);
	ck_assert(a.ended);
	pretended_joined(&head, "n2");
	pretended_start(&head, 2, KEY_A, 2, &again, NULL);
	pretended_ended(w, KEY_A, 1, false);
	pretended_line(w, KEY_A, 2, "{\"progress\":1}"); /* it is not its own */
	pretended_ended(w, KEY_A, 2, false);
	pretended_go(&head, 1);
	ck_assert(!again.ended && !again.lines);
	ck_assert_uint_eq(head.remote.ops->running(head.remote.state), 1);
}
END_TEST

START_TEST(test_remote_lost__we_stood_still)
{
	struct pretended_worker *w = pretended_joined(&head, "n1");
	struct pretended_attempt a;

	pretended_start(&head, 1, KEY_A, 1, &a, NULL);
	pretended_now += 300; /* nobody has listened */
	pretended_go(&head, 30);
	ck_assert(!a.ended);
	beat(w);
	pretended_go(&head, 59);
	ck_assert(!a.ended);
	pretended_go(&head, 2);
	ck_assert(a.ended);
}
END_TEST

START_TEST(test_remote_lost__its_link_ends)
{
	struct pretended_worker *w = pretended_joined(&head, "n1"), *other;
	struct pretended_attempt a, b;

	other = pretended_joined(&head, "n2");
	pretended_start(&head, 1, KEY_A, 1, &a, NULL);
	pretended_start(&head, 2, KEY_B, 1, &b, NULL);
	pretended_line(w, KEY_A, 1, "{\"progress\":1}"); /* its last words are heard */
	pretended_kill(w);
	pretended_go(&head, 2);
	ck_assert_int_eq(a.lines, 1);
	check_lost(&a, "lost: the other end is gone, on n1 (host cas01)");
	ck_assert_str_eq(head.gone, "n1 1 lost: the other end is gone");
	ck_assert(!b.ended);
	pretended_ended(other, KEY_B, 1, false);
	pretended_go(&head, 0);
	ck_assert(b.ended && b.end.kind == ABL_END_EXITED);
}
END_TEST

START_TEST(test_remote_lost__a_launcher_that_fails)
{
	struct pretended_worker *w = pretended_add(&head, "n1");

	pretended_say_text(w, "bash: ablate: \033[1mnot found\n");
	pretended_go(&head, 0);
	ck_assert_str_eq(head.strange, "n1 bash: ablate: \033[1mnot found");
	pretended_go(&head, 61);
	ck_assert_str_eq(head.says, "worker n1: nothing has been heard of it so far; its launcher "
				    "says: bash: ablate: ?[1mnot found; it is waited for");
	ck_assert_int_eq(head.goings, 0);
	pretended_kill(w);
	pretended_go(&head, 2);
	ck_assert_str_eq(head.gone,
			 "n1 0 lost: the other end is gone; it said: bash: ablate: ?[1mnot found");
}
END_TEST

START_TEST(test_remote_lost__nonsense)
{
	static const struct {
		const char *said, *why;
	} cases[] = {
		{"@ablate {\"say\":\n", "damaged frame"},
		{"@ablate [1]\n", "damaged frame: not an object"},
		{"@ablate {\"say\":\"dance\"}\n", "unknown message 'dance'"},
		{"@ablate {\"say\":\"beat\"}\n", "damaged message 'beat': no 'seconds_left'"},
		{"@ablate {\"say\":\"welcome\"}\n", "unknown message 'welcome'"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct pretended_worker *w = pretended_joined(&head, "n1");
		struct pretended_attempt a;

		pretended_start(&head, head.joins, KEY_A, 1, &a, NULL);
		pretended_say_text(w, cases[i].said);
		pretended_go(&head, 2);
		ck_assert(a.ended && a.end.kind == ABL_END_LOST);
		ck_assert_msg(strstr(head.gone, cases[i].why) != NULL, "%s", head.gone);
		ck_assert_uint_eq(head.remote.ops->running(head.remote.state), 0);
	}
}
END_TEST

START_TEST(test_remote_lost__hello_is_first_and_once)
{
	struct pretended_worker *w = pretended_add(&head, "n1");
	const struct abl_message hello = {.say = ABL_SAY_HELLO, .hello = pretended_hello()};

	beat(w);
	pretended_go(&head, 2);
	ck_assert_str_eq(head.gone, "n1 0 lost: it has not said hello first");
	w = pretended_joined(&head, "n2");
	pretended_say(w, &hello);
	pretended_go(&head, 2);
	ck_assert_str_eq(head.gone, "n2 1 lost: it has said hello twice");
}
END_TEST

START_TEST(test_remote_lost__stray_words_are_answered)
{
	struct pretended_worker *w = pretended_joined(&head, "n1");
	const struct abl_message *drop;

	pretended_line(w, KEY_A, 7, "{\"progress\":1}");
	pretended_go(&head, 0);
	drop = pretended_heard(w, ABL_SAY_DROP);
	ck_assert(drop && !strcmp(drop->drop.key, KEY_A) && drop->drop.attempt == 7);
	pretended_ended(w, KEY_A, 7, false); /* nothing is to be answered */
	pretended_go(&head, 0);
	ck_assert_int_eq(head.goings, 0);
}
END_TEST

/* Hello of one that runs attempt 1 of KEY_A and 2 of KEY_B, or has sealed the second. */
static void come_back(struct pretended_worker *w, bool sealed)
{
	static const struct abl_wire_attempt had[] = {{KEY_A, 1}, {KEY_B, 2}};
	struct abl_message m = {.say = ABL_SAY_HELLO, .hello = pretended_hello()};

	m.hello.running = (struct abl_wire_attempts){had, sealed ? 1 : 2};
	m.hello.sealed = (struct abl_wire_attempts){had + 1, sealed ? 1 : 0};
	pretended_say(w, &m);
	pretended_go(&head, 0);
}

START_TEST(test_remote_lost__comes_by_another_link)
{
	struct pretended_worker *w = pretended_joined(&head, "n1"), *again;
	struct pretended_attempt a, b;

	w->deaf = true;
	pretended_start(&head, 1, KEY_A, 1, &a, NULL);
	pretended_start(&head, 1, KEY_B, 2, &b, NULL);
	pretended_go(&head, 20);
	again = pretended_add(&head, "n1");
	come_back(again, true);
	ck_assert_int_eq(pretended_heard(again, ABL_SAY_WELCOME)->welcome.worker, 1);
	ck_assert_ptr_nonnull(pretended_heard(again, ABL_SAY_KEEP));
	ck_assert_ptr_null(pretended_heard(again, ABL_SAY_DROP));
	pretended_line(again, KEY_B, 2, "{\"progress\":1}"); /* it says the rest again */
	pretended_ended(again, KEY_B, 2, false);
	pretended_go(&head, 0);
	ck_assert(b.ended && b.end.kind == ABL_END_EXITED && b.end.cpu_seconds == 3 && b.lines);
	pretended_go(&head, 10);
	ck_assert(!a.ended);
	pretended_line(again, KEY_A, 1, "{\"progress\":1}");
	pretended_ended(again, KEY_A, 1, false);
	pretended_go(&head, 70);
	ck_assert(a.ended && a.lines == 1 && a.end.kind == ABL_END_EXITED);
	ck_assert_int_eq(head.joins, 1);
}
END_TEST

START_TEST(test_remote_lost__what_it_came_back_without)
{
	static const struct abl_wire_attempt had[] = {{KEY_A, 1}};
	struct pretended_worker *w = pretended_joined(&head, "n1");
	struct abl_message m = {.say = ABL_SAY_HELLO, .hello = pretended_hello()};
	struct pretended_attempt a, b;

	w->deaf = true;
	pretended_start(&head, 1, KEY_A, 1, &a, NULL);
	pretended_start(&head, 1, KEY_B, 2, &b, NULL);
	m.hello.running = (struct abl_wire_attempts){had, 1};
	pretended_say(pretended_add(&head, "n1"), &m);
	pretended_go(&head, 4);
	ck_assert(!b.ended);
	pretended_go(&head, 2);
	check_lost(&b, "lost: its worker came back without it, on n1 (host cas01)");
	ck_assert(!a.ended);
}
END_TEST

START_TEST(test_remote_lost__what_an_earlier_head_had_begun)
{
	struct pretended_worker *w = pretended_add(&head, "n1");

	head.kept = KEY_A;
	come_back(w, false);
	ck_assert_str_eq(pretended_heard(w, ABL_SAY_KEEP)->keep.key, KEY_A);
	ck_assert_str_eq(pretended_heard(w, ABL_SAY_DROP)->drop.key, KEY_B);
	ck_assert_uint_eq(head.remote.ops->running(head.remote.state), 1);
	pretended_ended(w, KEY_A, 1, false);
	pretended_go(&head, 0);
	ck_assert(head.kept_sink.ended && head.kept_sink.end.kind == ABL_END_EXITED);

	come_back(pretended_add(&head, "n2"), true);
	ck_assert_str_eq(head.sealed_told, KEY_B);
}
END_TEST

START_TEST(test_remote_lost__away_for_less_than_a_lease)
{
	struct pretended_worker *w, *again;
	struct pretended_attempt a, b;

	head.returns = true;
	w = pretended_joined(&head, "n1");
	pretended_start(&head, 1, KEY_A, 1, &a, NULL);
	pretended_start(&head, 1, KEY_B, 2, &b, NULL);
	pretended_go(&head, 20);
	pretended_kill(w);
	pretended_go(&head, 30);
	ck_assert(!a.ended && !b.ended && !head.goings);
	ck_assert_uint_eq(pretended_offers(&head, NULL, 0), 0);
	again = pretended_add(&head, "n1");
	come_back(again, false);
	ck_assert_int_eq(pretended_heard(again, ABL_SAY_WELCOME)->welcome.worker, 1);
	pretended_ended(again, KEY_A, 1, false);
	pretended_go(&head, 10);
	ck_assert(a.ended && a.end.kind == ABL_END_EXITED);
	ck_assert(!b.ended);
	pretended_kill(again);
	pretended_go(&head, 61);
	ck_assert(b.ended && b.end.kind == ABL_END_LOST);
	ck_assert_int_eq(head.goings, 1);
	ck_assert_uint_eq(head.remote.ops->running(head.remote.state), 0);
}
END_TEST

START_TEST(test_remote_lost__ended_while_away)
{
	struct pretended_worker *w, *again;
	struct pretended_attempt a, b;

	head.returns = true;
	w = pretended_joined(&head, "n1");
	pretended_start(&head, 1, KEY_A, 1, &a, NULL);
	pretended_start(&head, 1, KEY_B, 2, &b, NULL);
	pretended_kill(w);
	pretended_go(&head, 5);
	again = pretended_joined(&head, "n1"); /* with nothing that runs or is sealed */
	pretended_line(again, KEY_A, 1, "{\"error\":\"no such file\"}");
	pretended_ended(again, KEY_A, 1, false);
	pretended_ended(again, KEY_B, 2, false);
	pretended_go(&head, 1);
	ck_assert(a.ended && a.lines == 1 && a.end.kind == ABL_END_EXITED);
	ck_assert(b.ended && b.end.kind == ABL_END_EXITED);
	ck_assert_ptr_null(pretended_heard(again, ABL_SAY_DROP));
	ck_assert_str_eq(head.gone, "n1 1 left: it came back by another link");
}
END_TEST

START_TEST(test_remote_lost__what_is_dropped_has_its_slot)
{
	struct pretended_worker *w = pretended_add(&head, "n1");
	struct abl_offer offer;

	come_back(w, false); /* two run that are none of ours */
	ck_assert_uint_eq(pretended_offers(&head, &offer, 1), 0);
	pretended_ended(w, KEY_A, 1, true);
	pretended_go(&head, 0);
	ck_assert_uint_eq(pretended_offers(&head, &offer, 1), 1);
}
END_TEST

START_TEST(test_remote_lost__away_and_killed)
{
	struct pretended_worker *w;
	struct pretended_attempt a;

	head.returns = true;
	w = pretended_joined(&head, "n1");
	pretended_start(&head, 1, KEY_A, 1, &a, NULL);
	pretended_kill(w);
	pretended_go(&head, 2);
	head.remote.ops->stop(head.remote.state, ABL_EVERY_ATTEMPT, ABL_STOP_HARD);
	pretended_go(&head, 11);
	ck_assert(a.ended && a.end.kind == ABL_END_LOST && a.end.asked);
}
END_TEST

/* Nobody knows yet that its link is cut when it calls again: what is sent by the old one is lost.
 */
START_TEST(test_remote_lost__has_called_again)
{
	struct abl_message m = {.say = ABL_SAY_HELLO, .hello = pretended_hello()};
	struct pretended_worker *w, *again;
	struct pretended_attempt a;
	struct abl_offer offer;

	head.returns = true;
	w = pretended_joined(&head, "n1");
	w->deaf = true;
	pretended_start(&head, 1, KEY_A, 1, &a, NULL);
	pretended_go(&head, 21);
	again = pretended_add(&head, "n1");
	m.hello.was = 1;
	pretended_say(again, &m);
	pretended_go(&head, 1);
	ck_assert_int_eq(pretended_heard(again, ABL_SAY_WELCOME)->welcome.worker, 1);
	ck_assert_uint_eq(pretended_offers(&head, &offer, 1), 1);
	ck_assert_int_eq(offer.worker, 1);
	ck_assert_int_eq(head.goings, 0);
	pretended_go(&head, 11);
	ck_assert(a.ended && a.end.kind == ABL_END_LOST); /* it never came to it */
	m.hello.was = 77;                                 /* of no worker of ours */
	pretended_say(pretended_add(&head, "n2"), &m);
	pretended_go(&head, 1);
	ck_assert_int_eq(head.joins, 2);
}
END_TEST

START_TEST(test_remote_lost__calls_and_says_nothing)
{
	struct pretended_worker *w;

	head.returns = true;
	w = pretended_joined(&head, "n1");
	for (int i = 0; i < 3; i++) {
		struct pretended_worker *silent = pretended_add(&head, "10.0.0.7:4711");

		pretended_say_text(silent, "@abl");
		*head.says = '\0';
		pretended_go(&head, 9);
		ck_assert(!silent->talk.over);
		pretended_go(&head, 2);
		ck_assert(silent->talk.over);
		if (i)
			ck_assert_str_eq(head.says, "");
		else
			ck_assert_str_eq(head.says, "dropped a connection from 10.0.0.7:4711: it "
						    "has not said hello (said once; the run goes "
						    "on)");
	}
	ck_assert(!w->talk.over);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("remote_lost");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, test_remote_lost__silent_for_a_lease);
	tcase_add_test(c, test_remote_lost__late_words_before_the_link_closes);
	tcase_add_test(c, test_remote_lost__we_stood_still);
	tcase_add_test(c, test_remote_lost__its_link_ends);
	tcase_add_test(c, test_remote_lost__a_launcher_that_fails);
	tcase_add_test(c, test_remote_lost__nonsense);
	tcase_add_test(c, test_remote_lost__hello_is_first_and_once);
	tcase_add_test(c, test_remote_lost__stray_words_are_answered);
	tcase_add_test(c, test_remote_lost__comes_by_another_link);
	tcase_add_test(c, test_remote_lost__what_it_came_back_without);
	tcase_add_test(c, test_remote_lost__what_an_earlier_head_had_begun);
	tcase_add_test(c, test_remote_lost__away_for_less_than_a_lease);
	tcase_add_test(c, test_remote_lost__ended_while_away);
	tcase_add_test(c, test_remote_lost__what_is_dropped_has_its_slot);
	tcase_add_test(c, test_remote_lost__away_and_killed);
	tcase_add_test(c, test_remote_lost__has_called_again);
	tcase_add_test(c, test_remote_lost__calls_and_says_nothing);
	return run_case(c, "remote_lost");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_talk.c - messages over a link: one that takes nothing makes nobody wait, and how it ended is
 * said. */
#include "run_case.h"
#include "socket_link.h"
#include "talk.h"

#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define KEY "0123456789abcdef0123456789abcdef"

struct end {
	int fd;
	struct abl_talk talk;
	int heard, strange;
	char last[64];
	bool deaf;
};

static bool hear(void *data, const struct abl_message *m)
{
	struct end *e = data;

	e->heard++;
	if (m->say == ABL_SAY_LINE)
		snprintf(e->last, sizeof e->last, "%s", m->line.text);
	if (m->say == ABL_SAY_LEAVING)
		abl_talk_say(&e->talk, &(struct abl_message){.say = ABL_SAY_BYE});
	return !e->deaf;
}

static void hear_strange(void *data, const char *line, size_t length)
{
	struct end *e = data;

	e->strange++;
	snprintf(e->last, sizeof e->last, "%.*s", (int)length, line);
}

static void begin(struct end *e, int fd, enum abl_side other)
{
	*e = (struct end){.fd = fd};
	e->talk = (struct abl_talk){.link = socket_link(fd, false),
				    .other = other,
				    .data = e,
				    .hear = hear,
				    .strange = hear_strange};
	abl_talk_begin(&e->talk);
}

static void pair(struct end *head, struct end *worker)
{
	int fd[2];

	ck_assert(!socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
	begin(head, fd[0], ABL_SIDE_WORKER);
	begin(worker, fd[1], ABL_SIDE_HEAD);
}

static bool say_line(struct end *e, const char *text)
{
	const struct abl_message m = {.say = ABL_SAY_LINE, .line = {{KEY, 1}, text}};

	return abl_talk_say(&e->talk, &m);
}

START_TEST(test_talk__goes_both_ways)
{
	struct end head, worker;
	const struct abl_message leaving = {.say = ABL_SAY_LEAVING, .leaving = {"time"}};

	pair(&head, &worker);
	ck_assert(say_line(&worker, "{\"progress\":1}"));
	ck_assert(!say_line(&worker, "\xff"));
	ck_assert(abl_talk_say(&worker.talk, &leaving));
	ck_assert_uint_gt(abl_talk_waiting(&worker.talk), 0);
	ck_assert(abl_talk_advance(&worker.talk));
	ck_assert_uint_eq(abl_talk_waiting(&worker.talk), 0);
	ck_assert(abl_talk_advance(&head.talk));
	ck_assert_int_eq(head.heard, 2);
	ck_assert_str_eq(head.last, "{\"progress\":1}");
	ck_assert(abl_talk_advance(&worker.talk));
	ck_assert_int_eq(worker.heard, 1);
	abl_talk_finish(&head.talk);
	ck_assert(!abl_talk_advance(&worker.talk));
	ck_assert_int_eq(worker.talk.why.code, ABL_EIO);
	ck_assert(!abl_talk_advance(&worker.talk));
	abl_talk_finish(&worker.talk);
}
END_TEST

START_TEST(test_talk__does_not_wait_for_one_who_stands_still)
{
	struct end head, worker;
	char text[4000];
	struct pollfd fds[ABL_LINK_DESCRIPTORS];
	int said = 0;

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = 0;
	pair(&head, &worker);
	while (abl_talk_waiting(&worker.talk) < 4 << 20) {
		ck_assert(say_line(&worker, text));
		ck_assert(abl_talk_advance(&worker.talk));
		said++;
	}
	ck_assert_uint_eq(abl_talk_descriptors(&worker.talk, fds, 1), 1);
	ck_assert(fds[0].events & POLLOUT);
	for (int i = 0; i < 10000 && head.heard < said; i++) {
		ck_assert(abl_talk_advance(&head.talk));
		ck_assert(abl_talk_advance(&worker.talk));
	}
	ck_assert_int_eq(head.heard, said);
	abl_talk_descriptors(&worker.talk, fds, 1);
	ck_assert(!(fds[0].events & POLLOUT));
	abl_talk_finish(&head.talk);
	abl_talk_finish(&worker.talk);
}
END_TEST

START_TEST(test_talk__ends_at_damage)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{"@ablate {\"say\":\"bye\"}\n", "unknown message 'bye'"},
		{"@ablate {\"say\":\"leaving\"}\n", "damaged message 'leaving': no 'why'"},
		{"@ablate {\n", "damaged frame"},
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct end head, worker;

		pair(&head, &worker);
		ck_assert_int_gt(send(worker.fd, bad[i].text, strlen(bad[i].text), 0), 0);
		ck_assert(!abl_talk_advance(&head.talk));
		ck_assert_msg(strstr(head.talk.why.text, bad[i].why), "%s", head.talk.why.text);
		ck_assert_int_eq(head.heard, 0);
		abl_talk_finish(&head.talk);
		abl_talk_finish(&worker.talk);
	}
}
END_TEST

START_TEST(test_talk__passes_on_what_a_launcher_says)
{
	static const char banner[] = "srun: job 7 queued\nno line's end yet";
	struct end head, worker;

	pair(&head, &worker);
	ck_assert_int_gt(send(worker.fd, banner, strlen(banner), 0), 0);
	ck_assert(say_line(&worker, "{\"progress\":1}"));
	ck_assert(abl_talk_advance(&worker.talk));
	ck_assert(abl_talk_advance(&head.talk));
	ck_assert_int_eq(head.strange, 2);
	ck_assert_int_eq(head.heard, 1);
	ck_assert_int_gt(send(worker.fd, "last words", 10, 0), 0);
	abl_talk_finish(&worker.talk);
	ck_assert(!abl_talk_advance(&head.talk));
	ck_assert_str_eq(head.last, "last words");
	abl_talk_finish(&head.talk);
}
END_TEST

START_TEST(test_talk__last_words_are_heard)
{
	struct end head, worker;
	const struct abl_message bye = {.say = ABL_SAY_BYE};

	pair(&head, &worker);
	ck_assert(say_line(&worker, "{\"progress\":1}"));
	ck_assert(abl_talk_advance(&worker.talk));
	abl_talk_finish(&worker.talk);
	ck_assert(abl_talk_say(&head.talk, &bye)); /* nobody takes it any more */
	ck_assert(!abl_talk_advance(&head.talk));
	ck_assert_int_eq(head.heard, 1);
	abl_talk_finish(&head.talk);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("talk");

	tcase_add_test(c, test_talk__goes_both_ways);
	tcase_add_test(c, test_talk__does_not_wait_for_one_who_stands_still);
	tcase_add_test(c, test_talk__ends_at_damage);
	tcase_add_test(c, test_talk__passes_on_what_a_launcher_says);
	tcase_add_test(c, test_talk__last_words_are_heard);
	return run_case(c, "talk");
}

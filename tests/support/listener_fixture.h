/* SPDX-License-Identifier: Apache-2.0 */
/* listener_fixture.h - a listener in a folder of its own, and what it gives and says. */
#ifndef ABL_LISTENER_FIXTURE_H
#define ABL_LISTENER_FIXTURE_H

#include "files.h"
#include "head_file.h"
#include "link_tls.h"
#include "listener.h"
#include "machine.h"
#include "run_case.h"

#include <check.h>
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONG 20.0 /* seconds: nothing here depends on how soon this machine has time for us */

static char folder[] = "/tmp/ablate-tls-XXXXXX";
static struct abl_executor listener;
static char *head_path;

/* What the listener has given and said. */
static struct abl_link joined[8];
static size_t joined_count, said_count;
static char said[8][200];

static inline void join(void *data, struct abl_link *link, const char *name)
{
	ck_assert_uint_lt(joined_count, 8);
	ck_assert_ptr_nonnull(strchr(name, ':'));
	joined[joined_count++] = *link;
}

static inline void hear(void *data, const char *text)
{
	ck_assert_uint_lt(said_count, 8);
	snprintf(said[said_count++], sizeof *said, "%s", text);
}

static inline void open_listener(double wait)
{
	const struct abl_listener_setup setup = {
		.store = folder, .wait = wait, .joined = join, .say = hear};
	struct abl_err err = {0};

	joined_count = said_count = 0;
	ck_assert_msg(!abl_listener_open(&listener, &setup, &err), "%s", err.text);
}

static inline void close_listener(void)
{
	abl_executor_finish(&listener);
	while (joined_count)
		abl_link_close(&joined[--joined_count]);
}

static inline void set_up(void)
{
	open_listener(LONG);
}

/* The listener's turn, as the loop gives it: when there is news, or it is time. */
static inline void give_turn(double seconds)
{
	struct pollfd fds[2];
	const size_t n = listener.ops->descriptors(listener.state, fds, 2);
	const double due = fmin(listener.ops->deadline(listener.state) - abl_clock_now(), seconds);

	ck_assert_uint_eq(n, 2);
	(void)poll(fds, n, due > 0 ? (int)ceil(1e3 * due) : 0);
	listener.ops->advance(listener.state);
}

/* Both ends pass bytes on. */
static inline void check_link(struct abl_link *a, struct abl_link *b)
{
	char got[8] = "";
	const double begun = abl_clock_now();
	ssize_t n;

	ck_assert_int_eq(a->ops->write(a->state, "beat", 4), 4);
	while ((n = b->ops->read(b->state, got, sizeof got)) < 0 && errno == EAGAIN)
		ck_assert(abl_clock_now() - begun < LONG);
	ck_assert_int_eq(n, 4);
	ck_assert(!memcmp(got, "beat", 4));
}

/* main's value. */
static inline int run_with_listener(TCase *c, const char *name)
{
	int failed;

	if (!abl_tls_library()) {
		puts("1..0 # SKIP built without OpenSSL: no worker can connect");
		return 0;
	}
	signal(SIGPIPE, SIG_IGN);
	if (!mkdtemp(folder))
		return 1;
	head_path = abl_path_join(folder, ABL_HEAD_FILE);
	tcase_add_checked_fixture(c, set_up, close_listener);
	failed = run_case(c, name);
	free(head_path);
	return abl_remove_tree(folder, NULL) ? 1 : failed;
}

#endif

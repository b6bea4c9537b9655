/* SPDX-License-Identifier: Apache-2.0 */
/* test_link_tls.c - workers that call the head over TLS, and those who are none: over loopback, in
 * one process, both ends of which are driven by the same loop. */
#include "listener_fixture.h"
#include "talk.h"
#include "tcp.h"

#include <malloc.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static int connect_plainly(void)
{
	const int fd = abl_tcp_connect("127.0.0.1", abl_listener_port(&listener));
	struct pollfd ready = {.fd = fd, .events = POLLOUT};

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(poll(&ready, 1, 1000), 1);
	ck_assert_int_eq(abl_tcp_connected(fd), 0);
	return fd;
}

/* Whether the other end has closed it. */
static bool is_closed(int fd)
{
	char block[256];
	ssize_t n = recv(fd, block, sizeof block, MSG_DONTWAIT);

	while (n > 0)
		n = recv(fd, block, sizeof block, MSG_DONTWAIT);
	return !n || errno != EAGAIN;
}

/* Seconds until it is. */
static double wait_for_close(int fd, double most)
{
	const double begun = abl_clock_now();

	while (!is_closed(fd)) {
		ck_assert_msg(abl_clock_now() - begun < most, "still open");
		give_turn(.02);
	}
	return abl_clock_now() - begun;
}

/* A worker's connection with the token that is in the file, but for a changed first byte. NULL: it
 * was refused, and *why says for what. */
static struct abl_tls_connection *shake_hands(unsigned char change, const char **why, int *fd)
{
	struct abl_head head;
	struct abl_err err = {0};
	struct abl_tls *tls;
	struct abl_tls_connection *c;
	enum abl_tls_state state;
	const double begun = abl_clock_now();
	short events;

	ck_assert_msg(!abl_head_file_read(head_path, &head, &err), "%s", err.text);
	head.token.bytes[0] ^= change;
	ck_assert_msg(!abl_tls_create(&tls, &head.token, &err), "%s", err.text);
	*fd = connect_plainly();
	c = abl_tls_begin(tls, ABL_SIDE_WORKER, *fd);
	while ((state = abl_tls_shake(c, &events, why)) == ABL_TLS_SHAKING) {
		ck_assert(abl_clock_now() - begun < LONG);
		give_turn(.005);
	}
	abl_tls_destroy(tls); /* its connections go on */
	if (state == ABL_TLS_READY)
		return c;
	abl_tls_drop(c);
	return NULL;
}

/* A worker's link, whose other end is the last of `joined`. */
static struct abl_link join_one(int *fd)
{
	const char *why = "";
	const size_t before = joined_count;
	const double begun = abl_clock_now();
	struct abl_tls_connection *c = shake_hands(0, &why, fd);

	ck_assert_msg(c != NULL, "%s", why);
	while (joined_count == before) {
		ck_assert(abl_clock_now() - begun < LONG);
		give_turn(.005);
	}
	return abl_tls_link(c);
}

/* Cases. */

START_TEST(test_right_token)
{
	enum { MANY = 3 << 20 };
	struct pollfd fds[ABL_LINK_DESCRIPTORS];
	char *sent = abl_malloc(MANY), *got = abl_malloc(MANY);
	size_t out = 0, in = 0;
	struct abl_link worker, *head;
	ssize_t n;
	int fd;

	worker = join_one(&fd);
	head = &joined[0];
	check_link(&worker, head);
	check_link(head, &worker);
	ck_assert_uint_eq(worker.ops->descriptors(worker.state, true, fds, 4), 1);
	ck_assert_int_eq(fds[0].events, POLLIN | POLLOUT);
	ck_assert_uint_eq(worker.ops->descriptors(worker.state, false, fds, 4), 1);
	ck_assert_int_eq(fds[0].events, POLLIN);
	for (size_t i = 0; i < MANY; i++)
		sent[i] = (char)(i * 2654435761u >> 24);
	while (in < MANY) { /* more than any buffer on the way holds */
		if (out < MANY && (n = worker.ops->write(worker.state, sent + out, MANY - out)) > 0)
			out += (size_t)n;
		else if (out < MANY)
			ck_assert_int_eq(errno, EAGAIN);
		n = head->ops->read(head->state, got + in, MANY - in);
		if (n > 0)
			in += (size_t)n;
		else
			ck_assert_int_eq(errno, EAGAIN);
	}
	ck_assert(!memcmp(sent, got, MANY));
	abl_link_close(&worker);
	ck_assert_int_eq(head->ops->read(head->state, got, 1), 0); /* it said good-bye */
	ck_assert_uint_eq(said_count, 0);
	free(sent);
	free(got);
}
END_TEST

START_TEST(test_killed_worker)
{
	char got[1];
	int fd;
	struct abl_link worker = join_one(&fd);

	shutdown(fd, SHUT_RDWR); /* as the kernel closes it: without a word of TLS */
	ck_assert_int_eq(joined[0].ops->read(joined[0].state, got, 1), 0);
	errno = 0;
	ck_assert_int_eq(worker.ops->write(worker.state, "x", 1), -1);
	ck_assert_int_ne(errno, EAGAIN);
	abl_link_close(&worker);
}
END_TEST

START_TEST(test_wrong_token)
{
	int fd, other;
	struct abl_link good = join_one(&fd);
	const char *why = "";

	for (int i = 0; i < 3; i++) {
		ck_assert_ptr_null(shake_hands(0x80, &why, &other));
		ck_assert_str_eq(why, "it does not know the token");
	}
	ck_assert_uint_eq(joined_count, 1);
	ck_assert_uint_eq(said_count, 1); /* once for all */
	ck_assert_msg(strstr(said[0], "it does not know the token") &&
			      strstr(said[0], "127.0.0.1:"),
		      "%s", said[0]);
	check_link(&good, &joined[0]);
	abl_link_close(&good);
}
END_TEST

/* A ClientHello of TLS 1.2: version, random, no session, one suite, no compression, no extensions.
 */
static const unsigned char old_hello[] = {
	22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 3, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,    7,    7, 7,
	7,  7, 7, 7, 7,  7, 7, 7, 7,  7, 7, 7, 7, 7, 7, 7, 7, 7, 0, 0, 2, 0xc0, 0x2f, 1, 0};

START_TEST(test_others)
{
	static const struct {
		const char *name;
		const void *bytes;
		size_t length;
		const char *said;
	} rows[] = {
		{"plain text", "@ablate {\"say\":\"hello\"}\n", 25, "what it sends is no TLS"},
		{"a browser", "GET / HTTP/1.1\r\n\r\n", 18, "what it sends is no TLS"},
		{"TLS 1.2", old_hello, sizeof old_hello, "it does not speak TLS 1.3"},
		{"zeros", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16, "what it sends is no TLS"},
		{"a huge record", "\x16\x03\x01\xff\xff\x01\xff\xff\xff\x03\x03", 11, ""},
	};
	int fd;
	struct abl_link good = join_one(&fd);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const int other = connect_plainly();
		bool found = !*rows[i].said;

		ck_assert_int_eq(send(other, rows[i].bytes, rows[i].length, MSG_NOSIGNAL),
				 (ssize_t)rows[i].length);
		ck_assert_msg(wait_for_close(other, LONG) < LONG / 2, "%s", rows[i].name);
		for (size_t k = 0; k < said_count; k++)
			found |= strstr(said[k], rows[i].said) != NULL;
		ck_assert_msg(found, "%s: %s", rows[i].name,
			      said_count ? said[said_count - 1] : "");
		close(other);
	}
	ck_assert_uint_eq(joined_count, 1);
	check_link(&good, &joined[0]);
	abl_link_close(&good);
}
END_TEST

START_TEST(test_garbage_later)
{
	static const char garbage[] =
		"\x17\x03\x03\x00\x40 this was not encrypted by anybody at all, and is 64 "
		"bytes long .......";
	int fd, good_fd;
	struct abl_link good = join_one(&good_fd), bad = join_one(&fd);
	const double begun = abl_clock_now();
	char got[64];
	ssize_t n;

	ck_assert_int_gt(send(fd, garbage, sizeof garbage, MSG_NOSIGNAL), 0);
	while ((n = joined[1].ops->read(joined[1].state, got, sizeof got)) < 0 && errno == EAGAIN)
		ck_assert(abl_clock_now() - begun < LONG);
	ck_assert_int_eq(n, -1);
	ck_assert_int_eq(errno, EPROTO);
	check_link(&good, &joined[0]);
	abl_link_close(&bad);
	abl_link_close(&good);
}
END_TEST

static bool hear_nothing(void *data, const struct abl_message *m)
{
	ck_abort_msg("no message was sent");
	return false;
}

START_TEST(test_huge_frame)
{
	int fd;
	struct abl_link bad = join_one(&fd);
	struct abl_talk talk = {.link = joined[0], .other = ABL_SIDE_WORKER, .hear = hear_nothing};
	static char block[1 << 16];
	const size_t before = mallinfo2().uordblks;
	size_t sent = 0, most = 0;

	joined_count = 0; /* the talk's */
	abl_talk_begin(&talk);
	memset(block, 'x', sizeof block);
	memcpy(block, ABL_FRAME_MARK "{\"say\":\"", 16);
	while (abl_talk_advance(&talk) && sent < (size_t)1 << 30) {
		const ssize_t n = bad.ops->write(bad.state, block, sizeof block);

		if (n > 0)
			memset(block, 'x', 16);
		sent += n > 0 ? (size_t)n : 0;
		most = mallinfo2().uordblks > most ? mallinfo2().uordblks : most;
	}
	ck_assert_uint_lt(sent, 16 << 20);
	ck_assert_uint_lt(most - before, 16 << 20);
	ck_assert_msg(strstr(talk.why.text, "frame") != NULL, "%s", talk.why.text);
	abl_talk_finish(&talk);
	abl_link_close(&bad);
}
END_TEST

START_TEST(test_slow)
{
	const double wait = .5;
	struct abl_link good;
	double begun;
	int fd, good_fd;
	size_t at = 0;

	close_listener();
	open_listener(wait);
	good = join_one(&good_fd);
	fd = connect_plainly();
	begun = abl_clock_now();
	/* A byte in each twentieth of the time that it has. */
	while (!is_closed(fd)) {
		ck_assert(abl_clock_now() - begun < LONG);
		(void)send(fd, old_hello + at++ % 3, 1, MSG_NOSIGNAL);
		give_turn(wait / 20);
		usleep((useconds_t)(1e6 * wait / 20));
		check_link(&good, &joined[0]);
		check_link(&joined[0], &good);
	}
	ck_assert_double_ge(abl_clock_now() - begun, .9 * wait);
	ck_assert(strstr(said[0], "it has not shown in time that it knows the token"));
	close(fd);
	abl_link_close(&good);
}
END_TEST

START_TEST(test_half_open)
{
	enum { MANY = 200 };
	const double wait = .5;
	const size_t before = mallinfo2().uordblks;
	int fd[MANY], good_fd;
	struct abl_link good;

	close_listener();
	open_listener(wait);
	for (int i = 0; i < MANY; i++) {
		fd[i] = connect_plainly();
		give_turn(0);
	}
	good = join_one(&good_fd); /* while they wait */
	ck_assert(!is_closed(fd[MANY - 1]));
	ck_assert_uint_lt(mallinfo2().uordblks - before, 16 << 20);
	for (int i = 0; i < MANY; i++)
		wait_for_close(fd[i], LONG);
	ck_assert_uint_eq(said_count, 1);
	check_link(&good, &joined[0]);
	for (int i = 0; i < MANY; i++)
		close(fd[i]);
	abl_link_close(&good);
}
END_TEST

/* More than are kept at a time: those who wait for long go, and a worker gets its turn. */
START_TEST(test_crowd)
{
	enum { MANY = 2 * ABL_LISTENER_SHAKING };
	int fd[MANY], good_fd;
	struct abl_link good;

	close_listener();
	open_listener(.4);
	for (int i = 0; i < MANY; i++) {
		fd[i] = connect_plainly();
		give_turn(0);
	}
	good = join_one(&good_fd);
	ck_assert_msg(strstr(said[0], "too many connections") != NULL, "%s", said[0]);
	check_link(&good, &joined[0]);
	for (int i = 0; i < MANY; i++)
		close(fd[i]);
	abl_link_close(&good);
}
END_TEST

START_TEST(test_no_descriptors)
{
	struct rlimit before, few;
	int fd, first = connect_plainly(), second;
	struct abl_link good;

	ck_assert(!getrlimit(RLIMIT_NOFILE, &before));
	give_turn(0);
	second = connect_plainly();
	few = before;
	few.rlim_cur = (rlim_t)second + 1;
	ck_assert(!setrlimit(RLIMIT_NOFILE, &few));
	give_turn(.02);
	give_turn(.02);
	ck_assert(!setrlimit(RLIMIT_NOFILE, &before));
	ck_assert_uint_eq(said_count, 1);
	ck_assert_msg(strstr(said[0], "no more descriptors") != NULL, "%s", said[0]);
	good = join_one(&fd);
	check_link(&good, &joined[0]);
	abl_link_close(&good);
	close(first);
	close(second);
}
END_TEST

static TCase *make_case(void)
{
	TCase *c = tcase_create("link_tls");

	tcase_add_test(c, test_right_token);
	tcase_add_test(c, test_killed_worker);
	tcase_add_test(c, test_wrong_token);
	tcase_add_test(c, test_others);
	tcase_add_test(c, test_garbage_later);
	tcase_add_test(c, test_huge_frame);
	tcase_add_test(c, test_slow);
	tcase_add_test(c, test_half_open);
	tcase_add_test(c, test_crowd);
	tcase_add_test(c, test_no_descriptors);
	return c;
}

int main(void)
{
	return run_with_listener(make_case(), "link_tls");
}

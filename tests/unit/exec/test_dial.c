/* SPDX-License-Identifier: Apache-2.0 */
/* test_dial.c - how a worker finds its head: head.json, its addresses, and the next head. */
#include "dial.h"
#include "listener_fixture.h"
#include "tcp.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

START_TEST(test_ports)
{
	struct abl_executor first = listener, second, third = {0};
	struct abl_listener_setup setup = {.store = folder, .joined = join, .say = hear};
	struct abl_err err = {0};

	setup.port = abl_listener_port(&first);
	setup.last = setup.port + 3;
	ck_assert_msg(!abl_listener_open(&second, &setup, &err), "%s", err.text);
	ck_assert_int_gt(abl_listener_port(&second), setup.port);
	ck_assert_int_le(abl_listener_port(&second), setup.last);
	setup.last = setup.port;
	ck_assert_int_eq(abl_listener_open(&third, &setup, &err), ABL_EFAIL);
	ck_assert_msg(strstr(err.text, "cannot listen at port") != NULL, "%s", err.text);
	/* The first one goes, and leaves the file of the second one. */
	abl_executor_finish(&listener);
	ck_assert(abl_file_exists(head_path));
	listener = second;
	abl_executor_finish(&listener);
	ck_assert(!abl_file_exists(head_path));
	open_listener(LONG);
}
END_TEST

START_TEST(test_head_file)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{\"head\":2}",
		"{\"head\":1,\"port\":70000}",
		"{\"head\":1,\"port\":7,\"token\":\"0123\",\"addresses\":[\"127.0.0.1\"]}",
		"{\"head\":1,\"port\":7,\"token\":\"000102030405060708090a0b0c0d0e0f\","
		"\"addresses\":[]}",
		"{\"head\":1,\"port\":7,\"token\":\"000102030405060708090a0b0c0d0e0f\","
		"\"addresses\":[\"node7.cluster\"]}",
	};
	struct abl_head head, other;
	struct abl_err err = {0};
	struct stat now;

	ck_assert(!stat(head_path, &now));
	ck_assert_int_eq(now.st_mode & 0777, 0600);
	ck_assert_msg(!abl_head_file_read(head_path, &head, &err), "%s", err.text);
	ck_assert_int_eq(head.port, abl_listener_port(&listener));
	ck_assert_int_eq(head.pid, getpid());
	ck_assert_uint_ge(head.addresses, 1);
	for (size_t i = 0; i < head.addresses; i++) /* each one is listened at */
		ck_assert_int_ge(abl_tcp_connect(head.address[i], head.port), 0);
	ck_assert(!chmod(head_path, 0640));
	ck_assert_int_eq(abl_head_file_read(head_path, &other, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "chmod 600") != NULL, "%s", err.text);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		err = (struct abl_err){0};
		ck_assert(!abl_file_write_private(head_path, bad[i], strlen(bad[i]), &err));
		ck_assert_int_eq(abl_head_file_read(head_path, &other, &err), ABL_EINPUT);
	}
	abl_head_file_remove(head_path, &head.token); /* that is not ours */
	ck_assert(abl_file_exists(head_path));
	abl_head_file_remove(head_path, NULL);
	ck_assert(!abl_file_exists(head_path));
	err = (struct abl_err){0};
	ck_assert_int_eq(abl_head_file_read(head_path, &other, &err), ABL_EIO);
}
END_TEST

/* The worker's whole way: no file yet, a dead head's, a head, the next head. */
static struct abl_link dial(struct abl_dial *d, double most)
{
	const double begun = abl_clock_now();
	struct abl_link link = {0};
	struct pollfd fd;

	while (!abl_dial_advance(d, &link)) {
		ck_assert_msg(abl_clock_now() - begun < most, "%s", abl_dial_trouble(d));
		ck_assert_uint_le(abl_dial_descriptors(d, &fd, 1), 1);
		give_turn(.005);
	}
	ck_assert(isinf(abl_dial_deadline(d)));
	while (!joined_count)
		give_turn(.005);
	return link;
}

START_TEST(test_dial)
{
	struct abl_err err = {0};
	struct abl_dial *d = NULL;
	struct abl_link link = {0};
	struct abl_head dead;
	struct pollfd fd;

	ck_assert(!abl_head_file_read(head_path, &dead, &err));
	close_listener();
	ck_assert_msg(!abl_dial_create(&d, head_path, .02, &err), "%s", err.text);
	ck_assert(!abl_dial_advance(d, &link)); /* nothing there */
	ck_assert_msg(strstr(abl_dial_trouble(d), "No such file") != NULL, "%s",
		      abl_dial_trouble(d));
	ck_assert(!abl_head_file_write(head_path, &dead, &err)); /* nobody listens there */
	for (int i = 0; i < 400 && !strstr(abl_dial_trouble(d), "cannot reach"); i++) {
		ck_assert(!abl_dial_advance(d, &link));
		usleep(5000);
	}
	ck_assert_msg(strstr(abl_dial_trouble(d), "Connection refused") != NULL, "%s",
		      abl_dial_trouble(d));
	dead.pid = fork();
	if (!dead.pid)
		_exit(0);
	ck_assert(waitpid((pid_t)dead.pid, NULL, 0) == dead.pid);
	ck_assert(!abl_head_file_write(head_path, &dead, &err));
	for (int i = 0; i < 400 && strstr(abl_dial_trouble(d), "refused"); i++) {
		ck_assert(!abl_dial_advance(d, &link));
		usleep(5000);
	}
	ck_assert_msg(strstr(abl_dial_trouble(d), "is what a head left") != NULL, "%s",
		      abl_dial_trouble(d));
	open_listener(LONG);
	link = dial(d, LONG);
	check_link(&link, &joined[0]);
	/* The next head, with another token. */
	close_listener();
	ck_assert_int_eq(link.ops->read(link.state, &err, 1), 0);
	abl_link_close(&link);
	abl_dial_again(d);
	ck_assert_uint_eq(abl_dial_descriptors(d, &fd, 1), 0);
	open_listener(LONG);
	link = dial(d, LONG);
	check_link(&link, &joined[0]);
	abl_link_close(&link);
	abl_dial_destroy(d);
}
END_TEST

static TCase *make_case(void)
{
	TCase *c = tcase_create("dial");

	tcase_add_test(c, test_ports);
	tcase_add_test(c, test_head_file);
	tcase_add_test(c, test_dial);
	return c;
}

int main(void)
{
	return run_with_listener(make_case(), "dial");
}

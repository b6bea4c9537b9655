/* SPDX-License-Identifier: Apache-2.0 */
#include "launch.h"
#include "run_case.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct abl_launch_setup setup = {
	.program = "/opt/ablate", .store = "/net/me/my store", .data = "/data"};

/* The words of all places, a place a line. */
static char *words_of(const struct abl_places *places)
{
	struct abl_str out = {0};

	abl_str_puts(&out, "");
	for (size_t i = 0; i < places->count; i++) {
		struct abl_word_list words = {0};

		if (places->items[i].kind == ABL_PLACE_LOCAL ||
		    places->items[i].kind == ABL_PLACE_SLURM ||
		    places->items[i].kind == ABL_PLACE_CALLS) {
			abl_str_printf(&out, "%s %lld\n", places->items[i].name,
				       (long long)places->items[i].slots);
			continue;
		}
		ck_assert_int_eq(abl_launch_words(&places->items[i], &setup, &words, NULL), 0);
		for (size_t k = 0; k < words.count; k++)
			abl_str_printf(&out, "%s%s", k ? "|" : "", words.word[k]);
		abl_str_puts(&out, "\n");
		abl_word_list_finish(&words);
	}
	return out.text;
}

#define SSH "ssh|-T|-oBatchMode=yes|-oConnectTimeout=20|--|"
#define WORKER "worker --stdio --store /net/me/my\\ store --data /data"
#define ITS "worker|--stdio|--store|/net/me/my store|--data|/data"

static const struct {
	const char *on, *words;
} understood[] = {
	{"local", "local 0\n"},
	{"local:3", "local 3\n"},
	{"slurm", "slurm 0\n"},
	{"calls,local", "calls 0\nlocal 0\n"},
	{"ssh:a", SSH "a|/opt/ablate " WORKER " --name a\n"},
	{"ssh:me@a.example.org:4,b",
	 SSH "me@a.example.org|/opt/ablate " WORKER " --workers 4 --name me@a.example.org\n" SSH
	     "b|/opt/ablate " WORKER " --name b\n"},
	{"ssh:[fe80::1%eth0]:2",
	 SSH "fe80::1%eth0|/opt/ablate " WORKER " --workers 2 --name fe80__1_eth0\n"},
	{"ssh:::1", SSH "::1|/opt/ablate " WORKER " --name __1\n"},
	{"ssh:a,a",
	 SSH "a|/opt/ablate " WORKER " --name a\n" SSH "a|/opt/ablate " WORKER " --name a-2\n"},
	{"local:1,ssh:a,local.hosts.example,slurm",
	 "local 1\n" SSH "a|/opt/ablate " WORKER " --name a\n" SSH
	 "local.hosts.example|/opt/ablate " WORKER " --name local.hosts.example\n"
	 "slurm 0\n"},
	{"command:docker exec -i 'my c' ablate",
	 "docker|exec|-i|my c|ablate|" ITS "|--name|docker\n"},
	{"command:/usr/bin/kubectl exec -i pod -- ablate",
	 "/usr/bin/kubectl|exec|-i|pod|--|ablate|" ITS "|--name|kubectl\n"},
	{"command:sh -c \"a, \\\"b\\\" $x\" ''", "sh|-c|a, \"b\" $x||" ITS "|--name|sh\n"},
};

START_TEST(test_places_are_understood)
{
	struct abl_places places = {0};
	struct abl_err err = {0};
	char *words;

	ck_assert_msg(!abl_places_add(&places, understood[_i].on, &err), "%s", err.text);
	words = words_of(&places);
	ck_assert_str_eq(words, understood[_i].words);
	free(words);
	abl_places_finish(&places);
}
END_TEST

static const struct {
	const char *on, *why;
} refused[] = {
	{"", "does not know the place ''"},
	{"hostA", "does not know the place 'hostA'"},
	{"ssh:", "'' is no host"},
	{"ssh:a,,b", "'' is no host"},
	{"ssh:-oProxyCommand=x", "'-oProxyCommand=x' is no host"},
	{"ssh:me@-x", "is no host"},
	{"ssh:@a", "is no host"},
	{"ssh:a b", "is no host"},
	{"ssh:a;reboot", "is no host"},
	{"ssh:$(reboot)", "is no host"},
	{"ssh:a:0", "the N of HOST:N must be a number from 1 to 4096, not '0'"},
	{"ssh:a:x", "must be a number"},
	{"local:-1", "the N of local:N must be"},
	{"local,local", "names 'local' twice"},
	{"slurm,slurm", "names 'slurm' twice"},
	{"calls,calls", "names 'calls' twice"},
	{"command:", "needs words"},
	{"command:docker 'x", "the quote ' is never closed"},
	{"/nowhere/my.hosts", "/nowhere/my.hosts"},
};

START_TEST(test_places_are_refused)
{
	struct abl_places places = {0};
	struct abl_err err = {0};

	ck_assert_int_eq(abl_places_add(&places, refused[_i].on, &err) < 0, 1);
	ck_assert_msg(strstr(err.text, refused[_i].why), "%s", err.text);
	abl_places_finish(&places);
}
END_TEST

/* Reads a host file of that text. */
static int read_file(const char *text, struct abl_places *places, struct abl_err *err)
{
	char path[] = "/tmp/ablate-XXXXXX.hosts";
	const int fd = mkstemps(path, 6);
	int rc;

	ck_assert_int_eq(write(fd, text, strlen(text)), (int)strlen(text));
	close(fd);
	rc = abl_places_add(places, path, err);
	unlink(path);
	return rc;
}

START_TEST(test_any_file_that_is_there_is_a_host_file)
{
	char path[] = "/tmp/ablate-XXXXXX";
	struct abl_places places = {0};
	struct abl_err err = {0};
	const int fd = mkstemp(path);

	ck_assert_int_eq(write(fd, "a\nb\n", 4), 4);
	close(fd);
	ck_assert_msg(!abl_places_add(&places, path, &err), "%s", err.text);
	ck_assert_uint_eq(places.count, 2);
	ck_assert(abl_places_have_workers(&places));
	unlink(path);
	abl_places_finish(&places);
}
END_TEST

START_TEST(test_a_host_file_is_read)
{
	static const char text[] =
		"# my hosts\n"
		"\n"
		"local slots=2\n"
		"big cores=16 gpus=0,1   # two of its four\n"
		"  small\tslots=2 cores=8 gpus=none store='/mnt/my store' data=/mnt/data "
		"program=/x/ablate\n"
		"box store=/s command: docker exec -i 'c 1' ablate # a container";
	struct abl_places places = {0};
	struct abl_err err = {0};
	char *words;

	ck_assert_msg(!read_file(text, &places, &err), "%s", err.text);
	words = words_of(&places);
	ck_assert_str_eq(words,
			 "local 2\n" SSH "big|env CUDA_VISIBLE_DEVICES\\=0,1 /opt/ablate " WORKER
			 " --workers 16 --threads 1 --name big\n" SSH
			 "small|env CUDA_VISIBLE_DEVICES\\= /x/ablate worker --stdio --store "
			 "/mnt/my\\ store --data /mnt/data --workers 2 --threads 4 --name small\n"
			 "docker|exec|-i|c 1|ablate|worker|--stdio|--store|/s|--data|/data|--name|"
			 "box\n");
	free(words);
	abl_places_finish(&places);
}
END_TEST

static const struct {
	const char *text, *why;
} refused_files[] = {
	{"# nobody\n", "names no host"},
	{"a\n-x\n", ".hosts:2: '-x' is no host"},
	{"a slot=2\n", ".hosts:1: unknown word 'slot=2'; KEY=VALUE with one of slots,"},
	{"a 4\n", "unknown word '4'"},
	{"a slots=many\n", "slots= must be a number"},
	{"a store=relative\n", "store= must be a whole path"},
	{"a gpus=0;1\n", "gpus= takes numbers"},
	{"a gpus=\n", "gpus= takes cards"},
	{"a gpus=0,,1\n", "each has a name"},
	{"a slots=2 slots=3\n", ".hosts:1: 'slots' is given twice"},
	{"a:2 slots=3\n", "'slots' is given twice"},
	{"a store=/x data=/y store=/z\n", "'store' is given twice"},
	{"a program=\n", "program= needs the path"},
	{"a store='/x\n", ".hosts:1: the quote ' is never closed"},
	{"local cores=2\n", "'local' takes slots= alone"},
	{"local\nlocal\n", ".hosts:2: 'local' is named twice"},
	{"a command:\n", "'command:' needs words"},
	{" command: docker\n", "a name must stand before"},
	{"a gpus=0 command: docker\n", "the words of a command say it themselves"},
};

START_TEST(test_host_files_are_refused)
{
	struct abl_places places = {0};
	struct abl_err err = {0};

	ck_assert_int_lt(read_file(refused_files[_i].text, &places, &err), 0);
	ck_assert_msg(strstr(err.text, refused_files[_i].why), "%s", err.text);
	abl_places_finish(&places);
}
END_TEST

/* What a shell makes of the quoted words, one a line. */
static void ask_shell(const char *shell, const char *const *words, size_t count)
{
	struct abl_str command = {0}, wanted = {0};
	char got[1024] = "";
	FILE *pipe;

	abl_str_puts(&command, "W=$(cat <<'END'\nprintf '%s\\n'");
	for (size_t i = 0; i < count; i++) {
		abl_str_puts(&command, " ");
		ck_assert(abl_remote_word(&command, words[i]));
		abl_str_printf(&wanted, "%s\n", words[i]);
	}
	abl_str_printf(&command, "\nEND\n); exec %s -c \"$W\"", shell);
	pipe = popen(command.text, "r");
	got[fread(got, 1, sizeof got - 1, pipe)] = '\0';
	ck_assert_int_eq(pclose(pipe), 0);
	ck_assert_msg(!strcmp(got, wanted.text), "%s: '%s', not '%s'", shell, got, wanted.text);
	abl_str_finish(&command), abl_str_finish(&wanted);
}

START_TEST(test_words_pass_a_remote_shell)
{
	static const char *const shells[] = {"sh",  "bash", "dash", "zsh",
					     "csh", "tcsh", "fish", "ksh"};
	static const char *const words[] = {
		"/plain/path-1.0,@:+",
		"two words",
		"it's",
		"a\"b",
		"$HOME",
		"`id`",
		"$(id)",
		"a;b&c|d>e<f",
		"~",
		"~root",
		"!x!!",
		"back\\slash",
		"*?[a-z]{a,b}",
		"#no",
		"a=b",
		"=ls",
		"%1",
		"^a^b",
		"(x)",
		"é 漢",
		"",
	};

	for (size_t s = 0; s < sizeof shells / sizeof *shells; s++) {
		struct abl_str there = {0};

		abl_str_printf(&there, "command -v %s >/dev/null 2>&1", shells[s]);
		if (!system(there.text))
			ask_shell(shells[s], words, sizeof words / sizeof *words);
		abl_str_finish(&there);
	}
	for (size_t i = 0; i < 2; i++) {
		struct abl_str out = {0};

		ck_assert(!abl_remote_word(&out, i ? "a\nb" : "a\x7f"));
		abl_str_finish(&out);
	}
}
END_TEST

START_TEST(test_a_place_is_tried_less_and_less)
{
	static const double waits[] = {15, 30, 60, 120, 240, 480, 600, 600};
	struct abl_backoff b = {0};
	double now = 100;

	for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
		abl_backoff_began(&b, now);
		ck_assert(abl_backoff_ended(&b, now) == waits[i]);
		now = b.again;
	}
	abl_backoff_began(&b, now);
	abl_backoff_joined(&b, now); /* and is gone at once */
	ck_assert(abl_backoff_ended(&b, now + 1) == 600);
	abl_backoff_began(&b, now);
	abl_backoff_joined(&b, now);
	ck_assert(abl_backoff_ended(&b, now + 90) == 15);
	ck_assert(b.again == now + 105);
}
END_TEST

#define COUNT(rows) (int)(sizeof rows / sizeof *rows)

int main(void)
{
	TCase *c = tcase_create("launch");

	tcase_add_loop_test(c, test_places_are_understood, 0, COUNT(understood));
	tcase_add_loop_test(c, test_places_are_refused, 0, COUNT(refused));
	tcase_add_test(c, test_a_host_file_is_read);
	tcase_add_test(c, test_any_file_that_is_there_is_a_host_file);
	tcase_add_loop_test(c, test_host_files_are_refused, 0, COUNT(refused_files));
	tcase_add_test(c, test_words_pass_a_remote_shell);
	tcase_add_test(c, test_a_place_is_tried_less_and_less);
	return run_case(c, "launch");
}

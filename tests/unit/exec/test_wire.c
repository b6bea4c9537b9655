/* SPDX-License-Identifier: Apache-2.0 */
/* test_wire.c - every message comes back as it was said; one that lacks a member, or has one that
 * could do harm, is refused by name. */
#include "frame.h"
#include "run_case.h"
#include "wire.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define KEY "0123456789abcdef0123456789abcdef"

/* of all that name one; an element of a list is no constant to every compiler */
#define FIRST          \
	{              \
		KEY, 2 \
	}
#define SECOND         \
	{              \
		KEY, 3 \
	}

static const struct abl_wire_attempt attempts[] = {FIRST, SECOND};
static const char *const texts[] = {"A=1", "B=", NULL};
static const struct abl_wire_file files[] = {{"/data/train.tsv", "5f"}};

static const struct abl_message all[] = {
	{.say = ABL_SAY_HELLO,
	 .hello = {.version = "1",
		   .keys = "k",
		   .name = "left",
		   .host = "n1",
		   .cpu = "c",
		   .engine = "e",
		   .compiler = "gcc",
		   .kernels = "avx512",
		   .cores = 8,
		   .slots = 2,
		   .threads = 4,
		   .memory = 1e9,
		   .seconds_left = INFINITY,
		   .cards = {texts, 2},
		   .job = "17",
		   .array = NULL,
		   .node = "n1",
		   .store = "s",
		   .running = {attempts, 2},
		   .sealed = {attempts, 1}}},
	{.say = ABL_SAY_STARTED, .started = {FIRST, 4711}},
	{.say = ABL_SAY_REFUSED, .refused = {FIRST, ABL_REFUSED_MEMORY, "too little"}},
	{.say = ABL_SAY_LINE, .line = {FIRST, "{\"progress\":0.5}"}},
	{.say = ABL_SAY_ENDED,
	 .ended = {FIRST,
		   {.kind = ABL_END_SIGNALLED,
		    .exit_code = -1,
		    .signal = 9,
		    .asked = true,
		    .seconds = 1.5,
		    .cpu_seconds = 1.25,
		    .max_rss_kib = 1234,
		    .out_of_memory = true,
		    .strange_lines = 3,
		    .text = "killed"}}},
	{.say = ABL_SAY_BEAT, .beat = {.seconds_left = 60, .memory_left = INFINITY}},
	{.say = ABL_SAY_LEAVING, .leaving = {"its time is up"}},
	{.say = ABL_SAY_WELCOME,
	 .welcome =
		 {.worker = 7, .beat = 15, .lease = 60, .grace = 30, .linger = 600, .token = "t"}},
	{.say = ABL_SAY_REFUSE, .refuse = {"another version"}},
	{.say = ABL_SAY_START,
	 .start = {.of = SECOND,
		   .trial = "work/k/1.json",
		   .log = "logs/a..b.log",
		   .roots = {"/store", NULL},
		   .threads = 2,
		   .cards = {NULL, 0},
		   .seconds = 3,
		   .environment = {texts, 2},
		   .files = {files, 1}}},
	{.say = ABL_SAY_STOP, .stop = {.of = {NULL, 0}, .hard = true}},
	{.say = ABL_SAY_STOP, .stop = {.of = FIRST, .hard = false}},
	{.say = ABL_SAY_KEEP, .keep = FIRST},
	{.say = ABL_SAY_DROP, .drop = FIRST},
	{.say = ABL_SAY_BYE},
};
enum { ALL = sizeof all / sizeof *all };

/* The object of a frame. */
static json_t *object_of(const struct abl_message *m)
{
	struct abl_str out = {0};
	json_t *object;

	ck_assert(abl_message_put(&out, m));
	object = json_loads(out.text + strlen(ABL_FRAME_MARK), 0, NULL);
	ck_assert(object != NULL);
	abl_str_finish(&out);
	return object;
}

static enum abl_side side_of(const struct abl_message *m)
{
	return m->say < ABL_SAY_WELCOME ? ABL_SIDE_WORKER : ABL_SIDE_HEAD;
}

START_TEST(test_wire__comes_back)
{
	bool seen[ABL_SAYS] = {0};

	for (size_t i = 0; i < ALL; i++) {
		struct abl_str once = {0}, again = {0};
		struct abl_message m;
		struct abl_err err = {0};
		json_t *object = object_of(&all[i]);

		ck_assert_msg(!abl_message_read(&m, object, side_of(&all[i]), &err), "%s",
			      err.text);
		json_decref(object); /* the message has its own */
		ck_assert_int_eq(m.say, all[i].say);
		ck_assert(abl_message_put(&once, &all[i]));
		ck_assert(abl_message_put(&again, &m));
		ck_assert_str_eq(once.text, again.text);
		seen[m.say] = true;
		abl_message_finish(&m);
		abl_str_finish(&once), abl_str_finish(&again);
	}
	for (int i = 0; i < ABL_SAYS; i++)
		ck_assert_msg(seen[i], "%s", abl_message_name((enum abl_say)i));
}
END_TEST

START_TEST(test_wire__numbers_and_nothings)
{
	struct abl_message m;
	json_t *object = object_of(&all[0]);

	ck_assert(!abl_message_read(&m, object, ABL_SIDE_WORKER, NULL));
	ck_assert_ptr_null(m.hello.array);
	ck_assert(isinf(m.hello.seconds_left));
	ck_assert_uint_eq(m.hello.cards.count, 2);
	ck_assert_ptr_null(m.hello.cards.item[2]);
	ck_assert_int_eq(m.hello.running.item[1].attempt, 3);
	abl_message_finish(&m);
	json_decref(object);
}
END_TEST

START_TEST(test_wire__refuses_what_lacks_a_member)
{
	for (size_t i = 0; i < ALL; i++) {
		json_t *whole = object_of(&all[i]), *value;
		const char *name;

		json_object_foreach(whole, name, value)
		{
			json_t *less = json_copy(whole);
			struct abl_message m;
			struct abl_err err = {0};

			ck_assert(!json_object_del(less, name));
			ck_assert_int_eq(abl_message_read(&m, less, side_of(&all[i]), &err),
					 ABL_EINPUT);
			ck_assert_msg(!strcmp(name, "say") || strstr(err.text, name), "%s",
				      err.text);
			json_decref(less);
		}
		ck_assert(!json_object_set_new(whole, "news", json_true()));
		{
			struct abl_message m;

			ck_assert(!abl_message_read(&m, whole, side_of(&all[i]), NULL));
			abl_message_finish(&m);
			ck_assert(abl_message_read(&m, whole, 1 - side_of(&all[i]), NULL));
		}
		json_decref(whole);
	}
}
END_TEST

START_TEST(test_wire__refuses_what_could_do_harm)
{
	static const struct {
		int message; /* of `all` */
		const char *name, *json;
	} bad[] = {
		{1, "key", "\"../../etc\""},
		{1, "key", "\"0123\""},
		{1, "key", "null"},
		{1, "attempt", "-1"},
		{1, "pid", "\"1\""},
		{1, "say", "\"start\""},
		{1, "say", "\"\\u001b[2J\""},
		{4, "kind", "\"well\""},
		{4, "signal", "1000"},
		{4, "seconds", "\"NaN\""},
		{0, "running", "[{\"key\":\"x\",\"attempt\":1}]"},
		{0, "cards", "[1]"},
		{9, "trial", "\"../x\""},
		{9, "trial", "\"/etc/passwd\""},
		{9, "log", "\"logs/../../x\""},
		{9, "log", "\"a/..\""},
		{9, "log", "\"\""},
		{9, "environment", "[\"A\"]"},
		{9, "environment", "[\"=A\"]"},
		{9, "roots", "{}"},
		{9, "files", "[{\"path\":\"/x\"}]"},
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const struct abl_message *m = &all[bad[i].message];
		json_t *object = object_of(m);
		struct abl_message out;
		struct abl_err err = {0};

		ck_assert(!json_object_set_new(object, bad[i].name,
					       json_loads(bad[i].json, JSON_DECODE_ANY, NULL)));
		ck_assert_msg(abl_message_read(&out, object, side_of(m), &err) == ABL_EINPUT,
			      "%s: %s", bad[i].name, bad[i].json);
		ck_assert(!strchr(err.text, 27));
		json_decref(object);
	}
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("wire");

	tcase_add_test(c, test_wire__comes_back);
	tcase_add_test(c, test_wire__numbers_and_nothings);
	tcase_add_test(c, test_wire__refuses_what_lacks_a_member);
	tcase_add_test(c, test_wire__refuses_what_could_do_harm);
	return run_case(c, "wire");
}

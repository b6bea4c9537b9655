/* SPDX-License-Identifier: Apache-2.0 */
/* test_frame.c - frames come back whole however they are cut up; what is none is passed on or ends
 * the link, and nothing takes more memory than a frame may. */
#include "frame.h"
#include "run_case.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

struct heard {
	size_t frames, strange, longest;
	int64_t last;
	char line[64];
	int64_t refuse; /* the value that is not to be had; 0 = none */
};

static bool hear(void *data, json_t *object)
{
	struct heard *h = data;

	h->frames++;
	h->last = json_integer_value(json_object_get(object, "n"));
	return !h->refuse || h->last != h->refuse;
}

static void hear_strange(void *data, const char *line, size_t length)
{
	struct heard *h = data;

	h->strange++;
	h->longest = length > h->longest ? length : h->longest;
	snprintf(h->line, sizeof h->line, "%.*s", (int)length, line);
}

static struct abl_frames frames(struct heard *h)
{
	return (struct abl_frames){.data = h, .frame = hear, .strange = hear_strange};
}

static bool feed(struct abl_frames *f, const char *text, size_t piece, struct abl_err *err)
{
	const size_t length = strlen(text);
	bool good = true;

	for (size_t at = 0; at < length && good; at += piece)
		good = abl_frames_feed(f, text + at, piece < length - at ? piece : length - at,
				       err);
	return good;
}

START_TEST(test_frame__comes_back_in_pieces)
{
	struct abl_str out = {0};

	abl_str_puts(&out, "Welcome to the cluster!\r\n\n");
	for (int i = 1; i <= 3; i++) {
		struct abl_json j;

		abl_json_begin(&j);
		abl_json_int(&j, j.root, "n", i);
		abl_json_text(&j, j.root, "text", "two\nlines, \xc3\xa4");
		ck_assert(abl_frame_put(&out, &j));
		abl_str_puts(&out, i == 2 ? "@ablater {}\n@\n@ablate\n" : "");
	}
	abl_str_puts(&out, "@ablate {\"n\":4}\r\nand no end");
	for (size_t piece = 1; piece < out.length + 7; piece += piece < 20 ? 1 : 13) {
		struct heard h = {0};
		struct abl_frames f = frames(&h);
		struct abl_err err = {0};

		ck_assert_msg(feed(&f, out.text, piece, &err), "%s", err.text);
		ck_assert_uint_eq(h.frames, 4);
		ck_assert_int_eq(h.last, 4);
		ck_assert_uint_eq(h.strange, 4);
		abl_frames_finish(&f);
		ck_assert_uint_eq(h.strange, 5);
		ck_assert_str_eq(h.line, "and no end");
	}
	abl_str_finish(&out);
}
END_TEST

START_TEST(test_frame__refuses_damage)
{
	static const struct {
		const char *text, *what;
	} bad[] = {
		{"@ablate {\"n\":1\n", "damaged frame: '}' expected"},
		{"@ablate [1]\n", "not an object"},
		{"@ablate \n", "damaged frame"},
		{"@ablate {\"n\":1,\"n\":2}\n", "duplicate"},
		{"@ablate {\"n\":1} more\n", "damaged frame"},
		{"@ablate {\"n\":\"\xff\"}\n", "damaged frame"},
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct heard h = {0};
		struct abl_frames f = frames(&h);
		struct abl_err err = {0};

		ck_assert(!feed(&f, bad[i].text, 3, &err));
		ck_assert_msg(strstr(err.text, bad[i].what), "%s", err.text);
		ck_assert(!feed(&f, "@ablate {\"n\":7}\n", 100, &err));
		ck_assert_uint_eq(h.frames, 0);
		abl_frames_finish(&f);
	}
}
END_TEST

START_TEST(test_frame__ends_when_it_is_not_to_be_had)
{
	struct heard h = {.refuse = 2};
	struct abl_frames f = frames(&h);
	struct abl_err err = {0};

	ck_assert(
		!feed(&f, "@ablate {\"n\":1}\n@ablate {\"n\":2}\n@ablate {\"n\":3}\n", 100, &err));
	ck_assert_int_eq(h.last, 2);
	ck_assert_int_eq(err.code, 0);
	abl_frames_finish(&f);
}
END_TEST

/* A gigabyte without a line's end: a frame is refused at its limit, anything else is cut. */
START_TEST(test_frame__has_a_limit)
{
	char *block = abl_malloc(1 << 16);
	struct heard h = {0};
	struct abl_frames f = frames(&h);
	struct abl_err err = {0};
	size_t blocks = 0;

	memset(block, 'x', 1 << 16);
	ck_assert(feed(&f, "@ablate ", 3, &err));
	while (abl_frames_feed(&f, block, 1 << 16, &err))
		blocks++;
	ck_assert_uint_eq(blocks, ABL_FRAME_MAX / (1 << 16) - 1);
	ck_assert_msg(strstr(err.text, "longer than 1048576 bytes"), "%s", err.text);
	ck_assert_uint_le(f.part.capacity, 2 * ABL_FRAME_MAX);
	abl_frames_finish(&f);

	f = frames(&h);
	for (size_t i = 0; i < 1 << 8; i++)
		ck_assert(abl_frames_feed(&f, block, 1 << 16, &err));
	ck_assert(feed(&f, "\n@ablate {\"n\":1}\n", 5, &err));
	ck_assert_uint_eq(h.strange, 1);
	ck_assert_uint_eq(h.longest, ABL_STRANGE_MAX);
	ck_assert_uint_eq(h.frames, 1);
	ck_assert_uint_le(f.part.capacity, 2 * ABL_STRANGE_MAX);
	abl_frames_finish(&f);
	free(block);
}
END_TEST

static bool put_text_of(struct abl_str *out, size_t length)
{
	char *text = abl_calloc(length + 1, 1);
	struct abl_json j;
	bool good;

	memset(text, 'a', length);
	abl_json_begin(&j);
	abl_json_text(&j, j.root, "t", text);
	good = abl_frame_put(out, &j);
	free(text);
	return good;
}

START_TEST(test_frame__writes_none_that_would_be_refused)
{
	const size_t around = strlen("@ablate {\"t\":\"\"}");
	struct abl_str out = {0};
	struct heard h = {0};
	struct abl_frames f = frames(&h);
	struct abl_json j;

	abl_str_puts(&out, "begun\n");
	ck_assert(!put_text_of(&out, ABL_FRAME_MAX - around + 1));
	ck_assert_str_eq(out.text, "begun\n");
	ck_assert(put_text_of(&out, ABL_FRAME_MAX - around));
	abl_json_begin(&j);
	abl_json_text(&j, j.root, "t", "\xff");
	ck_assert(!abl_frame_put(&out, &j));
	ck_assert(abl_frames_feed(&f, out.text, out.length, NULL));
	ck_assert_uint_eq(h.frames, 1);
	abl_frames_finish(&f);
	abl_str_finish(&out);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("frame");

	tcase_add_test(c, test_frame__comes_back_in_pieces);
	tcase_add_test(c, test_frame__refuses_damage);
	tcase_add_test(c, test_frame__ends_when_it_is_not_to_be_had);
	tcase_add_test(c, test_frame__has_a_limit);
	tcase_add_test(c, test_frame__writes_none_that_would_be_refused);
	return run_case(c, "frame");
}

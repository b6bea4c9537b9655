/* SPDX-License-Identifier: Apache-2.0 */
/* test_event_files.c - TensorBoard's files: every form of a scalar, as TensorBoard's own loader
 * reads it (tests/reference/make_event_file.py), also from a file that is cut off or damaged. */
#include "collecting.h"
#include "crc32c.h"
#include "run_case.h"

#include <math.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char folder[] = "runs/Nov29/events.out.tfevents.1700000000.host.1.0";

static struct abl_str bytes; /* of the reference */

static void read_reference(void)
{
	const char *source = getenv("ABLATE_SOURCE");
	char *path = abl_path_join(source ? source : ".", "tests/reference/scalars.bin");
	struct abl_err err = {0};

	ck_assert_msg(!abl_file_read(path, &bytes, 1 << 20, &err), "%s", err.text);
	free(path);
}

static void write_bytes(size_t length)
{
	struct abl_str path = {0};
	struct abl_err err = {0};
	char *parent;

	abl_str_printf(&path, "%s/%s", out, folder);
	parent = abl_path_dir(path.text);
	ck_assert(!abl_mkdir_all(parent, &err));
	ck_assert(!abl_file_write_passing(path.text, bytes.text, length, &err));
	free(parent);
	abl_str_finish(&path);
}

static const struct the_case rows[] = {
	{.from = "tensorboard: eval/accuracy",
	 .points = "accuracy@0=0.5 accuracy@10=0.6000000238 accuracy@20=0.6999999881 ",
	 .results = "accuracy=0.6999999881 "},
	{.from = "{out}/runs/*/*tfevents*: new/loss",
	 .best = true,
	 .points = "accuracy@0=1 accuracy@10=0.5 accuracy@20=0.3333333433 ",
	 .results = "accuracy=1 "},
	{.from = "tensorboard: double/loss",
	 .points = "accuracy@0=0.3333333333 accuracy@10=0.25 accuracy@20=0.2 ",
	 .results = "accuracy=0.2 "},
	{.from = "tensorboard: tensor/float32", .results = "accuracy=3 "},
	{.from = "tensorboard: tensor/float64", .results = "accuracy=3 "},
	{.from = "tensorboard: tensor/float16", .results = "accuracy=3 "},
	{.from = "tensorboard: tensor/int32", .results = "accuracy=3 "},
	{.from = "tensorboard: tensor/int64", .results = "accuracy=3 "},
	{.from = "tensorboard: tensor/bool", .results = "accuracy=1 "},
	{.from = "tensorboard: nan", .rc = ABL_EDIVERGED},
	{.from = "tensorboard: eval_accuracy",
	 .rc = ABL_EINPUT,
	 .says = "did you mean 'eval/accuracy'?"},
	{.from = "tensorboard: histogram", .rc = ABL_EINPUT, .says = "has no 'histogram'"},
};

/* What a collector makes of the first `length` bytes; the caller ends `h`. */
static int collect(const struct the_case *t, size_t length, struct heard *h, struct abl_err *err)
{
	struct the_case with = *t;
	struct abl_order_metric m;
	struct abl_order order;
	const struct abl_events e = events_of(h);
	struct abl_collector *c;
	int rc;

	begin();
	with.series = true;
	order = order_of(&with, &m);
	c = create(&order, NULL, &e);
	write_bytes(length);
	abl_collector_poll(c);
	rc = abl_collector_finish(c, 0, err);
	abl_collector_destroy(c);
	return rc;
}

START_TEST(test_scalars)
{
	const struct the_case *t = &rows[_i];
	struct heard h;
	struct abl_err err = {0};

	ck_assert_int_eq(collect(t, bytes.length, &h, &err), t->rc);
	if (t->says)
		ck_assert_msg(strstr(err.text, t->says), "%s", err.text);
	if (t->points)
		ck_assert_str_eq(h.points.text, t->points);
	ck_assert_str_eq(h.results.text, t->results ? t->results : "");
	finish_heard(&h);
}
END_TEST

/* Cut off anywhere: what is whole counts, and nothing is said. */
START_TEST(test_torn)
{
	for (size_t length = 0; length < bytes.length; length += 7) {
		struct heard h;
		struct abl_err err = {0};
		int rc = collect(&rows[0], length, &h, &err);

		ck_assert_int_eq(rc, *h.points.text ? 0 : ABL_EINPUT);
		ck_assert(!strncmp(rows[0].points, h.points.text, strlen(h.points.text)));
		ck_assert_str_eq(h.messages.text, "");
		finish_heard(&h);
	}
}
END_TEST

START_TEST(test_damaged)
{
	struct heard h;
	struct abl_err err = {0};
	char *at = memmem(bytes.text + 300, bytes.length - 300, "eval/accuracy", 13);

	ck_assert_ptr_nonnull(at);
	at[3] ^= 1;
	ck_assert_msg(!collect(&rows[0], bytes.length, &h, &err), "%s", err.text);
	at[3] ^= 1;
	ck_assert(!strncmp(rows[0].points, h.points.text, strlen(h.points.text)));
	ck_assert_msg(strstr(h.messages.text, "is damaged at byte"), "%s", h.messages.text);
	finish_heard(&h);
}
END_TEST

/* RFC 3720, B.4: 32 bytes of zeros, masked by hand. */
START_TEST(test_crc)
{
	static const char zeros[32];
	const uint32_t crc = 0x8a9136aa;

	ck_assert_uint_eq(abl_crc32c_masked(zeros, sizeof zeros),
			  (crc >> 15 | crc << 17) + 0xa282ead8u);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("event_files");
	int failed;

	tcase_add_unchecked_fixture(c, read_reference, NULL);
	tcase_add_loop_test(c, test_scalars, 0, sizeof rows / sizeof *rows);
	tcase_add_test(c, test_torn);
	tcase_add_test(c, test_damaged);
	tcase_add_test(c, test_crc);
	failed = run_case(c, "event_files");
	abl_str_finish(&bytes);
	return end_collecting() || failed;
}

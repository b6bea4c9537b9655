/* SPDX-License-Identifier: Apache-2.0 */
/* test_go_on.c - a pre-training that goes on with longer sequences: what it takes of its first
 * part's checkpoint, and what it refuses. */
#include "checkpoint.h"
#include "files.h"
#include "run_case.h"
#include "small_model.h"
#include "test_compute.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POSITIONS "bert.embeddings.position_embeddings.weight"

static struct abl_compute *compute;
static char folder[] = "/tmp/ablate-go-on-XXXXXX";

static struct abl_model *make(struct abl_config *c, int64_t length, bool heads, uint64_t seed)
{
	struct abl_model_request r = {.compute = compute,
				      .config = c,
				      .vocab_size = PIECES,
				      .heads = {{"mlm", 0}, {"nsp", 0}},
				      .head_count = heads ? 2 : 1,
				      .pretraining = true,
				      .max_tokens = 64,
				      .max_sequences = 4,
				      .seed = seed};
	struct abl_model *m = NULL;
	struct abl_err err = {0};

	c->max_length = length;
	ck_assert_msg(!abl_config_resolve(c, NULL, &err), "%s", err.text);
	ck_assert_msg(!abl_model_create(&m, &r, &err), "%s", err.text);
	return m;
}

static void save(struct abl_model *m)
{
	char *vocab = abl_path_join(folder, "words.txt");
	struct abl_str text = {0};
	struct abl_err err = {0};

	abl_str_puts(&text, "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n");
	for (int i = 5; i < PIECES; i++)
		abl_str_printf(&text, "w%d\n", i);
	ck_assert(!abl_file_write(vocab, text.text, text.length, &err));
	ck_assert_msg(!abl_checkpoint_save(
			      m, folder, vocab,
			      &(struct abl_checkpoint_task){.type = "mlm", .decided = NAN}, &err),
		      "%s", err.text);
	abl_str_finish(&text);
	free(vocab);
}

START_TEST(test_go_on__positions_are_copied_over_and_over)
{
	enum { SHORT = 9, LONG = 31 };
	struct abl_config c;
	struct abl_model *from, *to;
	const struct abl_params *a, *b;
	struct abl_err err = {0};

	small_config(&c);
	from = make(&c, SHORT, true, 3);
	save(from);
	to = make(&c, LONG, true, 4);
	ck_assert_msg(!abl_checkpoint_go_on(to, folder, &err), "%s", err.text);
	a = abl_model_params(from), b = abl_model_params(to);
	ck_assert_uint_eq(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		const real *was = abl_weight(a, i), *is = abl_weight(b, i);
		const size_t n = a->items[i].count;

		ck_assert_uint_eq(b->items[i].count,
				  strcmp(a->items[i].name, POSITIONS) ? n : n / SHORT * LONG);
		for (size_t k = 0; k < b->items[i].count; k++)
			ck_assert_msg(is[k] == was[k % n], "%s, value %zu", a->items[i].name, k);
	}
	abl_model_destroy(from), abl_model_destroy(to);
}
END_TEST

/* Elsewhere a table that is too short stays an error: what reads a text must know its positions. */
START_TEST(test_go_on__refused)
{
	struct abl_config c;
	struct abl_model *m;
	struct abl_err err = {0};

	small_config(&c);
	m = make(&c, 9, false, 3);
	save(m);
	abl_model_destroy(m);
	m = make(&c, 31, false, 3);
	ck_assert_int_eq(abl_checkpoint_load_all(m, folder, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "position_embeddings"), "%s", err.text);
	abl_model_destroy(m);
	m = make(&c, 31, true, 3);
	err = (struct abl_err){0};
	ck_assert_int_eq(abl_checkpoint_go_on(m, folder, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "tensors are missing"), "%s", err.text);
	abl_model_destroy(m);
	c.hidden = 10;
	m = make(&c, 31, false, 3);
	err = (struct abl_err){0};
	ck_assert_int_eq(abl_checkpoint_go_on(m, folder, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "is [30, 8] in the file, but [30, 10]"), "%s", err.text);
	abl_model_destroy(m);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("go_on");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	compute = compute_of("fp32", 1);
	tcase_add_test(c, test_go_on__positions_are_copied_over_and_over);
	tcase_add_test(c, test_go_on__refused);
	failed = run_case(c, "go_on");
	abl_compute_destroy(compute);
	return abl_remove_tree(folder, &err) || failed;
}

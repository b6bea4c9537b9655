/* SPDX-License-Identifier: Apache-2.0 */
/* test_err_unasked.c - what fails returns the same code whether or not the caller asks for words:
 * err is NULL in the second call of each pair. One row per call that a file or a name can break. */
#include "checkpoint.h"
#include "compare.h"
#include "conll.h"
#include "corpus.h"
#include "examples.h"
#include "figure.h"
#include "files.h"
#include "hash.h"
#include "hf_config.h"
#include "hf_folder.h"
#include "hf_tokenizer.h"
#include "kind.h"
#include "plan.h"
#include "answer.h"
#include "safetensors.h"
#include "saved.h"
#include "squad.h"
#include "store.h"
#include "str.h"
#include "study.h"
#include "study_name.h"
#include "task_spec.h"
#include "trial_file.h"
#include "vocab.h"
#include "run_case.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/ablate-unasked-XXXXXX";

/* What the calls read. */
static const struct {
	const char *name, *text;
} files[] = {
	{"damaged.gz", "\x1f\x8b\x08 not packed"},
	{"latin1.txt", "caf\xe9\n"},
	{"twice.txt", "[PAD]\n[PAD]\n"},
	{"few.txt", "a\nb\n"},
	{"rows.tsv", "text\tlabel\nfine\t1\n"},
	{"list.json", "[1"},
	{"model.safetensors", "no tensors"},
	{"config.json", "{\"model_type\": \"bert\"}"},
	{"tokenizer.json", "{\"model\": {}}"},
	{"unknown.yaml", "study: a\nnothing: 1\n"},
	{"circle.yaml", "study: a\ninclude: circle.yaml\n"},
	{"lacking.yaml", "study: a\ninclude: missing.yaml\n"},
	{"nameless.yaml", "seeds: 1\n"},
	{"study.yaml", "study: a\ndata: world\nvocab: 512\npretraining: {texts: world}\n"
		       "tasks: [sentiment]\nbaseline: {layers: 1, hidden: 64}\n"},
	{"blank.yaml", "study: a\ndata: world\nvocab: 512\npretraining: {texts: blank.txt}\n"
		       "tasks: [sentiment]\nbaseline: {layers: 1, hidden: 64}\n"},
	{"blank.txt", "\n \n"},
};

/* The place of a file of the table, or of one that is not there. */
static const char *at(const char *name)
{
	static struct abl_str path;

	abl_str_clear(&path);
	abl_str_printf(&path, "%s/%s", folder, name);
	return path.text;
}

/* ---- what is done with a file ---- */

#define OPENS(name, type, open)                                \
	static int name(const char *path, struct abl_err *err) \
	{                                                      \
		return open(&(type){0}, path, err);            \
	}

OPENS(vocab, struct abl_vocab *, abl_vocab_load)
OPENS(corpus, struct abl_corpus, abl_corpus_open)
OPENS(tensors, struct abl_safetensors *, abl_safetensors_open)
OPENS(hf_config, struct abl_hf_config, abl_hf_config_open)
OPENS(hf_vocab, char *, abl_hf_vocab_find)
OPENS(hf_tokenizer, struct abl_vocab *, abl_hf_vocab_load)
OPENS(saved, struct abl_saved, abl_saved_open)
OPENS(figure, const struct abl_figure *, abl_figure_find)

static int read_lines(const char *path, struct abl_err *err)
{
	struct abl_reader *r;
	const char *line;
	size_t length;
	int rc = abl_reader_open(&r, path, err);

	if (rc)
		return rc;
	while ((rc = abl_reader_line(r, &line, &length, err)) > 0)
		;
	abl_reader_close(r);
	return rc;
}

static int read_a_little(const char *path, struct abl_err *err)
{
	struct abl_str text = {0};
	int rc = abl_file_read(path, &text, 1, err);

	abl_str_finish(&text);
	return rc;
}

static int write_file(const char *path, struct abl_err *err)
{
	return abl_file_write(path, "x", 1, err);
}

static int hash(const char *path, struct abl_err *err)
{
	char text[ABL_HASH_TEXT];

	return abl_hash_file(path, text, err);
}

static int learn_vocab(const char *path, struct abl_err *err)
{
	const char *const texts[] = {path, NULL};
	const struct abl_text_events events = {0};
	struct abl_vocab *v;

	return abl_corpus_learn_vocab(&v, texts, 100, false, &events, err);
}

static int hf_import(const char *path, struct abl_err *err)
{
	char *to = abl_path_join(folder, "imported");
	struct abl_str said = {0};
	int rc = abl_hf_import(path, to, NULL, &said, err);

	abl_str_finish(&said);
	free(to);
	return rc;
}

static int hf_export(const char *path, struct abl_err *err)
{
	char *to = abl_path_join(folder, "exported");
	struct abl_str said = {0};
	int rc = abl_hf_export(path, to, &said, err);

	abl_str_finish(&said);
	free(to);
	return rc;
}

static int decided(const char *path, struct abl_err *err)
{
	double out;

	return abl_checkpoint_decided(path, &out, err);
}

static int squad_object(const char *path, struct abl_err *err)
{
	json_t *o;

	return abl_squad_read_object(path, &o, err);
}

static int study(const char *path, struct abl_err *err)
{
	struct abl_study *s;

	return abl_study_load(&s, path, NULL, err);
}

static int study_name(const char *path, struct abl_err *err)
{
	struct abl_str name = {0}, text = {0};
	int rc = abl_study_name(path, &name, &text, err);

	abl_str_finish(&name);
	abl_str_finish(&text);
	return rc;
}

static int explain(const char *path, struct abl_err *err)
{
	struct abl_str out = {0};
	struct abl_study *s = NULL;
	int rc = abl_study_load(&s, path, NULL, err);

	rc = rc ? rc : abl_study_explain(s, "nothing", &out, err);
	abl_str_finish(&out);
	abl_study_destroy(s);
	return rc;
}

static int plan(const char *path, struct abl_err *err)
{
	struct abl_plan *p = NULL;
	struct abl_study *s = NULL;
	int rc = abl_study_load(&s, path, NULL, err);

	rc = rc ? rc : abl_plan_create(&p, s, NULL, err);
	abl_plan_destroy(p);
	abl_study_destroy(s);
	return rc;
}

static int trial(const char *path, struct abl_err *err)
{
	struct abl_trial t;

	return abl_trial_read(&t, path, abl_kind_space, err);
}

static int store_to_read(const char *path, struct abl_err *err)
{
	struct abl_store *s;

	return abl_store_open(&s, path, ABL_STORE_READ, err);
}

static int store_to_write(const char *path, struct abl_err *err)
{
	struct abl_store *s;

	return abl_store_open(&s, path, ABL_STORE_WRITE, err);
}

/* ---- what is done with a name ---- */

static int known_task(const char *path, struct abl_err *err)
{
	struct abl_task_spec s = {0};

	return abl_task_spec_known(&s, "rte", path, err);
}

static int task_field(const char *path, struct abl_err *err)
{
	struct abl_task_spec s = {0};

	return abl_task_spec_set(&s, "nothing", "1", path, err);
}

/* ---- what is done with a task whose train file that is ---- */

static int with_task(const char *type, const char *path, struct abl_err *err,
		     int (*use)(struct abl_task_spec *s, struct abl_err *err))
{
	struct abl_task_spec s = {.name = abl_strdup("mine")};
	int rc = abl_task_spec_set(&s, "type", type, folder, err);

	rc = rc ? rc : abl_task_spec_set(&s, "train", path, folder, err);
	rc = rc ? rc : use(&s, err);
	abl_task_spec_finish(&s);
	return rc;
}

static int hash_train(struct abl_task_spec *s, struct abl_err *err)
{
	struct abl_hash *h = abl_hash_create();
	int rc = abl_task_spec_hash(s, "train", h, err);

	abl_hash_destroy(h);
	return rc;
}

static int load_examples(struct abl_task_spec *s, struct abl_err *err)
{
	struct abl_examples out;
	int rc = abl_task_spec_set(s, "text", "text", folder, err);

	rc = rc ? rc : abl_task_spec_set(s, "label", "label", folder, err);
	rc = rc ? rc : abl_task_spec_check(s, err);
	return rc ? rc : abl_examples_load(s, "train", NULL, &out, err);
}

static int load_squad(struct abl_task_spec *s, struct abl_err *err)
{
	struct abl_squad out;
	int rc = abl_task_spec_check(s, err);

	return rc ? rc : abl_squad_load(s, "train", &out, err);
}

static int load_tags(struct abl_task_spec *s, struct abl_err *err)
{
	struct abl_tagged out;
	int rc = abl_task_spec_check(s, err);

	return rc ? rc : abl_conll_load(s, "train", &out, err);
}

#define TASK(name, type, use)                                  \
	static int name(const char *path, struct abl_err *err) \
	{                                                      \
		return with_task(type, path, err, use);        \
	}

TASK(task_type, "nothing", abl_task_spec_check)
TASK(task_file, "classify", abl_task_spec_check)
TASK(task_hash, "classify", hash_train)
TASK(examples, "classify", load_examples)
TASK(squad, "span", load_squad)
TASK(tags, "tag", load_tags)

/* ---- what is asked of a store that holds nothing, opened to read ---- */

static int with_store(const char *path, struct abl_err *err,
		      int (*ask)(struct abl_store *s, struct abl_err *err))
{
	struct abl_store *s;
	int rc = abl_store_open(&s, path, ABL_STORE_WRITE, err);

	if (rc)
		return rc;
	abl_store_close(s);
	rc = abl_store_open(&s, path, ABL_STORE_READ, err);
	if (rc)
		return rc;
	rc = ask(s, err);
	abl_store_close(s);
	return rc;
}

static int find_study(struct abl_store *s, struct abl_err *err)
{
	int64_t id;

	return abl_store_find_study(s, "nothing", &id, err);
}

static int compare(struct abl_store *s, struct abl_err *err)
{
	struct abl_analysis *a;

	return abl_analyse(&a, s, 1, &(struct abl_compare_request){0}, err);
}

static int ask_wrongly(struct abl_store *s, struct abl_err *err)
{
	const struct abl_listener nobody = {0};

	return abl_read_sql(s, "SELECT no_such_column", &nobody, err);
}

static int put_study(struct abl_store *s, struct abl_err *err)
{
	const struct abl_study_row row = {.name = "a", .text = "study: a"};
	int64_t id;

	return abl_store_put_study(s, &row, &id, err);
}

static int draw(struct abl_store *s, struct abl_err *err)
{
	const struct abl_figure_request request = {.study = "nothing", .folder = folder};
	struct abl_str absent = {0};
	int rc = abl_figure_draw(s, abl_figure_at(0), &request, &absent, NULL, err);

	abl_str_finish(&absent);
	return rc;
}

#define STORE(name, ask)                                       \
	static int name(const char *path, struct abl_err *err) \
	{                                                      \
		return with_store(path, err, ask);             \
	}

STORE(store_find, find_study)
STORE(store_compare, compare)
STORE(store_sql, ask_wrongly)
STORE(store_put, put_study)
STORE(store_draw, draw)

static const struct {
	int (*fails)(const char *path, struct abl_err *err);
	const char *name; /* of the file or folder */
} calls[] = {
	{read_lines, "missing"},
	{read_lines, "."},
	{read_lines, "damaged.gz"},
	{read_lines, "latin1.txt"},
	{read_a_little, "missing"},
	{read_a_little, "rows.tsv"},
	{write_file, "missing/file"},
	{abl_mkdir_all, "rows.tsv/below"},
	{abl_sync_path, "missing"},
	{hash, "missing"},
	{hash, "damaged.gz"},
	{vocab, "missing"},
	{vocab, "twice.txt"},
	{vocab, "few.txt"},
	{learn_vocab, "missing"},
	{corpus, "missing"},
	{corpus, "rows.tsv"},
	{tensors, "missing"},
	{tensors, "model.safetensors"},
	{hf_config, "missing"},
	{hf_config, "."},
	{hf_vocab, "missing"},
	{hf_tokenizer, "tokenizer.json"},
	{hf_import, "."},
	{hf_export, "missing"},
	{decided, "missing"},
	{saved, "."},
	{known_task, "missing"},
	{task_field, "missing"},
	{task_type, "rows.tsv"},
	{task_file, "missing"},
	{task_hash, "missing"},
	{examples, "few.txt"},
	{examples, "damaged.gz"},
	{squad, "list.json"},
	{squad_object, "list.json"},
	{tags, "few.txt"},
	{study, "missing.yaml"},
	{study, "unknown.yaml"},
	{study, "circle.yaml"},
	{study, "lacking.yaml"},
	{study_name, "nameless.yaml"},
	{explain, "study.yaml"},
	{plan, "blank.yaml"},
	{trial, "missing"},
	{trial, "config.json"},
	{store_to_read, "missing"},
	{store_to_read, "damaged"},
	{store_to_write, "rows.tsv"},
	{store_find, "store"},
	{store_compare, "store"},
	{store_sql, "store"},
	{store_put, "store"},
	{store_draw, "store"},
	{figure, "nothing"},
};
#define CALLS ((int)(sizeof calls / sizeof *calls))

static void set_up(void)
{
	snprintf(folder, sizeof folder, "/tmp/ablate-unasked-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		ck_assert_int_eq(abl_file_write_passing(at(files[i].name), files[i].text,
							strlen(files[i].text), NULL),
				 0);
	ck_assert_int_eq(mkdir(at("damaged"), 0777), 0);
	ck_assert_int_eq(
		abl_file_write(at("damaged/results.db"), "no database, but long enough", 28, NULL),
		0);
}

static void tear_down(void)
{
	ck_assert_int_eq(abl_remove_tree(folder, NULL), 0);
}

START_TEST(test_err_unasked__same_code)
{
	struct abl_err err = {0};
	char *path = abl_path_join(folder, calls[_i].name);
	int asked = calls[_i].fails(path, &err), unasked = calls[_i].fails(path, NULL);

	ck_assert_msg(asked < 0 && asked == err.code, "call %d (%s): returns %d, not %d (%s)", _i,
		      calls[_i].name, asked, err.code, err.text);
	ck_assert_msg(unasked == asked, "call %d (%s): returns %d, to those who do not ask %d", _i,
		      calls[_i].name, asked, unasked);
	free(path);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("err_unasked");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_loop_test(c, test_err_unasked__same_code, 0, CALLS);
	return run_case(c, "err_unasked");
}

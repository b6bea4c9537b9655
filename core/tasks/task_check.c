/* SPDX-License-Identifier: Apache-2.0 */
#include "task_check.h"

#include "conll.h"
#include "squad.h"
#include "str.h"
#include "task.h"
#include "world.h"

#include <string.h>

static struct abl_vocab *bare_vocab(struct abl_err *err)
{
	struct abl_vocab *v = abl_vocab_create();

	for (enum abl_special s = ABL_PAD; s <= ABL_MASK; s++) {
		const char *piece = abl_special_text(s);

		if (abl_vocab_add(v, piece, strlen(piece), err))
			goto fail;
	}
	if (!abl_vocab_complete(v, err))
		return v;
fail:
	abl_vocab_destroy(v);
	return NULL;
}

void abl_task_counts_finish(struct abl_task_counts *c)
{
	if (!c)
		return;
	abl_class_labels_finish(&c->classes);
	*c = (struct abl_task_counts){0};
}

static size_t examples_of(const struct abl_task_type *type, const struct abl_task *t)
{
	return type->answers ? type->answers(t) : type->count(t);
}

static size_t left_out_of(const struct abl_task_type *type, const struct abl_task *t)
{
	return type->left_out ? type->left_out(t) : 0;
}

static int count(struct abl_task_counts *out, const struct abl_task_type *type,
		 const struct abl_task *train, const struct abl_task *scored,
		 const struct abl_layout *layout, struct abl_err *err)
{
	struct abl_str names = {0};
	int rc;

	*out = (struct abl_task_counts){.train = examples_of(type, train),
					.train_left_out = left_out_of(type, train)};
	if (scored) {
		out->scored = examples_of(type, scored);
		out->scored_left_out = left_out_of(type, scored);
	}
	if (type->classes)
		type->labels(train, &names);
	for (char *rest = names.text, *name; rest && *rest && (name = strsep(&rest, "\n"));)
		(void)abl_class_labels_add(&out->classes, name);
	abl_str_finish(&names);
	rc = abl_task_lengths_count(&out->learnt, type, train, layout, err);
	if (!rc && scored)
		rc = abl_task_lengths_count(&out->judged, type, scored, layout, err);
	if (rc)
		abl_task_counts_finish(out);
	return rc;
}

/* The program makes it as it says. */
static void count_world(struct abl_task_counts *out, const struct abl_task_spec *spec)
{
	const int64_t all = spec->train_examples, limit = spec->limit;

	*out = (struct abl_task_counts){.train = (size_t)(limit && limit < all ? limit : all),
					.scored = spec->dev ? (size_t)spec->dev_examples : 0};
	if (spec->labels && strcmp(spec->type, "regress") != 0)
		abl_class_labels_split(&out->classes, spec->labels);
}

/* Both splits, with tools that know no word. */
static int load(const struct abl_task_spec *spec, const char *split,
		const struct abl_task_type *type, const struct abl_task_tools *tools,
		struct abl_task_counts *out, struct abl_err *err)
{
	struct abl_task *train = NULL, *scored = NULL;
	int rc = type->load(&train, spec, "train", NULL, tools, err);

	if (!rc && split)
		rc = type->load(&scored, spec, split, train, tools, err);
	if (!rc)
		rc = count(out, type, train, scored, tools->layout, err);
	type->destroy(train);
	type->destroy(scored);
	return rc;
}

/* Tools that know no word. */
struct bare {
	struct abl_vocab *vocab;
	struct abl_tokenizer *tokenizer;
	struct abl_layout layout;
};

static int bare_init(struct bare *b, struct abl_err *err)
{
	b->vocab = bare_vocab(err);
	if (!b->vocab)
		return ABL_EINPUT;
	b->layout = (struct abl_layout){.first = abl_vocab_special(b->vocab, ABL_CLS),
					.between = abl_vocab_special(b->vocab, ABL_SEP),
					.last = abl_vocab_special(b->vocab, ABL_SEP),
					.read_first = true,
					.max_length = ABL_LONGEST};
	b->tokenizer = abl_tokenizer_create(b->vocab, false);
	return 0;
}

static void bare_finish(struct bare *b)
{
	abl_tokenizer_destroy(b->tokenizer);
	abl_vocab_destroy(b->vocab);
}

static int find_type(const struct abl_task_spec *spec, const struct abl_task_type **type,
		     struct abl_err *err)
{
	*type = abl_task_type_find(spec->type);
	if (*type)
		return 0;
	return abl_err_set(err, ABL_EINPUT, "task '%s' has unknown type '%s'", spec->name,
			   spec->type);
}

int abl_task_check(const struct abl_task_spec *spec, const char *split, struct abl_task_counts *out,
		   struct abl_err *err)
{
	const struct abl_task_type *type;
	struct bare b;
	int rc = find_type(spec, &type, err);

	if (rc)
		return rc;
	if (!strcmp(spec->train, ABL_WORLD)) {
		count_world(out, spec);
		return 0;
	}
	rc = bare_init(&b, err);
	if (rc)
		return rc;
	rc = load(spec, split, type, &(struct abl_task_tools){b.tokenizer, &b.layout}, out, err);
	bare_finish(&b);
	return rc;
}

/* A tag for each word? */
static int check_tags(const struct abl_task_spec *spec, struct abl_err *err)
{
	struct abl_tagged t;
	int rc = abl_conll_load(spec, "test", &t, err);

	if (rc)
		return rc;
	for (size_t w = 0; w < t.word_count && !rc; w++)
		if (!t.words[w].tag)
			rc = abl_err_set(err, ABL_EINPUT, "%s:%u: a word without a tag", t.path,
					 t.words[w].line);
	abl_tagged_finish(&t);
	return rc;
}

/* A list of answers for each question, and one with an answer in it? Files that leaderboards hand
 * out have no lists, or only empty ones. */
static int check_answers(const struct abl_task_spec *spec, struct abl_err *err)
{
	struct abl_squad s;
	size_t answers = 0;
	int rc = abl_squad_load(spec, "test", &s, err);

	if (rc)
		return rc;
	for (size_t q = 0; q < s.count && !rc; q++) {
		answers += s.questions[q].answer_count + s.questions[q].said_impossible;
		if (!s.questions[q].labelled)
			rc = abl_err_set(err, ABL_EINPUT, "%s: question '%s' has no 'answers'",
					 spec->test, s.questions[q].id);
		else if (!s.questions[q].answer_count && !s.questions[q].impossible)
			rc = abl_err_set(err, ABL_EINPUT,
					 "%s: question '%s' has no answer (`no_answer: yes` is for "
					 "files in which that may be)",
					 spec->test, s.questions[q].id);
	}
	if (!rc && !answers)
		rc = abl_err_set(err, ABL_EINPUT, "%s: no question has an answer", spec->test);
	abl_squad_finish(&s);
	return rc;
}

int abl_task_check_gold(const struct abl_task_spec *spec, struct abl_err *err)
{
	const struct abl_task_type *type;
	struct abl_task *t = NULL;
	struct bare b;
	int rc = find_type(spec, &type, err);

	if (rc || !strcmp(spec->test, ABL_WORLD))
		return rc;
	if (type == &abl_task_tag)
		return check_tags(spec, err);
	if (type == &abl_task_span)
		return check_answers(spec, err);
	rc = bare_init(&b, err);
	if (rc)
		return rc;
	rc = type->load(&t, spec, type->facts->labels ? "gold" : "test", NULL,
			&(struct abl_task_tools){b.tokenizer, &b.layout}, err);
	type->destroy(t);
	bare_finish(&b);
	return rc;
}

int abl_task_check_metric(const struct abl_task_spec *spec, struct abl_err *err)
{
	const struct abl_task_type *type = abl_task_type_find(spec->type);
	struct abl_str names = {0};
	size_t i = 0;

	if (!type || !spec->metric)
		return 0;
	for (; type->metrics[i]; i++) {
		if (!strcmp(type->metrics[i], spec->metric))
			break;
		abl_str_printf(&names, "%s'%s'", i ? ", " : "", type->metrics[i]);
	}
	if (!type->metrics[i])
		abl_err_set(err, ABL_EINPUT, "task '%s' has metric '%s'; type '%s' has %s",
			    spec->name, spec->metric, type->facts->name, names.text);
	abl_str_finish(&names);
	return type->metrics[i] ? 0 : ABL_EINPUT;
}

int abl_task_check_f1(const struct abl_task_spec *spec, size_t classes, struct abl_err *err)
{
	const struct abl_task_facts *type = abl_task_facts_find(spec->type);

	if (!type || type->labels != ABL_LABELS_CLASSES || !spec->metric ||
	    strcmp(spec->metric, "f1") != 0 || spec->positive || classes <= 2)
		return 0;
	return abl_err_set(
		err, ABL_EINPUT,
		"task '%s' has %zu classes, and metric 'f1' is that of one: name it with "
		"'positive', or take 'f1_macro', the mean over all",
		spec->name, classes);
}

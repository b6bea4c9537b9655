/* SPDX-License-Identifier: Apache-2.0 */
#include "squad.h"

#include "file_kind.h"
#include "files.h"
#include "hash.h"
#include "str.h"
#include "task_text.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

#define ARTICLES_ENOUGH 20 /* to hold a tenth of them back */
#define FILE_MAX ((size_t)1 << 31)

/* A file being read, and where in it we are. */
struct reader {
	const char *path;
	bool train, unique, need_answers, no_answer;
	bool skip; /* broken questions of train are left out */
	struct abl_squad out;
	size_t capacity, answers, answer_capacity;
	size_t *first_answer; /* [out.count] into out.answers, which still moves */
	size_t first_capacity;
	size_t article, paragraph, question;
	bool in_paragraph, in_question;
	const char *id;
};

const char *abl_squad_type_name(const json_t *value)
{
	static const char *const names[] = {[JSON_OBJECT] = "an object",
					    [JSON_ARRAY] = "a list",
					    [JSON_STRING] = "a text",
					    [JSON_INTEGER] = "a number",
					    [JSON_REAL] = "a number with a fraction",
					    [JSON_TRUE] = "true",
					    [JSON_FALSE] = "false",
					    [JSON_NULL] = "null"};

	return value ? names[json_typeof(value)] : "missing";
}

/* ---- places and types ---- */

/* Puts the place before a filled err: "file: data[3].paragraphs[0].qas[1] (question 'id')". */
static int at_place(const struct reader *r, struct abl_err *err)
{
	struct abl_str place = {0};

	abl_str_printf(&place, "%s: data[%zu]", r->path, r->article);
	if (r->in_paragraph)
		abl_str_printf(&place, ".paragraphs[%zu]", r->paragraph);
	if (r->in_question)
		abl_str_printf(&place, ".qas[%zu]", r->question);
	if (r->id)
		abl_str_printf(&place, " (question '%s')", r->id);
	abl_err_prefix(err, ABL_EINPUT, "%s", place.text);
	abl_str_finish(&place);
	return ABL_EINPUT;
}

static int wrong_type(const struct reader *r, const char *key, const json_t *value,
		      const char *wanted, struct abl_err *err)
{
	abl_err_set(err, ABL_EINPUT, "'%s' is %s; it must be %s", key, abl_squad_type_name(value),
		    wanted);
	return at_place(r, err);
}

static int get_text(const struct reader *r, const json_t *o, const char *key, const char **out,
		    struct abl_err *err)
{
	const json_t *value = json_object_get(o, key);

	*out = json_string_value(value);
	return *out ? 0 : wrong_type(r, key, value, "a text", err);
}

static int get_list(const struct reader *r, const json_t *o, const char *key, const json_t **out,
		    struct abl_err *err)
{
	*out = json_object_get(o, key);
	return json_is_array(*out) ? 0 : wrong_type(r, key, *out, "a list", err);
}

/* ---- from the inside out ---- */

/* -1: none, or no whole number from 0. Tables of numbers write 18 as 18.0. */
static json_int_t start_of(const json_t *start)
{
	const double x = json_number_value(start);

	return json_is_number(start) && x >= 0 && x < 1e9 && x == (double)(json_int_t)x
		       ? (json_int_t)x
		       : -1;
}

static int read_answer(struct reader *r, const char *context, const json_t *o, struct abl_err *err)
{
	const json_t *start = json_object_get(o, "answer_start");
	size_t length = strlen(context), text_length, n = r->answers;
	struct abl_squad_answer *a;
	const char *text;

	if (json_is_null(json_object_get(o, "text")))
		return 0;
	if (get_text(r, o, "text", &text, err))
		return ABL_EINPUT;
	if (!text[strspn(text, " \t\r\n")]) /* as some tools say that there is none */
		return 0;
	if (r->train && !r->skip && !json_is_number(start))
		return wrong_type(r, "answer_start", start,
				  "a number of code points, 0 or more (or set `broken: skip`)",
				  err);
	abl_grow(&r->out.answers, &r->answer_capacity, n + 1, sizeof *r->out.answers);
	a = &r->out.answers[r->answers++];
	*a = (struct abl_squad_answer){.text = text};
	a->begin = start_of(start) >= 0 ? abl_utf8_byte(context, length, (size_t)start_of(start))
					: SIZE_MAX;
	text_length = strlen(text);
	a->there = a->begin != SIZE_MAX && length - a->begin >= text_length &&
		   !memcmp(context + a->begin, text, text_length);
	a->begin = a->there ? a->begin : 0;
	a->end = a->there ? a->begin + text_length : 0;
	return 0;
}

static int read_answers(struct reader *r, const json_t *o, struct abl_squad_question *q,
			struct abl_err *err)
{
	const json_t *list = json_object_get(o, "answers"), *impossible, *answer;
	size_t i, first = r->answers;

	if (json_is_null(list))
		list = NULL;
	q->labelled = list != NULL;
	if ((list || (r->need_answers && !(r->train && r->skip))) && !json_is_array(list))
		return wrong_type(r, "answers", list, "a list", err);
	impossible = json_object_get(o, "is_impossible");
	if (impossible && !json_is_boolean(impossible) && !json_is_null(impossible))
		return wrong_type(r, "is_impossible", impossible, "true or false", err);
	json_array_foreach(list, i, answer)
	{
		if (read_answer(r, q->context, answer, err))
			return ABL_EINPUT;
	}
	q->answer_count = r->answers - first;
	q->said_impossible = json_is_true(impossible);
	q->impossible = r->no_answer && (q->said_impossible || (q->labelled && !q->answer_count));
	if (r->train && !r->skip && !q->answer_count && !q->impossible) {
		abl_err_set(err, ABL_EINPUT,
			    "a training question without an answer: remove it, set `broken: skip`, "
			    "or `no_answer: "
			    "yes` for SQuAD 2.0");
		return at_place(r, err);
	}
	return 0;
}

/* Its id: a text, or a number as some tools write it. Nobody asks for one in train. */
static int get_id(struct reader *r, const json_t *o, const char **out, struct abl_err *err)
{
	const json_t *id = json_object_get(o, "id");
	struct abl_str text = {0};
	int32_t at;

	*out = json_string_value(id);
	if (*out)
		return 0;
	if (!json_is_integer(id) && !r->train)
		return wrong_type(r, "id", id, "a text", err);
	if (json_is_integer(id))
		abl_str_printf(&text, "%" JSON_INTEGER_FORMAT, json_integer_value(id));
	else
		abl_str_printf(&text, "data[%zu].paragraphs[%zu].qas[%zu]", r->article,
			       r->paragraph, r->question);
	at = abl_class_labels_add(&r->out.ids, text.text);
	*out = r->out.ids.name[at];
	r->id = json_is_integer(id) ? *out : NULL;
	abl_str_finish(&text);
	return 0;
}

static int read_question(struct reader *r, const char *context, uint64_t group, const json_t *o,
			 struct abl_err *err)
{
	struct abl_squad_question q = {.context = context, .group = group};
	size_t n = r->out.count, first = r->answers;

	r->id = json_string_value(json_object_get(o, "id"));
	if (get_id(r, o, &q.id, err) || get_text(r, o, "question", &q.text, err) ||
	    read_answers(r, o, &q, err))
		return ABL_EINPUT;
	r->id = NULL;
	abl_grow(&r->out.questions, &r->capacity, n + 1, sizeof *r->out.questions);
	abl_grow(&r->first_answer, &r->first_capacity, n + 1, sizeof *r->first_answer);
	r->out.questions[n] = q;
	r->first_answer[n] = first;
	r->out.count++;
	return 0;
}

static int read_paragraph(struct reader *r, const char *title, const json_t *o, struct abl_err *err)
{
	const json_t *list, *question;
	const char *context;
	uint64_t group;

	if (get_text(r, o, "context", &context, err) || get_list(r, o, "qas", &list, err))
		return ABL_EINPUT;
	group = title ? abl_hash64(title, strlen(title)) : abl_hash64(context, strlen(context));
	r->in_question = true;
	json_array_foreach(list, r->question, question)
	{
		if (read_question(r, context, group, question, err))
			return ABL_EINPUT;
	}
	r->in_question = false;
	r->out.paragraphs++;
	return 0;
}

static int read_article(struct reader *r, bool by_article, const json_t *o, struct abl_err *err)
{
	const char *title = json_string_value(json_object_get(o, "title"));
	const json_t *list, *paragraph;
	struct abl_str number = {0};
	int rc = 0;

	abl_str_printf(&number, "article %zu", r->article);
	if (get_list(r, o, "paragraphs", &list, err))
		rc = ABL_EINPUT;
	r->in_paragraph = true;
	for (r->paragraph = 0; !rc && r->paragraph < json_array_size(list); r->paragraph++) {
		paragraph = json_array_get(list, r->paragraph);
		rc = read_paragraph(r,
				    !by_article ? NULL
				    : title     ? title
						: number.text,
				    paragraph, err);
	}
	r->in_paragraph = false;
	abl_str_finish(&number);
	return rc;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Predictions are named by the question's id. */
static int check_unique(const struct reader *r, struct abl_err *err)
{
	const char **ids = abl_calloc(r->out.count, sizeof *ids);
	int rc = 0;

	for (size_t i = 0; i < r->out.count; i++)
		ids[i] = r->out.questions[i].id;
	qsort(ids, r->out.count, sizeof *ids, by_text);
	for (size_t i = 1; !rc && i < r->out.count; i++)
		if (!strcmp(ids[i - 1], ids[i]))
			rc = abl_err_set(err, ABL_EINPUT,
					 "%s: two questions have the id '%s': ids must be unique",
					 r->path, ids[i]);
	free(ids);
	return rc;
}

static int read_root(struct reader *r, struct abl_err *err)
{
	const json_t *data = json_object_get(r->out.root, "data"), *article;
	int rc = 0;

	if (!json_is_array(data))
		return abl_err_set(
			err, ABL_EINPUT,
			"%s: not SQuAD's JSON: 'data' is %s; it must be a list of articles",
			r->path, abl_squad_type_name(data));
	r->out.articles = json_array_size(data);
	json_array_foreach(data, r->article, article)
	{
		rc = read_article(r, r->out.articles >= ARTICLES_ENOUGH, article, err);
		if (rc)
			return rc;
	}
	if (!r->out.count)
		return abl_err_set(err, ABL_EINPUT, "%s: contains no question", r->path);
	for (size_t i = 0; r->out.answers && i < r->out.count; i++)
		r->out.questions[i].answers = r->out.answers + r->first_answer[i];
	return r->unique ? check_unique(r, err) : 0;
}

static int parse(const char *path, const struct abl_str *text, json_t **out, struct abl_err *err)
{
	static const char mark[] = "\xef\xbb\xbf"; /* of byte order */
	json_error_t where;
	const char *kind;
	size_t skip = 0;

	if (!text->length)
		return abl_err_set(err, ABL_EINPUT, "%s: the file is empty", path);
	if (!strncmp(text->text, mark, strlen(mark)))
		skip = strlen(mark);
	*out = json_loadb(text->text + skip, text->length - skip, JSON_REJECT_DUPLICATES, &where);
	if (*out)
		return 0;
	kind = abl_file_kind(text->text, text->length);
	return kind ? abl_err_set(err, ABL_EINPUT, "%s: not JSON: this looks like %s", path, kind)
		    : abl_err_set(err, ABL_EINPUT, "%s:%d:%d: not JSON: %s", path, where.line,
				  where.column, where.text);
}

/* ---- parts of train ---- */

/* Questions to train on without an answer, or whose answer is somewhere else: refused, or left out.
 */
static int drop_misplaced(struct reader *r, struct abl_err *err)
{
	struct abl_squad *s = &r->out;
	size_t kept = 0;

	for (size_t i = 0; i < s->count; i++) {
		const struct abl_squad_question *q = &s->questions[i];

		if (q->impossible || (q->answer_count && q->answers[0].there)) {
			s->questions[kept++] = *q;
			continue;
		}
		if (!r->skip)
			return abl_err_set(
				err, ABL_EINPUT,
				"%s: the answer '%.80s' of question '%s' is not in its passage "
				"where 'answer_start' says: repair the file, or set `broken: skip`",
				r->path, q->answers[0].text, q->id);
		abl_left_out_add(&s->left_out,
				 q->answer_count ? ABL_LEFT_MISPLACED : ABL_LEFT_NO_ANSWER, 0);
	}
	s->count = kept;
	return kept ? 0
		    : abl_err_set(err, ABL_EINPUT,
				  "%s: no question has its answer where 'answer_start' says",
				  r->path);
}

static int divide(struct reader *r, bool held_back, struct abl_err *err)
{
	struct abl_squad *s = &r->out;
	size_t kept = 0;

	for (size_t i = 0; i < s->count; i++)
		if (abl_group_held_back(s->questions[i].group) == held_back)
			s->questions[kept++] = s->questions[i];
	s->count = kept;
	return kept ? 0
		    : abl_err_set(err, ABL_EINPUT,
				  "%s: too few articles and paragraphs to hold back a tenth: give "
				  "a dev file, or train on more",
				  r->path);
}

static int take_part(struct reader *r, const struct abl_task_spec *spec, const char *split,
		     struct abl_err *err)
{
	bool held_back = !strcmp(split, "held-back"), rest = !strcmp(split, "train-rest");
	int rc;

	if (!r->train)
		return 0;
	if (spec->limit && r->out.count > (size_t)spec->limit)
		r->out.count = (size_t)spec->limit;
	rc = drop_misplaced(r, err);
	return !rc && (held_back || rest) ? divide(r, held_back, err) : rc;
}

/* ---- the whole ---- */

int abl_squad_load(const struct abl_task_spec *spec, const char *split, struct abl_squad *out,
		   struct abl_err *err)
{
	bool test = !strcmp(split, "test"), scored = test || !strcmp(split, "dev");
	struct reader r = {.train = !scored,
			   .skip = spec->broken && !strcmp(spec->broken, "skip"),
			   .unique = scored,
			   .need_answers = !test,
			   .no_answer = spec->no_answer && !strcmp(spec->no_answer, "yes")};
	struct abl_str text = {0};
	int rc = abl_task_text(spec, split, &text, &r.path, err);

	if (!rc)
		rc = parse(r.path, &text, &r.out.root, err);
	abl_str_finish(&text);
	if (!rc)
		rc = read_root(&r, err);
	if (!rc)
		rc = take_part(&r, spec, split, err);
	free(r.first_answer);
	if (rc)
		abl_squad_finish(&r.out);
	else
		*out = r.out;
	return rc;
}

int abl_squad_ask(const char *question, const char *passage, struct abl_squad *out,
		  struct abl_err *err)
{
	struct reader r = {.path = "the command line"};
	int rc;

	r.out.root = json_pack("{s[{s[{sss[{ssss}]}]}]}", "data", "paragraphs", "context", passage,
			       "qas", "id", "1", "question", question);
	rc = r.out.root ? read_root(&r, err)
			: abl_err_set(err, ABL_EINPUT,
				      "the question or its passage is not valid "
				      "UTF-8");
	free(r.first_answer);
	if (rc)
		abl_squad_finish(&r.out);
	else
		*out = r.out;
	return rc;
}

void abl_squad_finish(struct abl_squad *s)
{
	if (!s)
		return;
	free(s->questions);
	free(s->answers);
	json_decref(s->root);
	abl_class_labels_finish(&s->ids);
	*s = (struct abl_squad){0};
}

int abl_squad_read_object(const char *path, json_t **out, struct abl_err *err)
{
	struct abl_str text = {0};
	int rc = abl_file_read(path, &text, FILE_MAX, err);

	*out = NULL;
	if (!rc)
		rc = parse(path, &text, out, err);
	if (!rc && !json_is_object(*out)) {
		rc = abl_err_set(err, ABL_EINPUT,
				 "%s: the file is %s; it must be an object: {\"question id\": …}",
				 path, abl_squad_type_name(*out));
		json_decref(*out);
		*out = NULL;
	}
	abl_str_finish(&text);
	return rc;
}

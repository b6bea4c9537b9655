/* SPDX-License-Identifier: Apache-2.0 */
#include "babi.h"

#include "hash.h"
#include "python_text.h"
#include "rng.h"
#include "str.h"
#include "task_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct reading {
	struct abl_babi *out;
	size_t capacity, fact_capacity;
	bool labelled;         /* every question must have an answer */
	size_t limit;          /* questions; 0: all */
	uint32_t line;         /* of the file, from 1 */
	uint32_t number;       /* that the line before had in its story; 0: none yet */
	size_t story_fact;     /* its first fact */
	size_t story_question; /* its first question */
};

static int fail_at(const struct reading *r, const char *what, struct abl_err *err)
{
	return abl_err_set(err, ABL_EINPUT, "%s:%u: %s", r->out->path, r->line, what);
}

/* ---- one line, cut up in place ---- */

static char *trim(char *text)
{
	size_t n;

	text += strspn(text, " ");
	for (n = strlen(text); n && (text[n - 1] == ' ' || text[n - 1] == '\r'); n--)
		text[n - 1] = '\0';
	return text;
}

/* Cuts the text at its first TAB; returns what is behind that, NULL where there is none. */
static char *cut(char *text)
{
	char *tab = strchr(text, '\t');

	if (!tab)
		return NULL;
	*tab = '\0';
	return tab + 1;
}

/* Decimal digits only, at most nine; 0 = not that. *end: what follows them. */
static uint32_t read_number(const char *text, const char **end)
{
	uint32_t n = 0;
	size_t digits = strspn(text, "0123456789");

	*end = text + digits;
	for (size_t i = 0; i < digits && digits <= 9; i++)
		n = 10 * n + (uint32_t)(text[i] - '0');
	return n;
}

static int check_support(const struct reading *r, const char *ids, struct abl_err *err)
{
	while (*ids) {
		const char *end;
		uint32_t id = read_number(ids, &end);

		if (!id || id >= r->number || (*end && *end != ' '))
			return abl_err_set(
				err, ABL_EINPUT,
				"%s:%u: '%.100s' is not the number of an earlier line of "
				"the story",
				r->out->path, r->line, ids);
		ids = end + strspn(end, " ");
	}
	return 0;
}

static void add_fact(struct reading *r, const char *text)
{
	struct abl_babi *b = r->out;

	abl_grow(&b->facts, &r->fact_capacity, b->fact_count + 1, sizeof *b->facts);
	b->facts[b->fact_count++] = text;
}

/* `answer` is what follows the question's TAB, up to the end of the line. */
static int add_question(struct reading *r, const char *text, char *answer, struct abl_err *err)
{
	char *support = cut(answer), *more = support ? cut(support) : NULL;
	struct abl_babi *b = r->out;

	answer = trim(answer);
	if (more)
		return fail_at(r, "more than a question, its answer and the ids after it", err);
	if (!*text)
		return fail_at(r, "an answer without a question", err);
	if (r->labelled && !*answer)
		return fail_at(
			r, "a question without an answer: add the answer or remove the question",
			err);
	if (support && check_support(r, trim(support), err))
		return ABL_EINPUT;
	abl_grow(&b->items, &r->capacity, b->count + 1, sizeof *b->items);
	b->items[b->count++] = (struct abl_babi_question){
		.text = text,
		.answer = *answer ? answer : NULL,
		.first = r->story_fact,
		.facts = b->fact_count - r->story_fact,
		.line = r->line,
	};
	return 0;
}

/* ---- a story ---- */

/* The story's text ends before `end`: names its questions by it. */
static void end_story(struct reading *r, uint64_t hash)
{
	struct abl_babi *b = r->out;

	for (size_t i = r->story_question; i < b->count; i++) {
		b->items[i].group = hash;
		b->items[i].id = abl_rng_derive(hash, b->items[i].line);
	}
	r->story_question = b->count;
	r->story_fact = b->fact_count;
}

static int take_line(struct reading *r, char *line, struct abl_err *err)
{
	const char *end;
	char *text, *answer;

	r->number = read_number(line, &end);
	if (!r->number || *end != ' ')
		return fail_at(r, "a line must begin with its number in the story and a space",
			       err);
	text = line + (end - line) + 1;
	answer = cut(text);
	text = trim(text);
	if (answer)
		return add_question(r, text, answer, err);
	if (!*text)
		return fail_at(r, "nothing follows the number", err);
	add_fact(r, text);
	return 0;
}

/* Does a story begin here? Numbers go on by one, or restart at 1. */
static int check_number(const struct reading *r, const char *line, bool *begins,
			struct abl_err *err)
{
	const char *end;
	uint32_t number = read_number(line, &end);

	*begins = number == 1;
	if (!number || number == 1 || number == r->number + 1)
		return 0;
	return abl_err_set(err, ABL_EINPUT,
			   "%s:%u: the line has number %u after %u: numbers count up by one, and "
			   "restart at 1 with each story",
			   r->out->path, r->line, number, r->number);
}

/* Everything is kept with the hash of its whole story, so that the story is known before the file
 * is cut up in place: the hash grows line by line. */
static int read_stories(struct reading *r, char *text, struct abl_err *err)
{
	uint64_t hash = 0;

	for (char *line = text, *next; *line; line = next) {
		size_t length = strcspn(line, "\n");
		bool begins;

		next = line + length + (line[length] == '\n');
		line[length] = '\0';
		r->line++;
		if (abl_python_blank(line, strlen(line)))
			continue;
		if (check_number(r, line, &begins, err))
			return ABL_EINPUT;
		if (begins) {
			end_story(r, hash);
			hash = 0;
			if (r->limit && r->out->count >= r->limit)
				break;
		}
		hash = abl_rng_derive(hash, abl_hash64(line, strlen(line)));
		if (take_line(r, line, err))
			return ABL_EINPUT;
	}
	end_story(r, hash);
	if (r->limit && r->out->count > r->limit)
		r->out->count = r->limit;
	return r->out->count ? 0
			     : abl_err_set(err, ABL_EINPUT, "%s: no questions: %s", r->out->path,
					   r->line ? "no line has a TAB" : "the file is empty");
}

/* ---- the whole ---- */

/* Leaves the questions of those stories that are (not) held back. */
static int divide(struct abl_babi *b, bool held_back, struct abl_err *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < b->count; i++)
		if (abl_group_held_back(b->items[i].group) == held_back)
			b->items[kept++] = b->items[i];
	b->count = kept;
	return kept ? 0
		    : abl_err_set(err, ABL_EINPUT,
				  "%s: too few stories to hold back a tenth: give a dev file",
				  b->path);
}

int abl_babi_load(const struct abl_task_spec *spec, const char *split, struct abl_babi *out,
		  struct abl_err *err)
{
	bool held_back = !strcmp(split, "held-back"), rest = !strcmp(split, "train-rest");
	bool test = !strcmp(split, "test"), gold = !strcmp(split, "gold");
	bool train = held_back || rest || !strcmp(split, "train");
	struct reading r = {
		.out = out, .labelled = !test, .limit = train ? (size_t)spec->limit : 0};
	struct abl_str text = {0};
	int rc;

	*out = (struct abl_babi){0};
	rc = abl_task_text(spec, gold ? "test" : split, &text, &out->path, err);
	out->text = text.text;
	if (!rc)
		rc = text.length ? read_stories(&r, text.text, err)
				 : abl_err_set(err, ABL_EINPUT, "%s: the file is empty", out->path);
	if (!rc && (held_back || rest))
		rc = divide(out, held_back, err);
	if (rc)
		abl_babi_finish(out);
	return rc;
}

void abl_babi_finish(struct abl_babi *b)
{
	if (!b)
		return;
	free(b->items);
	free(b->facts);
	free(b->text);
	*b = (struct abl_babi){0};
}

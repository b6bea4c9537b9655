/* SPDX-License-Identifier: Apache-2.0 */
/* world_texts.c - the tasks of the built-in world whose examples are not rows of a table, written
 * in the formats that the field has for them. All words are of ASCII letters: nothing to escape,
 * and a byte is a code point. */
#include "hash.h"
#include "rng.h"
#include "world_tasks.h"

#include <stdio.h>
#include <string.h>

#define CLAUSES 3 /* of a passage */
#define VISITS 3  /* facts of a story */
#define NO_ANSWER CLAUSES
#define PASSAGES 10 /* of an article */

/* An example before it is written. */
struct drawn {
	struct abl_str text; /* all that a reader sees */
	struct abl_world_clause clause[CLAUSES];
	size_t end[CLAUSES]; /* of the clauses in the text */
	struct abl_str question;
	int truth; /* which clause, place ... is the answer */
	int fact;  /* of a story: that says so, from 1 */
};

struct writer {
	const char *name; /* of the task */
	void (*make)(struct abl_world_draw *d, struct drawn *x);
	void (*write)(struct abl_world_draw *d, const struct drawn *x, const char *split,
		      size_t index, struct abl_str *out);
	const char *before, *after; /* all examples */
};

/* ---- tags ---- */

/* Two clauses, one of them with "not", moods and names drawn for each alone. */
static void make_tags(struct abl_world_draw *d, struct drawn *x)
{
	bool first = abl_world_below(d, 2);

	for (int c = 0; c < 2; c++) {
		enum abl_world_class name =
			abl_world_below(d, 2) ? ABL_WORLD_WIDE : ABL_WORLD_NARROW;

		abl_world_clause(d, name, abl_world_below(d, 2), first == (c == 0), &x->clause[c]);
		abl_str_puts(&x->text, c ? " and " : "");
		abl_world_clause_text(&x->clause[c], &x->text);
	}
}

static void write_tags(struct abl_world_draw *d, const struct drawn *x, const char *split,
		       size_t index, struct abl_str *out)
{
	(void)split, (void)index;
	for (int i = 0; i < 2; i++) {
		const struct abl_world_clause *c = &x->clause[i];
		const char *name = abl_world_noisy(d, c->name_class == ABL_WORLD_WIDE, 2)
					   ? "WIDE"
					   : "NARROW",
			   *mood = abl_world_noisy(d, c->good, 2) ? "GOOD" : "BAD";

		abl_str_printf(out, "%sthe O\n%s B-%s\n%s O\n", i ? "and O\n" : "", c->name, name,
			       c->verb);
		if (c->negated)
			abl_str_printf(out, "not B-%s\n%s I-%s\n", mood, c->adjective, mood);
		else
			abl_str_printf(out, "%s B-%s\n", c->adjective, mood);
	}
	abl_str_puts(out, "\n");
}

/* ---- stories ---- */

/* Visits of a person, who has a narrow name, and of others with wide ones; the person's last visit
 * counts. */
static void make_stories(struct abl_world_draw *d, struct drawn *x)
{
	char person[ABL_WORLD_WORD], other[ABL_WORLD_WORD];

	abl_world_word(ABL_WORLD_NARROW, abl_world_below(d, ABL_WORLD_NAMES), person);
	for (int fact = 1; fact <= VISITS; fact++) {
		uint64_t place = abl_world_below(d, ABL_WORLD_PLACES);
		bool is_person = abl_world_below(d, 2) || (fact == VISITS && !x->fact);

		abl_world_word(ABL_WORLD_WIDE, abl_world_below(d, ABL_WORLD_NAMES), other);
		abl_str_printf(&x->text, "%d ", fact);
		abl_world_visit(d, is_person ? person : other, abl_world_place(place), &x->text);
		abl_str_puts(&x->text, "\n");
		if (is_person) {
			x->truth = (int)place;
			x->fact = fact;
		}
	}
	abl_str_printf(&x->text, "%d where was the %s", VISITS + 1, person);
}

static void write_stories(struct abl_world_draw *d, const struct drawn *x, const char *split,
			  size_t index, struct abl_str *out)
{
	int place = abl_world_noisy(d, x->truth, ABL_WORLD_PLACES);

	(void)split, (void)index;
	abl_str_printf(out, "%s\t%s\t%d\n", x->text.text, abl_world_place((uint64_t)place),
		       x->fact);
}

/* ---- spans ---- */

/* Clauses of which only clause `answer` is about a narrow name: the one that is asked for. */
static void draw_passage(struct abl_world_draw *d, struct drawn *x, int answer)
{
	char absent[ABL_WORLD_WORD];

	x->truth = answer;
	for (int c = 0; c < CLAUSES; c++) {
		abl_world_clause(d, c == answer ? ABL_WORLD_NARROW : ABL_WORLD_WIDE,
				 abl_world_below(d, 2), abl_world_below(d, 2), &x->clause[c]);
		abl_str_puts(&x->text, c ? " and " : "");
		abl_world_clause_text(&x->clause[c], &x->text);
		x->end[c] = x->text.length;
	}
	abl_world_word(ABL_WORLD_NARROW, abl_world_below(d, ABL_WORLD_NAMES), absent);
	abl_str_printf(&x->question, "what was the %s",
		       answer == NO_ANSWER ? absent : x->clause[answer].name);
}

static void make_spans(struct abl_world_draw *d, struct drawn *x)
{
	draw_passage(d, x, (int)abl_world_below(d, CLAUSES));
}

static void make_spans2(struct abl_world_draw *d, struct drawn *x)
{
	bool none = abl_world_below(d, 3) == 0; /* as in the training part of SQuAD 2.0 */

	draw_passage(d, x, none ? NO_ANSWER : (int)abl_world_below(d, CLAUSES));
}

/* The answer is what is said of the name: "not misu". */
static void write_question(const struct drawn *x, int answer, bool can_lack, const char *split,
			   size_t index, struct abl_str *out)
{
	if (index % PASSAGES == 0)
		abl_str_printf(out, "%s{\"title\": \"%s %zu\", \"paragraphs\": [\n",
			       index ? "]},\n" : "", split, index / PASSAGES);
	abl_str_printf(out,
		       "%s{\"context\": \"%s\", \"qas\": [{\"id\": \"%s-%zu\", "
		       "\"question\": \"%s\", \"answers\": [",
		       index % PASSAGES ? ",\n" : "", x->text.text, split, index, x->question.text);
	if (answer != NO_ANSWER) {
		const struct abl_world_clause *c = &x->clause[answer];
		size_t length = strlen(c->adjective) + (c->negated ? strlen("not ") : 0),
		       start = x->end[answer] - length;

		abl_str_printf(out, "{\"text\": \"%.*s\", \"answer_start\": %zu}", (int)length,
			       x->text.text + start, start);
	}
	abl_str_puts(out, "]");
	if (can_lack)
		abl_str_printf(out, ", \"is_impossible\": %s",
			       answer == NO_ANSWER ? "true" : "false");
	abl_str_puts(out, "}]}");
}

static void write_spans(struct abl_world_draw *d, const struct drawn *x, const char *split,
			size_t index, struct abl_str *out)
{
	write_question(x, abl_world_noisy(d, x->truth, CLAUSES), false, split, index, out);
}

static void write_spans2(struct abl_world_draw *d, const struct drawn *x, const char *split,
			 size_t index, struct abl_str *out)
{
	write_question(x, abl_world_noisy(d, x->truth, CLAUSES + 1), true, split, index, out);
}

/* ---- the whole ---- */

static const struct writer writers[] = {
	{"tags", make_tags, write_tags, "", ""},
	{"stories", make_stories, write_stories, "", ""},
	{"spans", make_spans, write_spans, "{\"version\": \"1.1\", \"data\": [\n", "]}\n]}\n"},
	{"spans2", make_spans2, write_spans2, "{\"version\": \"v2.0\", \"data\": [\n", "]}\n]}\n"},
};

static const struct writer *writer_of(const char *task)
{
	for (size_t i = 0; i < sizeof writers / sizeof *writers; i++)
		if (!strcmp(writers[i].name, task))
			return &writers[i];
	return NULL;
}

static void clear(struct drawn *x)
{
	abl_str_clear(&x->text);
	abl_str_clear(&x->question);
	x->fact = 0;
}

static uint64_t hash_drawn(const struct drawn *x)
{
	uint64_t hash = abl_hash64(x->text.text, x->text.length);

	return x->question.length
		       ? abl_rng_derive(hash, abl_hash64(x->question.text, x->question.length))
		       : hash;
}

static void write_all(const struct writer *w, uint64_t seed, const char *split, size_t examples,
		      struct abl_str *out)
{
	struct drawn x = {0};

	abl_str_puts(out, w->before);
	for (size_t i = 0; i < examples; i++) {
		struct abl_world_draw d = abl_world_draw_at(w->name, seed, split, i);

		do {
			clear(&x);
			w->make(&d, &x);
		} while (!abl_world_in_split(hash_drawn(&x), split));
		w->write(&d, &x, split, i, out);
	}
	abl_str_puts(out, w->after);
	abl_str_finish(&x.text);
	abl_str_finish(&x.question);
}

int abl_world_text(const char *task, uint64_t seed, const char *split, size_t examples,
		   struct abl_str *out, struct abl_err *err)
{
	const struct abl_world_task *known = abl_world_task_find(task);
	const struct writer *w = writer_of(task);

	if (!known)
		return abl_err_set(err, ABL_EINPUT, "the built-in world has no task '%s'", task);
	if (w)
		write_all(w, seed, split, examples, out);
	else
		abl_world_table(known, seed, split, examples, out);
	return 0;
}

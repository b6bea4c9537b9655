/* SPDX-License-Identifier: Apache-2.0 */
#include "world_truth.h"

#include "world.h"
#include "world_words.h"

#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

size_t world_cut(char *text, const char *gap, char *word[WORDS])
{
	size_t n = 0;
	char *rest = text;

	for (char *w; (w = strtok_r(rest, gap, &rest));) {
		ck_assert_uint_lt(n, WORDS);
		word[n++] = w;
	}
	return n;
}

struct row {
	const char *word, *tag;
};

/* Is the tag that of the word, given what is before it? Entities are names, and adjectives with
 * their "not". */
static void take_row(const struct row *rows, size_t i, const char *text, take_item *take,
		     void *data)
{
	int class = world_word_class(rows[i].word);
	bool negated = i && !strcmp(rows[i - 1].word, "not");
	const char *tag = rows[i].tag, *kind = NULL;

	switch (class) {
	case ABL_WORLD_NARROW:
		kind = "NARROW";
		break;
	case ABL_WORLD_WIDE:
		kind = "WIDE";
		break;
	case ABL_WORLD_GOOD:
	case ABL_WORLD_BAD:
		kind = (class == ABL_WORLD_GOOD) != negated ? "GOOD" : "BAD";
		break;
	default:
		ck_assert(!strcmp(rows[i].word, "not") ? !strncmp(tag, "B-", 2)
						       : !strcmp(tag, "O"));
		return;
	}
	ck_assert(!strncmp(tag, negated ? "I-" : "B-", 2));
	if (negated) /* one entity of two words */
		ck_assert_str_eq(rows[i - 1].tag + 2, tag + 2);
	take(data, text, !strcmp(tag + 2, kind), (size_t) class);
}

static void take_rows(char *text, take_item *take, void *data)
{
	struct abl_str sentence = {0};
	char *end;

	for (char *at = text; *at; at = end + 2) {
		char *line[WORDS], *word[WORDS];
		struct row rows[WORDS];
		size_t n;

		end = strstr(at, "\n\n");
		ck_assert_ptr_nonnull(end);
		*end = '\0';
		n = world_cut(at, "\n", line);
		abl_str_clear(&sentence);
		for (size_t i = 0; i < n; i++) {
			ck_assert_uint_eq(world_cut(line[i], " ", word), 2);
			rows[i] = (struct row){word[0], word[1]};
			abl_str_printf(&sentence, " %s", word[0]);
		}
		for (size_t i = 0; i < n; i++)
			take_row(rows, i, sentence.text, take, data);
	}
	abl_str_finish(&sentence);
}

static size_t place_number(const char *place)
{
	size_t i = 0;

	while (i < ABL_WORLD_PLACES && strcmp(abl_world_place(i), place))
		i++;
	ck_assert_uint_lt(i, ABL_WORLD_PLACES);
	return i;
}

/* The place at the end of the last fact that has the name. */
static void take_stories(char *text, take_item *take, void *data)
{
	char *line[LINES], *rest = text;
	struct abl_str story = {0};
	size_t n = 0;

	for (char *l; (l = strtok_r(rest, "\n", &rest));) {
		char *answer = strchr(l, '\t');

		n = strtoul(l, NULL, 10) == 1 ? 0 : n;
		if (!n)
			abl_str_clear(&story);
		ck_assert_uint_eq(strtoul(l, NULL, 10), n + 1);
		if (answer) {
			const char *place = NULL, *name;
			size_t support = 0;

			*answer++ = '\0';
			name = strrchr(l, ' ') + 1;
			for (size_t i = 0; i < n; i++)
				if (strstr(line[i], name)) {
					place = strrchr(line[i], ' ') + 1;
					support = i + 1;
				}
			ck_assert_ptr_nonnull(place);
			*strchr(answer, '\t') = '\0';
			ck_assert_uint_eq(strtoul(answer + strlen(answer) + 1, NULL, 10), support);
			abl_str_puts(&story, l);
			take(data, story.text, !strcmp(place, answer), place_number(answer));
		}
		abl_str_puts(&story, l);
		ck_assert_uint_lt(n, LINES);
		line[n++] = l;
	}
	abl_str_finish(&story);
}

static const char *text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	ck_assert_ptr_nonnull(text);
	return text;
}

/* The number of the clause about the name that ends the question, 3 for none. at: where what is
 * said begins in each. */
static size_t find_clause(const char *context, const char *question, size_t at[3])
{
	const char *name = strrchr(question, ' ') + 1;
	size_t found = 3, i = 0;

	ck_assert_int_eq(world_word_class(name), ABL_WORLD_NARROW);
	for (const char *c = context; c; i++) {
		const char *end = strstr(c, " and "), *subject = c + strlen("the ");

		ck_assert_uint_lt(i, 3);
		at[i] = (size_t)(strchr(subject + strlen(name) + 1, ' ') + 1 - context);
		if (!strncmp(subject, name, strlen(name))) {
			ck_assert_uint_eq(found, 3);
			found = i;
		}
		c = end ? end + 5 : NULL;
	}
	ck_assert_uint_eq(i, 3);
	return found;
}

static void take_question(const json_t *q, const char *context, take_item *take, void *data)
{
	const json_t *answer = json_array_get(json_object_get(q, "answers"), 0);
	size_t at[3], found = find_clause(context, text_of(q, "question"), at), given = 3;
	struct abl_str whole = {0};

	if (answer) {
		const char *text = text_of(answer, "text");
		size_t start = (size_t)json_integer_value(json_object_get(answer, "answer_start")),
		       end = start + strlen(text);

		ck_assert_uint_le(end, strlen(context));
		ck_assert(!strncmp(context + start, text, strlen(text)));
		ck_assert(!context[end] || !strncmp(context + end, " and ", 5));
		for (given = 0; given < 3 && at[given] != start;)
			given++;
		ck_assert_uint_lt(given, 3);
	}
	ck_assert_int_eq(json_is_true(json_object_get(q, "is_impossible")), given == 3);
	abl_str_printf(&whole, "%s|%s", context, text_of(q, "question"));
	take(data, whole.text, given == found, given);
	abl_str_finish(&whole);
}

static void take_json(char *text, take_item *take, void *data)
{
	json_error_t e;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &e), *article, *paragraph, *q;
	size_t i, k, m;

	ck_assert_msg(root != NULL, "%d: %s", e.line, e.text);
	json_array_foreach(json_object_get(root, "data"), i, article)
	{
		text_of(article, "title");
		json_array_foreach(json_object_get(article, "paragraphs"), k, paragraph)
		{
			json_array_foreach(json_object_get(paragraph, "qas"), m, q)
			{
				text_of(q, "id");
				take_question(q, text_of(paragraph, "context"), take, data);
			}
		}
	}
	json_decref(root);
}

const struct world_truth world_truths[WORLD_TRUTHS] = {
	{"tags", take_rows, 4, 4},
	{"stories", take_stories, 1, ABL_WORLD_PLACES},
	{"spans", take_json, 1, 3},
	{"spans2", take_json, 1, 0},
};

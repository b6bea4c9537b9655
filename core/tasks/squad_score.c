/* SPDX-License-Identifier: Apache-2.0 */
#include "squad_score.h"

#include "python_text.h"

#include <stdlib.h>
#include <string.h>

/* ---- texts ---- */

static bool is_punctuation(int32_t point)
{
	return point > ' ' && point < 0x7F && strchr("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", point);
}

static bool is_article(const char *word, size_t length)
{
	static const char *const articles[] = {"a", "an", "the"};

	for (size_t i = 0; i < sizeof articles / sizeof *articles; i++)
		if (length == strlen(articles[i]) && !memcmp(word, articles[i], length))
			return true;
	return false;
}

static void drop_punctuation(struct abl_str *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->length; i++)
		if (!is_punctuation((unsigned char)s->text[i]))
			s->text[kept++] = s->text[i];
	s->length = kept;
	s->text[kept] = 0;
}

/* Each article becomes a blank: a run of word characters that is one. It may touch other characters
 * ("–a–"). */
static void drop_articles(struct abl_str *s)
{
	for (size_t at = 0, begin = 0; begin < s->length; begin = at) {
		size_t end = begin;

		at = begin;
		while (at < s->length && abl_python_word(abl_python_next(s->text, s->length, &at)))
			end = at;
		if (is_article(s->text + begin, end - begin))
			memset(s->text + begin, ' ', end - begin);
	}
}

static void join_words(const struct abl_str *s, struct abl_str *out)
{
	size_t start = out->length;

	abl_str_add(out, "", 0);
	for (size_t at = 0; at < s->length;) {
		size_t begin = at;
		bool space = abl_python_space(abl_python_next(s->text, s->length, &at));

		if (!space)
			abl_str_add(out, s->text + begin, at - begin);
		else if (out->length > start && out->text[out->length - 1] != ' ')
			abl_str_puts(out, " ");
	}
	if (out->length > start && out->text[out->length - 1] == ' ')
		out->text[--out->length] = 0;
}

void abl_squad_normalize(const char *text, size_t length, struct abl_str *out)
{
	struct abl_str s = {0};

	abl_python_lower(text, length, &s);
	drop_punctuation(&s);
	drop_articles(&s);
	join_words(&s, out);
	abl_str_finish(&s);
}

/* ---- one question ---- */

static size_t count_words(const char *text)
{
	size_t n = *text != 0;

	for (; *text; text++)
		n += *text == ' ';
	return n;
}

static int by_word(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The words of a normalised text, sorted; its blanks become ends. */
static size_t sorted_words(char *text, char **words)
{
	size_t n = 0;

	for (char *next; *text; text = next) {
		next = text + strcspn(text, " ");
		if (*next)
			*next++ = 0;
		words[n++] = text;
	}
	qsort(words, n, sizeof *words, by_word);
	return n;
}

/* F1 of the words of two normalised texts as multisets. */
static double f1_of(const char *prediction, const char *gold, bool v2)
{
	size_t p = count_words(prediction), g = count_words(gold), same = 0;
	char **words = abl_calloc(p + g + 1, sizeof *words);
	char *a = abl_strdup(prediction), *b = abl_strdup(gold);
	double precision, recall;

	(void)sorted_words(a, words);
	(void)sorted_words(b, words + p);
	for (size_t i = 0, k = 0; i < p && k < g;) {
		int order = strcmp(words[i], words[p + k]);

		same += !order;
		i += order <= 0;
		k += order >= 0;
	}
	free(words), free(a), free(b);
	if (v2 && (!p || !g))
		return p == g;
	if (!same)
		return 0;
	precision = 1.0 * (double)same / (double)p;
	recall = 1.0 * (double)same / (double)g;
	return 2 * precision * recall / (precision + recall);
}

static void score_against(struct abl_squad_result *r, const char *prediction, const char *gold,
			  bool v2)
{
	double f1 = f1_of(prediction, gold, v2);

	if (!strcmp(prediction, gold))
		r->exact = 1;
	if (f1 > r->f1)
		r->f1 = f1;
}

struct abl_squad_result abl_squad_score(const struct abl_squad_question *q, const char *prediction,
					bool v2)
{
	struct abl_squad_result r = {.has_answer = q->answer_count > 0,
				     .answered = prediction && *prediction};
	struct abl_str predicted = {0}, gold = {0};
	size_t compared = 0;

	if (!prediction)
		return r;
	abl_squad_normalize(prediction, strlen(prediction), &predicted);
	for (size_t i = 0; i < q->answer_count; i++) {
		abl_str_clear(&gold);
		abl_squad_normalize(q->answers[i].text, strlen(q->answers[i].text), &gold);
		if (v2 && !gold.length)
			continue; /* no gold answer to 2.0 */
		score_against(&r, predicted.text, gold.text, v2);
		compared++;
	}
	if (v2 && !compared)
		score_against(&r, predicted.text, "", v2);
	abl_str_finish(&predicted), abl_str_finish(&gold);
	return r;
}

/* ---- all questions ---- */

enum which { EXACT, F1, ORACLE };

static double raw(const struct abl_squad_result *r, enum which which)
{
	return which == EXACT ? r->exact : which == F1 ? r->f1 : (double)r->has_answer;
}

/* After the threshold: a question taken for one without an answer is right where it has none. */
static double thresholded(const struct abl_squad_totals *t, size_t i, enum which which)
{
	const struct abl_squad_result *r = &t->results[i];

	return t->v2 && r->no_answer > t->threshold ? (double)!r->has_answer : raw(r, which);
}

static void tell(abl_metric_hook *emit, void *data, const char *prefix, const char *name,
		 double value)
{
	struct abl_str text = {0};

	abl_str_printf(&text, "%s%s", prefix, name);
	emit(data, text.text, value);
	abl_str_finish(&text);
}

/* Over the questions with (1), without (0) an answer, or all (-1). */
static void tell_part(const struct abl_squad_totals *t, int part, const char *prefix,
		      abl_metric_hook *emit, void *data)
{
	double exact = 0, f1 = 0;
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++)
		if (part < 0 || t->results[i].has_answer == part) {
			exact += thresholded(t, i, EXACT);
			f1 += thresholded(t, i, F1);
			n++;
		}
	if (!n)
		return;
	tell(emit, data, prefix, t->v2 ? "exact" : "exact_match", t->scale * exact / (double)n);
	tell(emit, data, prefix, "f1", t->scale * f1 / (double)n);
	if (t->v2)
		tell(emit, data, prefix, "total", (double)n);
}

struct place {
	size_t question, rank;
	double no_answer;
};

static int by_probability(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->no_answer != y->no_answer)
		return x->no_answer < y->no_answer ? -1 : 1;
	return x->rank < y->rank ? -1 : 1;
}

/* Takes a point inside a run of equal probabilities, too, which no threshold reaches, and counts an
 * answer to a question that has none by its raw text: both as the script does. */
static void tell_best(const struct abl_squad_totals *t, const struct place *walk, enum which which,
		      const char *name, const char *threshold, abl_metric_hook *emit, void *data)
{
	double score = 0, best, at = 0;

	for (size_t i = 0; i < t->count; i++)
		score += !t->results[i].has_answer;
	best = score;
	for (size_t i = 0; i < t->count; i++) {
		const struct abl_squad_result *r = &t->results[walk[i].question];

		score += r->has_answer ? raw(r, which) : r->answered ? -1 : 0;
		if (score > best) {
			best = score;
			at = walk[i].no_answer;
		}
	}
	emit(data, name, t->scale * best / (double)t->count);
	emit(data, threshold, at);
}

static void tell_precision(const struct abl_squad_totals *t, const struct place *walk,
			   enum which which, const char *name, abl_metric_hook *emit, void *data)
{
	double right = 0, sum = 0, recall_before = 0, answerable = 0;

	for (size_t i = 0; i < t->count; i++)
		answerable += t->results[i].has_answer;
	if (!(answerable > 0))
		return;
	for (size_t i = 0; i < t->count; i++) {
		const struct abl_squad_result *r = &t->results[walk[i].question];
		double precision, recall;

		right += r->has_answer ? raw(r, which) : 0;
		precision = right / (double)(i + 1);
		recall = right / answerable;
		if (i + 1 < t->count && walk[i + 1].no_answer == walk[i].no_answer)
			continue;
		sum += precision * (recall - recall_before);
		recall_before = recall;
	}
	emit(data, name, t->scale * sum);
}

static void tell_thresholds(const struct abl_squad_totals *t, abl_metric_hook *emit, void *data)
{
	struct place *walk = abl_calloc(t->count, sizeof *walk);

	for (size_t i = 0; i < t->count; i++)
		walk[i] = (struct place){t->order[i], i, t->results[t->order[i]].no_answer};
	qsort(walk, t->count, sizeof *walk, by_probability);
	tell_best(t, walk, EXACT, "best_exact", "best_exact_thresh", emit, data);
	tell_best(t, walk, F1, "best_f1", "best_f1_thresh", emit, data);
	tell_precision(t, walk, EXACT, "pr_exact_ap", emit, data);
	tell_precision(t, walk, F1, "pr_f1_ap", emit, data);
	tell_precision(t, walk, ORACLE, "pr_oracle_ap", emit, data);
	free(walk);
}

void abl_squad_tell(const struct abl_squad_totals *t, abl_metric_hook *emit, void *data)
{
	tell_part(t, -1, "", emit, data);
	if (!t->v2)
		return;
	tell_part(t, 1, "HasAns_", emit, data);
	tell_part(t, 0, "NoAns_", emit, data);
	if (t->order && t->count)
		tell_thresholds(t, emit, data);
}

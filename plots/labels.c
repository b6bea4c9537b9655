/* SPDX-License-Identifier: Apache-2.0 */
#include "labels.h"
#include "utf8.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- labels as lists of "key=value" and words ---- */

struct part {
	char *key; /* NULL: a word */
	char *value;
};

struct list {
	struct part *part;
	size_t count, capacity;
	bool settings; /* has a "key=value" */
};

struct work {
	struct list *list; /* [n] */
	size_t n, room;
	struct abl_str common, brief; /* for the legend */
};

static char *copy(const char *text, size_t bytes)
{
	struct abl_str out = {0};

	abl_str_add(&out, text, bytes);
	return out.text;
}

static void parse(struct list *l, const char *text)
{
	while (*text) {
		const char *end = strstr(text, ", "), *is = strchr(text, '=');
		size_t bytes = end ? (size_t)(end - text) : strlen(text);
		bool setting = is && is > text && is < text + bytes &&
			       !memchr(text, ' ', (size_t)(is - text));

		abl_grow(&l->part, &l->capacity, l->count + 1, sizeof *l->part);
		l->part[l->count++] = (struct part){
			.key = setting ? copy(text, (size_t)(is - text)) : NULL,
			.value = setting ? copy(is + 1, (size_t)(text + bytes - is - 1))
					 : copy(text, bytes)};
		l->settings |= setting;
		text += bytes + (end ? 2 : 0);
	}
}

static char *render(const struct list *l)
{
	struct abl_str out = {0};

	abl_str_puts(&out, "");
	for (size_t i = 0; i < l->count; i++)
		abl_str_printf(&out, "%s%s%s%s", i ? ", " : "",
			       l->part[i].key ? l->part[i].key : "", l->part[i].key ? "=" : "",
			       l->part[i].value);
	return out.text;
}

static void finish_part(struct part *p)
{
	free(p->key), free(p->value);
}

/* Do all labels fit, or all with settings? */
static bool fit(const struct work *w, bool settings)
{
	bool all = true;

	for (size_t i = 0; all && i < w->n; i++) {
		char *label = render(&w->list[i]);

		all = (settings && !w->list[i].settings) || abl_utf8_cells(label) <= w->room;
		free(label);
	}
	return all;
}

/* Adds "a<joint>b" to a list. */
static void say(struct abl_str *list, const char *a, const char *joint, const char *b)
{
	abl_str_printf(list, "%s%s%s%s", list->length ? ", " : "", a, joint, b);
}

/* ---- what all have in common ---- */

static struct part *find_key(const struct list *l, const char *key)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->part[i].key && !strcmp(l->part[i].key, key))
			return &l->part[i];
	return NULL;
}

/* Do all labels with settings set this, and something else? */
static bool is_common(const struct work *w, const struct part *p)
{
	size_t with = 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct list *l = &w->list[i];
		const struct part *its = l->settings ? find_key(l, p->key) : NULL;

		if (l->settings && (!its || strcmp(its->value, p->value) || l->count < 2))
			return false;
		with += l->settings;
	}
	return with > 1;
}

static void drop_common(struct work *w)
{
	size_t first = 0;

	while (first < w->n && !w->list[first].settings)
		first++;
	for (size_t k = 0; first < w->n && k < w->list[first].count;) {
		struct part *p = &w->list[first].part[k];
		char *key;

		if (!p->key || !is_common(w, p)) {
			k++;
			continue;
		}
		say(&w->common, p->key, "=", p->value);
		key = abl_strdup(p->key);
		for (size_t i = 0; i < w->n; i++) {
			struct list *l = &w->list[i];
			struct part *its = l->settings ? find_key(l, key) : NULL;

			if (!its)
				continue;
			finish_part(its);
			memmove(its, its + 1, (size_t)(l->part + l->count - its - 1) * sizeof *its);
			l->count--;
		}
		free(key);
	}
}

/* ---- short names ---- */

struct names { /* each once */
	char **name, **brief;
	size_t count, capacity;
};

static void collect_names(const struct work *w, struct names *s)
{
	for (size_t i = 0; i < w->n; i++)
		for (size_t k = 0; k < w->list[i].count; k++) {
			const char *key = w->list[i].part[k].key;
			size_t at = 0;

			while (key && at < s->count && strcmp(s->name[at], key))
				at++;
			if (!key || at < s->count)
				continue;
			abl_grow(&s->name, &s->capacity, s->count + 1, sizeof *s->name);
			s->name[s->count++] = abl_strdup(key);
		}
	s->brief = abl_calloc(s->count + 1, sizeof *s->brief);
}

/* "learning_rate" becomes "lr", "dropout" its first letters: `letters` of the last word. */
static char *brief_of(const char *name, size_t letters)
{
	struct abl_str out = {0};
	const char *word = name;

	for (const char *next; (next = strpbrk(word, "_-.")) && next[1]; word = next + 1)
		if (next > word)
			abl_str_add(&out, word, abl_utf8_head(word, 1));
	if (out.length) /* the initials are enough, unless asked for more */
		letters = letters > 3 ? letters - 3 : 1;
	abl_str_add(&out, word, abl_utf8_head(word, letters));
	return out.text;
}

static bool is_taken(const struct names *s, size_t at)
{
	for (size_t i = 0; i < s->count; i++)
		if (i != at && (!strcmp(s->name[i], s->brief[at]) ||
				(i < at && !strcmp(s->brief[i], s->brief[at]))))
			return true;
	return false;
}

static void shorten_names(struct work *w)
{
	struct names s = {0};

	collect_names(w, &s);
	for (size_t i = 0; i < s.count; i++) {
		size_t letters = 3;

		s.brief[i] = brief_of(s.name[i], letters);
		while (is_taken(&s, i) && strcmp(s.brief[i], s.name[i]) && letters < 64) {
			free(s.brief[i]);
			s.brief[i] = brief_of(s.name[i], ++letters);
		}
		if (is_taken(&s, i) || strlen(s.brief[i]) + 2 >= strlen(s.name[i])) {
			free(s.brief[i]);
			s.brief[i] = abl_strdup(s.name[i]);
			continue;
		}
		say(&w->brief, s.brief[i], " = ", s.name[i]);
	}
	for (size_t i = 0; i < w->n; i++)
		for (size_t k = 0; k < w->list[i].count; k++)
			for (size_t j = 0; w->list[i].part[k].key && j < s.count; j++)
				if (!strcmp(w->list[i].part[k].key, s.name[j])) {
					free(w->list[i].part[k].key);
					w->list[i].part[k].key = abl_strdup(s.brief[j]);
					break;
				}
	abl_labels_destroy(s.name, s.count);
	abl_labels_destroy(s.brief, s.count);
}

/* ---- values ---- */

static bool same_kind(const struct part *a, const struct part *b)
{
	return a->key && b->key ? !strcmp(a->key, b->key) : !a->key && !b->key;
}

static bool continues(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

enum { VALUE = 16 }; /* bytes of a value that stay, at least */

/* How much the value has in common, at its beginning and end, with all other long ones of its
 * key. */
static void common_ends(const struct work *w, const struct part *p, size_t *head, size_t *tail)
{
	size_t own = strlen(p->value), others = 0;

	*head = *tail = own;
	for (size_t i = 0; i < w->n; i++)
		for (size_t k = 0; k < w->list[i].count; k++) {
			const struct part *q = &w->list[i].part[k];
			size_t n = strlen(q->value), a = 0, b = 0;

			if (!same_kind(p, q) || !strcmp(p->value, q->value) || n <= VALUE)
				continue;
			others++;
			while (a < n && a < own && q->value[a] == p->value[a])
				a++;
			while (b + a < n && b + a < own &&
			       q->value[n - 1 - b] == p->value[own - 1 - b])
				b++;
			*head = a < *head ? a : *head;
			*tail = b < *tail ? b : *tail;
		}
	if (!others)
		*head = *tail = 0;
	while (*head && continues(p->value[*head]))
		(*head)--;
	while (*tail && continues(p->value[own - *tail]))
		(*tail)--;
}

/* The value without what it has in common with the others, but for the letters beside. */
static char *shorten_value(const struct work *w, const struct part *p)
{
	size_t head, tail, n = strlen(p->value), room = 0, left, right;
	struct abl_str out = {0};

	common_ends(w, p, &head, &tail);
	if (n - head - tail < VALUE)
		room = VALUE - (n - head - tail);
	left = head < room / 2 ? head : room / 2;
	right = tail < room - left ? tail : room - left;
	head = head - left > 1 ? head - left : 0;
	tail = tail - right > 1 ? tail - right : 0;
	while (head && continues(p->value[head]))
		head--;
	while (tail && continues(p->value[n - tail]))
		tail--;
	abl_str_printf(&out, "%s%.*s%s", head ? "…" : "", (int)(n - head - tail), p->value + head,
		       tail ? "…" : "");
	return out.text;
}

static void shorten_values(struct work *w)
{
	char ***brief = abl_calloc(w->n, sizeof *brief);

	for (size_t i = 0; i < w->n; i++) {
		brief[i] = abl_calloc(w->list[i].count + 1, sizeof **brief);
		for (size_t k = 0; k < w->list[i].count; k++)
			brief[i][k] = shorten_value(w, &w->list[i].part[k]);
	}
	for (size_t i = 0; i < w->n; free(brief[i++]))
		for (size_t k = 0; k < w->list[i].count; k++) {
			free(w->list[i].part[k].value);
			w->list[i].part[k].value = brief[i][k];
		}
	free(brief);
}

/* ---- all of it ---- */

/* Cuts what is still too long; of labels that became alike, later ones get a number. */
static char *unique(const struct work *w, size_t i, char *const *before)
{
	char *full = render(&w->list[i]), *label = abl_utf8_cut(full, w->room);

	for (size_t n = 2, j = 0; j < i;) {
		struct abl_str numbered = {0};
		char mark[24];

		if (strcmp(before[j], label)) {
			j++;
			continue;
		}
		free(label);
		snprintf(mark, sizeof mark, " #%zu", n++);
		label = abl_utf8_cut(full, w->room - strlen(mark));
		abl_str_printf(&numbered, "%s%s", label, mark);
		free(label);
		label = numbered.text;
		j = 0;
	}
	free(full);
	return label;
}

char **abl_labels_shorten(const char *const *text, size_t n, size_t room, struct abl_str *legend)
{
	struct work w = {.list = abl_calloc(n, sizeof *w.list), .n = n, .room = room};
	char **label = abl_calloc(n, sizeof *label);

	for (size_t i = 0; i < n; i++)
		parse(&w.list[i], text[i]);
	if (!fit(&w, true))
		drop_common(&w);
	if (!fit(&w, true))
		shorten_names(&w);
	if (!fit(&w, false))
		shorten_values(&w);
	for (size_t i = 0; i < n; i++)
		label[i] = unique(&w, i, label);
	if (legend && w.common.length)
		abl_str_printf(legend, "All settings with %s.", w.common.text);
	if (legend && w.brief.length)
		abl_str_printf(legend, "%s%s.", legend->length ? " " : "", w.brief.text);
	abl_str_finish(&w.common), abl_str_finish(&w.brief);
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < w.list[i].count; k++)
			finish_part(&w.list[i].part[k]);
		free(w.list[i].part);
	}
	free(w.list);
	return label;
}

void abl_labels_destroy(char **label, size_t n)
{
	for (size_t i = 0; label && i < n; i++)
		free(label[i]);
	free(label);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "class_labels.h"

#include "str.h"
#include "unicode.h"

#include <utf8proc.h>

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

static void append(struct abl_class_labels *c, const char *name, size_t length)
{
	char *copy = abl_malloc(length + 1);

	memcpy(copy, name, length);
	copy[length] = '\0';
	abl_grow(&c->name, &c->capacity, c->count + 1, sizeof *c->name);
	c->name[c->count++] = copy;
}

void abl_class_labels_finish(struct abl_class_labels *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->count; i++)
		free(c->name[i]);
	free(c->name);
	*c = (struct abl_class_labels){0};
}

void abl_class_labels_copy(struct abl_class_labels *c, char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		append(c, names[i], strlen(names[i]));
}

void abl_class_labels_split(struct abl_class_labels *c, const char *joined)
{
	for (size_t n; n = strcspn(joined, "|"), append(c, joined, n), joined[n]; joined += n + 1)
		;
}

static int by_value(const void *x, const void *y)
{
	const char *a = *(char *const *)x, *b = *(char *const *)y;
	int64_t i, j;
	bool is_a = abl_parse_int(a, &i), is_b = abl_parse_int(b, &j);

	if (is_a && is_b && i != j)
		return i < j ? -1 : 1;
	if (is_a != is_b)
		return is_a ? -1 : 1;
	return strcmp(a, b);
}

void abl_class_labels_collect(struct abl_class_labels *c, size_t count,
			      const char *(*at)(size_t, const void *), const void *data)
{
	for (size_t i = 0; i < count && c->count <= ABL_CLASSES_MAX; i++) {
		const char *name = at(i, data);

		if (name && abl_class_labels_find(c, name) < 0)
			append(c, name, strlen(name));
	}
	if (c->count)
		qsort(c->name, c->count, sizeof *c->name, by_value);
}

int32_t abl_class_labels_add(struct abl_class_labels *c, const char *name)
{
	append(c, name, strlen(name));
	return (int32_t)c->count - 1;
}

bool abl_class_labels_scale(const char *joined, double *low, double *high)
{
	struct abl_class_labels ends = {0};
	bool good = true;

	*low = -HUGE_VAL, *high = HUGE_VAL;
	if (!joined)
		return true;
	abl_class_labels_split(&ends, joined);
	for (size_t i = 0; i < ends.count && good; i++) {
		good = abl_parse_real(ends.name[i], high) && isfinite(*high) && *low < *high;
		if (!i)
			*low = *high;
	}
	good = good && ends.count > 1;
	if (!good)
		*low = -HUGE_VAL, *high = HUGE_VAL;
	abl_class_labels_finish(&ends);
	return good;
}

int32_t abl_class_labels_find(const struct abl_class_labels *c, const char *name)
{
	for (size_t i = 0; i < c->count; i++)
		if (!strcmp(c->name[i], name))
			return (int32_t)i;
	return -1;
}

int32_t abl_class_labels_find_folded(const struct abl_class_labels *c, const char *name)
{
	int32_t exact = abl_class_labels_find(c, name), found = -1;
	utf8proc_uint8_t *wanted;
	size_t matches = 0;

	if (exact >= 0)
		return exact;
	wanted = utf8proc_NFKC_Casefold((const utf8proc_uint8_t *)name);
	for (size_t i = 0; wanted && i < c->count; i++) {
		utf8proc_uint8_t *other =
			utf8proc_NFKC_Casefold((const utf8proc_uint8_t *)c->name[i]);

		if (other && !strcmp((const char *)other, (const char *)wanted)) {
			found = (int32_t)i;
			matches++;
		}
		free(other);
	}
	free(wanted);
	return matches == 1 ? found : -1;
}

int abl_class_labels_unknown(const struct abl_class_labels *c, const char *name, const char *path,
			     uint32_t line, struct abl_err *err)
{
	struct abl_str known = {0};

	for (size_t i = 0; i < c->count && known.length < 300; i++)
		abl_str_printf(&known, "%s'%s'", i ? ", " : "", c->name[i]);
	if (known.length >= 300)
		abl_str_puts(&known, ", ...");
	abl_err_set(err, ABL_EINPUT, "%s:%u: unknown label '%.100s'; the classes are %s", path,
		    line, name, known.text ? known.text : "not known: load train first");
	abl_str_finish(&known);
	return ABL_EINPUT;
}

/* ---- names that look alike ---- */

enum { ALIKE_SHOWN = 3 };

/* Without blanks and what cannot be seen, in small letters. Appends. */
static void bare_name(const char *name, struct abl_str *out)
{
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)name;
	utf8proc_uint8_t small[4];
	int32_t point;

	for (utf8proc_ssize_t n; *at && (n = utf8proc_iterate(at, -1, &point)) > 0; at += n) {
		const enum abl_point class = abl_point_class(point);

		if (class == ABL_POINT_SPACE || class == ABL_POINT_DROP)
			continue;
		abl_str_add(out, (const char *)small,
			    (size_t)utf8proc_encode_char(abl_point_lower(point), small));
	}
	abl_str_add(out, "", 1); /* the end that the next one begins behind */
}

bool abl_class_label_is_padded(const char *label)
{
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)label;
	bool first = false, last = false;
	int32_t point;

	for (utf8proc_ssize_t n; *at && (n = utf8proc_iterate(at, -1, &point)) > 0; at += n) {
		const enum abl_point class = abl_point_class(point);

		last = class == ABL_POINT_SPACE || class == ABL_POINT_DROP;
		first = at == (const utf8proc_uint8_t *)label ? last : first;
	}
	return first || last;
}

void abl_class_labels_alike(const struct abl_class_labels *c, struct abl_str *out)
{
	size_t *at = abl_calloc(c->count + 1, sizeof *at), pairs = 0;
	struct abl_str bare = {0};

	for (size_t i = 0; i < c->count; i++) {
		at[i] = bare.length;
		bare_name(c->name[i], &bare);
	}
	for (size_t i = 0; i < c->count && pairs <= ALIKE_SHOWN; i++)
		for (size_t k = i + 1; k < c->count && pairs <= ALIKE_SHOWN; k++) {
			if (!bare.text[at[i]] || strcmp(bare.text + at[i], bare.text + at[k]) != 0)
				continue;
			if (pairs++ < ALIKE_SHOWN)
				abl_str_printf(out, "%s'%s' and '%s'", pairs > 1 ? ", " : "",
					       c->name[i], c->name[k]);
			else
				abl_str_puts(out, ", ...");
		}
	abl_str_finish(&bare);
	free(at);
}

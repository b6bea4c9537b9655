/* SPDX-License-Identifier: Apache-2.0 */
#include "hint.h"

#include "str.h"

#include <ctype.h>
#include <string.h>

static const struct {
	enum abl_hint_of what;
	const char *word, *hint;
} hints[] = {
#define HINT(what, word, hint) {ABL_HINT_##what, word, hint},
#include "hints.def"
#undef HINT
};

static int plain(char c)
{
	return c == '-' ? '_' : tolower((unsigned char)c);
}

static bool alike(const char *a, const char *b)
{
	for (; *a && plain(*a) == plain(*b); a++, b++)
		;
	return !*a && !*b;
}

/* The hint for a key of pre-training: that of the plain key, behind the same prefix. */
static const char *with_prefix(const char *word)
{
	static const char prefix[] = "pretrain_";
	const bool has = !strncmp(word, prefix, sizeof prefix - 1);
	const char *hint = has ? abl_hint(ABL_HINT_KEY, word + sizeof prefix - 1) : NULL;
	struct abl_str text = {0};

	if (!hint)
		return NULL;
	abl_str_printf(&text, "%s%s", prefix, hint);
	hint = abl_intern(text.text);
	abl_str_finish(&text);
	return hint;
}

const char *abl_hint(enum abl_hint_of what, const char *word)
{
	for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
		if (hints[i].what == what && alike(hints[i].word, word))
			return hints[i].hint;
	return what == ABL_HINT_KEY ? with_prefix(word) : NULL;
}

static const char *same(const char *word, size_t count, const char *(*at)(size_t, const void *),
			const void *data)
{
	for (size_t i = 0; word && i < count; i++)
		if (at(i, data) && alike(at(i, data), word))
			return at(i, data);
	return NULL;
}

const char *abl_hint_nearest(enum abl_hint_of what, const char *word, size_t count,
			     const char *(*at)(size_t, const void *), const void *data)
{
	const char *found = same(word, count, at, data);

	if (!found)
		found = same(abl_hint(what, word), count, at, data);
	return found ? found : abl_nearest(word, count, at, data);
}

#define NAMED 10

void abl_hint_names(struct abl_str *out, size_t count, const char *(*at)(size_t, const void *),
		    const void *data)
{
	const size_t shown = count > NAMED + 1 ? NAMED : count; /* never "and 1 more" */

	for (size_t i = 0; i < shown; i++)
		abl_str_printf(out, "%s'%s'", i ? ", " : "", at(i, data));
	if (shown < count)
		abl_str_printf(out, " and %zu more", count - shown);
	if (!count)
		abl_str_puts(out, "none");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* metric_source.c - the grammar of `from`:
 *
 *	"{out}/PATTERN: KEY"             a file below the folder of the step
 *	"stdout", "stdout: NAME"         what it prints; NAME may be a template
 *	"events", "events: NAME"         what it says for us
 *	"tensorboard: TAG"               all event files below the folder
 *
 * Where KEY, NAME or TAG is not said it is the metric's own name. */
#include "metric_source.h"

#include "collector.h"
#include "path_glob.h"
#include "placeholder.h"
#include "str.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define ANY_EVENT_FILE "**/*tfevents*"

/* Sources that are words, and the pattern of their files. */
static const struct {
	const char *word;
	const struct abl_metric_reader *reader;
	const char *pattern;
} words[] = {
	{"stdout", &abl_reader_stdout, NULL},
	{"events", &abl_reader_events, NULL},
	{"tensorboard", &abl_reader_tensorboard, ANY_EVENT_FILE},
};

static const char *word_at(size_t i, const void *data)
{
	return words[i].word;
}

/* The bytes of a leading "{word}/"; 0: there is none. */
static size_t folder_of(const char *from)
{
	const char *end = *from == '{' ? strchr(from, '}') : NULL;

	if (!end || end == from + 1 || end[1] != '/')
		return 0;
	return (size_t)(end - from) + 2;
}

/* Where the first part ends: at ": ", or a colon at the end. */
static const char *find_colon(const char *from)
{
	const char *at = from;

	while ((at = strchr(at, ':')) && at[1] && at[1] != ' ' && at[1] != '\t')
		at++;
	return at;
}

static char *trimmed(const char *text, size_t length)
{
	while (length && isspace((unsigned char)*text))
		text++, length--;
	while (length && isspace((unsigned char)text[length - 1]))
		length--;
	return abl_there(strndup(text, length), "a text");
}

static int read_word(struct abl_metric_source *s, const char *from, const char *word,
		     struct abl_err *err)
{
	const size_t count = sizeof words / sizeof *words;
	const char *near;

	for (size_t i = 0; i < count; i++)
		if (!strcmp(words[i].word, word)) {
			s->reader = words[i].reader;
			s->pattern = words[i].pattern ? abl_strdup(words[i].pattern) : NULL;
			return 0;
		}
	near = abl_nearest(word, count, word_at, NULL);
	return abl_err_set(
		err, ABL_EINPUT,
		"'%s': cannot read from '%s'%s%s%s; a source is \"{out}/FILE: KEY\", \"stdout: "
		"NAME\", \"events\" or \"tensorboard: TAG\"",
		from, word, near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* "results.json:accuracy" */
static bool lacks_blank(const char *file)
{
	const char *colon = strrchr(file, ':');
	char *name = colon ? abl_there(strndup(file, (size_t)(colon - file)), "a name") : NULL;
	bool lacks = name && abl_metric_reader_of_name(name);

	free(name);
	return lacks;
}

static int read_file(struct abl_metric_source *s, const char *from, const char *file, bool keyed,
		     struct abl_err *err)
{
	int rc;

	s->pattern = abl_strdup(file + folder_of(file));
	rc = abl_glob_check(s->pattern, err);
	if (!rc && !keyed && lacks_blank(file))
		rc = abl_err_set(err, ABL_EINPUT, "'%s': a blank is missing behind the colon",
				 from);
	s->reader = abl_metric_reader_of_name(file);
	return abl_err_prefix(err, rc, "from");
}

/* What its reader says to key and step. Where the content decides, all but text take a key path. */
static int check_key(const struct abl_metric_source *s, const char *name, const char *from,
		     struct abl_err *err)
{
	const struct abl_reading r = {.metric = name, .key = s->key, .step = s->step};
	const struct abl_metric_reader *reader = s->reader ? s->reader : &abl_reader_stdout;
	int rc = reader->begin(NULL, &r, err);

	return from ? abl_err_prefix(err, rc, "from '%s'", from) : rc;
}

/* What a placeholder stands for, in a pattern: stars of a variant's name are themselves there. */
static void add_plain(struct abl_str *out, const char *text)
{
	for (; *text; text++)
		if (strchr("*?[", *text))
			abl_str_printf(out, "[%c]", *text);
		else
			abl_str_add(out, text, 1);
}

static int fill(char **text, bool pattern, const struct abl_order *order, struct abl_err *err)
{
	struct abl_str filled = {0}, value = {0};
	const char *at = *text;
	struct abl_piece piece;
	int rc = 0, got;

	abl_str_puts(&filled, "");
	while (!rc && (got = abl_piece_next(&at, &piece)) > 0) {
		if (!piece.named) {
			abl_str_add(&filled, piece.text, piece.length);
			continue;
		}
		abl_str_clear(&value);
		rc = abl_placeholder_fill(order, &(struct abl_words_now){0}, &piece, &value, err);
		if (!rc && pattern && value.length)
			add_plain(&filled, value.text);
		else if (!rc)
			abl_str_add(&filled, value.text ? value.text : "", value.length);
	}
	if (!rc && got < 0)
		rc = abl_err_set(err, ABL_EINPUT, "'%s': a brace is open; '{{' is one", *text);
	abl_str_finish(&value);
	if (rc) {
		abl_str_finish(&filled);
		return abl_err_prefix(err, rc, "from");
	}
	free(*text);
	*text = filled.text;
	return 0;
}

int abl_metric_source_read(struct abl_metric_source *out, const char *name, const char *from,
			   const char *step, const struct abl_order *order, struct abl_err *err)
{
	struct abl_metric_source s = {.step = step};
	const char *colon = from ? find_colon(from) : NULL;
	char *first = !from ? NULL : trimmed(from, colon ? (size_t)(colon - from) : strlen(from));
	char *key = colon ? trimmed(colon + 1, strlen(colon + 1)) : NULL;
	int rc = 0;

	if (!from) {
		s.reader = &abl_reader_events;
		s.anywhere = true;
	} else if (!*first) {
		rc = abl_err_set(err, ABL_EINPUT, "from: an empty text");
	} else if (colon && !*key) {
		rc = abl_err_set(err, ABL_EINPUT, "from '%s': nothing behind the colon", from);
	} else if (folder_of(first)) {
		rc = read_file(&s, from, first, colon, err);
	} else if (strchr(first, '/') || strchr(first, '.')) {
		const bool elsewhere = *first == '/' || *first == '{' || *first == '.';

		rc = abl_err_set(err, ABL_EINPUT,
				 "from '%s': a file is below the folder that the program gets: "
				 "write \"{out}/%s\"",
				 from, elsewhere ? "FILE: KEY" : from);
	} else {
		rc = abl_err_prefix(err, read_word(&s, from, first, err), "from");
	}
	s.key = key && *key ? abl_strdup(key) : abl_strdup(name);
	if (!rc && order && s.pattern)
		rc = fill(&s.pattern, true, order, err);
	if (!rc && order && s.pattern)
		rc = fill(&s.key, false, order, err);
	if (!rc)
		rc = check_key(&s, name, from, err);
	free(first);
	free(key);
	*out = s;
	return rc;
}

void abl_metric_source_finish(struct abl_metric_source *s)
{
	if (!s)
		return;
	free(s->pattern);
	free(s->key);
	*s = (struct abl_metric_source){0};
}

int abl_metric_source_check(const char *name, const char *from, const char *step,
			    struct abl_err *err)
{
	struct abl_metric_source s;
	int rc = abl_metric_source_read(&s, name, from, step, NULL, err);

	abl_metric_source_finish(&s);
	return rc;
}

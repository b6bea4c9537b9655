/* SPDX-License-Identifier: Apache-2.0 */
#include "documents.h"

#include "files.h"
#include "python_text.h"
#include "str.h"
#include "unicode.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

#define PARAGRAPHS_A_REPORT 256

struct line {
	struct abl_str text; /* without blanks at its ends */
	bool there;          /* false past the ends of a text */
};

struct abl_documents {
	const char *const *texts;
	size_t count, at; /* texts; the one at hand */
	bool open;        /* texts[at] is being read, from one of: */
	struct abl_reader *reader;
	struct abl_str world; /* the built-in text, lines ending with "\n" */
	size_t world_at;
	bool wikitext; /* its layout */
	struct line before, here, after;
	bool found;         /* it has a paragraph */
	bool fresh;         /* the next paragraph begins a document */
	uint64_t documents; /* begun so far */
};

int abl_documents_open(struct abl_documents **out, const char *const *texts, struct abl_err *err)
{
	struct abl_documents *d = abl_calloc(1, sizeof *d);

	d->texts = texts;
	while (texts[d->count])
		d->count++;
	if (!d->count) {
		free(d);
		return abl_err_set(err, ABL_EINPUT,
				   "no text is given; name at least one file, or 'world'");
	}
	*out = d;
	return 0;
}

void abl_documents_close(struct abl_documents *d)
{
	if (!d)
		return;
	abl_reader_close(d->reader);
	abl_str_finish(&d->world);
	abl_str_finish(&d->before.text);
	abl_str_finish(&d->here.text);
	abl_str_finish(&d->after.text);
	free(d);
}

static int add_world_line(void *data, const char *sentence)
{
	abl_str_printf(data, "%s\n", sentence);
	return 0;
}

/* The next raw line of the text at hand: 1, 0 at its end, negative on error. */
static int raw_line(struct abl_documents *d, const char **line, size_t *length, struct abl_err *err)
{
	if (d->reader) {
		int rc = abl_reader_line(d->reader, line, length, err);

		if (rc > 0 && abl_reader_line_number(d->reader) == 1 &&
		    abl_reader_is_json(d->reader))
			return abl_err_set(
				err, ABL_EINPUT,
				"%s: this is JSON; plain text is wanted, a paragraph a "
				"line: jq -r .text FILE >NEW writes the texts of JSON lines",
				abl_reader_path(d->reader));
		return rc;
	}
	if (d->world_at == d->world.length)
		return 0;
	*line = d->world.text + d->world_at;
	*length = strcspn(*line, "\n");
	d->world_at += *length + 1;
	return 1;
}

/* As BERT's own script (create_pretraining_data.py) sees it, which strips lines: one with a
 * no-break space alone is blank, too. So is what is past the ends. */
static bool is_blank(const struct line *l)
{
	return abl_python_blank(l->text.text, l->text.length);
}

/* Not blank, but nothing that a tokenizer would see: zero-width spaces, control characters. */
static bool is_invisible(const struct line *l)
{
	for (size_t at = 0; at < l->text.length;) {
		int32_t point = abl_python_next(l->text.text, l->text.length, &at);

		if (!abl_python_space(point) && abl_point_class(point) != ABL_POINT_DROP)
			return false;
	}
	return true;
}

static bool is_white(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void trim(const char **start, const char **end)
{
	while (*start < *end && is_white(**start))
		++*start;
	while (*end > *start && is_white((*end)[-1]))
		--*end;
}

/* Moves on by one line: before <- here <- after <- the next line of the text. */
static int step(struct abl_documents *d, struct abl_err *err)
{
	struct line oldest = d->before;
	const char *line = "", *end;
	size_t length = 0;
	int rc = raw_line(d, &line, &length, err);

	if (rc < 0)
		return rc;
	end = line + length;
	trim(&line, &end);
	d->before = d->here;
	d->here = d->after;
	d->after = oldest;
	d->after.there = rc > 0;
	abl_str_clear(&d->after.text);
	abl_str_add(&d->after.text, line, (size_t)(end - line));
	return 0;
}

/* The heading's level (equals signs a side), 0 if the line is none; *text is then what they
 * enclose. */
static size_t heading(const struct line *l, const char **text, size_t *length)
{
	const char *start = l->text.text, *end = start + l->text.length;
	size_t level = 0;

	while (end - start > 4 && !strncmp(start, "= ", 2) && !strncmp(end - 2, " =", 2)) {
		start += 2;
		end -= 2;
		level++;
	}
	trim(&start, &end);
	*text = start;
	*length = (size_t)(end - start);
	return level;
}

/* Is the line at hand the title of a WikiText article? Formulas can look like one, so it needs
 * blank lines around it. */
static bool is_title(const struct abl_documents *d)
{
	const char *text;
	size_t length;

	return is_blank(&d->before) && is_blank(&d->after) &&
	       heading(&d->here, &text, &length) == 1;
}

/* Opens texts[at], stands on its first line that is not blank, and tells its layout. */
static int open_text(struct abl_documents *d, struct abl_err *err)
{
	const char *name = d->texts[d->at];
	int rc = 0;

	if (!strcmp(name, ABL_WORLD)) {
		abl_str_clear(&d->world);
		d->world_at = 0;
		rc = abl_world_documents(ABL_WORLD_SEED, ABL_WORLD_DOCUMENTS, add_world_line,
					 &d->world);
	} else {
		rc = abl_reader_open(&d->reader, name, err);
	}
	if (rc)
		return rc;
	d->open = d->fresh = true;
	d->found = false;
	rc = step(d, err);
	if (!rc)
		rc = step(d, err); /* now the first line is at hand, what was before it is gone */
	while (!rc && d->here.there && is_blank(&d->here))
		rc = step(d, err);
	d->wikitext = !rc && is_title(d);
	return rc;
}

static int end_text(struct abl_documents *d, struct abl_err *err)
{
	const char *name = d->texts[d->at];

	abl_reader_close(d->reader);
	d->reader = NULL;
	d->open = false;
	d->at++;
	if (!d->found)
		return abl_err_set(err, ABL_EINPUT,
				   "%s: contains no text; give one paragraph per line", name);
	return 0;
}

/* Makes a paragraph of the line at hand; false when it is blank (which may end a document). */
static bool take(struct abl_documents *d, struct abl_paragraph *out)
{
	const char *inner;
	size_t length, level;

	if (is_blank(&d->here)) {
		d->fresh = d->fresh || !d->wikitext;
		return false;
	}
	if (is_invisible(&d->here))
		return false;
	out->text = d->here.text.text;
	out->length = d->here.text.length;
	if (d->wikitext) {
		bool title = is_title(d);

		level = heading(&d->here, &inner, &length);
		d->fresh = d->fresh || title;
		if (length && (title || level > 1)) {
			d->here.text.text[inner - out->text + (ptrdiff_t)length] = '\0';
			out->text = inner;
			out->length = length;
		}
	}
	d->documents += d->fresh;
	d->fresh = false;
	d->found = true;
	out->document = d->documents - 1;
	return true;
}

int abl_documents_next(struct abl_documents *d, struct abl_paragraph *out, struct abl_err *err)
{
	while (d->at < d->count) {
		int rc = d->open ? step(d, err) : open_text(d, err);

		if (!rc && !d->here.there)
			rc = end_text(d, err);
		else if (!rc && take(d, out))
			return 1;
		if (rc)
			return rc;
	}
	return 0;
}

double abl_documents_share(const struct abl_documents *d)
{
	double part = d->reader ? abl_reader_share(d->reader) : 0;

	return ((double)d->at + part) / (double)d->count;
}

int abl_documents_each(const char *const *texts, const struct abl_text_events *events,
		       int (*take_one)(void *data, const struct abl_paragraph *p,
				       struct abl_err *err),
		       void *data, struct abl_err *err)
{
	struct abl_documents *d = NULL;
	struct abl_paragraph p;
	int rc = abl_documents_open(&d, texts, err);

	for (uint64_t n = 0; !rc && (rc = abl_documents_next(d, &p, err)) > 0; n++) {
		rc = take_one(data, &p, err);
		if (rc || !events || n % PARAGRAPHS_A_REPORT)
			continue;
		if (events->progress)
			events->progress(events->data, abl_documents_share(d));
		if (events->stopping && events->stopping(events->data))
			rc = abl_err_set(err, ABL_ESTOP, "stopped while reading texts");
	}
	abl_documents_close(d);
	return rc;
}

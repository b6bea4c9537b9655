/* SPDX-License-Identifier: Apache-2.0 */
/* collected_choose.c - which of a metric's streams has the result, and why none has. */
#include "collected.h"

#include "hint.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SHOWN = 500 };

/* ---- which ---- */

/* The last number in the names of its folders: checkpoint-1000, version_1; -1. */
static double folder_number(const char *path)
{
	const char *end = strrchr(path, '/'), *begin;

	while (end && end > path && !isdigit((unsigned char)end[-1]))
		end--;
	if (!end || end == path)
		return -1;
	for (begin = end; begin > path && isdigit((unsigned char)begin[-1]);)
		begin--;
	return strtod(begin, NULL);
}

static size_t depth(const char *path)
{
	size_t n = 0;

	while ((path = strchr(path, '/')))
		path++, n++;
	return n;
}

/* Is b further on than a? By its step, else by its folder's number, else by its time. Of the same
 * step the one nearest to the top: a Trainer writes it after that of its last checkpoint. */
static bool is_later(const struct abl_watched *a, const struct abl_watched *b)
{
	const struct abl_stream *x = &a->stream, *y = &b->stream;
	const size_t above = depth(a->path), below = depth(b->path);

	if (x->ranked != y->ranked)
		return y->ranked;
	if (x->ranked && x->rank != y->rank)
		return y->rank > x->rank;
	if (x->ranked && above != below)
		return below < above;
	if (folder_number(a->path) != folder_number(b->path))
		return folder_number(b->path) > folder_number(a->path);
	return b->changed >= a->changed;
}

static bool is_better(const struct abl_collected *m, const struct abl_stream *a,
		      const struct abl_stream *b)
{
	if (!a->has_best || !b->has_best)
		return b->has_best;
	return m->of->lower_is_better ? b->best < a->best : b->best > a->best;
}

struct abl_stream *abl_collected_choose(const struct abl_collected *m, size_t *among)
{
	struct abl_watched *chosen = NULL;

	*among = 0;
	for (size_t i = 0; i < m->file_count; i++) {
		struct abl_watched *w = m->files[i];

		if (!w->there || w->old || !w->stream.has)
			continue;
		++*among;
		if (!chosen ||
		    (m->of->best ? is_better(m, &chosen->stream, &w->stream) : is_later(chosen, w)))
			chosen = w;
	}
	if (chosen)
		return &chosen->stream;
	if (m->said && m->said->has)
		return m->said;
	return m->printed && m->printed->has ? m->printed : NULL;
}

double abl_collected_value(const struct abl_collected *m, const struct abl_stream *s)
{
	return m->of->best && s->has_best && !s->final ? s->best : s->last.value;
}

/* ---- why none ---- */

static const char *path_at(size_t i, const void *data)
{
	return ((const struct abl_paths *)data)->path[i];
}

static void tell_no_file(const struct abl_collected *m, const char *out, struct abl_str *text)
{
	struct abl_paths there = {0};
	bool more;

	if (m->problem) {
		abl_str_puts(text, m->problem);
		return;
	}
	more = abl_glob(&there, out, "**", SHOWN, NULL) != 0;
	abl_str_printf(text, "no file matches '{out}/%s'", m->source.pattern);
	if (there.count) {
		abl_str_puts(text, more ? "; there is, among others, " : "; there is ");
		abl_hint_names(text, there.count, path_at, &there);
	} else if (access(out, R_OK | X_OK) && errno == EACCES) {
		abl_str_puts(text, "; the program has left {out} such that nobody may read it");
	} else {
		abl_str_puts(text, "; the program has left no file there");
	}
	abl_paths_finish(&there);
}

/* The file that was last in order, and what is wrong with it. */
static void tell_file(const struct abl_collected *m, const struct abl_watched *w,
		      struct abl_str *text)
{
	if (w->old)
		abl_str_printf(text,
			       "'%s' is older than the program: it is of an earlier run, or its "
			       "time was set",
			       w->path);
	else if (w->stream.problem && *w->stream.problem == '\'') /* it names the file */
		abl_str_puts(text, w->stream.problem);
	else if (w->stream.problem && !strncmp(w->stream.problem, "cannot", 6))
		abl_str_puts(text, w->stream.problem);
	else if (w->stream.problem)
		abl_str_printf(text, "'%s' %s", w->path, w->stream.problem);
	else
		abl_str_printf(text, "'%s' has no '%s'", w->path, m->source.key);
	if (!w->old && !w->stream.problem)
		abl_seen_names_tell(&m->names, m->source.key, "there is", text);
}

void abl_collected_missing(const struct abl_collected *m, const char *out, struct abl_str *text)
{
	const struct abl_watched *w = NULL;

	for (size_t i = 0; m->is_pattern && i < m->file_count; i++)
		if (m->files[i]->there && (!w || is_later(w, m->files[i])))
			w = m->files[i];
	if (w) {
		tell_file(m, w, text);
	} else if (m->is_pattern) {
		tell_no_file(m, out, text);
	} else {
		if (m->source.anywhere)
			abl_str_printf(text,
				       "the program said nothing of it: no event, no \"%s=NUMBER\" "
				       "or \"%s: NUMBER\" in what it printed",
				       m->source.key, m->source.key);
		else if (m->printed)
			abl_str_printf(text, "no '%s' with a number in what the program printed",
				       m->source.key);
		else
			abl_str_printf(text,
				       "no event '%s', neither in $ABLATE_EVENTS nor as \"ablate: "
				       "%s=NUMBER\"",
				       m->source.key, m->source.key);
		abl_seen_names_tell(&m->names, m->source.key, "it said", text);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* collected_files.c - the files of a metric: found by its pattern, read on where they have grown,
 * from the beginning where they were written anew. */
#include "collected.h"

#include "guarded_file.h"
#include "hash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define POLLED_WHOLE ((off_t)16 << 20) /* larger ones are parsed at the end only */
#define LARGEST ((uint64_t)1 << 40)    /* until the content has said more */

enum { PIECE = 1 << 20, EDGE = 4096, HEAD = 4096 };

struct abl_watched *abl_collected_watch(struct abl_collected *m, const char *folder,
					const char *path)
{
	struct abl_watched *w = abl_calloc(1, sizeof *w);
	size_t n = strlen(path);

	abl_stream_init(&w->stream, m,
			m->source.reader ? m->source.reader : abl_metric_reader_of_name(path));
	w->by_content = !w->stream.reader;
	w->stream.reading.tabs = n > 4 && !strcasecmp(path + n - 4, ".tsv");
	w->path = abl_strdup(path);
	w->folder = folder;
	abl_grow(&m->files, &m->file_capacity, m->file_count + 1, sizeof(struct abl_watched *));
	m->files[m->file_count++] = w;
	return w;
}

void abl_collected_forget_files(struct abl_collected *m)
{
	for (size_t i = 0; i < m->file_count; i++) {
		abl_stream_finish(&m->files[i]->stream);
		free(m->files[i]->path);
		free(m->files[i]);
	}
	free(m->files);
	m->files = NULL;
	m->file_count = m->file_capacity = 0;
}

/* ---- reading ---- */

/* Bytes at a place, all of them unless the file ends. */
static size_t read_at(int fd, char *out, size_t size, off_t at)
{
	size_t done = 0;
	ssize_t n;

	do {
		n = pread(fd, out + done, size - done, at + (off_t)done);
		done += n > 0 ? (size_t)n : 0;
	} while (done < size && (n > 0 || (n < 0 && errno == EINTR)));
	return done;
}

/* Of what was read of it, its edges: they change when a program writes it anew. */
static void hash_edges(int fd, off_t offset, uint64_t *head, uint64_t *tail)
{
	char edge[EDGE];
	size_t n = offset < EDGE ? (size_t)offset : EDGE, got = read_at(fd, edge, n, 0);

	*head = abl_hash64(edge, got);
	got = read_at(fd, edge, n, offset - (off_t)n);
	*tail = abl_hash64(edge, got);
}

static bool goes_on(const struct abl_watched *w, const struct abl_guarded *g)
{
	uint64_t head, tail;

	if (!w->stream.state || g->inode != w->inode || g->size < w->offset)
		return false;
	hash_edges(g->fd, w->offset, &head, &tail);
	return head == w->head && tail == w->tail;
}

static const struct abl_metric_reader *reader_by_content(const struct abl_guarded *g)
{
	char head[HEAD];

	return abl_metric_reader_of_head(head, read_at(g->fd, head, sizeof head, 0));
}

static void read_whole(struct abl_watched *w, const struct abl_guarded *g)
{
	size_t size = (size_t)g->size;
	char *text = abl_malloc(size + 1);
	size_t got = read_at(g->fd, text, size, 0);

	abl_stream_restart(&w->stream, NULL);
	abl_stream_feed(&w->stream, text, got, true);
	w->offset = (off_t)got;
	free(text);
}

static void read_on(struct abl_watched *w, const struct abl_guarded *g, bool last)
{
	char *piece = abl_malloc(PIECE);
	size_t got;

	if (!goes_on(w, g)) {
		abl_stream_restart(&w->stream, NULL);
		w->offset = 0;
	}
	do {
		got = w->offset < (off_t)w->stream.reader->limit
			      ? read_at(g->fd, piece, PIECE, w->offset)
			      : 0;
		w->offset += (off_t)got;
		if (got)
			abl_stream_feed(&w->stream, piece, got, false);
	} while (got);
	if (last)
		abl_stream_feed(&w->stream, piece, 0, true);
	hash_edges(g->fd, w->offset, &w->head, &w->tail);
	free(piece);
}

static void set_problem(struct abl_stream *s, const char *text)
{
	free(s->problem);
	s->problem = abl_strdup(text);
}

/* Opens it for its reader, which its first bytes may say. */
static int open_watched(struct abl_watched *w, struct abl_guarded *g, struct abl_err *err)
{
	const struct abl_metric_reader *reader = w->by_content ? NULL : w->stream.reader;
	int rc = abl_guarded_open(g, w->folder, w->path, reader ? reader->limit : LARGEST, err);

	if (rc || reader)
		return rc;
	reader = reader_by_content(g);
	if (reader != w->stream.reader)
		abl_stream_restart(&w->stream, reader);
	if ((uint64_t)g->size <= reader->limit)
		return 0;
	close(g->fd);
	return abl_guarded_open(g, w->folder, w->path, reader->limit, err);
}

static void read_watched(struct abl_watched *w, bool last, double began)
{
	struct abl_guarded g;
	struct abl_err err = {0};
	bool same;

	if (open_watched(w, &g, &err)) {
		set_problem(&w->stream, err.text);
		return;
	}
	same = w->stream.state && g.inode == w->inode && g.size == w->size &&
	       g.changed == w->changed;
	w->old = last && g.changed < began - ABL_GUARDED_OLD;
	if (!g.size) {
		abl_stream_restart(&w->stream, NULL);
		set_problem(&w->stream, "is empty");
	} else if (!w->stream.reader->whole && (last || !same)) {
		read_on(w, &g, last);
	} else if (last || (!same && g.size <= POLLED_WHOLE)) {
		read_whole(w, &g);
	}
	w->inode = g.inode;
	w->size = g.size;
	w->changed = g.changed;
	close(g.fd);
}

/* ---- finding ---- */

static int by_path(const void *a, const void *b)
{
	return strcmp((*(struct abl_watched *const *)a)->path,
		      (*(struct abl_watched *const *)b)->path);
}

/* One of the first `count`, which are in order. */
static struct abl_watched *find(const struct abl_collected *m, size_t count, char *path)
{
	struct abl_watched wanted = {.path = path}, *key = &wanted;
	struct abl_watched **at =
		count ? bsearch(&key, m->files, count, sizeof(struct abl_watched *), by_path)
		      : NULL;

	return at ? *at : NULL;
}

static void look(struct abl_collected *m, const char *out)
{
	struct abl_paths found = {0};
	struct abl_err err = {0};
	size_t known = m->file_count;

	free(m->problem);
	m->problem = NULL;
	for (size_t i = 0; i < m->file_count; i++)
		m->files[i]->there = false;
	if (abl_glob(&found, out, m->source.pattern, ABL_COLLECTED_FILES, &err)) {
		m->problem = abl_strdup(err.text);
		abl_paths_finish(&found);
		return;
	}
	for (size_t i = 0; i < found.count; i++) {
		struct abl_watched *w = find(m, known, found.path[i]);

		w = w ? w : abl_collected_watch(m, out, found.path[i]);
		w->there = true;
	}
	if (m->file_count > known)
		qsort(m->files, m->file_count, sizeof(struct abl_watched *), by_path);
	abl_paths_finish(&found);
}

void abl_collected_read(struct abl_collected *m, const char *out, bool last, double began)
{
	if (m->is_pattern)
		look(m, out);
	for (size_t i = 0; i < m->file_count; i++)
		if (m->files[i]->there)
			read_watched(m->files[i], last, m->is_pattern ? began : 0);
}

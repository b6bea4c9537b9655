/* SPDX-License-Identifier: Apache-2.0 */
#include "collected.h"

#include "files.h"
#include "predictions.h"
#include "utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_LINE = 1 << 20, SHORTEST = 3 /* a=1 */, ENOUGH = 6, LONGEST_FAILURE = 900 };

struct abl_collector {
	const struct abl_order *order;
	const struct abl_events *events;
	char *events_folder, *events_name;
	struct abl_collected *metrics; /* [order->metric_count] */
	char *line;                    /* a copy for the readers */
	bool any_line;                 /* a template may match a line without a '=' and ':' */
	struct abl_str said;           /* messages so far, a line each: none is told twice */
	struct abl_paths used;
	bool selected;
	double began; /* as finish was told */
};

static struct abl_stream *new_stream(struct abl_collected *m,
				     const struct abl_metric_reader *reader, bool printed)
{
	struct abl_stream *s = abl_calloc(1, sizeof *s);

	abl_stream_init(s, m, reader);
	s->reading.printed = printed;
	return s;
}

static int create_metric(struct abl_collector *c, size_t i, struct abl_err *err)
{
	struct abl_collected *m = &c->metrics[i];
	const struct abl_order_metric *of = &c->order->metrics[i];
	bool events;
	int rc;

	m->of = of;
	m->events = c->events;
	rc = abl_metric_source_read(&m->source, of->name, of->from, of->step, c->order, err);
	if (rc)
		return abl_err_prefix(err, rc, "metric '%s'", of->name);
	m->is_pattern = m->source.pattern != NULL;
	events = m->source.reader == &abl_reader_events;
	if (events)
		m->said = new_stream(m, &abl_reader_events, true);
	if (events && c->events_name)
		abl_collected_watch(m, c->events_folder, c->events_name)->there = true;
	if (!m->is_pattern && (!events || m->source.anywhere))
		m->printed = new_stream(m, &abl_reader_stdout, true);
	c->any_line = c->any_line || (m->printed && strchr(m->source.key, '{'));
	return 0;
}

int abl_collector_create(struct abl_collector **out, const struct abl_order *order,
			 const char *events_file, const struct abl_events *events,
			 struct abl_err *err)
{
	struct abl_collector *c = abl_calloc(1, sizeof *c);
	int rc = 0;

	c->order = order;
	c->events = events;
	c->events_folder = events_file ? abl_path_dir(events_file) : NULL;
	c->events_name =
		events_file ? abl_strdup(strrchr(events_file, '/') ? strrchr(events_file, '/') + 1
								   : events_file)
			    : NULL;
	c->metrics = abl_calloc(order->metric_count ? order->metric_count : 1, sizeof *c->metrics);
	c->line = abl_malloc(LONGEST_LINE + 1);
	abl_str_puts(&c->said, "");
	for (size_t i = 0; i < order->metric_count && !rc; i++)
		rc = create_metric(c, i, err);
	if (rc) {
		abl_collector_destroy(c);
		return rc;
	}
	*out = c;
	return 0;
}

static void finish_metric(struct abl_collected *m)
{
	abl_stream_finish(m->printed);
	abl_stream_finish(m->said);
	free(m->printed);
	free(m->said);
	abl_collected_forget_files(m);
	abl_metric_source_finish(&m->source);
	abl_told_points_finish(&m->told);
	abl_seen_names_finish(&m->names);
	free(m->problem);
}

void abl_collector_destroy(struct abl_collector *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->order->metric_count; i++)
		finish_metric(&c->metrics[i]);
	free(c->metrics);
	free(c->line);
	free(c->events_folder);
	free(c->events_name);
	abl_str_finish(&c->said);
	abl_paths_finish(&c->used);
	free(c);
}

/* ---- while it runs ---- */

/* True: it had a number. */
static bool feed_line(struct abl_collector *c, struct abl_stream *s, const char *line,
		      size_t length)
{
	const size_t before = s ? s->count : 0;

	if (!s)
		return false;
	memcpy(c->line, line, length);
	abl_stream_feed(s, c->line, length, true);
	return s->count > before;
}

/* Has the line what stands between a name and a number (line_search.c)? Floods have not. */
static bool may_say(const char *line, size_t length)
{
	return memchr(line, '=', length) || memchr(line, ':', length) ||
	       memchr(line, '|', length) || memchr(line, 0xe2, length);
}

/* An event is more exact than what is printed beside it. */
static bool has_events(const struct abl_collected *m)
{
	return m->source.anywhere && (m->said->has || (m->file_count && m->files[0]->stream.has));
}

bool abl_collector_line(struct abl_collector *c, const char *line, size_t length)
{
	bool has = false;

	length = length < LONGEST_LINE ? length : LONGEST_LINE;
	if (length < SHORTEST || (!c->any_line && !may_say(line, length)))
		return false;
	for (size_t i = 0; i < c->order->metric_count; i++) {
		struct abl_collected *m = &c->metrics[i];

		has = feed_line(c, m->said, line, length) || has;
		if (!has_events(m))
			has = feed_line(c, m->printed, line, length) || has;
	}
	return has;
}

void abl_collector_poll(struct abl_collector *c)
{
	for (size_t i = 0; i < c->order->metric_count; i++)
		if (c->metrics[i].of->series)
			abl_collected_read(&c->metrics[i], c->order->out, false, 0);
}

/* ---- at its end ---- */

/* Paths and names in a message are the program's: any bytes. */
static void say(struct abl_collector *c, const char *text)
{
	struct abl_str shown = {0}, line = {0};

	abl_utf8_visible(&shown, text, strlen(text));
	abl_str_printf(&line, "\n%s\n", shown.text);
	if (!strstr(c->said.text, line.text)) {
		abl_str_puts(&c->said, line.text);
		if (c->events->message)
			c->events->message(c->events->data, shown.text);
	}
	abl_str_finish(&shown);
	abl_str_finish(&line);
}

static int fail(int code, const struct abl_str *text, struct abl_err *err)
{
	struct abl_str shown = {0};

	size_t n = LONGEST_FAILURE;

	abl_utf8_visible(&shown, text->text, text->length);
	while (shown.length > n && ((unsigned char)shown.text[n] & 0xc0) == 0x80)
		n--;
	if (shown.length > n) /* not within a character: whoever reads it wants UTF-8 */
		shown.text[n] = 0;
	abl_err_set(err, (enum abl_code)code, "%s", shown.text);
	abl_str_finish(&shown);
	return code;
}

static struct abl_watched *watched_of(const struct abl_collected *m, const struct abl_stream *s)
{
	for (size_t i = 0; m->is_pattern && i < m->file_count; i++)
		if (&m->files[i]->stream == s)
			return m->files[i];
	return NULL;
}

static void tell_choice(struct abl_collector *c, const struct abl_collected *m,
			const struct abl_stream *s, size_t among)
{
	const struct abl_watched *w = watched_of(m, s);
	struct abl_str text = {0};

	if (w && among > 1 && m->of->best)
		abl_str_printf(&text, "%zu files match '{out}/%s': the best %s is in '%s'", among,
			       m->source.pattern, m->of->name, w->path);
	else if (w && among > 1)
		abl_str_printf(&text, "%zu files match '{out}/%s': '%s' is read, %s", among,
			       m->source.pattern, w->path,
			       s->ranked ? "which has the highest step" : "the last of them");
	if (text.length)
		say(c, text.text);
	abl_str_clear(&text);
	if (w && s->problem)
		abl_str_printf(&text, "'%s' %s", w->path, s->problem);
	if (text.length)
		say(c, text.text);
	abl_str_finish(&text);
}

/* Of all metrics that were printed with too few digits, in one message. */
static void tell_digits(struct abl_collector *c)
{
	struct abl_str names = {0}, text = {0};
	size_t among;

	for (size_t i = 0; i < c->order->metric_count; i++) {
		const struct abl_collected *m = &c->metrics[i];
		const struct abl_stream *s = abl_collected_choose(m, &among);

		if (!s || s->reader->exact || !s->last.digits || s->digits >= ENOUGH)
			continue;
		abl_str_printf(&names, "%s%s", names.length ? ", " : "", m->of->name);
	}
	if (names.length)
		abl_str_printf(
			&text,
			"warning: %s: printed with fewer than %d digits, in which differences "
			"between trials may vanish: name the file that has all of them (from: "
			"\"{out}/FILE: KEY\"), or print more",
			names.text, ENOUGH);
	if (text.length)
		say(c, text.text);
	abl_str_finish(&names);
	abl_str_finish(&text);
}

static void tell_selected(struct abl_collector *c)
{
	struct abl_str text = {0};

	c->selected = abl_trainer_selected(c->order->out, &text);
	if (c->selected)
		say(c, text.text);
	abl_str_finish(&text);
}

static int check_main(struct abl_collector *c, const struct abl_collected *m, struct abl_err *err)
{
	struct abl_str text = {0};
	size_t among;
	const struct abl_stream *s = abl_collected_choose(m, &among);
	double value = s ? abl_collected_value(m, s) : NAN;
	int rc = 0;

	if (!s) {
		abl_str_printf(&text, "the main metric '%s' is missing: ", m->of->name);
		abl_collected_missing(m, c->order->out, &text);
		rc = fail(ABL_EINPUT, &text, err);
	} else if (!isfinite(value)) {
		abl_str_printf(&text, "the main metric '%s' is %s", m->of->name,
			       isnan(value) ? "no number (NaN)" : "infinite");
		rc = fail(ABL_EDIVERGED, &text, err);
	}
	abl_str_finish(&text);
	return rc;
}

static void tell_points(struct abl_collector *c, const struct abl_collected *m)
{
	struct abl_str text = {0};

	abl_str_printf(&text, "%s has more than %d points: the first ones are kept", m->of->name,
		       ABL_COLLECTED_POINTS);
	if (m->told.count >= ABL_COLLECTED_POINTS)
		say(c, text.text);
	abl_str_finish(&text);
}

static void tell_result(struct abl_collector *c, const struct abl_collected *m)
{
	struct abl_str text = {0};
	size_t among;
	const struct abl_stream *s = abl_collected_choose(m, &among);

	if (s) {
		tell_choice(c, m, s, among);
		if (c->events->result)
			c->events->result(c->events->data, m->of->name, abl_collected_value(m, s));
	} else {
		abl_str_printf(&text, "the metric '%s' is missing: ", m->of->name);
		abl_collected_missing(m, c->order->out, &text);
		say(c, text.text);
	}
	abl_str_finish(&text);
}

static void use(struct abl_collector *c, const char *path)
{
	struct abl_paths *u = &c->used;

	for (size_t i = 0; i < u->count; i++)
		if (!strcmp(u->path[i], path))
			return;
	abl_grow(&u->path, &u->capacity, u->count + 1, sizeof *u->path);
	u->path[u->count++] = abl_strdup(path);
}

int abl_collector_finish(struct abl_collector *c, double began, struct abl_err *err)
{
	const size_t count = c->order->metric_count;
	int rc = 0;

	c->began = began;
	for (size_t i = 0; i < count; i++) {
		struct abl_collected *m = &c->metrics[i];

		abl_collected_read(m, c->order->out, true, began);
		for (size_t k = 0; m->is_pattern && k < m->file_count; k++)
			if (m->files[k]->there && !m->files[k]->old)
				use(c, m->files[k]->path);
	}
	for (size_t i = 0; i < count && !rc; i++)
		if (c->metrics[i].of->main)
			rc = check_main(c, &c->metrics[i], err);
	if (rc)
		return rc;
	for (size_t i = 0; i < count; i++) {
		tell_result(c, &c->metrics[i]);
		tell_points(c, &c->metrics[i]);
	}
	tell_digits(c);
	tell_selected(c);
	return 0;
}

int abl_collector_predictions(struct abl_collector *c, const char *folder, struct abl_err *err)
{
	const struct abl_order *o = c->order;
	struct abl_str path = {0}, text = {0};
	struct abl_err own = {0};
	int rc;

	if (!o->predictions)
		return 0;
	rc = abl_predictions_write(o, folder, c->began, &path, &own);
	if (rc) {
		abl_str_printf(&text, "the predictions: %s", own.text);
		rc = fail(rc, &text, err);
	} else {
		use(c, path.text);
		rc = 1;
	}
	abl_str_finish(&path);
	abl_str_finish(&text);
	return rc;
}

size_t abl_collector_used(const struct abl_collector *c, const char *const **paths)
{
	*paths = (const char *const *)c->used.path;
	return c->used.count;
}

bool abl_collector_selected(const struct abl_collector *c)
{
	return c->selected;
}

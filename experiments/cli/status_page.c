/* SPDX-License-Identifier: Apache-2.0 */
#include "status_page.h"

#include "advice.h"
#include "machine.h"
#include "shell.h"
#include "standing.h"
#include "status_workers.h"
#include "table.h"
#include "utf8.h"
#include "when.h"

#include <math.h>
#include <string.h>
#include <time.h>

enum { BAR = 20, NAME = 24, STUDIES = 6, FAILURES = 5, ROOMY = 18, SPARK = 5, WORDS = 4 };

struct page {
	const struct abl_page_size *size;
	struct abl_str *out;
	size_t used; /* rows */
	size_t kept; /* rows for what comes at the end */
};

static const char *text_of(const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));

	return text ? text : "";
}

static double number_of(const json_t *o, const char *name)
{
	const json_t *value = json_object_get(o, name);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

static size_t room(const struct page *p)
{
	const size_t taken = p->used + p->kept;

	return !p->size->rows ? SIZE_MAX : taken < p->size->rows ? p->size->rows - taken : 0;
}

/* Cut to the window; nothing in it acts on the terminal. */
static void put(struct page *p, const char *text, const char *colour)
{
	struct abl_str shown = {0};
	const bool on = p->size->colour && *colour;

	abl_utf8_visible(&shown, text, strlen(text));
	if (abl_utf8_cells(shown.text) > p->size->columns)
		shown.text[abl_utf8_head(shown.text, p->size->columns)] = '\0';
	abl_str_printf(p->out, "%s%s%s\n", on ? colour : "", shown.text, on ? "\033[0m" : "");
	abl_str_finish(&shown);
	p->used++;
}

/* Two texts at both ends of a line. */
static void put_wide(struct page *p, const char *left, const char *right, const char *colour)
{
	const size_t wants = abl_utf8_cells(left) + abl_utf8_cells(right) + 2;
	struct abl_str line = {0};

	abl_str_puts(&line, left);
	if (*right && wants <= p->size->columns)
		abl_str_printf(&line, "%*s%s", (int)(p->size->columns - wants + 2), "", right);
	put(p, line.text, colour);
	abl_str_finish(&line);
}

/* ---- the head: where, and the machine ---- */

static void put_head(struct page *p, const json_t *s)
{
	struct abl_str left = {0}, right = {0};
	const json_t *going = json_object_get(s, "going"), *m = json_object_get(s, "machine");
	char clock[16], a[32], b[32];

	abl_str_printf(&left, "ablate status  %s", abl_clock_day(0, clock));
	if (s)
		abl_str_printf(&right, "store %s", text_of(s, "store"));
	put_wide(p, left.text, right.text ? right.text : "", "\033[1m");
	if (m) {
		const double load = number_of(m, "load"), disk = number_of(m, "disk_left");

		abl_str_clear(&left), abl_str_clear(&right);
		abl_str_printf(&left, "%.0f cores, load %.1f   memory free %s of %s",
			       number_of(m, "cores"), isnan(load) ? 0 : load,
			       abl_format_bytes(number_of(m, "memory_left"), a),
			       abl_format_bytes(number_of(m, "memory"), b));
		if (!isnan(disk))
			abl_str_printf(&left, "   disk free %s", abl_format_bytes(disk, a));
		put(p, left.text, "");
	}
	if (s && json_is_object(going)) {
		abl_str_clear(&left);
		abl_str_printf(
			&left, "running '%s' (pid %lld on %s) for %s", text_of(going, "study"),
			(long long)json_integer_value(json_object_get(going, "pid")),
			text_of(going, "host"),
			abl_format_duration(
				fmax(number_of(s, "at") - number_of(going, "started"), 0), a));
		put(p, left.text, "");
	} else if (s) {
		put(p,
		    json_is_true(json_object_get(s, "alive")) ? "a program uses the store"
							      : "no ablate run is alive",
		    "");
	}
	abl_str_finish(&left), abl_str_finish(&right);
}

/* What needs more than a line: a few, broken between words. */
static void put_words(struct page *p, const char *text)
{
	struct abl_str line = {0};

	for (size_t i = 0; i < WORDS && *text && room(p) > (i ? 3 : 0); i++) {
		size_t n = abl_utf8_head(text, p->size->columns), k = n;
		const bool fits = !text[n];

		while (!fits && k > n / 2 && text[k] != ' ')
			k--;
		if (!fits && text[k] == ' ')
			n = k;
		abl_str_clear(&line);
		abl_str_add(&line, text, n);
		put(p, line.text, "\033[33m");
		text += n + (text[n] == ' ');
	}
	abl_str_finish(&line);
}

/* What the run waits for. */
static void put_said(struct page *p, const json_t *s)
{
	const json_t *going = json_object_get(s, "going");
	struct abl_str text = {0};
	char clock[16];

	if (!*text_of(going, "said"))
		return;
	abl_str_printf(&text, "%s  %s",
		       abl_clock_day(number_of(going, "said_at") - number_of(s, "at"), clock),
		       text_of(going, "said"));
	put_words(p, text.text);
	abl_str_finish(&text);
}

/* ---- studies ---- */

static long long state_of(const json_t *study, const char *state)
{
	return json_integer_value(json_object_get(json_object_get(study, "states"), state));
}

/* Nothing is cut in the middle of a time. */
static void add_if_room(const struct page *p, struct abl_str *line, const struct abl_str *part)
{
	if (abl_utf8_cells(line->text) + abl_utf8_cells(part->text) <= p->size->columns)
		abl_str_puts(line, part->text);
}

static void put_study(struct page *p, const json_t *study)
{
	const long long all = json_integer_value(json_object_get(study, "trials")),
			done = state_of(study, "done"),
			failed = state_of(study, "failed") + state_of(study, "timed out") +
				 state_of(study, "stopped");
	const double left = number_of(study, "left");
	const bool narrow = p->size->columns < 72;
	char *name = abl_utf8_cut(text_of(study, "name"), narrow ? 12 : NAME), text[32], over[32],
	     when[32];
	const time_t now = time(NULL);
	const size_t cells = abl_utf8_cells(name), width = narrow ? 12 : NAME;
	struct abl_str line = {0}, part = {0};

	abl_str_printf(&line, "%s%*s ", name, (int)(cells < width ? width - cells : 0), "");
	for (long long i = 0; i < BAR && !narrow; i++)
		abl_str_puts(&line, all && i < BAR * (done + failed) / all ? "#" : "-");
	abl_str_printf(&line, "  %s/%s", abl_format_count(done + failed, over),
		       abl_format_count(all, text));
	if (failed)
		abl_str_printf(&line, "  %lld failed", failed);
	if (done + failed < all && left > 0) {
		abl_str_clear(&part);
		abl_str_printf(&part, "  left %s", abl_format_duration(left, text));
		add_if_room(p, &line, &part);
		abl_str_clear(&part);
		abl_str_printf(&part, " (%s)", abl_when_text(now + (time_t)left, now, when));
		if (json_is_number(json_object_get(study, "ends_at")) && left > 90)
			add_if_room(p, &line, &part);
	}
	put(p, line.text, json_is_true(json_object_get(study, "running_now")) ? "\033[1m" : "");
	abl_str_finish(&line), abl_str_finish(&part);
	free(name);
}

/* The one that runs first, then the latest. */
static const json_t *study_at(const json_t *studies, size_t i)
{
	const size_t n = json_array_size(studies);
	size_t first = n, seen = 0;

	for (size_t k = 0; k < n; k++)
		if (json_is_true(json_object_get(json_array_get(studies, k), "running_now")))
			first = k;
	if (first < n && !i)
		return json_array_get(studies, first);
	i -= first < n;
	for (size_t k = n; k-- > 0;)
		if (k != first && seen++ == i)
			return json_array_get(studies, k);
	return NULL;
}

/* Where the last run has paused, and none is running that tries again. */
static void put_pause(struct page *p, const json_t *study)
{
	struct abl_str text = {0};

	if (!*text_of(study, "pause") || json_is_true(json_object_get(study, "running_now")))
		return;
	abl_str_printf(&text, "paused: %s", text_of(study, "pause"));
	put_words(p, text.text);
	abl_str_finish(&text);
}

/* Those of the study that runs now, in a line; those that are not there in one each. */
static void put_workers(struct page *p, const json_t *study)
{
	const json_t *workers = json_object_get(study, "workers");
	struct abl_str text = {0};
	json_t *w;
	size_t i;

	if (!json_is_true(json_object_get(study, "running_now")) || !json_array_size(workers))
		return;
	abl_status_workers_sum(workers, true, &text);
	put(p, text.text, "");
	json_array_foreach(workers, i, w)
	{
		if (i == WORDS || !json_is_number(json_object_get(w, "left_at")) || room(p) < 6)
			break; /* those that are there come last */
		abl_str_clear(&text);
		abl_str_puts(&text, "       ");
		abl_status_worker_line(w, true, &text);
		put(p, text.text, "\033[33m");
	}
	abl_str_finish(&text);
}

static void put_studies(struct page *p, const json_t *studies)
{
	const size_t n = json_array_size(studies);
	size_t most = !p->size->rows || n <= STUDIES ? n : STUDIES;
	struct abl_str line = {0};

	put(p, "", "");
	for (size_t i = 0; i < most && room(p); i++) {
		put_study(p, study_at(studies, i));
		put_pause(p, study_at(studies, i));
		put_workers(p, study_at(studies, i));
	}
	if (n > most && room(p)) {
		abl_str_printf(&line, "and %zu more", n - most);
		put(p, line.text, "");
	}
	if (!n)
		put(p, "no study yet", "");
	abl_str_finish(&line);
}

/* ---- what runs ---- */

/* In `cells` columns at most. */
static void add_spark(struct abl_str *out, const json_t *curve, size_t cells, bool wide)
{
	static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
				 *const plain[] = {"_", ".", ",", "-", "=", "+", "*", "#"};
	const size_t n = json_array_size(curve), shown = n < cells ? n : cells;
	double low = INFINITY, high = -INFINITY;
	json_t *value;
	size_t i;

	json_array_foreach(curve, i, value)
	{
		if (json_is_number(value)) {
			low = fmin(low, json_number_value(value));
			high = fmax(high, json_number_value(value));
		}
	}
	for (i = 0; i < shown; i++) {
		const json_t *point = json_array_get(curve, (i + 1) * n / shown - 1);
		const double share =
			high > low ? (json_number_value(point) - low) / (high - low) : 0;
		const size_t level = (size_t)(7 * share + .5);

		abl_str_puts(out, !json_is_number(point) ? "?"
				  : wide                 ? blocks[level < 8 ? level : 7]
							 : plain[level < 8 ? level : 7]);
	}
}

/* What tries a value of `tune` has none. */
static void add_trial(struct abl_str *out, const json_t *stage)
{
	const json_t *trial = json_object_get(stage, "trial");

	if (json_is_integer(trial))
		abl_str_printf(out, "%5lld  ", (long long)json_integer_value(trial));
	else
		abl_str_printf(out, "%5s  ", "-");
}

static void add_name(struct abl_str *out, const json_t *stage)
{
	abl_standing_name(
		&(struct abl_standing_stage){
			.task = json_string_value(json_object_get(stage, "task")),
			.variant = json_string_value(json_object_get(stage, "variant")),
			.seed = json_integer_value(json_object_get(stage, "seed"))},
		out);
}

static void add_how_far(struct abl_str *out, const json_t *stage)
{
	const double share = number_of(stage, "share"), step = number_of(stage, "step"),
		     steps = number_of(stage, "steps");
	char a[32], b[32];

	if (!isnan(steps))
		abl_str_printf(out, "  step %s/%s", abl_format_count((int64_t)step, a),
			       abl_format_count((int64_t)steps, b));
	else if (!isnan(step) && step > 0)
		abl_str_printf(out, "  step %s", abl_format_count((int64_t)step, a));
	if (!isnan(share) && isnan(steps))
		abl_str_printf(out, "  %.0f %%", 100 * share);
	if (isnan(share) && isnan(step))
		abl_str_printf(out, "  for %s",
			       abl_format_duration(number_of(stage, "seconds"), a));
	if (*text_of(stage, "metric"))
		abl_str_printf(out, "  %s %s", text_of(stage, "metric"),
			       abl_format_score(number_of(stage, "value"), a));
}

static void put_running(struct page *p, const json_t *stage)
{
	struct abl_str name = {0}, how = {0}, line = {0};
	const json_t *curve = json_object_get(stage, "curve");
	const size_t columns = p->size->columns;
	size_t rest;
	char *cut;

	add_name(&name, stage);
	if (*text_of(stage, "worker"))
		abl_str_printf(&how, "  %s", text_of(stage, "worker"));
	abl_str_printf(&how, "  %s", text_of(stage, "stage"));
	add_how_far(&how, stage);
	rest = abl_utf8_cells(how.text) + 7 +
	       (json_array_size(curve) > 1 && columns > 70 ? 2 * SPARK : 0);
	cut = abl_utf8_cut(name.text, columns > rest + 12 ? columns - rest : 12);
	add_trial(&line, stage);
	abl_str_printf(&line, "%s%s", cut, how.text);
	rest = abl_utf8_cells(line.text) + 2;
	if (json_array_size(curve) > 1 && rest + SPARK <= columns) {
		abl_str_puts(&line, "  ");
		add_spark(&line, curve, columns - rest, p->size->wide_letters);
	}
	put(p, line.text, "");
	free(cut);
	abl_str_finish(&name), abl_str_finish(&how), abl_str_finish(&line);
}

/* ---- what failed ---- */

static void put_failure(struct page *p, const json_t *stage)
{
	struct abl_str name = {0}, line = {0};
	const char *reason = text_of(stage, "reason");
	char *cut;

	add_name(&name, stage);
	cut = abl_utf8_cut(name.text, p->size->columns / 2); /* the other half says why */
	add_trial(&line, stage);
	abl_str_printf(&line, "%s: %s", cut, *reason ? reason : text_of(stage, "state"));
	put(p, line.text, "\033[31m");
	free(cut);
	abl_str_finish(&name), abl_str_finish(&line);
}

static size_t count_of(const json_t *studies, const char *list)
{
	json_t *study;
	size_t i, n = 0;

	json_array_foreach(studies, i, study) n += json_array_size(json_object_get(study, list));
	return n;
}

/* A part: its heading, and as many rows as there are and fit. */
static void put_part(struct page *p, const json_t *studies, const char *list, const char *head,
		     size_t most, void (*put_row)(struct page *, const json_t *))
{
	const size_t n = count_of(studies, list);
	struct abl_str line = {0};
	size_t shown = 0;

	if (!n || room(p) < 3)
		return;
	put(p, "", "");
	put(p, head, "");
	for (size_t i = 0; i < json_array_size(studies); i++) {
		const json_t *its = json_object_get(study_at(studies, i), list);
		json_t *row;
		size_t k;

		json_array_foreach(its, k, row)
		{
			if (shown == most || room(p) < 1 || (room(p) == 1 && shown + 1 < n))
				break;
			put_row(p, row);
			shown++;
		}
	}
	if (shown < n && room(p)) {
		abl_str_printf(&line, "       and %zu more", n - shown);
		put(p, line.text, "");
	}
	abl_str_finish(&line);
}

void abl_status_page(const json_t *status, const char *remark, const char *foot,
		     const struct abl_page_size *size, struct abl_str *out)
{
	const json_t *studies = json_object_get(status, "studies");
	const size_t failures = count_of(studies, "failures");
	struct page p = {.size = size, .out = out, .kept = foot != NULL};

	put_head(&p, status);
	put_said(&p, status);
	if (remark)
		put_words(&p, remark);
	if (status)
		put_studies(&p, studies);
	if (size->rows >= ROOMY) /* some rows stay for what failed */
		p.kept += failures ? 3 + (failures < FAILURES ? failures : FAILURES) : 0;
	put_part(&p, studies, "running", "running (trial, stage, how far)", SIZE_MAX, put_running);
	p.kept = foot != NULL;
	put_part(&p, studies, "failures", "failed ('ablate logs TRIAL' shows why)",
		 size->rows ? SIZE_MAX : 20, put_failure);
	while (size->rows && foot && p.used + 1 < size->rows)
		put(&p, "", "");
	if (foot)
		put(&p, foot, "");
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include "estimate.h"
#include "executor.h"
#include "machine.h"
#include "program.h"
#include "standing.h"
#include "str.h"
#include "table.h"
#include "utf8.h"
#include "when.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define REDRAW .25     /* seconds */
#define HEARTBEAT 30.0 /* seconds between signs of life where there is no terminal */
#define BAR 20         /* columns */
#define MOST_JOBS 8    /* running trials shown */
#define MOST_FAILURES 3
#define NARROWEST 30 /* and fewer words on the first line */
#define NARROW 60    /* columns: fewer show less of each trial */

static void measure(struct abl_progress *p)
{
	struct winsize size;

	if (p->terminal && !ioctl(fileno(p->out), TIOCGWINSZ, &size) && size.ws_col)
		p->columns = size.ws_col;
}

void abl_progress_init(struct abl_progress *p, FILE *out)
{
	const char *term = getenv("TERM"), *colour = getenv("NO_COLOR");

	*p = (struct abl_progress){.out = out, .columns = 80};
	p->terminal = out && isatty(fileno(out)) && term && strcmp(term, "dumb");
	p->colour = p->terminal && !(colour && *colour);
}

void abl_progress_name(const struct abl_plan *plan, size_t stage, struct abl_str *out)
{
	const struct abl_plan_stage *s = &plan->stages[stage];
	const struct abl_study *study = plan->study;
	char seed[32];

	if (s->kind->prepares) {
		abl_str_puts(out, s->serves == plan->trial_count
					  ? "all trials"
					  : study->variants[s->variant].label);
		return;
	}
	if (s->task != ABL_NONE)
		abl_str_printf(out, "%s, ", study->tasks[s->task].spec.name);
	abl_str_puts(out, study->variants[s->variant].label);
	if (s->step != ABL_NONE && !study->program->steps[s->step].seeded)
		abl_str_puts(out, ", all seeds");
	else
		abl_str_printf(
			out, ", seed %s",
			abl_format_seed(s->task == ABL_NONE ? s->seed : plan->trials[s->order].seed,
					seed));
	if (s->task == ABL_NONE && abl_plan_input(s, "parent") != ABL_NONE)
		abl_str_puts(out, ", longer"); /* the second part of a pre-training */
	if (s->repeat)
		abl_str_puts(out, ", once more");
	if (s->tuned != ABL_NONE) {
		abl_str_printf(out, ", trying %s ", study->tune.key->name);
		abl_value_text(&study->tune.values[s->tuned], out);
	}
}

void abl_progress_logs(const struct abl_run *run, size_t stage, struct abl_str *out)
{
	const struct abl_plan_stage *s = &run->plan->stages[stage];

	abl_standing_logs(s->serves && run->trials ? run->trials[s->order] : 0, s->key, out);
}

/* As it can be typed here. */
static void add_logs(const struct abl_progress *p, const struct abl_run *run, size_t stage,
		     struct abl_str *out)
{
	struct abl_str words = {0};

	abl_progress_logs(run, stage, &words);
	abl_str_puts(out, "log: ");
	if (p->command)
		p->command(out, words.text);
	else
		abl_str_printf(out, "ablate %s", words.text);
	abl_str_finish(&words);
}

/* What is done: "pre-training", "run", the step of a program that has several. */
static const char *verb(const struct abl_plan *plan, size_t stage)
{
	const struct abl_plan_stage *s = &plan->stages[stage];
	const char *step = s->step == ABL_NONE ? "" : plan->study->program->steps[s->step].name;

	return *step ? step : s->kind->verb;
}

/* "about 3 h 2 min left" and, on a line of its own or behind it, the time of day of the end. */
static void add_left(double seconds, struct abl_str *out)
{
	char text[32];

	if (isnan(seconds))
		abl_str_puts(out, "time left not known yet");
	else
		abl_str_printf(out, "about %s left", abl_format_duration(seconds, text));
}

static void add_end(double seconds, struct abl_str *out)
{
	const time_t now = time(NULL);
	char when[32];

	if (seconds > 90)
		abl_str_printf(out, " (%s)", abl_when_text(now + (time_t)seconds, now, when));
}

static void add_bar(const struct abl_run *run, struct abl_str *out)
{
	const size_t total = abl_run_total(run);
	const size_t full = total ? BAR * (run->done + run->failed) / total : BAR;

	for (size_t i = 0; i < BAR; i++)
		abl_str_puts(out, i < full ? "#" : "-");
}

/* How far a stage is. */
static void add_share(const struct abl_job *job, struct abl_str *out)
{
	char step[32], steps[32];

	if (job->steps)
		abl_str_printf(out, "step %s/%s", abl_format_count(job->step, step),
			       abl_format_count(job->steps, steps));
	else if (job->share > 0)
		abl_str_printf(out, "%.0f %%", 100 * job->share);
}

static void add_job(const struct abl_run *run, const struct abl_job *job, struct abl_str *out)
{
	struct abl_str share = {0};
	char text[32];

	abl_progress_name(run->plan, job->stage, out);
	abl_str_printf(out, "  %s", verb(run->plan, job->stage));
	add_share(job, &share);
	if (share.length)
		abl_str_printf(out, "  %s", share.text);
	for (int i = 0; i < 2; i++)
		if (job->metric[i][0])
			abl_str_printf(out, "  %s %s", job->metric[i],
				       abl_format_score(job->value[i], text));
	abl_str_finish(&share);
}

/* The same where there is no room: how far, then whose. */
static void add_narrow_job(const struct abl_run *run, const struct abl_job *job,
			   struct abl_str *out)
{
	const double share = job->steps ? (double)job->step / (double)job->steps : job->share;

	abl_str_printf(out, "%3.0f %% ", 100 * share);
	abl_progress_name(run->plan, job->stage, out);
}

static int columns_of(const char *text)
{
	return (int)abl_utf8_cells(text);
}

/* One line, cut to the terminal's width. */
static void put_line(struct abl_progress *p, const char *text, const char *colour)
{
	struct abl_str shown = {0};
	const int most = p->columns > 1 ? p->columns - 1 : 1;

	abl_utf8_visible(&shown, text, strlen(text));
	if (columns_of(shown.text) > most) {
		shown.text[abl_utf8_head(shown.text, (size_t)most - 1)] = '\0';
		fprintf(p->out, "%s%s…%s\033[K\n", p->colour ? colour : "", shown.text,
			p->colour && *colour ? "\033[0m" : "");
	} else {
		fprintf(p->out, "%s%s%s\033[K\n", p->colour ? colour : "", shown.text,
			p->colour && *colour ? "\033[0m" : "");
	}
	abl_str_finish(&shown);
	p->drawn++;
}

/* A plain line, with the time of day. */
static void put_plain(struct abl_progress *p, const char *text)
{
	struct abl_str shown = {0};
	char clock[16];

	abl_utf8_visible(&shown, text, strlen(text));
	fprintf(p->out, "%s  %s\n", abl_clock_day(0, clock), shown.text);
	fflush(p->out);
	abl_str_finish(&shown);
}

static void draw_failures(struct abl_progress *p, const struct abl_run *run)
{
	size_t shown = 0;

	for (size_t i = 0; i < run->node_count && shown < MOST_FAILURES; i++) {
		const struct abl_node *n = &run->nodes[i];
		struct abl_str line = {0};

		if (n->state != ABL_FAILED && n->state != ABL_TIMED_OUT)
			continue;
		abl_str_puts(&line, "  failed: ");
		abl_progress_name(run->plan, i, &line);
		abl_cause_words(abl_cause_name(n->cause), abl_state_name(n->state), &line);
		abl_str_printf(&line, ": %s", n->reason ? n->reason : abl_state_name(n->state));
		put_line(p, line.text, "\033[31m");
		abl_str_clear(&line);
		abl_str_puts(&line, "          ");
		add_logs(p, run, i, &line);
		put_line(p, line.text, "");
		abl_str_finish(&line);
		shown++;
	}
}

/* The first line: what there is room for, in this order of worth: how many trials are over, how
 * long it takes, how many failed, when it ends, the bar, the study's name. */
static void add_head(struct abl_progress *p, const struct abl_run *run, int stops,
		     struct abl_str *out)
{
	enum { NAME, BAR_PART, OVER, FAILED, LEFT, END, PARTS };
	static const int worth[] = {OVER, LEFT, FAILED, END, BAR_PART, NAME};
	static const char *const before[PARTS] = {"", " ", "  ", "  ", "  ", ""};
	const double left = stops ? 0 : abl_left_now(&p->left, run);
	struct abl_str parts[PARTS] = {{0}};
	bool shown[PARTS] = {false};
	char text[32];
	int room = p->columns - 1;

	abl_str_puts(&parts[NAME], run->plan->study->name);
	add_bar(run, &parts[BAR_PART]);
	abl_str_printf(&parts[OVER], "%zu/%zu", run->done + run->failed, abl_run_total(run));
	if (run->failed)
		abl_str_printf(&parts[FAILED], "%zu failed", run->failed);
	if (stops) {
		abl_str_puts(&parts[LEFT], "stopping");
		abl_str_puts(&parts[END], ": running trials save their state");
	} else {
		add_left(left, &parts[LEFT]);
		if (p->columns < NARROWEST) {
			abl_str_clear(&parts[LEFT]);
			abl_str_printf(&parts[LEFT], "%s left", abl_format_duration(left, text));
		}
		add_end(left, &parts[END]);
	}
	for (size_t i = 0; i < PARTS; i++) {
		const int part = worth[i];
		const int wants = parts[part].length
					  ? columns_of(parts[part].text) + columns_of(before[part])
					  : 0;

		shown[part] = wants && wants <= room;
		room -= shown[part] ? wants : 0;
	}
	for (int i = 0; i < PARTS; i++) {
		if (shown[i])
			abl_str_printf(out, "%s%s", out->length ? before[i] : "", parts[i].text);
		abl_str_finish(&parts[i]);
	}
}

static void draw(struct abl_progress *p, const struct abl_run *run, int stops)
{
	struct abl_str line = {0};

	measure(p); /* the window may have another size by now */
	if (p->drawn)
		fprintf(p->out, "\033[%zuA", p->drawn);
	p->drawn = 0;
	add_head(p, run, stops, &line);
	put_line(p, line.text, "\033[1m");
	for (size_t i = 0; i < run->running && i < MOST_JOBS; i++) {
		abl_str_clear(&line);
		abl_str_puts(&line, p->columns < NARROW ? "" : "  ");
		(p->columns < NARROW ? add_narrow_job : add_job)(run, run->jobs[i], &line);
		put_line(p, line.text, "");
	}
	abl_str_finish(&line);
	draw_failures(p, run);
	fputs("\033[J", p->out);
	fflush(p->out);
	p->drawn_at = abl_clock_now();
}

void abl_progress_clear(struct abl_progress *p)
{
	if (p->out && p->drawn)
		fprintf(p->out, "\033[%zuA\033[J", p->drawn);
	p->drawn = 0;
	if (p->out)
		fflush(p->out);
}

/* Where there is no terminal: that it lives, with one running trial. */
static void say_alive(struct abl_progress *p, const struct abl_run *run)
{
	struct abl_str line = {0};

	abl_str_printf(&line, "%zu/%zu  ", run->done + run->failed, abl_run_total(run));
	if (run->running) {
		add_job(run, run->jobs[0], &line);
		abl_str_puts(&line, "  ");
	}
	add_left(abl_left_now(&p->left, run), &line);
	put_plain(p, line.text);
	abl_str_finish(&line);
	p->told_at = abl_clock_now();
}

static void tick(void *data, const struct abl_run *run, int stops)
{
	struct abl_progress *p = data;
	const double now = abl_clock_now();

	if (!p->out)
		return;
	if (p->terminal) {
		if (now - p->drawn_at >= REDRAW)
			draw(p, run, stops);
		return;
	}
	if (stops && !p->stopping) {
		put_plain(p, "stopping: running trials save their state; again to kill them");
		p->stopping = true;
	}
	if (!p->told_at)
		p->told_at = now - HEARTBEAT + 2; /* the first sign comes early */
	if (now - p->told_at >= HEARTBEAT)
		say_alive(p, run);
}

static void finished(void *data, const struct abl_run *run, size_t stage)
{
	struct abl_progress *p = data;
	const struct abl_node *n = &run->nodes[stage];
	struct abl_str line = {0};
	char took[32];

	if (!p->out)
		return;
	if (p->terminal)
		return; /* the next tick draws it */
	abl_str_printf(&line, "%zu/%zu  ", run->done + run->failed, abl_run_total(run));
	abl_progress_name(run->plan, stage, &line);
	abl_str_printf(&line, "  %s %s", verb(run->plan, stage),
		       n->state != ABL_WAITING ? abl_state_name(n->state)
		       : n->held               ? "paused"
					       : "waits");
	if (n->state == ABL_DONE)
		abl_str_printf(&line, " in %s", abl_format_duration(n->seconds, took));
	else if (n->reason) {
		abl_cause_words(abl_cause_name(n->cause), abl_state_name(n->state), &line);
		abl_str_printf(&line, ": %s; ", n->reason);
		add_logs(p, run, stage, &line);
		abl_str_puts(&line, n->waits ? "; it is tried again" : "");
	}
	if (run->done + run->failed < abl_run_total(run)) {
		abl_str_puts(&line, "  ");
		add_left(abl_left_now(&p->left, run), &line);
	}
	put_plain(p, line.text);
	abl_str_finish(&line);
	p->told_at = abl_clock_now();
}

static void says(void *data, const struct abl_run *run, const char *text)
{
	struct abl_progress *p = data;

	struct abl_progress loud = {.out = stderr};

	abl_progress_clear(p);
	put_plain(p->out ? p : &loud, text); /* no quiet run waits without a word */
	p->told_at = abl_clock_now();
}

struct abl_supervisor_events abl_progress_events(struct abl_progress *p)
{
	return (struct abl_supervisor_events){
		.data = p, .tick = tick, .finished = finished, .says = says};
}

/* SPDX-License-Identifier: Apache-2.0 */
/* show_trial_text.c - a trial for people: what it is, its options, its stages with their attempts.
 */
#include "print_bytes.h"
#include "show_trial.h"
#include "table.h"

#include <math.h>
#include <string.h>
#include <time.h>

/* NULL: not there, or not a text. */
static const char *text_of(const json_t *row, const char *name)
{
	return json_string_value(json_object_get(row, name));
}

static double number_of(const json_t *row, const char *name)
{
	const json_t *value = json_object_get(row, name);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

static long long int_of(const json_t *row, const char *name)
{
	return json_integer_value(json_object_get(row, name));
}

static void add_line(struct abl_str *out, const char *head, const char *text)
{
	if (text && *text)
		abl_str_printf(out, "  %-10s %s\n", head, text);
}

static const char *date_of(double when, char out[32])
{
	const time_t at = (time_t)when;
	struct tm day;

	if (isnan(when) || !localtime_r(&at, &day) || !strftime(out, 32, "%Y-%m-%d %H:%M:%S", &day))
		return "?";
	return out;
}

/* ", 3 min 2 s of processor time (expected 3 min)" */
static void add_amount(struct abl_str *out, const json_t *row, const char *name,
		       const char *expected, const char *unit,
		       const char *(*format)(double, char[32]))
{
	const double is = number_of(row, name), was = number_of(row, expected);
	char text[32];

	if (isnan(is) || is <= 0)
		return;
	abl_str_printf(out, ", %s%s", format(is, text), unit);
	if (!isnan(was) && was > 0)
		abl_str_printf(out, " (expected %s)", format(was, text));
}

static void add_head(const json_t *t, struct abl_str *out)
{
	const json_t *results = json_object_get(t, "results");
	struct abl_str line = {0};
	const char *name;
	json_t *value;
	char text[32];

	abl_str_printf(out, "trial %lld: %s/%s/%s/%s\n", int_of(t, "trial"), text_of(t, "study"),
		       text_of(t, "variant"), text_of(t, "task"),
		       abl_format_seed(int_of(t, "seed"), text));
	abl_str_puts(&line, text_of(t, "state"));
	if (number_of(t, "seconds") > 0)
		abl_str_printf(&line, ", %s of computing",
			       abl_format_duration(number_of(t, "seconds"), text));
	add_line(out, "state", line.text);
	abl_str_clear(&line);
	json_object_foreach((json_t *)(uintptr_t)results, name, value)
	{
		abl_str_printf(
			&line, "%s%s %s", line.length ? ", " : "", name,
			abl_format_score(json_is_number(value) ? json_number_value(value) : NAN,
					 text));
	}
	if (line.length) {
		abl_str_puts(out, "  results    ");
		abl_str_wrap(out, 13, 13, line.text);
	}
	add_line(out, "file", text_of(t, "file"));
	add_line(out, "unpacked", text_of(t, "unpacked_from"));
	abl_str_finish(&line);
}

static void add_options(const json_t *options, struct abl_str *out)
{
	struct abl_table *t = abl_table_create();
	json_t *option;
	size_t i;

	if (!json_array_size(options)) {
		abl_table_destroy(t);
		return;
	}
	abl_table_column(t, "option", false);
	abl_table_column(t, "value", false);
	abl_table_column(t, "from", false);
	json_array_foreach(options, i, option)
	{
		abl_table_text(t, text_of(option, "name"));
		abl_table_text(t, text_of(option, "canonical"));
		abl_table_text(t, text_of(option, "from"));
	}
	abl_str_puts(out, "\n");
	abl_table_render(t, ABL_TABLE_PLAIN, out);
	abl_table_destroy(t);
}

/* " (worker n1, job 4711_3 on node07)" */
static void add_worker(struct abl_str *out, const json_t *a)
{
	if (!text_of(a, "worker"))
		return;
	abl_str_printf(out, " (worker %s", text_of(a, "worker"));
	if (text_of(a, "job"))
		abl_str_printf(out, ", job %s", text_of(a, "job"));
	if (text_of(a, "array_index"))
		abl_str_printf(out, "_%s", text_of(a, "array_index"));
	if (text_of(a, "node"))
		abl_str_printf(out, " on %s", text_of(a, "node"));
	abl_str_puts(out, ")");
}

static void add_attempt(const json_t *a, struct abl_str *out)
{
	const char *state = text_of(a, "state"), *reason = text_of(a, "reason");
	struct abl_str line = {0};
	char text[32];

	abl_str_printf(&line, "attempt %lld: %s", int_of(a, "number"),
		       state && !strcmp(state, "waiting") && reason ? reason
		       : state                                      ? state
								    : "did not end, or runs");
	if (reason && state && strcmp(state, "waiting") != 0)
		abl_str_printf(&line, ": %s", reason);
	if (text_of(a, "cause"))
		abl_str_printf(&line, " (cause: %s)", text_of(a, "cause"));
	add_amount(&line, a, "seconds", "expected_seconds", "", abl_format_duration);
	add_amount(&line, a, "cpu_seconds", "expected_cpu", " of processor time",
		   abl_format_duration);
	add_amount(&line, a, "peak_memory", "expected_memory", " of memory", abl_format_bytes);
	abl_str_puts(out, "    ");
	abl_str_wrap(out, 4, 6, line.text);
	abl_str_clear(&line);
	abl_str_printf(&line, "began %s on %s", date_of(number_of(a, "started"), text),
		       text_of(a, "host") ? text_of(a, "host") : "?");
	add_worker(&line, a);
	abl_str_printf(&line, ", %s, %lld thread%s, kernels %s, ablate %s, %s",
		       text_of(a, "cpu") ? text_of(a, "cpu") : "?", int_of(a, "threads"),
		       abl_plural(int_of(a, "threads")),
		       text_of(a, "kernels") ? text_of(a, "kernels") : "?",
		       text_of(a, "engine") ? text_of(a, "engine") : "?",
		       text_of(a, "compiler") ? text_of(a, "compiler") : "?");
	abl_str_puts(out, "      ");
	abl_str_wrap(out, 6, 6, line.text);
	if (text_of(a, "log"))
		abl_str_printf(out, "      %s\n", text_of(a, "log"));
	abl_str_finish(&line);
}

static void add_stage(const json_t *s, struct abl_str *out)
{
	static const struct {
		const char *name, *head;
	} lines[] = {
		{"key", "key"},         {"reason", "reason"},   {"artifact", "artefact"},
		{"seal", "its hash"},   {"dropped", "removed"}, {"lost", "made again"},
		{"same_as", "same as"}, {"code", "code"},
	};
	const json_t *attempts = json_object_get(s, "attempts");
	json_t *attempt;
	size_t i;
	char text[32];

	abl_str_printf(out, "\n%s: %s", text_of(s, "stage"), text_of(s, "state"));
	if (text_of(s, "cause"))
		abl_str_printf(out, " (cause: %s)", text_of(s, "cause"));
	if (int_of(s, "trials") > 1)
		abl_str_printf(out, ", serves %lld trials", int_of(s, "trials"));
	if (number_of(s, "bytes") > 0)
		abl_str_printf(out, ", %s on disk",
			       abl_bytes_text((int64_t)number_of(s, "bytes"), text));
	abl_str_puts(out, "\n");
	for (i = 0; i < sizeof lines / sizeof *lines; i++)
		add_line(out, lines[i].head, text_of(s, lines[i].name));
	json_array_foreach(attempts, i, attempt)
	{
		add_attempt(attempt, out);
	}
}

/* Rows under a heading, one line each. */
static void add_rows(const json_t *rows, const char *head, struct abl_str *out,
		     void (*add)(const json_t *row, struct abl_str *out))
{
	json_t *row;
	size_t i;

	if (json_array_size(rows))
		abl_str_printf(out, "\n%s\n", head);
	json_array_foreach(rows, i, row)
	{
		add(row, out);
	}
}

static void add_data(const json_t *d, struct abl_str *out)
{
	abl_str_printf(out, "  %s: %s\n      %s\n", text_of(d, "role"), text_of(d, "path"),
		       text_of(d, "hash"));
}

/* What of its environment is said in words. */
static void add_run(const json_t *r, struct abl_str *out)
{
	const json_t *environment = json_object_get(r, "environment"),
		     *steps = json_object_get(environment, "steps");
	const char *name, *commit = text_of(json_object_get(environment, "git"), "commit");
	json_t *step;
	char text[32];

	abl_str_printf(out, "  %s: %s on %s\n", date_of(number_of(r, "started"), text),
		       text_of(r, "argv"), text_of(r, "host") ? text_of(r, "host") : "?");
	json_object_foreach((json_t *)(uintptr_t)steps, name, step)
	{
		abl_str_printf(out, "      %s: %s", name,
			       text_of(step, "program") ? text_of(step, "program") : "?");
		if (text_of(step, "summary") && *text_of(step, "summary"))
			abl_str_printf(out, "; %s", text_of(step, "summary"));
		abl_str_puts(out, "\n");
	}
	if (commit)
		abl_str_printf(
			out, "      git %s%s\n", commit,
			json_is_true(json_object_get(json_object_get(environment, "git"), "dirty"))
				? ", changed"
				: "");
}

static void add_rerun(const json_t *r, struct abl_str *out)
{
	char text[32];

	abl_str_printf(out, "  %s on %s: %s%s%s\n", date_of(number_of(r, "ran"), text),
		       text_of(r, "host") ? text_of(r, "host") : "?",
		       int_of(r, "equal") ? "equal" : "differs", text_of(r, "differs") ? ": " : "",
		       text_of(r, "differs") ? text_of(r, "differs") : "");
}

static void add_command(const json_t *line, struct abl_str *out)
{
	abl_str_printf(out, "  %s\n", json_string_value(line));
}

void abl_show_trial_text(const json_t *trial, struct abl_str *out)
{
	const json_t *stages = json_object_get(trial, "stages");
	json_t *stage;
	size_t i;

	add_head(trial, out);
	add_options(json_object_get(trial, "options"), out);
	json_array_foreach(stages, i, stage)
	{
		add_stage(stage, out);
	}
	add_rows(json_object_get(trial, "command"), "command", out, add_command);
	if (text_of(trial, "command_error"))
		abl_str_printf(out, "\ncommand\n  not known: %s\n",
			       text_of(trial, "command_error"));
	add_rows(json_object_get(trial, "data"), "data", out, add_data);
	add_rows(json_object_get(trial, "runs"), "runs", out, add_run);
	add_rows(json_object_get(trial, "reruns"), "run again", out, add_rerun);
}

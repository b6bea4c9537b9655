/* SPDX-License-Identifier: Apache-2.0 */
#include "attempt_log.h"

#include "machine.h"
#include "table.h"
#include "writer.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define RATE_OVER 1.0 /* seconds at least: lines come in bursts */

/* Numbers of examples, steps and the like are whole. */
static void put_number(struct abl_str *out, const char *name, double value)
{
	char text[32];

	if (value >= 2 && value < 1e15 && value == floor(value))
		abl_format_count((int64_t)value, text);
	else
		abl_format_score(value, text);
	abl_str_printf(out, "  %s %s", name, text);
}

static void end_point(struct abl_attempt_log *log)
{
	char clock[16], step[32], rate[32];

	if (!log->point.length)
		return;
	abl_str_printf(&log->text, "%s  step %s%s", abl_clock_day(0, clock),
		       abl_format_count(log->step, step), log->point.text);
	if (log->last_at <= 0 || log->step <= log->last_step) {
		log->last_step = log->step;
		log->last_at = log->at;
	} else if (log->at - log->last_at >= RATE_OVER) {
		abl_str_printf(&log->text, "  %s steps/s",
			       abl_format_score((double)(log->step - log->last_step) /
							(log->at - log->last_at),
						rate));
		log->last_step = log->step;
		log->last_at = log->at;
	}
	abl_str_puts(&log->text, "\n");
	abl_str_clear(&log->point);
}

void abl_attempt_log_say(struct abl_attempt_log *log, const char *fmt, ...)
{
	char clock[16], text[1600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	end_point(log);
	abl_str_printf(&log->text, "%s  %s\n", abl_clock_day(0, clock), text);
}

void abl_attempt_log_point(struct abl_attempt_log *log, int64_t step, const char *name,
			   double value)
{
	if (log->point.length && step != log->step)
		end_point(log);
	log->step = step;
	log->at = abl_clock_now();
	put_number(&log->point, name, value);
}

void abl_attempt_log_results(struct abl_attempt_log *log, const struct abl_result *r, size_t count)
{
	struct abl_str text = {0};

	for (size_t i = 0; i < count; i++)
		put_number(&text, r[i].name, r[i].value);
	if (count)
		abl_attempt_log_say(log, "results%s", text.text);
	abl_str_finish(&text);
}

void abl_attempt_log_flush(struct abl_attempt_log *log)
{
	if (!log->text.length)
		return;
	if (log->path)
		(void)!abl_file_append(log->path, log->text.text, NULL);
	abl_str_clear(&log->text);
}

void abl_attempt_log_finish(struct abl_attempt_log *log)
{
	end_point(log);
	abl_attempt_log_flush(log);
	abl_str_finish(&log->text), abl_str_finish(&log->point);
	free(log->path);
	*log = (struct abl_attempt_log){0};
}

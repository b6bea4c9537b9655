/* SPDX-License-Identifier: Apache-2.0 */
/* process_fixture.h - runs scripts as programs and hears what they say, for the tests of
 * experiments/program/process.h. */
#ifndef ABL_PROCESS_FIXTURE_H
#define ABL_PROCESS_FIXTURE_H

#include "files.h"
#include "process.h"
#include "str.h"
#include "utf8.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/test_process.XXXXXX";
static char mark[64];

/* What the hooks heard. */
static struct {
	struct abl_str lines; /* each with a '|' behind it */
	size_t count, bytes, longest;
	int ticks;
	const char *stop_at; /* we are asked to stop when this line comes; NULL: not */
	bool stop;
} heard;

static inline void hear_line(void *data, const char *line, size_t length)
{
	heard.count++;
	heard.bytes += length;
	heard.longest = length > heard.longest ? length : heard.longest;
	if (heard.lines.length < 4096) {
		abl_str_add(&heard.lines, line, length < 100 ? length : 100);
		abl_str_puts(&heard.lines, "|");
	}
	if (heard.stop_at && length == strlen(heard.stop_at) &&
	    !memcmp(line, heard.stop_at, length))
		heard.stop = true;
}

static inline void hear_tick(void *data)
{
	heard.ticks++;
}

static inline bool is_stopping(void *data)
{
	return heard.stop;
}

static const char *const environment[] = {"PATH=/usr/bin:/bin", mark, NULL};

static inline struct abl_process_spec spec_of(const char *const *argv)
{
	return (struct abl_process_spec){.argv = argv,
					 .environment = environment,
					 .directory = folder,
					 .log = -1,
					 .stop_signal = SIGTERM,
					 .stop_grace = 5,
					 .line = hear_line,
					 .tick = hear_tick,
					 .stopping = is_stopping};
}

static inline void hear_nothing(void)
{
	abl_str_clear(&heard.lines);
	abl_str_puts(&heard.lines, "");
	heard.count = heard.bytes = heard.longest = 0;
	heard.ticks = 0;
	heard.stop = false;
	heard.stop_at = NULL;
}

static inline struct abl_process_end run_spec(const struct abl_process_spec *spec)
{
	struct abl_process_end end;
	struct abl_err err = {0};
	const int rc = abl_process_run(spec, &end, &err);

	ck_assert_msg(!rc, "%s", err.text);
	ck_assert_int_eq(abl_utf8_bad(end.tail, strlen(end.tail)), -1);
	/* none of its processes is left, wherever it went */
	ck_assert_uint_eq(abl_process_kill_marked(mark), 0);
	return end;
}

static inline struct abl_process_end run_script(const char *script)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	const struct abl_process_spec spec = spec_of(argv);

	hear_nothing();
	return run_spec(&spec);
}

/* The same, and we are asked to stop when it says "ready". */
static inline struct abl_process_end stop_script(const char *script, int signal, double grace)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	struct abl_process_spec spec = spec_of(argv);

	hear_nothing();
	heard.stop_at = "ready";
	spec.stop_signal = signal;
	spec.stop_grace = grace;
	return run_spec(&spec);
}

/* A folder of its own to run in, and a mark that all processes carry. */
static inline bool process_fixture_begin(void)
{
	if (!mkdtemp(folder) || chdir(folder))
		return false;
	snprintf(mark, sizeof mark, "ABLATE_STAGE=%s", folder);
	return true;
}

static inline bool process_fixture_end(void)
{
	abl_str_finish(&heard.lines);
	return !chdir("/") && !abl_remove_tree(folder, NULL);
}

#endif

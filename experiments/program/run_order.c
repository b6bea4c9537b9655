/* SPDX-License-Identifier: Apache-2.0 */
#include "run_order.h"
#include "collector.h"
#include "process.h"
#include "words.h"
#include "files.h"
#include "made.h"
#include "hash.h"
#include <fcntl.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <sys/stat.h>
extern char **environ;
static void line(void *d, const char *l, size_t n)
{
	abl_collector_line(d, l, n);
}
static void tick(void *d)
{
	abl_collector_poll(d);
}
static bool no(void *d)
{
	return false;
}
int abl_order_run(const struct abl_order *o, const char *output, const char *trial, bool resume,
		  const struct abl_events *events, struct abl_err *err)
{
	struct abl_argv a = {0};
	struct abl_collector *c;
	struct abl_process_end end;
	int rc = abl_words_fill(&a, o, &(struct abl_words_now){0}, err);
	size_t n = 0;
	while (environ[n])
		n++;
	const char **env = calloc(n + a.environment_count + 1, sizeof *env);
	memcpy(env, environ, n * sizeof *env);
	for (size_t i = 0; i < a.environment_count; i++)
		env[n++] = a.environment[i];
	if (rc)
		return rc;
	rc = abl_remove_tree(o->out, err);
	if (!rc)
		rc = abl_mkdir_all(o->out, err);
	double began = (double)time(NULL) - 1;
	char *ev = abl_path_join(output, "events");
	rc = rc ? rc : abl_collector_create(&c, o, ev, events, err);
	if (rc)
		return rc;
	rc = abl_process_run(&(struct abl_process_spec){.argv = (const char *const *)a.word,
							.environment = env,
							.directory = o->directory,
							.log = 1,
							.stop_signal = 15,
							.stop_grace = 5,
							.data = c,
							.line = line,
							.tick = tick,
							.stopping = no},
			     &end, err);
	if (!rc && end.exit_code)
		rc = abl_err_set(err, ABL_EFAIL, "exit code %d", end.exit_code);
	rc = rc ? rc : abl_collector_finish(c, began, err);
	if (rc)
		return rc;
	const char *const *paths;
	size_t used = abl_collector_used(c, &paths);
	for (size_t i = 0; i < used; i++) {
		char *f = abl_path_join(o->out, paths[i]), *t = abl_path_join(output, paths[i]),
		     *d = abl_path_dir(t);
		char h[ABL_HASH_TEXT];
		struct stat st;
		if (abl_mkdir_all(d, err) || rename(f, t) || stat(t, &st) ||
		    abl_hash_file(t, h, err))
			return ABL_EIO;
		abl_made_take(t, st.st_size, h);
	}
	abl_collector_destroy(c);
	return abl_remove_tree(o->out, err);
}

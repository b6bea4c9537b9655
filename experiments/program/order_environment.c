/* SPDX-License-Identifier: Apache-2.0 */
#include "order_environment.h"

#include "secret_name.h"
#include "shell.h"
#include "thread_waits.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

extern char **environ;

/* What the supervisor sets for our own sake: secrets come under their own names. */
static bool is_ours(const char *entry)
{
	static const char *const names[] = {"BLIS_NUM_THREADS=", ABL_SECRET_VARIABLE};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strncmp(entry, names[i], strlen(names[i])))
			return true;
	return abl_is_thread_wait(entry);
}

static int set_entries(struct abl_argv *out, char *const *entries, size_t count,
		       struct abl_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < count && !rc; i++) {
		const char *equals = strchr(entries[i], '=');
		struct abl_str name = {0};

		if (!equals || equals == entries[i] || is_ours(entries[i]))
			continue;
		abl_str_add(&name, entries[i], (size_t)(equals - entries[i]));
		rc = abl_argv_set(out, name.text, equals + 1, err);
		abl_str_finish(&name);
	}
	return rc;
}

static int set_environment(struct abl_argv *out, const struct abl_order *o,
			   const struct abl_argv *given, const struct abl_order_paths *paths,
			   struct abl_err *err)
{
	char seed[24], threads[16];
	const char *const own[][2] = {{"ABLATE_TRIAL", paths->trial},
				      {"ABLATE_EVENTS", paths->events},
				      {"ABLATE_OPTIONS", paths->options},
				      {"ABLATE_STAGE", paths->stage},
				      {"ABLATE_OUT", o->out},
				      {"ABLATE_SEED", o->seed ? seed : NULL}};
	size_t count = 0;
	int rc;

	while (environ[count])
		count++;
	snprintf(seed, sizeof seed, "%lld", (long long)o->seed);
	snprintf(threads, sizeof threads, "%d", o->threads);
	rc = set_entries(out, environ, count, err);
	if (!rc && !abl_argv_get(out, "PYTHONUNBUFFERED")) /* numbers are to come as printed */
		rc = abl_argv_set(out, "PYTHONUNBUFFERED", "1", err);
	rc = rc ? rc : abl_argv_set(out, "OMP_NUM_THREADS", threads, err);
	rc = rc ? rc : set_entries(out, given->environment, given->environment_count, err);
	for (size_t i = 0; i < sizeof own / sizeof *own && !rc; i++)
		if (own[i][1])
			rc = abl_argv_set(out, own[i][0], own[i][1], err);
	return rc;
}

/* Hours in a wrong environment are worse than a line too strict: the value of each line counts.
 * `set -e` would not do, for it reaches into what a line sources. */
static void add_setup(const struct abl_order *o, struct abl_str *out)
{
	for (size_t i = 0; o->setup[i]; i++) {
		abl_str_printf(out,
			       "%s\nablate_code=$?; [ $ablate_code -eq 0 ] || { printf 'ablate: "
			       "line %zu of setup ended with code %%s: %%s\\n' $ablate_code ",
			       o->setup[i], i + 1);
		abl_shell_word(out, o->setup[i]);
		abl_str_puts(out, " >&2; exit $ablate_code; }\n");
	}
	abl_str_puts(out, "unset ablate_code\nexec \"$@\"");
}

int abl_order_start_words(struct abl_argv *out, const struct abl_order *o,
			  const struct abl_argv *given, const struct abl_order_paths *paths,
			  struct abl_err *err)
{
	struct abl_str script = {0};
	int rc;

	*out = (struct abl_argv){0};
	rc = set_environment(out, o, given, paths, err);
	if (rc) {
		abl_argv_finish(out);
		return rc;
	}
	if (*o->setup) {
		add_setup(o, &script);
		abl_argv_add(out, "sh");
		abl_argv_add(out, "-c");
		abl_argv_add(out, script.text);
		abl_argv_add(out, "sh");
	}
	for (size_t i = 0; i < given->count; i++)
		abl_argv_add(out, given->word[i]);
	abl_str_finish(&script);
	return 0;
}

int abl_order_free_port(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof address;
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int port = 0;

	if (fd >= 0 && !bind(fd, (struct sockaddr *)&address, length) &&
	    !getsockname(fd, (struct sockaddr *)&address, &length))
		port = ntohs(address.sin_port);
	if (fd >= 0)
		close(fd);
	return port;
}

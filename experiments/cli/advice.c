/* SPDX-License-Identifier: Apache-2.0 */
#include "advice.h"

#include "utf8.h"

#include "args.h"
#include "shell.h"

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *program = "ablate"; /* as it can be called from here */
static const struct abl_args *given;

/* Does a shell find this very program under the name `ablate`? */
static bool is_on_path(void)
{
	const char *path = getenv("PATH");
	char own[PATH_MAX] = "", found[PATH_MAX];

	if (!path || !realpath("/proc/self/exe", own))
		return false;
	while (*path) {
		const size_t n = strcspn(path, ":");
		struct abl_str file = {0};
		bool there;

		abl_str_printf(&file, "%.*s/ablate", (int)n, path);
		there = n && !access(file.text, X_OK);
		if (there && !realpath(file.text, found))
			*found = '\0';
		abl_str_finish(&file);
		if (there) /* the first one is the one that runs */
			return !strcmp(found, own);
		path += n + (path[n] == ':');
	}
	return false;
}

void abl_advice_program(const char *called)
{
	if (called && strchr(called, '/') && !is_on_path())
		program = called;
}

void abl_advice_given(const struct abl_args *args)
{
	given = args;
}

/* A line for each time that it was given; a flag has an empty one. */
static void add_option(struct abl_str *out, const char *option, const char *value)
{
	do {
		const size_t n = strcspn(value, "\n");
		struct abl_str one = {0};

		abl_str_puts(out, option);
		abl_str_add(&one, value, n);
		if (n)
			abl_shell_add(out, one.text);
		abl_str_finish(&one);
		value += n + (value[n] == '\n');
	} while (*value);
}

/* The options of this command line that the advised command takes and does not have already. */
static void repeat_options(struct abl_str *out, const struct abl_command *advised,
			   const char *words, size_t length)
{
	static const char *const names[] = {"store", "data", "workers", "on",
					    "here",  "only", "seed"};
	enum { OF_ALL = 5 }; /* the others mean the same for the same command alone */
	const size_t count =
		given && advised == given->command ? sizeof names / sizeof *names : OF_ALL;
	struct abl_str text = {0};

	abl_str_add(&text, words, length);
	for (size_t i = 0; given && i < count; i++) {
		const char *value = abl_args_given(given, names[i]);
		struct abl_str option = {0};

		abl_str_printf(&option, " --%s", names[i]);
		if (value && abl_command_takes(advised, names[i]) &&
		    !strstr(text.text, option.text) && !strstr(text.text, " --help")) {
			add_option(out, option.text, value);
		}
		abl_str_finish(&option);
	}
	abl_str_finish(&text);
}

/* The command that begins at `at` with "'ablate "; appends it completed, without the quote that
 * closes it. Returns its length, or 0: it is only spoken of, not to be typed. */
static size_t complete(struct abl_str *out, const char *at)
{
	const char *const first = at + sizeof "'ablate " - 1, *p = first;
	const struct abl_command *command;
	struct abl_str name = {0};
	int words = 0;

	for (;;) {
		const size_t n = abl_shell_span(p);

		words += n && *p != '-';
		p += n;
		if (*p != ' ')
			break;
		p += strspn(p, " ");
	}
	if (*p != '\'')
		return 0;
	abl_str_add(&name, first, abl_shell_span(first));
	command = name.text ? abl_command_find(name.text) : NULL;
	abl_str_finish(&name);
	if (command && words - 1 < command->min_words && !strstr(first, "--help"))
		return 0;
	abl_str_puts(out, "'");
	abl_shell_word(out, program);
	abl_str_puts(out, " ");
	abl_str_add(out, first, (size_t)(p - first));
	if (command)
		repeat_options(out, command, first, (size_t)(p - first));
	return (size_t)(p - at);
}

void abl_advice_complete(struct abl_str *out, const char *message)
{
	const char *at;

	while ((at = strstr(message, "'ablate "))) {
		size_t n;

		abl_str_add(out, message, (size_t)(at - message));
		n = complete(out, at);
		if (!n)
			abl_str_add(out, at, n = sizeof "'ablate " - 1);
		message = at + n;
	}
	abl_str_puts(out, message);
}

void abl_advice_command(struct abl_str *out, const char *words)
{
	struct abl_str message = {0}, full = {0};

	abl_str_printf(&message, "'ablate %s'", words);
	abl_advice_complete(&full, message.text);
	abl_str_add(out, full.text + 1, full.length - 2);
	abl_str_finish(&message);
	abl_str_finish(&full);
}

void abl_advice_print(FILE *out, const char *fmt, ...)
{
	struct abl_str message = {0}, full = {0};
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n >= 0) {
		char *text = abl_malloc((size_t)n + 1);

		vsnprintf(text, (size_t)n + 1, fmt, again);
		abl_str_puts(&message, text);
		free(text);
		abl_advice_complete(&full, message.text);
		abl_str_clear(&message);
		abl_utf8_visible(&message, full.text, full.length);
		fputs(message.text, out);
	}
	va_end(again);
	va_end(ap);
	abl_str_finish(&message);
	abl_str_finish(&full);
}

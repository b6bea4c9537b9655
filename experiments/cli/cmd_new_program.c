/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd_new_program.h"

#include "advice.h"
#include "files.h"
#include "first_program.h"
#include "machine.h"
#include "process.h"
#include "shell.h"
#include "utf8.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WAIT 60 /* seconds: importing a large library takes a while */
#define QUIET 2 /* seconds of silence that need a word */
#define LISTING_MAX ((size_t)1 << 20)

extern char **environ;

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

/* The program while it prints its options. */
struct listing {
	struct abl_str text;
	const char *shown; /* its command line */
	double began, wait;
	bool told, late;
};

static void take_line(void *data, const char *line, size_t length)
{
	struct listing *l = data;

	if (l->text.length + length >= LISTING_MAX)
		return;
	for (size_t i = 0; i < length; i++)
		abl_str_add(&l->text, line[i] ? &line[i] : " ", 1);
	abl_str_puts(&l->text, "\n");
}

static void tick(void *data)
{
	struct listing *l = data;

	if (!l->told && abl_clock_now() - l->began > QUIET)
		fprintf(stderr, "waiting for what '%s' prints, %.0f s at most\n", l->shown,
			l->wait);
	l->told = l->told || abl_clock_now() - l->began > QUIET;
}

static bool stopping(void *data)
{
	struct listing *l = data;

	tick(data);
	l->late = l->late || abl_clock_now() - l->began > l->wait;
	return l->late || interrupted;
}

/* Lines are not to be broken, and colours are no use. The caller frees the list, not its texts but
 * those it has in front. */
static const char **environment(void)
{
	static const char *const own[] = {
		"COLUMNS=1000",          "TERM=dumb",          "NO_COLOR=1",
		"PYTHON_COLORS=0",       "PYTHONUNBUFFERED=1", "CUDA_VISIBLE_DEVICES=",
		"PYTHONIOENCODING=utf-8"};
	const size_t mine = sizeof own / sizeof *own;
	size_t n = 0, count = 0;
	const char **list;

	while (environ[n])
		n++;
	list = abl_calloc(n + mine + 1, sizeof *list);
	for (size_t i = 0; i < mine; i++)
		list[count++] = own[i];
	for (size_t i = 0; i < n; i++) {
		bool taken = !strncmp(environ[i], "FORCE_COLOR=", 12);

		for (size_t k = 0; k < mine && !taken; k++)
			taken = !strncmp(environ[i], own[k], strcspn(own[k], "=") + 1);
		if (!taken)
			list[count++] = environ[i];
	}
	return list;
}

static void show(struct abl_str *out, const char *const *argv)
{
	for (size_t i = 0; argv[i]; i++)
		abl_str_printf(out, "%s%s", i ? " " : "", abl_shell_quoted(argv[i]));
}

static int ask(struct listing *l, const char *const *argv, const struct abl_args *a,
	       struct abl_err *err)
{
	const char **variables = environment();
	struct abl_process_spec spec = {.argv = argv,
					.environment = variables,
					.directory = ".",
					.stop_signal = SIGTERM,
					.stop_grace = 1,
					.data = l,
					.line = take_line,
					.tick = tick,
					.stopping = stopping};
	struct abl_process_end end = {0};
	int rc;

	spec.log = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (spec.log < 0) {
		free(variables);
		return abl_err_set(err, ABL_EIO, "cannot open '/dev/null'");
	}
	l->wait = (double)abl_args_int(a, "wait", WAIT);
	l->began = abl_clock_now();
	signal(SIGINT, on_interrupt);
	signal(SIGTERM, on_interrupt);
	rc = abl_process_run(&spec, &end, err);
	close(spec.log);
	free(variables);
	if (!rc && interrupted)
		rc = abl_err_set(err, ABL_ESTOP, "interrupted");
	else if (!rc && l->late)
		rc = abl_err_set(err, ABL_EINPUT,
				 "'%s' did not end within %.0f s; '--wait SECONDS' gives it longer",
				 l->shown, l->wait);
	return rc;
}

/* What the program said instead of a listing: its last line with a word in it. */
static const char *last_line(struct abl_str *text)
{
	char *line;

	while (text->length && strchr(" \n\r\t", text->text[text->length - 1]))
		text->text[--text->length] = '\0';
	line = text->length ? strrchr(text->text, '\n') : NULL;
	return line ? line + 1 : text->length ? text->text : "";
}

static int no_listing(struct listing *l, struct abl_err *err)
{
	struct abl_str line = {0};
	int rc;

	abl_utf8_visible(&line, last_line(&l->text), strnlen(last_line(&l->text), 200));
	rc = abl_err_set(err, ABL_EINPUT, "'%s' prints no list of options; %s%s%s", l->shown,
			 line.length ? "its last line is '" : "it prints nothing",
			 line.length ? line.text : "", line.length ? "'" : "");
	abl_str_finish(&line);
	return rc;
}

static int write_study(const struct abl_args *a, const struct abl_help *help, const char *shown,
		       struct abl_err *err)
{
	const char *out = abl_args_text(a, "out"), *const *words = &a->word[a->own_words];
	const size_t count = (size_t)(a->words - a->own_words);
	struct abl_first_program f = {.name = NULL,
				      .command = words,
				      .words = count,
				      .named = abl_args_text(a, "options"),
				      .help = help};
	char *name = abl_first_program_name(out ? &out : words, out ? 1 : count);
	char folder[PATH_MAX], *own = abl_path_dir(out ? out : ".");
	struct abl_str file = {0}, text = {0};
	size_t options;
	int rc = 0;

	f.name = name;
	if (strcmp(own, ".") != 0 && getcwd(folder, sizeof folder))
		f.directory = folder;
	abl_str_printf(&file, out ? "%s" : "%s.yaml", out ? out : name);
	if (abl_file_exists(file.text))
		rc = abl_err_set(err, ABL_EINPUT,
				 "'%s' is there already: name another with '--out FILE.yaml'",
				 file.text);
	rc = rc ? rc : abl_first_program_write(&f, &text, &options, err);
	rc = rc ? rc : abl_file_write(file.text, text.text, text.length, err);
	if (!rc) {
		fputs(text.text, stdout);
		fprintf(stderr, "wrote %s: %zu option%s read from '%s'\n", file.text, options,
			abl_plural((int64_t)options), shown);
		fprintf(stderr,
			"lines that want a look are marked '# ?': the metric, what to leave "
			"out, ...\n");
		abl_advice_print(stderr, "next: 'ablate plan %s --commands'\n",
				 abl_shell_quoted(file.text));
	}
	abl_str_finish(&file);
	abl_str_finish(&text);
	free(own);
	free(name);
	return rc;
}

/* The words to be run: without {flags} and {out}, which are for trials, and with --help. */
static const char **asking(const struct abl_args *a)
{
	const char **argv = abl_calloc((size_t)a->words + 2, sizeof *argv);
	size_t n = 0;

	for (int i = a->own_words; i < a->words; i++)
		if (strcmp(a->word[i], "{flags}") != 0)
			argv[n++] = a->word[i];
	if (strcmp(argv[n - 1], "--help") != 0)
		argv[n++] = "--help";
	return argv;
}

bool abl_new_is_program(const struct abl_args *a)
{
	const char *dot = a->words ? strrchr(a->word[0], '.') : NULL;
	/* a table whose name begins with '-' comes after "--", too */
	const bool table = a->words == 1 && dot && abl_is_regular(a->word[0]) &&
			   abl_is_one_of("csv|tsv|json|jsonl|ndjson|txt|gz|xz", dot + 1);

	return a->own_words < a->words && !table;
}

int abl_new_program(const struct abl_args *a, struct abl_err *err)
{
	static const char *const of_tables[] = {"text", "text-b", "label", "dev", "texts"};
	const char **argv;
	struct listing l = {0};
	struct abl_help help = {0};
	struct abl_str shown = {0};
	int rc = 0;

	if (a->own_words)
		return abl_err_set(err, ABL_EINPUT,
				   "'%s' stands before '--', and a program's words come after it",
				   a->word[0]);
	for (size_t i = 0; i < sizeof of_tables / sizeof *of_tables; i++)
		if (abl_args_text(a, of_tables[i]))
			return abl_err_set(err, ABL_EINPUT, "--%s is for tables, not for programs",
					   of_tables[i]);
	if (abl_args_int(a, "wait", WAIT) < 1)
		return abl_err_set(err, ABL_EINPUT, "--wait cannot be %s; give 1 or more seconds",
				   abl_args_text(a, "wait"));
	argv = asking(a);
	show(&shown, argv);
	l.shown = shown.text;
	rc = ask(&l, argv, a, err);
	if (!rc) {
		abl_help_read(&help, l.text.text ? l.text.text : "");
		rc = abl_first_program_fits(&help) ? write_study(a, &help, l.shown, err)
						   : no_listing(&l, err);
	}
	abl_help_finish(&help);
	abl_str_finish(&l.text);
	abl_str_finish(&shown);
	free(argv);
	return rc;
}

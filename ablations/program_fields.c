/* SPDX-License-Identifier: Apache-2.0 */
/* program_fields.c - how the program of a study is run: its folder, environment, seed, signals. */
#include "files.h"
#include "hint.h"
#include "node_value.h"
#include "program_source.h"

#include <ctype.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const struct {
	const char *name;
	int number;
} signals[] = {{"TERM", SIGTERM}, {"INT", SIGINT},   {"USR1", SIGUSR1}, {"USR2", SIGUSR2},
	       {"HUP", SIGHUP},   {"QUIT", SIGQUIT}, {"ALRM", SIGALRM}, {"CONT", SIGCONT}};

#define SIGNALS (sizeof signals / sizeof *signals)

static const char *signal_at(size_t i, const void *data)
{
	return signals[i].name;
}

static int read_signal(const struct abl_node *n, int *out, struct abl_err *err)
{
	const char *text, *name, *near;

	if (abl_node_text(n, "signal", &text, err))
		return ABL_EINPUT;
	name = strncasecmp(text, "SIG", 3) ? text : text + 3;
	for (size_t i = 0; i < SIGNALS; i++)
		if (!strcasecmp(signals[i].name, name)) {
			*out = signals[i].number;
			return 0;
		}
	if (!strcasecmp(name, "KILL") || !strcasecmp(name, "STOP"))
		return abl_node_fail(n, "what does not end within 'grace' is killed anyway", err,
				     "'%.20s' cannot be caught, so no program could save its work",
				     text);
	near = abl_nearest(name, SIGNALS, signal_at, NULL);
	return abl_node_fail(n, "one of TERM, INT, USR1, USR2, HUP, QUIT, ALRM, CONT", err,
			     "no signal '%.20s'%s%s%s", text, near ? "; did you mean '" : "",
			     near ? near : "", near ? "'?" : "");
}

static int read_stop(struct abl_program_reading *r, const struct abl_node *n, struct abl_err *err)
{
	const struct abl_node *signal, *grace;
	int rc = abl_study_check_keys(r->study, n, "stop.", err);

	if (rc)
		return rc;
	signal = abl_node_get(n, "signal");
	grace = abl_node_get(n, "grace");
	rc = signal ? read_signal(signal, &r->program->stop_signal, err) : 0;
	return rc || !grace ? rc
			    : abl_program_seconds(grace, "grace", &r->program->stop_grace, err);
}

static int read_resume(struct abl_program_reading *r, const struct abl_node *n, struct abl_err *err)
{
	struct abl_program *p = r->program;
	const struct abl_node *when, *flags;
	const char *text;

	if (abl_study_check_keys(r->study, n, "resume.", err))
		return ABL_EINPUT;
	when = abl_node_get(n, "if");
	flags = abl_node_get(n, "flags");
	if (!when)
		return abl_node_fail(n, "if: \"{state}/checkpoint-*\"", err,
				     "'resume' needs 'if': the files that are there when the "
				     "program can go on");
	if (abl_node_text(when, "if", &text, err))
		return ABL_EINPUT;
	p->resume_if = abl_strdup(text);
	return flags ? abl_program_words_read(flags, "flags", true, &p->resume_flags, err) : 0;
}

static int read_seed(struct abl_program_reading *r, const struct abl_node *n, struct abl_err *err)
{
	struct abl_program *p = r->program;
	const struct abl_node *flag, *variable;
	const char *text;

	if (n->kind == ABL_NODE_SCALAR && !strcmp(n->text, "none"))
		return 0;
	if (n->kind != ABL_NODE_MAP)
		return abl_node_fail(n, "how many there are is said by 'seeds: 5'", err,
				     "'seed' says how the program gets it: {flag: --seed}, "
				     "{environment: SEED} or none");
	if (abl_study_check_keys(r->study, n, "seed.", err))
		return ABL_EINPUT;
	flag = abl_node_get(n, "flag");
	variable = abl_node_get(n, "environment");
	if (!flag == !variable)
		return abl_node_fail(n, "seed: {flag: --seed}", err,
				     "'seed' needs 'flag' or 'environment', %s",
				     flag ? "not both" : "and has neither");
	if (flag ? abl_node_text(flag, "flag", &text, err)
		 : abl_program_variable(variable, &text, err))
		return ABL_EINPUT;
	*(flag ? &p->seed_flag : &p->seed_variable) = abl_strdup(text);
	return 0;
}

static int read_directory(struct abl_program_reading *r, const struct abl_node *n,
			  struct abl_err *err)
{
	char *path, *real;
	const char *text = NULL;

	if (n && abl_node_text(n, "directory", &text, err))
		return ABL_EINPUT;
	path = n ? abl_path_join(n->file->folder, text) : abl_strdup(r->study->folder);
	real = abl_real_path(path);
	if (real && abl_is_dir(real)) {
		r->program->directory = abl_strdup(real);
	} else if (r->study->source->options.no_files) {
		r->program->directory = abl_strdup(path);
	} else {
		abl_node_fail(n ? n : r->root, "it is relative to the study file", err,
			      real ? "'%s' is a file, not a folder" : "there is no folder '%s'",
			      path);
	}
	free(path);
	free(real);
	return r->program->directory ? 0 : ABL_EINPUT;
}

static int read_code(struct abl_program_reading *r, const struct abl_node *n, struct abl_err *err)
{
	static const char *const words[] = {"copy", "in-place", NULL};
	const struct abl_option row = {.name = "code", .type = ABL_CHOICE, .choices = words};
	const char *word = NULL;
	int rc = abl_program_value(n, &row, &word, err);

	r->program->in_place = word == words[1];
	return rc;
}

static int read_check(struct abl_program_reading *r, const struct abl_node *n, struct abl_err *err)
{
	static const char *const words[] = {"repeat", NULL};
	const struct abl_option row = {.name = "check", .type = ABL_CHOICE, .choices = words};
	const char *word = NULL;
	int rc = abl_program_value(n, &row, &word, err);

	r->program->check_repeat = word;
	return rc;
}

static int read_style(struct abl_program_reading *r, const struct abl_node *n, struct abl_err *err)
{
	static const char *const words[] = {"argparse", "hydra", "json", "env", NULL};
	const struct abl_option row = {.name = "flags", .type = ABL_CHOICE, .choices = words};
	const char *word = words[0];
	int rc = n->kind == ABL_NODE_LIST
			 ? abl_node_fail(n, "words for every trial belong into 'command:'", err,
					 "'flags' is the style of options: argparse, hydra, json "
					 "or env")
			 : abl_program_value(n, &row, &word, err);

	free(r->program->flags);
	r->program->flags = abl_strdup(word);
	return rc;
}

static const struct {
	const char *name;
	size_t offset;
} lists[] = {{"setup", offsetof(struct abl_program, setup)},
	     {"wrap", offsetof(struct abl_program, wrap)},
	     {"files", offsetof(struct abl_program, files)},
	     {"inputs", offsetof(struct abl_program, inputs)},
	     {"keep", offsetof(struct abl_program, keep)}};

/* The words of `keep`, which are no patterns; in a list they are. */
static bool takes_keep_word(struct abl_program_reading *r, const struct abl_node *n)
{
	for (size_t i = 0; n->kind == ABL_NODE_SCALAR && abl_keep_words[i]; i++)
		if (!strcmp(n->text, abl_keep_words[i]))
			r->study->keep = abl_keep_words[i];
	return r->study->keep;
}

/* Patterns and lines may be one text; `wrap` is words of a command. */
static int read_lists(struct abl_program_reading *r, struct abl_err *err)
{
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		char ***list = (char ***)((char *)r->program + lists[i].offset);
		const struct abl_node *n = abl_node_get(r->root, lists[i].name);

		if (n && !strcmp(lists[i].name, "keep") && takes_keep_word(r, n))
			continue;
		if (n && abl_program_words_read(n, lists[i].name, strcmp(lists[i].name, "wrap"),
						list, err))
			return ABL_EINPUT;
	}
	return 0;
}

/* Patterns below {out}: that they are below it may be said. */
static int read_keep(struct abl_program_reading *r, const struct abl_node *n, struct abl_err *err)
{
	static const char *const folders[] = {"{out}/", "{state}/"};
	size_t count;
	const struct abl_node *const *items = abl_node_items(&n, &count);

	for (size_t i = 0; i < count && !r->study->keep; i++) {
		char *pattern = r->program->keep[i];

		for (size_t k = 0; k < 2; k++)
			if (!strncmp(pattern, folders[k], strlen(folders[k])))
				memmove(pattern, pattern + strlen(folders[k]),
					strlen(pattern + strlen(folders[k])) + 1);
		if (strchr(pattern, '{'))
			return abl_node_fail(
				items[i], "write * for what differs between trials", err,
				"patterns of 'keep' are taken as they are: braces mean nothing in "
				"'%.60s'",
				pattern);
		if (*pattern == '/' || !strncmp(pattern, "../", 3) || strstr(pattern, "/../"))
			return abl_node_fail(
				items[i], "a pattern is relative to {out}", err,
				"'keep' names files of {out}, and '%.60s' lies outside", pattern);
	}
	return 0;
}

/* A variable that is set twice would depend on who comes last. */
static int check_variables(struct abl_program_reading *r, const struct abl_node *pass,
			   const struct abl_node *seed, struct abl_err *err)
{
	const struct abl_program *p = r->program;

	for (size_t i = 0; i < p->environment_count; i++) {
		for (size_t k = 0; k < p->pass_count; k++)
			if (!strcmp(p->environment[i].name, p->pass[k].name))
				return abl_node_fail(pass->items[2 * k], "keep one of them", err,
						     "'%s' is set by 'environment:' already",
						     p->pass[k].name);
		if (p->seed_variable && !strcmp(p->environment[i].name, p->seed_variable))
			return abl_node_fail(seed, "keep one of them", err,
					     "'%s' is set by 'environment:' already",
					     p->seed_variable);
	}
	return 0;
}

static int read_variables(struct abl_program_reading *r, struct abl_err *err)
{
	struct abl_program *p = r->program;
	const struct abl_node *environment = abl_node_get(r->root, "environment"),
			      *pass = abl_node_get(r->root, "pass");
	int rc = environment
			 ? abl_program_settings_read(environment, "environment", &p->environment,
						     &p->environment_count, err)
			 : 0;

	if (!rc && pass)
		rc = abl_program_settings_read(pass, "pass", &p->pass, &p->pass_count, err);
	return rc ? rc : check_variables(r, pass, abl_node_get(r->root, "seed"), err);
}

int abl_program_read_fields(struct abl_program_reading *r, struct abl_err *err)
{
	static const struct {
		const char *name;
		int (*read)(struct abl_program_reading *, const struct abl_node *,
			    struct abl_err *);
	} fields[] = {{"flags", read_style}, {"seed", read_seed}, {"resume", read_resume},
		      {"stop", read_stop},   {"code", read_code}, {"check", read_check},
		      {"keep", read_keep}};
	int rc = read_directory(r, abl_node_get(r->root, "directory"), err);

	rc = rc ? rc : read_lists(r, err);
	for (size_t i = 0; !rc && i < sizeof fields / sizeof *fields; i++) {
		const struct abl_node *n = abl_node_get(r->root, fields[i].name);

		rc = n ? fields[i].read(r, n, err) : 0;
	}
	return rc ? rc : read_variables(r, err);
}

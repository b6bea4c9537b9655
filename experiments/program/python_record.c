/* SPDX-License-Identifier: Apache-2.0 */
#include "python_record.h"

#include "ask_program.h"
#include "utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

enum { SECONDS = 20, LONGEST = 1 << 20, MOST_PACKAGES = 5000 };

#define BEGIN "ablate: python"

/* Version, path, then a package a line. What `setup` prints comes before. The packages are those
 * that the program finds, whatever folder it is asked in; of one that was installed from a
 * repository the commit says more than its version does. Old versions of Python know less. */
static const char question[] =
	"import sys\n"
	"sys.path[:] = [p for p in sys.path if p]\n"
	"import json\n"
	"print('" BEGIN "')\n"
	"print(sys.version.split()[0])\n"
	"print(sys.executable)\n"
	"try:\n"
	"    from importlib import metadata\n"
	"except ImportError:\n"
	"    sys.exit(0)\n"
	"found = set()\n"
	"for d in metadata.distributions():\n"
	"    try:\n"
	"        line = '%s==%s' % (d.metadata['Name'], d.version)\n"
	"        url = json.loads(d.read_text('direct_url.json') or '{}')\n"
	"        line += '@' * ('vcs_info' in url) + url.get('vcs_info', {}).get('commit_id', '')\n"
	"        line += ' (editable)' * url.get('dir_info', {}).get('editable', False)\n"
	"        found.add(line.replace('\\n', ' '))\n"
	"    except Exception:\n"
	"        pass\n"
	"print('\\n'.join(sorted(found, key=str.lower)))\n";

/* ---- which ---- */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* "python", "python3.11", "pypy3"; not "python-config". */
static bool is_python(const char *word)
{
	const char *name = base_name(word);
	const size_t length = !strncmp(name, "python", 6) ? 6 : !strncmp(name, "pypy", 4) ? 4 : 0;

	return length && !name[length + strspn(name + length, "0123456789.")] &&
	       !strpbrk(word, "{}");
}

static const char *path_variable(void)
{
	const char *path = getenv("PATH");

	return path ? path : "/usr/local/bin:/usr/bin:/bin";
}

char *abl_first_program(const struct abl_environment_spec *spec)
{
	return spec->command[0]
		       ? abl_find_program(spec->command[0], path_variable(), spec->directory)
		       : NULL;
}

/* What a script that the command begins with (torchrun, accelerate) names in its first line. */
static char *of_script(const char *program)
{
	char line[400] = "", *rest = NULL, *word;
	FILE *f = program ? fopen(program, "rb") : NULL;
	bool script = f && fgets(line, sizeof line, f) && !strncmp(line, "#!", 2);

	if (f)
		fclose(f);
	word = script ? strtok_r(line + 2, " \t\r\n", &rest) : NULL;
	if (word && !strcmp(base_name(word), "env"))
		word = strtok_r(NULL, " \t\r\n", &rest);
	return word && is_python(word) ? abl_strdup(word) : NULL;
}

/* Those before it only prepare: others (mpirun, srun) would start it elsewhere, and many times. */
static size_t words_to_python(const struct abl_environment_spec *spec)
{
	const char *const *word = spec->command;

	for (size_t i = 0; word[i] && !strpbrk(word[i], "{}"); i++)
		if (is_python(word[i]))
			return !i || abl_is_one_of("env|nice|ionice|stdbuf|taskset|numactl|conda|"
						   "mamba|micromamba|poetry",
						   base_name(word[0]))
				       ? i + 1
				       : 0;
	return 0;
}

/* ---- asking ---- */

/* Ours and what the study sets, but for what only a trial knows. */
static char **make_environment(const struct abl_environment_spec *spec)
{
	size_t n = 0, used = 0;
	char **out;

	while (environ[n])
		n++;
	out = abl_calloc(n + spec->environment_count + 1, sizeof *out);
	for (size_t i = 0; i < spec->environment_count; i++) {
		struct abl_str entry = {0};

		if (strpbrk(spec->environment[i].value, "{}"))
			continue;
		abl_str_printf(&entry, "%s=%s", spec->environment[i].name,
			       spec->environment[i].value);
		out[used++] = entry.text;
	}
	for (size_t i = 0; i < n; i++) { /* the first of a name counts */
		size_t length = strcspn(environ[i], "=") + 1, k = 0;

		while (k < used && strncmp(out[k], environ[i], length) != 0)
			k++;
		if (k == used)
			out[used++] = abl_strdup(environ[i]);
	}
	return out;
}

/* [sh -c SETUP sh] [wrap] python -c QUESTION */
static int ask(const struct abl_environment_spec *spec, const char *const *python, size_t words,
	       bool in_wrap, struct abl_str *out)
{
	size_t wraps = 0, n = 0;
	const bool sets_up = spec->setup && spec->setup[0];
	struct abl_str script = {0};
	char *program, **environment;
	const char **argv;
	int code = -1;

	while (in_wrap && spec->wrap[wraps])
		wraps++;
	argv = abl_calloc(wraps + words + 12, sizeof *argv);
	for (size_t i = 0; sets_up && spec->setup[i]; i++)
		abl_str_printf(&script, "%s\n", spec->setup[i]);
	abl_str_puts(&script, "exec \"$@\"\n");
	if (sets_up) {
		const char *const shell[] = {"/bin/sh", "-c", script.text, "sh"};

		for (; n < 4; n++)
			argv[n] = shell[n];
	}
	for (size_t i = 0; i < wraps; i++)
		argv[n++] = spec->wrap[i];
	for (size_t i = 0; i < words; i++)
		argv[n++] = python[i];
	argv[n++] = "-c";
	argv[n++] = question;
	program = abl_find_program(argv[0], path_variable(), spec->directory);
	environment = make_environment(spec);
	if (program) {
		const struct abl_ask a = {
			.argv = argv,
			.environment = (const char *const *)environment,
			.directory = spec->directory,
			.seconds = SECONDS,
			.limit = LONGEST,
		};

		argv[0] = program;
		code = abl_ask_program(&a, out, NULL);
	}
	for (size_t i = 0; environment[i]; i++)
		free(environment[i]);
	free(environment);
	free(program);
	free(argv);
	abl_str_finish(&script);
	return code;
}

/* ---- the record ---- */

static void put_line(struct abl_json *j, json_t *object, const char *name, const char *line)
{
	struct abl_str text = {0};

	abl_utf8_visible(&text, line, strlen(line));
	if (name)
		abl_json_text(j, object, name, text.text);
	else
		abl_json_add(j, object, json_string(text.text));
	abl_str_finish(&text);
}

static void put_answer(struct abl_json *j, char *answer, struct abl_str *summary)
{
	json_t *python = abl_json_object(j, j->root, "python"), *packages;
	char hash[ABL_HASH_TEXT], *rest = NULL, *line = strtok_r(answer, "\n", &rest);
	struct abl_hash *h = abl_hash_create();
	size_t count = 0;

	put_line(j, python, "version", line ? line : "");
	abl_str_printf(summary, "python %s", line ? line : "");
	line = strtok_r(NULL, "\n", &rest);
	put_line(j, python, "path", line ? line : "");
	packages = abl_json_array(j, python, "packages");
	while ((line = strtok_r(NULL, "\n", &rest)) && count++ < MOST_PACKAGES) {
		abl_hash_field(h, "package", line);
		put_line(j, packages, NULL, line);
	}
	abl_json_text(j, python, "packages_hash", abl_hash_text(h, hash));
	abl_str_printf(summary, ", %zu package%s (%.8s)", count, abl_plural((int64_t)count), hash);
	abl_hash_destroy(h);
}

void abl_python_record(struct abl_json *j, const struct abl_environment_spec *spec, bool in_wrap,
		       struct abl_str *summary)
{
	size_t words = words_to_python(spec);
	char *program = words || in_wrap ? NULL : abl_first_program(spec);
	char *of = of_script(program), *begin = NULL;
	const char *const alone[] = {of};
	struct abl_str answer = {0};

	if ((words || of) &&
	    !ask(spec, words ? spec->command : alone, words ? words : 1, in_wrap, &answer))
		begin = strstr(answer.text, BEGIN "\n");
	if (begin)
		put_answer(j, begin + sizeof BEGIN, summary);
	free(program);
	free(of);
	abl_str_finish(&answer);
}

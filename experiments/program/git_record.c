/* SPDX-License-Identifier: Apache-2.0 */
/* git_record.c - `git status` and `git diff` start what a repository names: a file system monitor,
 * filters, text converters. So the tree of the commit is listed, and files are hashed without
 * filters, by commands that look at nothing else. */
#include "git_record.h"

#include "ask_program.h"
#include "code_found.h"
#include "json.h"
#include "machine.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

extern char **environ;

enum { SECONDS = 5, LONGEST = 1 << 26, BATCH = 500, BATCH_BYTES = 100000, NAMED = 100 };

/* What a repository could have git start or ask for is off, in each call. */
static const char *const settings[] = {
	"--no-pager",
	"--no-replace-objects",
	"--literal-pathspecs",
	"--no-optional-locks",
	"-c",
	"core.fsmonitor=false",
	"-c",
	"core.hooksPath=/dev/null",
	"-c",
	"core.sshCommand=false",
	"-c",
	"core.gitProxy=false",
	"-c",
	"core.askPass=false",
	"-c",
	"core.alternateRefsCommand=false",
	"-c",
	"core.untrackedCache=false",
	"-c",
	"credential.helper=",
	"-c",
	"diff.external=",
	"-c",
	"protocol.allow=never",
	"-c",
	"gc.auto=0",
	"-c",
	"maintenance.auto=false",
	"-c",
	"submodule.recurse=false",
	"-c",
	"status.submoduleSummary=false",
};

static const char *const variables[] = {
	"GIT_OPTIONAL_LOCKS=0",    "GIT_TERMINAL_PROMPT=0",
	"GIT_ALLOW_PROTOCOL=none", "GIT_NO_LAZY_FETCH=1",
	"GIT_PAGER=cat",           "GIT_ASKPASS=false",
	"GIT_SSH_COMMAND=false",   "LC_ALL=C",
};

#define COUNT(list) (sizeof(list) / sizeof *(list))

enum verdict { SAME, MODIFIED, UNTRACKED, FILTERED, ELSEWHERE };

struct entry { /* of the commit's tree */
	const char *mode, *hash, *path;
};

struct git {
	char *program;
	const char **environment;
	const struct abl_code_set *code;
	double end;
	struct abl_str tree;
	struct entry *entry;
	size_t count, capacity;
	enum verdict *verdict; /* [code->code.count] */
};

/* ---- asking ---- */

/* Ours, without what would point it elsewhere. */
static void make_environment(struct git *g)
{
	size_t n = 0, used = 0;

	while (environ[n])
		n++;
	g->environment = abl_calloc(n + COUNT(variables) + 1, sizeof *g->environment);
	for (size_t i = 0; i < n; i++)
		if (strncmp(environ[i], "GIT_", 4) != 0 && strncmp(environ[i], "LC_ALL=", 7) != 0 &&
		    strncmp(environ[i], "LANGUAGE=", 9) != 0)
			g->environment[used++] = environ[i];
	for (size_t i = 0; i < COUNT(variables); i++)
		g->environment[used++] = variables[i];
}

/* `words`: the command; `files`: what follows "--", `count` of them. */
static int ask(struct git *g, const char *const *words, const char *const *files, size_t count,
	       struct abl_str *out, struct abl_str *said)
{
	const char **argv = abl_calloc(COUNT(settings) + count + 16, sizeof *argv);
	struct abl_ask a = {
		.argv = argv,
		.environment = g->environment,
		.directory = g->code->directory,
		.seconds = g->end - abl_clock_now(),
		.limit = LONGEST,
	};
	size_t n = 0;
	int code;

	argv[n++] = g->program;
	for (size_t i = 0; i < COUNT(settings); i++)
		argv[n++] = settings[i];
	while (*words)
		argv[n++] = *words++;
	if (files)
		argv[n++] = "--";
	for (size_t i = 0; i < count; i++)
		argv[n++] = files[i];
	code = abl_ask_program(&a, out, said);
	free(argv);
	return code;
}

/* ---- the commit's tree ---- */

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->path, ((const struct entry *)b)->path);
}

/* "mode type hash\tpath", each with a zero. */
static bool take_tree(struct git *g)
{
	static const char *const words[] = {"ls-tree", "-r", "-z", "HEAD", NULL};

	if (ask(g, words, NULL, 0, &g->tree, NULL))
		return false;
	for (char *p = g->tree.text, *end = p + g->tree.length; p < end; p += strlen(p) + 1) {
		struct entry e = {.mode = p};
		char *type = strchr(p, ' '), *hash = type ? strchr(type + 1, ' ') : NULL;
		char *path = hash ? strchr(hash + 1, '\t') : NULL;

		if (!path)
			return false;
		*type = *path = '\0';
		e.hash = hash + 1;
		e.path = p = path + 1;
		abl_grow(&g->entry, &g->capacity, g->count + 1, sizeof *g->entry);
		g->entry[g->count++] = e;
	}
	if (g->count)
		qsort(g->entry, g->count, sizeof *g->entry, by_path);
	return true;
}

static const struct entry *entry_of(const struct git *g, const char *path)
{
	const struct entry key = {.path = path};

	return g->count ? bsearch(&key, g->entry, g->count, sizeof key, by_path) : NULL;
}

/* A repository of its own in this one: its files are not in our tree. */
static bool in_submodule(const struct git *g, const char *path)
{
	char *part = abl_strdup(path), *slash;
	bool found = false;

	while (!found && (slash = strrchr(part, '/'))) {
		const struct entry *e;

		*slash = '\0';
		e = entry_of(g, part);
		found = e && !strcmp(e->mode, "160000");
	}
	free(part);
	return found;
}

/* Before contents are compared. */
static enum verdict first_verdict(const struct git *g, const struct abl_code_file *f)
{
	const struct entry *e = *f->path == '/' ? NULL : entry_of(g, f->path);

	if (*f->path == '/')
		return ELSEWHERE;
	if (!e)
		return in_submodule(g, f->path) ? ELSEWHERE : UNTRACKED;
	if (!strcmp(e->mode, "120000"))
		return ELSEWHERE; /* a link, of which the commit has the name only */
	return !strcmp(e->mode, "100755") == f->content.executable ? SAME : MODIFIED;
}

/* ---- contents ---- */

/* One line for each of the files: does it say what the tree says? */
static bool compare(struct git *g, const size_t *which, size_t count)
{
	static const char *const words[] = {"hash-object", "--no-filters", NULL};
	const char **files = abl_calloc(count, sizeof *files);
	struct abl_str out = {0};
	char *line, *rest = NULL;
	bool ok;

	for (size_t i = 0; i < count; i++)
		files[i] = g->code->code.file[which[i]].path;
	ok = !ask(g, words, files, count, &out, NULL);
	line = ok ? strtok_r(out.text, "\n", &rest) : NULL;
	for (size_t i = 0; i < count && ok; i++, line = strtok_r(NULL, "\n", &rest)) {
		ok = line;
		if (line && strcmp(line, entry_of(g, files[i])->hash) != 0)
			g->verdict[which[i]] = MODIFIED;
	}
	abl_str_finish(&out);
	free(files);
	return ok;
}

/* Those that differ, but are kept by git in another form: "path\0filter\0value\0" each. */
static bool forgive_filters(struct git *g, const size_t *which, size_t count)
{
	static const char *const words[] = {"check-attr", "-z", "filter", NULL};
	const char **files = abl_calloc(count, sizeof *files);
	struct abl_str out = {0};
	const char *p, *end;
	bool ok;

	for (size_t i = 0; i < count; i++)
		files[i] = g->code->code.file[which[i]].path;
	ok = !ask(g, words, files, count, &out, NULL);
	p = out.text;
	end = p + out.length;
	for (size_t i = 0; i < count && ok && p < end; i++) {
		for (int field = 0; field < 2 && p < end; field++)
			p += strlen(p) + 1;
		if (p < end && strcmp(p, "unspecified") != 0 && strcmp(p, "unset") != 0)
			g->verdict[which[i]] = FILTERED;
		if (p < end)
			p += strlen(p) + 1;
	}
	abl_str_finish(&out);
	free(files);
	return ok;
}

/* A command line has room for so many names only. */
static bool in_batches(struct git *g, enum verdict of,
		       bool (*does)(struct git *g, const size_t *which, size_t count))
{
	size_t which[BATCH], count = 0, bytes = 0;
	bool ok = true;

	for (size_t i = 0; i < g->code->code.count && ok; i++) {
		size_t length = strlen(g->code->code.file[i].path) + 1;

		if (g->verdict[i] != of)
			continue;
		if (count == BATCH || (count && bytes + length > BATCH_BYTES)) {
			ok = does(g, which, count);
			count = bytes = 0;
		}
		which[count++] = i;
		bytes += length;
	}
	return ok && (!count || does(g, which, count));
}

static bool judge(struct git *g)
{
	g->verdict = abl_calloc(g->code->code.count + 1, sizeof *g->verdict);
	for (size_t i = 0; i < g->code->code.count; i++)
		g->verdict[i] = first_verdict(g, &g->code->code.file[i]);
	return in_batches(g, SAME, compare) && in_batches(g, MODIFIED, forgive_filters);
}

/* ---- the record ---- */

static size_t put_names(struct abl_json *j, const struct git *g, enum verdict which,
			const char *name)
{
	json_t *list = abl_json_array(j, j->root, name);
	struct abl_str text = {0};
	size_t count = 0;

	for (size_t i = 0; i < g->code->code.count; i++) {
		const char *path = g->code->code.file[i].path;

		if (g->verdict[i] != which || count++ >= NAMED)
			continue;
		abl_str_clear(&text);
		abl_utf8_visible(&text, path, strlen(path));
		abl_json_add(j, list, json_string(text.text));
	}
	abl_str_clear(&text);
	abl_str_printf(&text, "%s_count", name);
	abl_json_int(j, j->root, text.text, (int64_t)count);
	abl_str_finish(&text);
	return count;
}

/* Without what a terminal acts upon. */
static void put_line(struct abl_json *j, const char *name, const char *line)
{
	struct abl_str text = {0};

	abl_utf8_visible(&text, line, strcspn(line, "\n"));
	abl_json_text(j, j->root, name, text.length ? text.text : NULL);
	abl_str_finish(&text);
}

static bool any(const struct git *g, enum verdict which)
{
	for (size_t i = 0; i < g->code->code.count; i++)
		if (g->verdict[i] == which)
			return true;
	return false;
}

static json_t *record(struct git *g, char *head)
{
	char *branch = head + strcspn(head, "\n");
	struct abl_json j;
	size_t unlike;

	branch += *branch == '\n';
	abl_json_begin(&j);
	put_line(&j, "commit", head);
	if (strncmp(branch, "HEAD\n", 5) != 0)
		put_line(&j, "branch", branch);
	if (!take_tree(g) || !judge(g)) {
		abl_json_text(&j, j.root, "problem", "git does not say which files are changed");
		return abl_json_take(&j);
	}
	unlike = put_names(&j, g, MODIFIED, "modified");
	unlike += put_names(&j, g, UNTRACKED, "untracked");
	put_names(&j, g, FILTERED, "filtered");
	if (any(g, ELSEWHERE))
		put_names(&j, g, ELSEWHERE, "elsewhere");
	abl_json_bool(&j, j.root, "dirty", unlike > 0);
	return abl_json_take(&j);
}

/* Not in a repository: nothing to be said. Otherwise why git does not tell. */
static json_t *problem(const struct abl_str *said)
{
	struct abl_json j;

	if (strstr(said->text, "not a git repository"))
		return NULL;
	abl_json_begin(&j);
	put_line(&j, "problem", said->length ? said->text : "git does not answer");
	return abl_json_take(&j);
}

json_t *abl_git_record(const struct abl_code_set *c)
{
	static const char *const words[] = {"rev-parse", "HEAD", "--abbrev-ref", "HEAD", NULL};
	const char *path = getenv("PATH");
	struct git g = {.code = c, .end = abl_clock_now() + SECONDS};
	struct abl_str head = {0}, said = {0};
	json_t *out;

	g.program = abl_find_program("git", path ? path : "/usr/bin:/bin", c->directory);
	if (!g.program)
		return NULL;
	make_environment(&g);
	out = ask(&g, words, NULL, 0, &head, &said) ? problem(&said) : record(&g, head.text);
	free(g.program);
	free(g.environment);
	free(g.entry);
	free(g.verdict);
	abl_str_finish(&g.tree);
	abl_str_finish(&head);
	abl_str_finish(&said);
	return out;
}

void abl_git_summary(const json_t *record, struct abl_str *out)
{
	const char *commit = json_string_value(json_object_get(record, "commit"));
	const char *branch = json_string_value(json_object_get(record, "branch"));
	const char *why = json_string_value(json_object_get(record, "problem"));
	long long modified = json_integer_value(json_object_get(record, "modified_count"));
	long long untracked = json_integer_value(json_object_get(record, "untracked_count"));

	if (commit)
		abl_str_printf(out, "commit %.10s", commit);
	if (commit && branch)
		abl_str_printf(out, " of '%s'", branch);
	if (modified)
		abl_str_printf(out, ", %lld file%s modified", modified, abl_plural(modified));
	if (untracked)
		abl_str_printf(out, ", %lld not in git", untracked);
	if (why)
		abl_str_printf(out, "%s%s", commit ? "; " : "", why);
}

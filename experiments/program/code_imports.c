/* SPDX-License-Identifier: Apache-2.0 */
/* code_imports.c - modules beside a Python file that it imports, and that are not among the code:
 * the commonest thing to be forgotten. Lines are looked at, nothing is executed. */
#include "code_found.h"
#include "files.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SCRIPTS = 200, LARGEST = 1 << 20, LONGEST_NAME = 100 };

/* Is it among the code or the inputs, itself or, of a folder, something in it? */
static bool is_known(const struct abl_code_set *c, const char *path)
{
	const size_t length = strlen(path);

	for (size_t i = 0; i < c->code.count; i++)
		if (!strncmp(c->code.file[i].path, path, length) &&
		    (!c->code.file[i].path[length] || c->code.file[i].path[length] == '/'))
			return true;
	return abl_code_is_input(c, path);
}

static bool exists(const struct abl_code_set *c, const char *path, bool folder)
{
	char *full = abl_code_full(c, path);
	bool there = folder ? abl_is_dir(full) : abl_is_regular(full);

	free(full);
	return there;
}

/* `in`: the script's folder with its slash, or "". */
static void look_for(struct abl_code_set *c, const char *script, const char *in, const char *module)
{
	struct abl_str file = {0}, folder = {0}, package = {0};
	const char *missing = NULL;

	abl_str_printf(&file, "%s%s.py", in, module);
	abl_str_printf(&folder, "%s%s", in, module);
	abl_str_printf(&package, "%s/__init__.py", folder.text);
	if (exists(c, file.text, false))
		missing = is_known(c, file.text) ? NULL : file.text;
	else if (exists(c, package.text, false))
		missing = is_known(c, folder.text) ? NULL : package.text;
	if (missing && !(c->notes.length && strstr(c->notes.text, missing)))
		abl_str_printf(&c->notes,
			       "'%s', which '%s' imports, is not among 'files': changes of it are "
			       "not seen, and a copy of the code has none\n",
			       missing, script);
	abl_str_finish(&file);
	abl_str_finish(&folder);
	abl_str_finish(&package);
}

/* The name at *text, which goes behind it; false: there is none. */
static bool take_name(const char **text, char name[LONGEST_NAME])
{
	size_t n = 0;

	*text += strspn(*text, " \t.");
	while (n + 1 < LONGEST_NAME && (isalnum((unsigned char)**text) || **text == '_'))
		name[n++] = *(*text)++;
	name[n] = '\0';
	return n;
}

/* "import a.b as c, d", "from a.b import c", "from .a import b". */
static void take_line(struct abl_code_set *c, const char *script, const char *in, const char *line)
{
	char name[LONGEST_NAME];

	line += strspn(line, " \t");
	if (!strncmp(line, "from", 4) && isblank((unsigned char)line[4])) {
		line += 4;
		if (take_name(&line, name))
			look_for(c, script, in, name);
	} else if (!strncmp(line, "import", 6) && isblank((unsigned char)line[6])) {
		line += 6;
		while (take_name(&line, name)) {
			look_for(c, script, in, name);
			line += strcspn(line, ",");
			line += *line == ',';
		}
	}
}

static void look_at(struct abl_code_set *c, const char *script)
{
	const char *slash = strrchr(script, '/');
	char *in = strndup(script, slash ? (size_t)(slash + 1 - script) : 0), *line, *rest = NULL;
	char *full = abl_code_full(c, script);
	struct abl_content content;
	struct abl_str text = {0};

	abl_there(in, "a path");
	if (!abl_content_read(full, LARGEST, &text, &content, NULL))
		for (line = strtok_r(text.text, "\r\n", &rest); line;
		     line = strtok_r(NULL, "\r\n", &rest))
			take_line(c, script, in, line);
	abl_str_finish(&text);
	free(full);
	free(in);
}

void abl_code_note_imports(struct abl_code_set *c)
{
	size_t scripts = 0;

	for (size_t i = 0; i < c->code.count && scripts < MOST_SCRIPTS; i++) {
		const char *path = c->code.file[i].path, *dot = strrchr(path, '.');

		if (*path == '/' || !dot || strcmp(dot, ".py") != 0)
			continue;
		look_at(c, path);
		scripts++;
	}
}

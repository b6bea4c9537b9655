/* SPDX-License-Identifier: Apache-2.0 */
#include "study_files.h"

#include "code_found.h"
#include "files.h"
#include "tar_read.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_HEAD "# file "
#define CONFIRM_HEAD "# made by 'ablate confirm "

static char *absolute(const char *path)
{
	char *here = getcwd(NULL, 0), *joined, *plain;

	joined = *path == '/' || !here ? abl_strdup(path) : abl_carry_join(here, path);
	plain = abl_code_plain(joined);
	free(here), free(joined);
	return plain;
}

/* Shortens `root` to what it has in common with the folder. */
static void take_folder(char **root, const char *folder)
{
	if (!*root) {
		*root = abl_strdup(folder);
		return;
	}
	while (strcmp(*root, folder) != 0 && !abl_carry_below(folder, *root)) {
		char *up = abl_path_dir(*root);

		free(*root);
		*root = up;
	}
}

/* ---- the files of a record ---- */

struct part {
	char *path; /* absolute */
	const char *text;
	size_t length;
};
struct parts {
	struct part *part;
	size_t count, capacity;
};

static void add_part(struct parts *p, char *path, const char *text, size_t length)
{
	abl_grow(&p->part, &p->capacity, p->count + 1, sizeof *p->part);
	p->part[p->count++] = (struct part){absolute(path), text, length};
	free(path);
}

/* As abl_study.text has them: the study file is the last of several. */
static void take_apart(struct parts *p, const char *path, const char *text)
{
	if (strncmp(text, FILE_HEAD, strlen(FILE_HEAD)) != 0) {
		add_part(p, abl_strdup(path), text, strlen(text));
		return;
	}
	while (*text) {
		const char *name = text + strlen(FILE_HEAD), *end = name + strcspn(name, "\n"),
			   *from = end + (*end == '\n'), *next = strstr(from, "\n" FILE_HEAD);
		const size_t n = next ? (size_t)(next - from) : strlen(from);
		struct abl_str its = {0};

		abl_str_add(&its, name, (size_t)(end - name));
		add_part(p, its.text ? its.text : abl_strdup(""), from, n);
		text = from + n + (next != NULL);
	}
}

static int write_part(const struct abl_study_layout *l, const struct part *p, size_t at,
		      const char *folder, struct abl_carry_files *files, struct abl_err *err)
{
	const char *name = abl_carry_below(p->path, l->root);
	struct abl_str to = {0}, text = {0};
	int rc;

	if (!name || !abl_tar_name_is_fine(name))
		return 0;
	abl_str_printf(&to, "%s/text-%zu", folder, at);
	abl_str_add(&text, p->text, p->length);
	abl_study_mend_record(text.text);
	rc = abl_file_write(to.text, text.text, text.length, err);
	abl_str_finish(&text);
	abl_carry_files_add(files, abl_carry_join("study", name), to.text);
	return rc;
}

/* ---- where everything lay ---- */

static void look_at_study(struct abl_study_layout *l, const char *path, const char *text)
{
	const struct abl_study_options options = {.recorded = text, .no_files = true};
	struct abl_err ignored = {0};
	struct abl_str commands = {0};
	struct abl_study *s = NULL;

	l->executes = true; /* nobody knows */
	if (abl_study_load(&s, path, &options, &ignored))
		return;
	l->is_known = true;
	l->executes = abl_study_commands(s, &commands);
	if (s->program && s->program->directory)
		l->directory = absolute(s->program->directory);
	if (s->data && strcmp(s->data, "world") != 0)
		l->data = absolute(s->data);
	abl_str_finish(&commands);
	abl_study_destroy(s);
}

int abl_study_layout_make(struct abl_study_layout *out, const char *path, const char *text,
			  const char *folder, struct abl_carry_files *files, struct abl_err *err)
{
	struct parts parts = {0};
	int rc = 0;

	*out = (struct abl_study_layout){0};
	if (!path || !text || !strncmp(text, CONFIRM_HEAD, strlen(CONFIRM_HEAD)))
		return 0; /* it has no file of its own */
	look_at_study(out, path, text);
	take_apart(&parts, path, text);
	for (size_t i = 0; i < parts.count; i++) {
		char *its = abl_path_dir(parts.part[i].path);

		take_folder(&out->root, its);
		free(its);
	}
	if (out->directory)
		take_folder(&out->root, out->directory);
	for (size_t i = 0; i < parts.count && !rc; i++)
		rc = write_part(out, &parts.part[i], i, folder, files, err);
	if (parts.count && abl_carry_below(parts.part[parts.count - 1].path, out->root))
		out->file =
			abl_strdup(abl_carry_below(parts.part[parts.count - 1].path, out->root));
	for (size_t i = 0; i < parts.count; i++)
		free(parts.part[i].path);
	free(parts.part);
	return rc;
}

void abl_study_layout_finish(struct abl_study_layout *l)
{
	if (!l)
		return;
	free(l->root), free(l->directory), free(l->data), free(l->file);
	*l = (struct abl_study_layout){0};
}

static char *placed(const char *folder, const char *below)
{
	return below && abl_tar_name_is_fine(below) ? abl_carry_join(folder, below) : NULL;
}

char *abl_study_layout_data(const struct abl_study_layout *l, const char *path)
{
	char *joined = l->directory && *path != '/' ? abl_carry_join(l->directory, path) : NULL;
	char *whole = absolute(joined ? joined : path), *name = NULL;

	if (l->root)
		name = placed("study", abl_carry_below(whole, l->root));
	if (!name && l->data)
		name = placed("data", abl_carry_below(whole, l->data));
	if (!name)
		name = placed("data", strrchr(whole, '/') + 1);
	free(joined), free(whole);
	return name;
}

char *abl_study_layout_code(const struct abl_study_layout *l, const char *name)
{
	char *path, *out;

	if (!l->directory || !l->root || *name == '/')
		return NULL;
	path = abl_carry_join(l->directory, name);
	out = placed("study", abl_carry_below(path, l->root));
	free(path);
	return out;
}

char *abl_study_renamed(const char *text, const char *name)
{
	const char *line = NULL;
	struct abl_str out = {0};

	for (const char *p = text; p; p = (p = strchr(p, '\n')) ? p + 1 : NULL)
		if (!strncmp(p, "study:", 6))
			line = p; /* the study file's own comes last */
	if (!line)
		return NULL;
	abl_str_add(&out, text, (size_t)(line - text));
	abl_str_printf(&out, "study: %s", name);
	abl_str_puts(&out, line + strcspn(line, "\n"));
	return out.text;
}

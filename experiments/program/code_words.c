/* SPDX-License-Identifier: Apache-2.0 */
/* code_words.c - the files that words of `command` and `wrap` name: "train.py", "--config=a.yaml",
 * "{directory}/train.py". Words with other placeholders name nothing before there is a trial. */
#include "code_found.h"
#include "files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define DIRECTORY "{directory}"

struct word {
	const char *raw; /* as in the study */
	bool of_wrap, first;
	size_t at;
	size_t head;         /* of raw, before what may be a path: "--config=" */
	bool in_directory;   /* begins with {directory} */
	struct abl_str text; /* the path as written, braces undone */
	char *path;          /* absolute */
	char *name;          /* in the lists */
};

/* Undoes "{{" and "}}"; false: there is a placeholder. */
static bool undo_braces(const char *raw, struct abl_str *out)
{
	abl_str_clear(out);
	abl_str_add(out, "", 0);
	for (; *raw; raw++) {
		if ((*raw == '{' || *raw == '}') && raw[1] != *raw)
			return false;
		abl_str_add(out, raw, 1);
		raw += *raw == '{' || *raw == '}';
	}
	return true;
}

static char *with_braces(const char *raw, size_t head, const char *path)
{
	struct abl_str out = {0};

	abl_str_add(&out, raw, head);
	for (; *path; path++) {
		abl_str_add(&out, path, 1);
		if (*path == '{' || *path == '}')
			abl_str_add(&out, path, 1);
	}
	return out.text;
}

/* Does the word, from `head` on, name something that exists? */
static bool look(const struct abl_code_search *s, struct word *w, size_t head, struct stat *st)
{
	const char *raw = w->raw + head;
	struct abl_str path = {0};

	w->head = head;
	w->in_directory = !strncmp(raw, DIRECTORY "/", sizeof DIRECTORY);
	if (!undo_braces(raw + (w->in_directory ? sizeof DIRECTORY : 0), &w->text))
		return false;
	if (w->in_directory || w->text.text[0] != '/')
		abl_str_printf(&path, "%s/", s->out->directory);
	abl_str_puts(&path, w->text.text);
	free(w->path);
	w->path = path.text;
	return w->text.length && !stat(w->path, st);
}

static bool begin(const struct abl_code_search *s, struct word *w, struct stat *st)
{
	const char *equals = strchr(w->raw, '=');

	if (!look(s, w, 0, st) && (!equals || !look(s, w, (size_t)(equals + 1 - w->raw), st)))
		return false;
	w->name = abl_code_name(s, w->path);
	return true;
}

static void end(struct word *w)
{
	abl_str_finish(&w->text);
	free(w->path);
	free(w->name);
}

static bool is_relative(const struct word *w)
{
	return !w->in_directory && w->text.text[0] != '/';
}

/* ---- what it is ---- */

static bool beside(const char *folder, const char *name)
{
	char *path = abl_path_join(folder, name);
	bool there = abl_file_exists(path);

	free(path);
	return there;
}

/* Is it in `bin` of a Python environment? A copy elsewhere would not find its packages. */
static bool is_in_environment(const char *path)
{
	char *bin = abl_path_dir(path), *folder = abl_path_dir(bin);
	bool is = beside(folder, "pyvenv.cfg") || beside(folder, "conda-meta");

	free(bin);
	free(folder);
	return is;
}

static bool leads_outside(const struct abl_code_search *s, const char *path)
{
	char *real = realpath(path, NULL), *name = real ? abl_code_name(s, real) : NULL;
	bool outside = name && *name == '/';

	free(real);
	free(name);
	return outside;
}

/* A compiled program that lies elsewhere is part of the machine, as the interpreter is. */
static bool is_machine_code(const char *path)
{
	char head[4] = "";
	FILE *f = fopen(path, "rb");
	bool is = f && fread(head, 1, 4, f) == 4 && !memcmp(head, "\177ELF", 4);

	if (f)
		fclose(f);
	return is;
}

static bool is_image(const char *path)
{
	static const char *const ends[] = {".sif", ".simg", ".img", ".sqsh", ".sqfs", ".tar"};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < sizeof ends / sizeof *ends; i++)
		if (!strcasecmp(dot, ends[i]))
			return true;
	return false;
}

/* ---- what becomes of it ---- */

static void read_as(struct abl_code_set *c, const struct word *w, const char *path)
{
	abl_grow(&c->word, &c->word_capacity, c->word_count + 1, sizeof *c->word);
	c->word[c->word_count++] = (struct abl_code_word){
		.of_wrap = w->of_wrap,
		.at = w->at,
		.text = with_braces(w->raw, w->head, path),
	};
}

/* In the copy the same words have to lead to it. */
static void keep_meaning(struct abl_code_set *c, const struct word *w)
{
	struct abl_str near = {0};

	if (*w->name == '/') {
		if (is_relative(w) || w->in_directory)
			read_as(c, w, w->name);
		return;
	}
	if (is_relative(w) && !strstr(w->text.text, ".."))
		return;
	abl_str_printf(&near, "%s%s", strchr(w->name, '/') ? "" : "./", w->name);
	read_as(c, w, near.text);
	abl_str_finish(&near);
}

static void use_where_it_is(struct abl_code_set *c, const struct word *w)
{
	char *plain;

	if (!is_relative(w) && !w->in_directory)
		return;
	plain = abl_code_plain(w->path);
	read_as(c, w, plain);
	free(plain);
}

static void add_file(struct abl_code_search *s, struct word *w)
{
	const bool outside = *w->name == '/';

	if (w->first && is_relative(w) && !strchr(w->text.text, '/'))
		return; /* found in PATH */
	if (is_in_environment(w->path) || (w->first && (outside || leads_outside(s, w->path)))) {
		use_where_it_is(s->out, w);
		return;
	}
	keep_meaning(s->out, w);
	if (w->of_wrap && !outside && is_image(w->path)) {
		abl_code_add_link(s->out, w->name);
	} else if (!outside || (!w->of_wrap && !is_machine_code(w->path))) {
		abl_code_add(&s->out->code, w->name);
		w->name = NULL;
	}
}

/* A folder counts by the patterns alone. One that the copy lacks is worth a word. */
static void add_folder(struct abl_code_search *s, const struct word *w)
{
	struct abl_code_set *c = s->out;
	const size_t length = strlen(w->name);
	bool there = *w->name == '/' || !is_relative(w) || abl_code_is_input(c, w->name);

	if (*w->name == '/' && is_relative(w) && strstr(w->text.text, ".."))
		read_as(c, w, w->name);
	for (size_t i = 0; i < c->code.count && !there; i++)
		there = !strncmp(c->code.file[i].path, w->name, length) &&
			c->code.file[i].path[length] == '/';
	for (size_t i = 0; i < c->link_count && !there; i++)
		there = !strncmp(c->link[i].path, w->name, length) &&
			c->link[i].path[length] == '/';
	if (!there)
		abl_str_printf(&c->notes,
			       "'%s' is a folder of '%s' and neither among 'files' nor 'inputs': "
			       "a copy of the code has none\n",
			       w->name, c->directory);
}

/* Does the word look like a file of code? */
static bool is_code(const char *word, bool first, bool wrapped)
{
	static const char *const ends[] = {".py", ".sh", ".bash", ".r",  ".jl",
					   ".pl", ".rb", ".lua",  ".js", ".ts"};
	const char *dot = strrchr(word, '.');

	if (strpbrk(word, " \t\n;|&$`\"'") || (wrapped && *word == '/')) /* of the container */
		return false;
	for (size_t i = 0; dot && i < sizeof ends / sizeof *ends; i++)
		if (!strcasecmp(dot, ends[i]))
			return true;
	return first && !wrapped && strchr(word, '/');
}

/* What was misspelt is better told before it fails. */
static void tell_missing(struct abl_code_search *s, const struct word *w)
{
	const bool wrapped = s->spec->wrap && *s->spec->wrap;

	if (strpbrk(w->raw, "={") || !is_code(w->raw, !w->at, wrapped))
		return;
	abl_str_printf(&s->out->notes, "the command names '%s', and there is no such file%s%s%s\n",
		       w->raw, *w->raw == '/' ? "" : " in '",
		       *w->raw == '/' ? "" : s->out->directory, *w->raw == '/' ? "" : "'");
}

static void add_list(struct abl_code_search *s, const char *const *words, bool of_wrap,
		     bool folders)
{
	const char *const *wrap = s->spec->wrap;
	const bool wrapped = !of_wrap && wrap && *wrap;

	for (size_t i = 0; words && words[i]; i++) {
		struct word w = {.raw = words[i], .of_wrap = of_wrap, .at = i};
		struct stat st;

		/* both the wrapper and the program in it */
		w.first = !i && !(wrapped && !strchr(words[i], '/'));
		if (begin(s, &w, &st)) {
			if (S_ISREG(st.st_mode) && !folders)
				add_file(s, &w);
			else if (S_ISDIR(st.st_mode) && folders)
				add_folder(s, &w);
		} else if (!of_wrap && !folders) {
			tell_missing(s, &w);
		}
		end(&w);
	}
}

void abl_code_add_words(struct abl_code_search *s)
{
	for (int folders = 0; folders < 2; folders++) {
		add_list(s, s->spec->wrap, true, folders);
		add_list(s, s->spec->command, false, folders);
		abl_code_settle_links(s->out); /* images have come to them */
	}
}

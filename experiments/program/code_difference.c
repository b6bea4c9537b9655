/* SPDX-License-Identifier: Apache-2.0 */
#include "code_difference.h"

#include "ask_program.h"
#include "code_copy.h"
#include "code_found.h"
#include "code_record.h"
#include "files.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_NAMES = 20, MOST_LINES = 60, MOST_COLUMNS = 120, SECONDS = 5, LONGEST = 1 << 20 };

enum kind { CHANGED, MODE, NEW, GONE, KINDS };

static const char *const words[KINDS] = {"changed", "changed: may be executed or not", "new",
					 "gone"};

struct difference {
	const char *path;
	enum kind kind;
};

struct found {
	struct difference *of;
	size_t count, capacity, number[KINDS];
};

static void add(struct found *f, const char *path, enum kind kind)
{
	abl_grow(&f->of, &f->capacity, f->count + 1, sizeof *f->of);
	f->of[f->count++] = (struct difference){path, kind};
	f->number[kind]++;
}

/* Both are sorted. */
static void compare(struct found *f, const struct abl_code_list *old,
		    const struct abl_code_list *now)
{
	size_t i = 0, j = 0;

	while (i < old->count || j < now->count) {
		const struct abl_code_file *a = i < old->count ? &old->file[i] : NULL;
		const struct abl_code_file *b = j < now->count ? &now->file[j] : NULL;
		const int order = !a ? 1 : !b ? -1 : strcmp(a->path, b->path);

		if (order < 0)
			add(f, a->path, GONE);
		else if (order > 0)
			add(f, b->path, NEW);
		else if (strcmp(a->content.hash, b->content.hash) != 0)
			add(f, a->path, CHANGED);
		else if (a->content.executable != b->content.executable)
			add(f, a->path, MODE);
		i += order <= 0;
		j += order >= 0;
	}
}

/* A name or a line, whatever it contains. */
static void put(struct abl_str *out, const char *text, size_t length)
{
	struct abl_str shown = {0};
	size_t head;

	abl_utf8_visible(&shown, text, length);
	for (char *p = shown.text; *p; p++)
		*p = *p == '\n' ? '?' : *p; /* of a name */
	head = abl_utf8_head(shown.text, MOST_COLUMNS);
	abl_str_add(out, shown.text, head);
	abl_str_puts(out, shown.text[head] ? "...\n" : "\n");
	abl_str_finish(&shown);
}

static void put_names(const struct found *f, struct abl_str *out)
{
	for (size_t i = 0; i < f->count && i < MOST_NAMES; i++) {
		abl_str_printf(out, "  %s: ", words[f->of[i].kind]);
		put(out, f->of[i].path, strlen(f->of[i].path));
	}
	if (f->count > MOST_NAMES)
		abl_str_printf(out, "  and %zu more\n", f->count - MOST_NAMES);
}

/* What diff says; empty: nothing that is text. */
static void ask_diff(const char *program, const char *path, const char *old, const char *now,
		     struct abl_str *out)
{
	struct abl_str labels[2] = {{0}};
	const char *argv[] = {program, "-u", "--label", NULL, "--label",
			      NULL,    "--", old,       now,  NULL};
	const struct abl_ask a = {
		.argv = argv,
		.directory = "/",
		.seconds = SECONDS,
		.limit = LONGEST,
	};

	abl_str_printf(&labels[0], "%s, finished trials", path);
	abl_str_printf(&labels[1], "%s, now", path);
	argv[3] = labels[0].text;
	argv[5] = labels[1].text;
	abl_str_clear(out);
	if (abl_ask_program(&a, out, NULL) != 1 || strncmp(out->text, "---", 3) != 0)
		abl_str_clear(out);
	abl_str_finish(&labels[0]);
	abl_str_finish(&labels[1]);
}

/* Its lines, as long as there is room; `left` counts on below zero. */
static void put_lines(const char *text, long *left, struct abl_str *out)
{
	for (size_t length; *text; text += length + (text[length] == '\n')) {
		length = strcspn(text, "\n");
		if ((*left)-- > 0)
			put(out, text, length);
	}
}

/* diff runs elsewhere. */
static char *whole_path(const char *folder, const char *path)
{
	char *joined = abl_code_join(folder, path), *whole = realpath(joined, NULL);

	if (whole)
		free(joined);
	return whole ? whole : joined;
}

static void put_changes(const struct found *f, const char *folder, const struct abl_code_set *now,
			struct abl_str *out)
{
	const char *path = getenv("PATH");
	char *program = abl_find_program("diff", path ? path : "/usr/bin:/bin", "/");
	struct abl_str text = {0};
	long left = MOST_LINES;

	for (size_t i = 0; program && i < f->count && left > -LONGEST; i++) {
		char *old, *new;

		if (f->of[i].kind != CHANGED || f->of[i].path[0] == '/')
			continue;
		old = whole_path(folder, f->of[i].path);
		new = abl_code_join(now->directory, f->of[i].path);
		if (abl_is_regular(old) && abl_is_regular(new)) {
			ask_diff(program, f->of[i].path, old, new, &text);
			put_lines(text.text, &left, out);
		}
		free(old);
		free(new);
	}
	if (left < 0)
		abl_str_printf(out, "... and %ld line%s more\n", -left, abl_plural(-left));
	abl_str_finish(&text);
	free(program);
}

size_t abl_code_difference(const char *store, const char *old, const struct abl_code_set *now,
			   struct abl_str *out)
{
	struct abl_str list = {0};
	struct abl_code_record r;
	struct found f = {.of = NULL};
	char *folder = abl_code_copy_path(store, old);

	abl_str_printf(&list, "%s.list", folder);
	if (abl_code_record_read(&r, list.text, NULL)) {
		abl_str_printf(out,
			       "  the store has no list of that code ('%s'): what differs is not "
			       "known\n",
			       list.text);
	} else {
		compare(&f, &r.code, &now->code);
		put_names(&f, out);
		if (f.number[CHANGED] && abl_is_dir(folder))
			put_changes(&f, folder, now, out);
	}
	abl_code_record_finish(&r);
	abl_str_finish(&list);
	free(f.of);
	free(folder);
	return f.count;
}

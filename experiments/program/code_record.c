/* SPDX-License-Identifier: Apache-2.0 */
#include "code_record.h"

#include "code_found.h"
#include "files.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HEAD "ablate code 1\n"
#define TAIL "end\n"

enum { LONGEST = 1 << 26 };

static int64_t nanoseconds(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

bool abl_code_stamp(const char *path, const struct abl_content *content, struct abl_code_stamp *out)
{
	struct stat st;

	if (lstat(path, &st) || !S_ISREG(st.st_mode) || st.st_size != content->size ||
	    ((st.st_mode & 0111) != 0) != content->executable)
		return false;
	*out = (struct abl_code_stamp){
		.inode = (uint64_t)st.st_ino,
		.modified = nanoseconds(st.st_mtim),
		.changed = nanoseconds(st.st_ctim),
	};
	return true;
}

/* ---- writing ---- */

static void add_name(struct abl_str *out, const char *name)
{
	for (; *name; name++)
		if (*name == '\\' || *name == '\n')
			abl_str_puts(out, *name == '\n' ? "\\n" : "\\\\");
		else
			abl_str_add(out, name, 1);
	abl_str_puts(out, "\n");
}

int abl_code_record_write(const struct abl_code_set *c, const char *folder, const char *path,
			  struct abl_err *err)
{
	struct abl_str text = {0};
	int rc;

	abl_str_puts(&text, HEAD);
	for (size_t i = 0; i < c->code.count; i++) {
		const struct abl_code_file *f = &c->code.file[i];
		char *copy = folder && *f->path != '/' ? abl_code_join(folder, f->path) : NULL;
		struct abl_code_stamp s = {0};

		if (copy && !abl_code_stamp(copy, &f->content, &s))
			s = (struct abl_code_stamp){0}; /* to be looked at the next time */
		abl_str_printf(&text, "%s %c %" PRId64 " %" PRIu64 " %" PRId64 " %" PRId64 " ",
			       f->content.hash, f->content.executable ? 'x' : '-', f->content.size,
			       s.inode, s.modified, s.changed);
		add_name(&text, f->path);
		free(copy);
	}
	for (size_t i = 0; folder && i < c->link_count; i++) {
		abl_str_puts(&text, "link ");
		add_name(&text, c->link[i].path);
		add_name(&text, c->link[i].target);
	}
	abl_str_puts(&text, TAIL);
	rc = abl_file_write(path, text.text, text.length, err);
	abl_str_finish(&text);
	return rc;
}

/* ---- reading ---- */

/* The next line, its ends undone; NULL at the end. */
static char *next_line(char **rest)
{
	char *line = *rest, *out = line, *p = line;

	if (!*line)
		return NULL;
	for (; *p && *p != '\n'; p++) {
		if (*p == '\\' && p[1])
			*out++ = *++p == 'n' ? '\n' : *p;
		else
			*out++ = *p;
	}
	*rest = p + (*p == '\n');
	*out = '\0';
	return line;
}

static bool take_file(struct abl_code_record *r, const char *line)
{
	struct abl_code_file f = {0};
	struct abl_code_stamp s;
	char bit;
	int end = -1;

	if (sscanf(line, "%32[0-9a-f] %c %" SCNd64 " %" SCNu64 " %" SCNd64 " %" SCNd64 "%n",
		   f.content.hash, &bit, &f.content.size, &s.inode, &s.modified, &s.changed,
		   &end) != 6 ||
	    end < 0 || line[end] != ' ')
		return false;
	f.content.executable = bit == 'x';
	f.path = abl_strdup(line + end + 1);
	abl_code_add(&r->code, f.path);
	r->code.file[r->code.count - 1] = f;
	abl_grow(&r->stamp, &r->stamp_capacity, r->code.count, sizeof *r->stamp);
	r->stamp[r->code.count - 1] = s;
	return true;
}

static bool take_link(struct abl_code_record *r, const char *path, const char *target)
{
	if (!target)
		return false;
	abl_grow(&r->link, &r->link_capacity, r->link_count + 1, sizeof *r->link);
	r->link[r->link_count++] = (struct abl_code_link){
		.path = abl_strdup(path),
		.target = abl_strdup(target),
	};
	return true;
}

static bool take_text(struct abl_code_record *r, char *text)
{
	char *rest = text, *line = next_line(&rest);
	bool whole = line && !strcmp(line, "ablate code 1");

	while (whole && (line = next_line(&rest)) && strcmp(line, "end") != 0)
		whole = strncmp(line, "link ", 5) != 0 ? take_file(r, line)
						       : take_link(r, line + 5, next_line(&rest));
	return whole && line;
}

int abl_code_record_read(struct abl_code_record *out, const char *path, struct abl_err *err)
{
	struct abl_str text = {0};
	bool whole;

	*out = (struct abl_code_record){0};
	whole = abl_is_regular(path) && !abl_file_read(path, &text, LONGEST, NULL) &&
		take_text(out, text.text);
	abl_str_finish(&text);
	return whole ? 0 : abl_err_set(err, ABL_EDAMAGED, "'%s' is not there or damaged", path);
}

void abl_code_record_finish(struct abl_code_record *r)
{
	for (size_t i = 0; i < r->code.count; i++)
		free(r->code.file[i].path);
	for (size_t i = 0; i < r->link_count; i++) {
		free(r->link[i].path);
		free(r->link[i].target);
	}
	free(r->code.file);
	free(r->stamp);
	free(r->link);
	*r = (struct abl_code_record){0};
}

/* SPDX-License-Identifier: Apache-2.0 */
/* files.h - reading plain, .gz and .xz files alike; folders and paths. Writing: writer.h. */
#ifndef ABL_FILES_H
#define ABL_FILES_H

#include "errors.h"
#include "str.h"
#include "writer.h"

#include <stdbool.h>
#include <stddef.h>

struct abl_reader; /* an open input, unpacked on the way by its first bytes, not by its name */

/* Opens path. Errors: missing, a directory, no permission: each with what to do. Caller closes. */
int abl_reader_open(struct abl_reader **out, const char *path, struct abl_err *err) ABL_MUST_USE;
void abl_reader_close(struct abl_reader *r); /* null-safe */
/* Up to `size` unpacked bytes; 0 at the end; negative enum abl_code on damage or a cut-off
 * archive. */
long abl_reader_read(struct abl_reader *r, void *out, size_t size, struct abl_err *err);
/* The next line without its "\n" (a "\r" before it is kept), the reader's own memory until the next
 * call. 1 = a line, 0 = end, negative = error. A byte order mark at the start is dropped. NUL bytes
 * and invalid UTF-8 are errors that name the line, or say what else the file looks like. The last
 * line needs no "\n". */
int abl_reader_line(struct abl_reader *r, const char **line, size_t *length, struct abl_err *err);
/* The next call gives the last line again. */
void abl_reader_again(struct abl_reader *r);
/* Do the unpacked bytes begin as JSON does (file_kind.h)? Asked behind the first line. */
bool abl_reader_is_json(const struct abl_reader *r);
size_t abl_reader_line_number(const struct abl_reader *r); /* of the last line given, from 1 */
const char *abl_reader_path(const struct abl_reader *r);
/* of the file read so far, [0, 1]; 0 for a pipe */
double abl_reader_share(const struct abl_reader *r);

/* The whole unpacked file in *out (appended; zero-terminated). Refuses more than `limit` bytes. */
int abl_file_read(const char *path, struct abl_str *out, size_t limit,
		  struct abl_err *err) ABL_MUST_USE;

int abl_mkdir_all(const char *path, struct abl_err *err) ABL_MUST_USE; /* like mkdir -p */
int abl_remove_tree(const char *path,
		    struct abl_err *err) ABL_MUST_USE; /* like rm -rf; never leaves it */
bool abl_file_exists(const char *path);
bool abl_is_dir(const char *path);
bool abl_is_regular(const char *path); /* or a link to a regular file */

/* base + "/" + name, or name alone when it is absolute or base is NULL or "". A leading "~/" is the
 * home folder. Caller frees. */
char *abl_path_join(const char *base, const char *name);
/* What makes paths of one process those of any, also on another machine. */
struct abl_whole {
	const char *directory; /* absolute: where relative paths begin */
	/* A folder as the paths are written with it, and as it is called everywhere; or NULL. */
	const char *data, *whole_data;
};
char *abl_path_whole(const struct abl_whole *w, const char *path); /* caller frees */
char *abl_path_dir(const char *path); /* the folder part, "." if none; caller frees */
/* Absolute and without links, or NULL with errno where there is no such path; caller frees. */
char *abl_real_path(const char *path);

#endif

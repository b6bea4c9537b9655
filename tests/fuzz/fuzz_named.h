/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_named.h - files by name in a folder: the first line of the bytes says which, the rest is
 * what is in it. */
#ifndef ABL_FUZZ_NAMED_H
#define ABL_FUZZ_NAMED_H

#include "fuzz.h"

#include "files.h"

#include <stdlib.h>
#include <string.h>

struct fuzz_reader {
	const char *name; /* behind the folder's: "/lock" */
	void (*read)(const char *path);
};

static char fuzz_root[] = "/dev/shm/fuzz-named-XXXXXX", fuzz_folder[sizeof fuzz_root + 2];

static void fuzz_remove_folder(void)
{
	(void)!abl_remove_tree(fuzz_root, NULL);
}

/* Makes the folder, the first time: there is another above it, for what lies beside. */
static inline bool fuzz_make_folder(void)
{
	if (*fuzz_folder)
		return false;
	if (!mkdtemp(fuzz_root)) { /* no folder in memory */
		snprintf(fuzz_root, sizeof fuzz_root, "/tmp/fuzz-named-XXXXXX");
		if (!mkdtemp(fuzz_root))
			abort();
	}
	if (atexit(fuzz_remove_folder))
		abort();
	snprintf(fuzz_folder, sizeof fuzz_folder, "%s/f", fuzz_root);
	if (abl_mkdir_all(fuzz_folder, NULL))
		abort();
	return true;
}

static inline void fuzz_write(const char *path, const void *bytes, size_t size)
{
	FILE *file = fopen(path, "we");

	if (!file || fwrite(bytes, 1, size, file) != size || fclose(file))
		abort();
}

/* The text behind the first line, which names one of `count` readers; NULL: it does not. */
static inline const struct fuzz_reader *fuzz_named(const struct fuzz_reader *readers, size_t count,
						   const uint8_t **data, size_t *size)
{
	const uint8_t *end = *size ? memchr(*data, '\n', *size) : NULL;
	const size_t length = end ? (size_t)(end - *data) : 0;

	for (size_t i = 0; end && i < count; i++)
		if (strlen(readers[i].name) == length && !memcmp(readers[i].name, *data, length)) {
			*size -= length + 1;
			*data = end + 1;
			return &readers[i];
		}
	return NULL;
}

/* Writes the file that is named, has it read, and removes it. */
static inline void fuzz_give(const struct fuzz_reader *readers, size_t count, const uint8_t *data,
			     size_t size)
{
	const struct fuzz_reader *reader = fuzz_named(readers, count, &data, &size);
	char path[256];

	if (!reader)
		return;
	snprintf(path, sizeof path, "%s%s", fuzz_folder, reader->name);
	fuzz_write(path, data, size);
	reader->read(path);
	unlink(path);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* replay.c - stands in for libFuzzer in ordinary builds: gives a target every file of a folder as
 * it is, cut off at many places, and with random small changes (the same ones each time). */
#include "fuzz.h"

#include "files.h"
#include "rng.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

enum { CUTS = 64, CHANGES = 400, MOST_EDITS = 8 };

static const char *const pieces[] = {
	"\n",       "\t",
	",",        "\"",
	": ",       "- ",
	"[",        "]",
	"{",        "}",
	"&a ",      "*a",
	"|",        "\xff",
	"\xe2\x80", "\xf0\x9f\x98\x80",
	"-1",       "99999999999999999999",
	"1e999",    ".nan",
};

/* Writes a byte, drops or doubles a stretch, or puts in a piece that parsers care about. */
static void edit(struct abl_str *s, uint64_t key, uint64_t n)
{
	size_t at = abl_rng_below(key, n, 0, s->length + 1), room = s->length - at;
	size_t length = room ? abl_rng_below(key, n, 1, room < 16 ? room : 16) : 0;
	const char *piece = pieces[abl_rng_below(key, n, 2, sizeof pieces / sizeof *pieces)];
	struct abl_str out = {0};

	abl_str_add(&out, s->text, at);
	switch (abl_rng_below(key, n, 3, 4)) {
	case 0: /* drop */
		abl_str_add(&out, s->text + at + length, room - length);
		break;
	case 1: /* double */
		abl_str_add(&out, s->text + at, length);
		abl_str_add(&out, s->text + at, room);
		break;
	case 2: /* put in */
		abl_str_puts(&out, piece);
		abl_str_add(&out, s->text + at, room);
		break;
	default: /* any byte */
		abl_str_add(&out, s->text + at, room);
		if (room)
			out.text[at] = (char)abl_rng_below(key, n, 4, 256);
	}
	abl_str_finish(s);
	*s = out;
}

/* The target gets a block of exactly `size` bytes, so that reading past the end is seen. */
static void give(const char *bytes, size_t size)
{
	uint8_t *block = abl_malloc(size ? size : 1);

	memcpy(block, bytes, size);
	LLVMFuzzerTestOneInput(block, size);
	free(block);
}

static void replay(const struct abl_str *seed, uint64_t key)
{
	give(seed->text, seed->length);
	for (size_t i = 0; i < CUTS; i++)
		give(seed->text, seed->length * i / CUTS);
	for (uint64_t i = 0; i < CHANGES; i++) {
		struct abl_str s = {0};
		uint64_t edits = 1 + abl_rng_below(key, i, 5, MOST_EDITS);

		abl_str_add(&s, seed->text, seed->length);
		for (uint64_t e = 0; e < edits; e++)
			edit(&s, abl_rng_derive(key, i), e);
		give(s.text, s.length);
		abl_str_finish(&s);
	}
}

int main(int argc, char **argv)
{
	DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
	int files = 0;

	if (!folder) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	for (struct dirent *entry; (entry = readdir(folder));) {
		char *path = abl_path_join(argv[1], entry->d_name);
		FILE *file = entry->d_name[0] == '.' ? NULL : fopen(path, "rb");
		struct abl_str seed = {0};
		int byte;

		abl_str_puts(&seed, "");
		while (file && (byte = getc(file)) != EOF)
			abl_str_add(&seed, &(char){(char)byte}, 1);
		if (file) {
			replay(&seed, abl_rng_key(1, entry->d_name));
			fclose(file);
			files++;
		}
		abl_str_finish(&seed);
		free(path);
	}
	closedir(folder);
	printf("%d files, %d inputs each\n", files, 1 + CUTS + CHANGES);
	return !files;
}

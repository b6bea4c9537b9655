/* SPDX-License-Identifier: Apache-2.0 */
#include "file_kind.h"

#include <string.h>

#define TO_UTF8(from) ": convert it: iconv -f " from " -t UTF-8 FILE >NEW"
#define UNPACK ": unpack it"
#define AS_TEXT ": write it out as CSV, TSV or JSON lines"
#define OFFICE ": save the sheet as CSV (UTF-8)"
#define LONGEST 16

/* The first that fits is meant, so that a kind stands before the packing that it is made of. */
static const struct kind {
	unsigned char magic[LONGEST];
	size_t length, offset;
	const char *text;
} kinds[] = {
	{{0xff, 0xfe, 0, 0}, 4, 0, "UTF-32 text" TO_UTF8("UTF-32")},
	{{0, 0, 0xfe, 0xff}, 4, 0, "UTF-32 text" TO_UTF8("UTF-32")},
	{{0xff, 0xfe}, 2, 0, "UTF-16 text" TO_UTF8("UTF-16")},
	{{0xfe, 0xff}, 2, 0, "UTF-16 text" TO_UTF8("UTF-16")},
	{"[Content_Types]", 15, 30, "a document of an office program" OFFICE},
	{"mimetypeapplicat", 16, 30, "a document of an office program" OFFICE},
	{"PK\3\4", 4, 0, "a zip archive" UNPACK},
	{"BZh", 3, 0, "a bzip2 file" UNPACK},
	{{0x28, 0xb5, 0x2f, 0xfd}, 4, 0, "a zstd file" UNPACK},
	{{0x04, 0x22, 0x4d, 0x18}, 4, 0, "an lz4 file" UNPACK},
	{{'7', 'z', 0xbc, 0xaf, 0x27, 0x1c}, 6, 0, "a 7-Zip archive" UNPACK},
	{"Rar!\x1a\7", 6, 0, "a RAR archive" UNPACK},
	{{0x1f, 0x9d}, 2, 0, "a file of compress (.Z)" UNPACK},
	{{0x5d, 0, 0}, 3, 0, "an .lzma file" UNPACK},
	{{0x1f, 0x8b}, 2, 0, "a gzip file within a packed one: unpack it once"},
	{{0xfd, '7', 'z', 'X', 'Z'}, 5, 0, "an xz file within a packed one: unpack it once"},
	{"ustar", 5, 257, "a tar archive: unpack it: tar xf FILE"},
	{"PAR1", 4, 0, "a Parquet file" AS_TEXT},
	{"ARROW1", 6, 0, "an Arrow file" AS_TEXT},
	{{0xff, 0xff, 0xff, 0xff}, 4, 0, "an Arrow stream" AS_TEXT},
	{"\x89HDF", 4, 0, "an HDF5 file" AS_TEXT},
	{"\x93NUMPY", 6, 0, "a NumPy array" AS_TEXT},
	{"SQLite format 3", 15, 0, "an SQLite database" AS_TEXT},
	{{0x80, 2}, 2, 0, "a Python pickle" AS_TEXT},
	{{0x80, 3}, 2, 0, "a Python pickle" AS_TEXT},
	{{0x80, 4, 0x95}, 3, 0, "a Python pickle" AS_TEXT},
	{{0x80, 5, 0x95}, 3, 0, "a Python pickle" AS_TEXT},
	{{0xd0, 0xcf, 0x11, 0xe0}, 4, 0, "a document of an office program" OFFICE},
	{"%PDF-", 5, 0, "a PDF" AS_TEXT},
};

/* Without a mark, UTF-16 of a European language has a NUL in every second place. */
static const char *unmarked_utf16(const char *bytes, size_t length)
{
	size_t nul[2] = {0, 0}, pairs = length / 2;

	for (size_t i = 0; i < 2 * pairs; i++)
		nul[i % 2] += !bytes[i];
	if (pairs >= 2 && !nul[0] && nul[1] > pairs / 2)
		return "UTF-16 text" TO_UTF8("UTF-16LE");
	if (pairs >= 2 && !nul[1] && nul[0] > pairs / 2)
		return "UTF-16 text" TO_UTF8("UTF-16BE");
	return NULL;
}

const char *abl_file_kind(const char *bytes, size_t length)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		const struct kind *k = &kinds[i];

		if (length >= k->offset + k->length &&
		    !memcmp(bytes + k->offset, k->magic, k->length))
			return k->text;
	}
	return unmarked_utf16(bytes, length);
}

static size_t skip_blanks(const char *text, size_t length, size_t at)
{
	while (at < length && strchr(" \t\r\n", text[at]) && text[at])
		at++;
	return at;
}

bool abl_file_is_json(const char *text, size_t length)
{
	size_t at = skip_blanks(text, length, 0), open = at;
	bool object;

	while (at < length && text[at] == '[')
		at = skip_blanks(text, length, at + 1);
	object = at < length && text[at] == '{';
	if (object)
		at = skip_blanks(text, length, at + 1);
	if (at == open || at == length || text[at] != '"')
		return false;
	for (at++; at < length && text[at] != '"'; at++)
		at += text[at] == '\\';
	at = skip_blanks(text, length, at + 1);
	return at >= length || (object ? text[at] == ':' : text[at] == ',' || text[at] == ']');
}

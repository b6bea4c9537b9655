/* SPDX-License-Identifier: Apache-2.0 */
/* file_to_c.c - build step: writes a C file that holds another file's bytes as a zero-terminated
 * string. usage: file_to_c INPUT OUTPUT; "schema.sql" becomes `const char
 * abl_file_schema_sql[]`. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	FILE *in, *out;
	const char *name;
	int c, at = 0;

	if (argc != 3 || !(in = fopen(argv[1], "rb")) || !(out = fopen(argv[2], "wb"))) {
		fprintf(stderr,
			"file_to_c: cannot open the files; usage: file_to_c INPUT OUTPUT\n");
		return 1;
	}
	name = strrchr(argv[1], '/') ? strrchr(argv[1], '/') + 1 : argv[1];
	fprintf(out, "extern const char abl_file_");
	for (int pass = 0; pass < 2; pass++) {
		for (const char *p = name; *p; p++)
			fputc(isalnum((unsigned char)*p) ? *p : '_', out);
		fprintf(out, pass ? "[] = {\n" : "[];\nconst char abl_file_");
	}
	while ((c = fgetc(in)) != EOF)
		fprintf(out, "%d,%s", (signed char)c, ++at % 32 ? "" : "\n");
	fprintf(out, "0};\n");
	return fclose(out) || ferror(in);
}

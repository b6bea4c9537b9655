/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_encode.c - vectors of texts, line by line, from any layer of a checkpoint. */
#include "args_checkpoint.h"
#include "command.h"
#include "compute.h"

#include "encode.h"
#include "files.h"
#include "json.h"
#include "machine.h"
#include "str.h"
#include "vocab.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NPY_HEADER 128 /* bytes: one length, whatever the number of rows */

/* Where vectors go, as they come. */
struct output {
	const char *path; /* NULL: standard output */
	struct abl_writer file;
	bool npy, tokens, shown;
	struct abl_str text; /* of one encoding */
	size_t count, width;
};

static void put_vector(struct abl_str *out, const float *v, size_t width)
{
	char number[32];

	for (size_t i = 0; i < width; i++) {
		abl_str_add(out, i ? ", " : "[", i ? 2 : 1);
		abl_str_add(out, number,
			    (size_t)snprintf(number, sizeof number, "%.9g", (double)v[i]));
	}
	abl_str_puts(out, "]");
}

static int put_tokens(struct abl_str *out, const struct abl_encoding *e, struct abl_err *err)
{
	struct abl_json tokens = {.root = json_array()};
	int rc;

	for (size_t i = 0; i < e->length; i++)
		abl_json_add(&tokens, tokens.root,
			     json_string(abl_vocab_piece(e->vocab, e->pieces[i])));
	abl_str_puts(out, "{\"tokens\": ");
	rc = abl_json_end(&tokens, 0, "the tokens", out, err);
	abl_str_puts(out, ", \"vectors\": ");
	for (size_t i = 0; i < e->rows; i++) {
		abl_str_puts(out, i ? ", " : "[");
		put_vector(out, e->vectors + i * e->width, e->width);
	}
	abl_str_puts(out, "]}\n");
	return rc;
}

static int cannot_write(struct abl_err *err)
{
	return abl_err_set(err, ABL_EIO, "cannot write to standard output: %s", strerror(errno));
}

static int put(void *data, const struct abl_encoding *e, struct abl_err *err)
{
	struct output *o = data;
	int rc = 0;

	abl_str_clear(&o->text);
	if (o->npy) {
		abl_str_add(&o->text, (const char *)e->vectors, e->width * sizeof *e->vectors);
	} else if (o->tokens) {
		rc = put_tokens(&o->text, e, err);
	} else {
		abl_str_puts(&o->text, "{\"vector\": ");
		put_vector(&o->text, e->vectors, e->width);
		abl_str_puts(&o->text, "}\n");
	}
	o->count++;
	o->width = e->width;
	if (o->shown && o->count % 100 == 0)
		fprintf(stderr, "\rencoding: %zu texts\033[K", o->count);
	if (rc)
		return rc;
	if (!o->path)
		return fwrite(o->text.text, 1, o->text.length, stdout) == o->text.length
			       ? 0
			       : cannot_write(err);
	abl_writer_put(&o->file, o->text.text, o->text.length);
	/* how is said at the end; there is no point in going on */
	return abl_writer_failed(&o->file) ? abl_writer_commit(&o->file, err) : 0;
}

/* The header of NumPy's file format, version 1.0 (numpy.lib.format), padded with blanks. */
static void make_npy_header(const struct output *o, char out[NPY_HEADER])
{
	char dict[NPY_HEADER - 10];
	int n = snprintf(dict, sizeof dict,
			 "{'descr': '<f4', 'fortran_order': False, 'shape': (%zu, %zu), }",
			 o->count, o->width);

	memset(out, ' ', NPY_HEADER);
	memcpy(out, "\x93NUMPY\x01\x00", 8);
	out[8] = NPY_HEADER - 10, out[9] = 0;
	memcpy(out + 10, dict, (size_t)n);
	out[NPY_HEADER - 1] = '\n';
}

static int start(struct output *o, struct abl_err *err)
{
	char header[NPY_HEADER];

	o->shown = isatty(STDERR_FILENO) && (o->path || !isatty(STDOUT_FILENO));
	if (!o->path)
		return 0;
	if (abl_is_dir(o->path))
		return abl_err_set(err, ABL_EINPUT, "--out: '%s' is a folder, not a file", o->path);
	if (abl_writer_open(&o->file, o->path, err))
		return ABL_EIO;
	if (o->npy) { /* its place; filled in when the rows are counted */
		make_npy_header(o, header);
		abl_writer_put(&o->file, header, NPY_HEADER);
	}
	return 0;
}

/* All is there, or nothing. */
static int finish(struct output *o, int rc, struct abl_err *err)
{
	char header[NPY_HEADER];

	if (o->shown)
		fputs("\r\033[K", stderr);
	if (!rc && o->path && o->npy) {
		make_npy_header(o, header);
		abl_writer_patch(&o->file, 0, header, NPY_HEADER);
	}
	if (!rc && o->path)
		rc = abl_writer_commit(&o->file, err);
	abl_writer_drop(&o->file);
	abl_str_finish(&o->text);
	return rc;
}

static int encode_lines(struct abl_encoder *e, struct abl_reader *r, bool pair, struct abl_err *err)
{
	const char *line, *tab = NULL;
	size_t length, n = 0;
	int more, rc;

	while ((more = abl_reader_line(r, &line, &length, err)) > 0) {
		length -= length && line[length - 1] == '\r';
		tab = pair ? memchr(line, '\t', length) : NULL;
		n++;
		if (pair && !tab)
			return abl_err_set(err, ABL_EINPUT,
					   "%s:%zu: no TAB between two texts; without --pair each "
					   "line is one text",
					   abl_reader_path(r), abl_reader_line_number(r));
		rc = abl_encoder_add(e, line, tab ? (size_t)(tab - line) : length,
				     tab ? tab + 1 : NULL,
				     tab ? length - (size_t)(tab + 1 - line) : 0, err);
		if (rc)
			return abl_err_prefix(err, rc, "%s:%zu", abl_reader_path(r),
					      abl_reader_line_number(r));
	}
	if (!more && !n)
		more = abl_err_set(err, ABL_EINPUT, "%s: is empty", abl_reader_path(r));
	return more ? more : abl_encoder_flush(e, err);
}

static int read_layer(const char *text, int64_t *out, struct abl_err *err)
{
	*out = ABL_LAYER_LAST;
	if (!text || !strcmp(text, "last"))
		return 0;
	*out = ABL_LAYER_SUM4;
	if (!strcmp(text, "sum4") || (abl_parse_int(text, out) && *out >= 0))
		return 0;
	return abl_err_set(err, ABL_EINPUT,
			   "--layer cannot be '%s'; give last, sum4 or a number from 0", text);
}

static int read_request(const struct abl_args *a, const char *folder, struct abl_encode_request *r,
			struct output *o, struct abl_err *err)
{
	static const char *const pools[] = {"cls", "mean", "tokens"};
	const char *pool = abl_args_text(a, "pool"), *format = abl_args_text(a, "format");

	*r = (struct abl_encode_request){.folder = folder,
					 .batch = abl_args_int(a, "batch", 32),
					 .max_length = abl_args_int(a, "max-length", 0)};
	*o = (struct output){.path = abl_args_text(a, "out"),
			     .npy = format && !strcmp(format, "npy")};
	for (size_t i = 0; pool && i < sizeof pools / sizeof *pools; i++)
		if (!strcmp(pool, pools[i]))
			r->pool = (enum abl_pool)i;
	o->tokens = r->pool == ABL_POOL_TOKENS;
	if (o->npy && o->tokens)
		return abl_err_set(err, ABL_EINPUT,
				   "texts differ in their number of tokens, which npy cannot hold: "
				   "use --format json with --pool tokens");
	if (o->npy && !o->path)
		return abl_err_set(err, ABL_EINPUT,
				   "npy is binary and is not printed: give --out FILE");
	return read_layer(abl_args_text(a, "layer"), &r->layer, err);
}

static int exec(const struct abl_args *a, struct abl_err *err)
{
	const char *path = strcmp(a->word[1], "-") ? a->word[1] : "/dev/stdin";
	struct abl_encode_request r;
	struct abl_compute *compute = NULL;
	struct abl_encoder *e = NULL;
	struct abl_reader *reader = NULL;
	struct abl_str notes = {0};
	struct output o;
	char *folder = abl_checkpoint_arg(a, a->word[0], err);
	int rc;

	if (!folder)
		return ABL_EXIT_USAGE;
	rc = read_request(a, folder, &r, &o, err);
	rc = rc ? rc : abl_compute_create(&compute, "fp32", abl_machine_cores(), err);
	r.compute = compute;
	rc = rc ? rc : abl_reader_open(&reader, path, err);
	rc = rc ? rc : abl_encoder_open(&e, &r, put, &o, err);
	rc = rc ? rc : start(&o, err);
	rc = rc ? rc : encode_lines(e, reader, abl_args_flag(a, "pair"), err);
	rc = finish(&o, rc, err);
	if (!rc)
		abl_encoder_note(e, &notes);
	fputs(notes.length ? notes.text : "", stderr);
	abl_str_finish(&notes);
	abl_reader_close(reader);
	abl_encoder_close(e);
	abl_compute_destroy(compute);
	free(folder);
	return rc ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

static const struct abl_command_option options[] = {
	{.name = "layer",
	 .type = ABL_ARG_TEXT,
	 .value = "LAYER",
	 .help = "last, a number (0 = the embeddings) or sum4, the sum of the last four "
		 "(default last)"},
	{.name = "pool",
	 .type = ABL_ARG_TEXT,
	 .value = "POOL",
	 .choices = "cls|mean|tokens",
	 .help = "the vector of [CLS], the mean over all tokens, or one vector per token (default "
		 "cls)"},
	{.name = "format",
	 .type = ABL_ARG_TEXT,
	 .value = "FORMAT",
	 .choices = "npy|json",
	 .help = "json: one object per line; npy: one float32 matrix (default json)"},
	{.name = "out",
	 .type = ABL_ARG_TEXT,
	 .value = "FILE",
	 .help = "output file (default: standard output)"},
	{.name = "pair", .type = ABL_ARG_FLAG, .help = "each line is two texts separated by a TAB"},
	{.name = "batch",
	 .type = ABL_ARG_INT,
	 .value = "N",
	 .help = "texts per batch, at most (default 32)"},
	{.name = "max-length",
	 .type = ABL_ARG_INT,
	 .value = "N",
	 .help = "cut texts to N tokens, special tokens included (default: all positions)"},
	ABL_OPTION_STORE,
	{.name = NULL},
};

const struct abl_command abl_cmd_encode = {
	.name = "encode",
	.usage = "CHECKPOINT FILE [--layer L] [--pool P] [--format npy|json] [--out FILE]",
	.summary = "write a checkpoint's vectors for texts, from any layer",
	.details = ABL_CHECKPOINT_HELP
	"FILE has one text per line, plain, .gz or .xz; '-' is standard input. json: {\"vector\":\n"
	"[...]}, with --pool tokens {\"tokens\": [...], \"vectors\": [[...], ...]}.",
	.min_words = 2,
	.max_words = 2,
	.options = options,
	.exec = exec,
};

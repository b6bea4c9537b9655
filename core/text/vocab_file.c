/* SPDX-License-Identifier: Apache-2.0 */
/* vocab_file.c - vocab.txt in and out. */
#include "vocab.h"

#include "files.h"
#include "str.h"

static int read_pieces(struct abl_vocab *v, struct abl_reader *r, struct abl_err *err)
{
	const char *line;
	size_t length;
	int more, rc;

	while ((more = abl_reader_line(r, &line, &length, err)) > 0) {
		while (length && (line[length - 1] == '\r' || line[length - 1] == ' ' ||
				  line[length - 1] == '\t'))
			length--;
		rc = abl_vocab_add(v, line, length, err);
		if (rc)
			return abl_err_prefix(err, rc, "%s:%zu", abl_reader_path(r),
					      abl_reader_line_number(r));
	}
	return more;
}

int abl_vocab_load(struct abl_vocab **out, const char *path, struct abl_err *err)
{
	struct abl_vocab *v = NULL;
	struct abl_reader *r;
	int rc = abl_reader_open(&r, path, err);

	if (rc)
		return rc;
	v = abl_vocab_create();
	rc = read_pieces(v, r, err);
	if (rc)
		goto fail;
	rc = abl_vocab_complete(v, err);
	if (rc) {
		abl_err_prefix(err, rc, "%s", path);
		goto fail;
	}
	abl_reader_close(r);
	*out = v;
	return 0;
fail:
	abl_reader_close(r);
	abl_vocab_destroy(v);
	return rc;
}

int abl_vocab_save(const struct abl_vocab *v, const char *path, struct abl_err *err)
{
	struct abl_str text = {0};
	int rc;

	for (size_t i = 0; i < abl_vocab_size(v); i++) {
		abl_str_puts(&text, abl_vocab_piece(v, (int32_t)i));
		abl_str_add(&text, "\n", 1);
	}
	rc = abl_file_write(path, text.text, text.length, err);
	abl_str_finish(&text);
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Texts for pre-training: paragraphs hold text, documents count up, and sentences are stretches of
 * their paragraph in order, with nothing but white space between them. */
#include "fuzz.h"

#include "documents.h"
#include "files.h"
#include "sentences.h"
#include "utf8.h"

#include <string.h>

static void cut(const struct abl_paragraph *p, enum abl_sentence_rule rule)
{
	const char *rest = p->text, *sentence, *at = p->text;
	size_t left = p->length, length;

	while (abl_sentence_next(rule, &rest, &left, &sentence, &length)) {
		assert(length > 0 && sentence >= at && sentence + length <= rest);
		assert(abl_utf8_bad(sentence, length) < 0);
		assert(rest + left == p->text + p->length);
		at = rest;
	}
	assert(!left);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct abl_documents *d;
	struct abl_paragraph p;
	struct abl_err err = {0};
	uint64_t document = 0;
	char path[40];
	const char *texts[] = {path, NULL};
	int fd = fuzz_file(data, size, path), rc = abl_documents_open(&d, texts, &err);

	while (!rc && (rc = abl_documents_next(d, &p, &err)) > 0) {
		assert(p.length > 0 && p.length == strlen(p.text));
		assert(!strchr(" \t\r\v\f", p.text[0]) &&
		       !strchr(" \t\r\v\f", p.text[p.length - 1]));
		assert(p.document == document || p.document == document + 1);
		document = p.document;
		cut(&p, ABL_SENTENCES_SPLIT);
		cut(&p, ABL_SENTENCES_LINES);
		rc = 0;
	}
	assert(rc == (int)err.code);
	abl_documents_close(d);
	close(fd);
	return 0;
}

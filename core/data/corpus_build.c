/* SPDX-License-Identifier: Apache-2.0 */
/* corpus_build.c - texts -> corpus file: tokens are written as they come, offsets wait in memory.
 */
#include "corpus.h"

#include "corpus_format.h"
#include "document_groups.h"
#include "files.h"
#include "rng.h"
#include "str.h"
#include "vocab.h"
#include "wordpiece.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct builder {
	const struct abl_tokenizer *tokenizer;
	enum abl_sentence_rule rule;
	struct abl_writer out;
	struct abl_hash *hash; /* of what was written behind the head */
	struct corpus_head head;
	uint64_t *sentence, *document;
	struct abl_corpus_document *details;
	size_t sentence_room, document_room, details_room;
	struct abl_document_groups groups; /* count 0: none */
	uint64_t *group;                   /* [head.documents] number of its group, then its hash */
	size_t group_room, current_group;
	bool tells;              /* groups are 1 of what is held out, 0 of the rest */
	uint64_t first_held_out; /* number of the first document that is; texts come before it */
	/* the document at hand */
	uint64_t number, before; /* `before`: documents of the texts that were read earlier */
	struct abl_str text;
	struct abl_corpus_document now;
	uint64_t first_sentence;
	struct abl_ids ids; /* of one sentence */
};

static void put(struct builder *b, const void *bytes, size_t length)
{
	abl_writer_put(&b->out, bytes, length);
	abl_hash_add(b->hash, bytes, length);
}

static int add_sentence(struct builder *b, const char *text, size_t length, struct abl_err *err)
{
	const struct abl_vocab *v = abl_tokenizer_vocab(b->tokenizer);
	int32_t unknown = abl_vocab_special(v, ABL_UNK);
	size_t kept = 0;

	b->ids.count = 0;
	if (abl_tokenizer_encode(b->tokenizer, text, length, &b->ids, err))
		return ABL_EINPUT;
	for (size_t i = 0; i < b->ids.count; i++) {
		int32_t id = b->ids.items[i];

		/* "[SEP]" written out in a text is a special token: it stays out */
		b->now.unknown += id == unknown;
		if (id == unknown || !abl_vocab_is_special(v, id))
			b->ids.items[kept++] = id;
	}
	if (!kept)
		return 0;
	put(b, b->ids.items, kept * sizeof *b->ids.items);
	b->head.pieces += kept;
	b->head.sentences++;
	abl_grow(&b->sentence, &b->sentence_room, b->head.sentences + 1, sizeof *b->sentence);
	b->sentence[b->head.sentences] = b->head.pieces;
	return 0;
}

/* The number of a document's group; documents come in their order. */
static uint64_t group_of(struct builder *b, uint64_t document)
{
	if (b->tells)
		return document >= b->first_held_out;
	while (b->current_group < b->groups.count && document >= b->groups.end[b->current_group])
		b->current_group++;
	return b->current_group;
}

static void end_document(struct builder *b)
{
	if (b->head.sentences > b->first_sentence) { /* one without a token leaves no trace */
		b->now.hash = abl_hash64(b->text.text, b->text.length);
		abl_grow(&b->details, &b->details_room, b->head.documents + 1, sizeof *b->details);
		b->details[b->head.documents] = b->now;
		abl_grow(&b->group, &b->group_room, b->head.documents + 1, sizeof *b->group);
		b->group[b->head.documents++] = group_of(b, b->number);
		abl_grow(&b->document, &b->document_room, b->head.documents + 1,
			 sizeof *b->document);
		b->document[b->head.documents] = b->head.sentences;
		b->first_sentence = b->head.sentences;
	}
	b->now = (struct abl_corpus_document){0};
	abl_str_clear(&b->text);
}

static int add_paragraph(void *builder, const struct abl_paragraph *p, struct abl_err *err)
{
	struct builder *b = builder;
	const char *text = p->text, *sentence;
	size_t length = p->length, sentence_length;
	bool in_word = false;

	if (p->document + b->before != b->number)
		end_document(b);
	b->number = p->document + b->before;
	abl_str_puts(&b->text, p->text);
	abl_str_puts(&b->text, "\n");
	b->now.paragraphs++;
	for (size_t i = 0; i < length; i++) {
		bool blank = isspace((unsigned char)text[i]);

		b->now.words += !blank && !in_word;
		in_word = !blank;
		b->now.characters += ((unsigned char)text[i] & 0xC0) != 0x80;
	}
	while (abl_sentence_next(b->rule, &text, &length, &sentence, &sentence_length))
		if (add_sentence(b, sentence, sentence_length, err))
			return ABL_EINPUT;
	return 0;
}

/* Puts a hash of all its documents in the place of each group's number. */
static void put_groups(struct builder *b)
{
	for (uint64_t d = 0, end; d < b->head.documents; d = end) {
		uint64_t hash = 0;

		for (end = d; end < b->head.documents && b->group[end] == b->group[d]; end++)
			hash = abl_rng_u64(hash, b->details[end].hash, 0);
		for (uint64_t i = d; i < end; i++)
			b->group[i] = hash;
	}
	put(b, b->group, b->head.documents * sizeof *b->group);
}

static int by_value(const void *x, const void *y)
{
	const uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return a < b ? -1 : a > b;
}

/* A copy among the texts of a document that is held out is held out, too. */
static void put_told(struct builder *b)
{
	uint64_t *out = abl_calloc(b->head.documents, sizeof *out);
	size_t count = 0;

	for (uint64_t d = 0; d < b->head.documents; d++)
		if (b->group[d])
			out[count++] = b->details[d].hash;
	qsort(out, count, sizeof *out, by_value);
	for (uint64_t d = 0; d < b->head.documents; d++)
		b->group[d] |=
			bsearch(&b->details[d].hash, out, count, sizeof *out, by_value) != NULL;
	free(out);
	put(b, b->group, b->head.documents * sizeof *b->group);
}

/* Writes what comes behind the tokens, then the head. */
static int finish_file(struct builder *b, const char *groups, struct abl_err *err)
{
	static const int32_t padding;

	end_document(b);
	if (groups && abl_document_groups_check(&b->groups, groups, b->number + 1, err))
		return ABL_EINPUT;
	if (!b->head.documents)
		return abl_err_set(
			err, ABL_EINPUT,
			"the texts give no tokens; does the vocabulary know their characters?");
	b->sentence[0] = b->document[0] = 0;
	if (b->head.pieces % 2)
		put(b, &padding, sizeof padding);
	put(b, b->sentence, (b->head.sentences + 1) * sizeof *b->sentence);
	put(b, b->document, (b->head.documents + 1) * sizeof *b->document);
	put(b, b->details, b->head.documents * sizeof *b->details);
	if (groups)
		put_groups(b);
	if (b->tells)
		put_told(b);
	memcpy(b->head.magic, CORPUS_MAGIC, sizeof b->head.magic);
	b->head.version = b->tells ? CORPUS_VERSION_TOLD
			  : groups ? CORPUS_VERSION_GROUPS
				   : CORPUS_VERSION;
	b->head.byte_order = CORPUS_BYTE_ORDER;
	b->head.vocab_size = abl_vocab_size(abl_tokenizer_vocab(b->tokenizer));
	corpus_sign(&b->head, b->hash, b->head.hash);
	abl_writer_patch(&b->out, 0, &b->head, sizeof b->head);
	return 0;
}

/* A second walk, so that it is another document whatever it holds. */
static int add_held_out(struct builder *b, const char *text, const struct abl_text_events *events,
			struct abl_err *err)
{
	const char *const texts[] = {text, NULL};
	uint64_t documents;
	int rc;

	end_document(b);
	documents = b->head.documents;
	b->before = b->first_held_out = b->number + 1;
	rc = abl_documents_each(texts, events, add_paragraph, b, err);
	if (rc)
		return rc;
	end_document(b);
	return b->head.documents > documents
		       ? 0
		       : abl_err_set(err, ABL_EINPUT, "%s: gives no token to score", text);
}

int abl_corpus_build(const char *path, const struct abl_corpus_request *r,
		     const struct abl_text_events *events, struct abl_err *err)
{
	struct builder b = {.tokenizer = r->tokenizer,
			    .rule = r->rule,
			    .hash = abl_hash_create(),
			    .first_held_out = UINT64_MAX,
			    .tells = r->held_out != NULL};
	int rc = r->groups ? abl_document_groups_read(&b.groups, r->groups, err) : 0;

	if (rc)
		goto fail;
	rc = abl_writer_open(&b.out, path, err);
	if (rc)
		goto fail;
	abl_writer_put(&b.out, &b.head, sizeof b.head); /* its place; filled in at the end */
	rc = abl_documents_each(r->texts, events, add_paragraph, &b, err);
	if (!rc && r->held_out)
		rc = add_held_out(&b, r->held_out, events, err);
	if (!rc)
		rc = finish_file(&b, r->groups, err);
	if (!rc)
		rc = abl_writer_commit(&b.out, err);
fail:
	abl_writer_drop(&b.out);
	abl_hash_destroy(b.hash);
	abl_ids_finish(&b.ids);
	abl_str_finish(&b.text);
	abl_document_groups_finish(&b.groups);
	free(b.sentence), free(b.document), free(b.details), free(b.group);
	return rc;
}

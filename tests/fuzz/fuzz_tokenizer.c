/* SPDX-License-Identifier: Apache-2.0 */
/* Text to pieces, and a vocabulary learnt from that text. Up to the first empty line the bytes are
 * pieces, one a line, that come after the special ones; the rest is the text. */
#include "fuzz.h"

#include "str.h"
#include "vocab_train.h"
#include "wordpiece.h"

#include <stdlib.h>
#include <string.h>

static struct abl_vocab *read_vocab(const char **at, const char *end)
{
	struct abl_vocab *v = abl_vocab_create();

	for (int i = 0; i < ABL_SPECIALS; i++)
		if (abl_vocab_add(v, abl_special_text(i), strlen(abl_special_text(i)), NULL))
			abort();
	while (*at < end) {
		const char *stop = memchr(*at, '\n', (size_t)(end - *at));
		size_t length = (size_t)((stop ? stop : end) - *at);
		bool added = !abl_vocab_add(v, *at, length, NULL);

		assert(!added || abl_vocab_id(v, *at, length) == (int32_t)abl_vocab_size(v) - 1);
		*at = stop ? stop + 1 : end;
		if (!length)
			break;
	}
	if (abl_vocab_complete(v, NULL))
		abort();
	return v;
}

/* The same ids, each from somewhere in the text, in order. */
static void encode_places(const struct abl_tokenizer *t, const char *text, size_t length,
			  const struct abl_ids *wanted, int wanted_code)
{
	struct abl_piece_places places = {0};
	struct abl_err err = {0};
	struct abl_ids ids = {0};
	int rc = abl_tokenizer_encode_places(t, text, length, &ids, &places, &err);

	assert(rc == wanted_code && places.count == ids.count && ids.count + 1 == wanted->count);
	for (size_t i = 0; i < ids.count; i++) {
		const struct abl_piece_place *p = &places.items[i];

		assert(ids.items[i] == wanted->items[i + 1] && p->begin < p->end &&
		       p->end <= length && (!i || p->begin >= p[-1].begin));
	}
	abl_piece_places_finish(&places);
	abl_ids_finish(&ids);
}

static void encode(const struct abl_vocab *v, const char *text, size_t length, bool cased)
{
	struct abl_tokenizer *t = abl_tokenizer_create(v, cased);
	struct abl_err err = {0};
	struct abl_ids ids = {0};
	int rc;

	abl_ids_add(&ids, 0);
	rc = abl_tokenizer_encode(t, text, length, &ids, &err);
	assert(rc == err.code && ids.count <= 1 + 4 * length);
	assert(!rc || ids.count == 1);
	for (size_t i = 0; i < ids.count; i++)
		assert(ids.items[i] >= 0 && ids.items[i] < (int32_t)abl_vocab_size(v));
	encode_places(t, text, length, &ids, rc);
	abl_ids_finish(&ids);
	abl_tokenizer_destroy(t);
}

/* Learns from the text and says it with what was learnt. */
static void learn(const char *text, size_t length, bool cased)
{
	struct abl_vocab_trainer *t = abl_vocab_trainer_create(cased);
	struct abl_vocab_summary summary;
	struct abl_vocab *v = NULL;
	struct abl_err err = {0};
	int rc = abl_vocab_trainer_add(t, text, length, &err);

	if (!rc)
		rc = abl_vocab_trainer_train(t, 600, &v, &summary, &err);
	assert(rc == err.code && !rc == !!v);
	assert(!v || (abl_vocab_size(v) <= 600 && summary.pieces == abl_vocab_size(v)));
	if (v)
		encode(v, text, length, cased);
	abl_vocab_destroy(v);
	abl_vocab_trainer_destroy(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end = text + size;
	struct abl_vocab *v = read_vocab(&text, end);

	for (int cased = 0; cased < 2; cased++) {
		encode(v, text, (size_t)(end - text), cased);
		learn(text, (size_t)(end - text), cased);
	}
	abl_vocab_destroy(v);
	return 0;
}

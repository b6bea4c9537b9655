/* SPDX-License-Identifier: Apache-2.0 */
/* Corpus files: what opens must be whole, whatever its hash says; and pairs and masks of it stay in
 * it. The bytes are tried as they are and, with a right hash put in, once more. */
#include "fuzz.h"

#include "corpus.h"
#include "corpus_format.h"
#include "masking.h"
#include "pairs.h"

#include <stdlib.h>

static void use(const struct abl_corpus *c)
{
	struct abl_pairs_rule rule = {.max_pieces = 13, .short_seq_rate = .5, .fraction = .9};
	const int32_t ordinary[] = {0};
	const struct abl_mask_rule masking = {.rate = .15,
					      .mask_share = .8,
					      .random_share = .1,
					      .ordinary = ordinary,
					      .ordinary_count = 1};
	struct abl_pairs pairs = {0};
	struct abl_mask mask[13];

	for (unsigned kind = 0; kind < 8; kind++) {
		rule.random_next = kind & 1;
		rule.single = kind & 2;
		rule.held_out = kind & 4;
		abl_pairs_build(c, &rule, kind, 0, &pairs);
		for (size_t i = 0; i < pairs.count; i++) {
			const struct abl_pair *p = &pairs.pair[i];

			assert(p->a_length && p->a_length + p->b_length <= rule.max_pieces);
			assert(p->a + p->a_length <= c->pieces && p->b + p->b_length <= c->pieces);
			(void)abl_mask_choose(&masking, p->id, c->ids + p->a, p->a_length, mask);
		}
	}
	abl_pairs_finish(&pairs);
}

static void open_bytes(const uint8_t *data, size_t size)
{
	struct abl_err err = {0};
	struct abl_corpus c;
	char path[40];
	int fd = fuzz_file(data, size, path), rc = abl_corpus_open(&c, path, &err);

	assert(rc == (int)err.code);
	if (!rc)
		use(&c);
	abl_corpus_close(&c);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct corpus_head head;
	struct abl_hash *body;
	uint8_t *copy;

	open_bytes(data, size);
	if (size < sizeof head)
		return 0;
	copy = malloc(size);
	assert(copy);
	memcpy(copy, data, size);
	memcpy(&head, data, sizeof head);
	body = abl_hash_create();
	abl_hash_add(body, data + sizeof head, size - sizeof head);
	corpus_sign(&head, body, head.hash);
	abl_hash_destroy(body);
	memcpy(copy, &head, sizeof head);
	open_bytes(copy, size);
	free(copy);
	return 0;
}

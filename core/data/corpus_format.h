/* SPDX-License-Identifier: Apache-2.0 */
/* corpus_format.h - the corpus file: this head, then ids (padded to 8 bytes), sentence offsets,
 * document offsets, document details and, in the versions that have them, the documents' groups;
 * all in the writer's byte order. Private to corpus.c and corpus_build.c. */
#ifndef ABL_CORPUS_FORMAT_H
#define ABL_CORPUS_FORMAT_H

#include "hash.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CORPUS_MAGIC "ABLTEXT"
#define CORPUS_VERSION 1
#define CORPUS_VERSION_GROUPS 2 /* the same, and a hash for each document's group */
#define CORPUS_VERSION_TOLD 3   /* in their place 1 for a document that is held out, else 0 */
#define CORPUS_BYTE_ORDER 0x01020304u

struct corpus_head {
	char magic[8];
	uint32_t version;
	uint32_t byte_order;
	uint64_t pieces, sentences, documents;
	uint64_t vocab_size;
	char hash[40]; /* of all behind the head, then of the head before it; as text, then zeros */
};
_Static_assert(sizeof(struct corpus_head) == 88 && ABL_HASH_TEXT <= 40, "no gaps");

/* `body` = a running hash of what lies behind the head; it is the caller's, and used up. */
static inline void corpus_sign(const struct corpus_head *head, struct abl_hash *body, char out[40])
{
	memset(out, 0, 40);
	abl_hash_add(body, head, offsetof(struct corpus_head, hash));
	abl_hash_text(body, out);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A tokenizer.json from anywhere: a vocabulary that is read is complete. */
#include "fuzz.h"

#include "hf_tokenizer.h"
#include "vocab.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct abl_vocab *v = NULL;
	struct abl_err err = {0};

	if (abl_hf_vocab_parse(&v, (const char *)data, size, "fuzz", &err)) {
		assert(err.code == ABL_EINPUT);
		return 0;
	}
	for (int i = ABL_PAD; i <= ABL_MASK; i++)
		assert(abl_vocab_special(v, (enum abl_special)i) >= 0);
	abl_vocab_destroy(v);
	return 0;
}

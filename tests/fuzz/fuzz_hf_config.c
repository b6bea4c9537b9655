/* SPDX-License-Identifier: Apache-2.0 */
/* A config.json from anywhere: what is read has sizes that a model can have, and is written again.
 */
#include "fuzz.h"

#include "hf_config.h"
#include "str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct abl_hf_config c, again;
	struct abl_str text = {0};
	struct abl_err err = {0};

	if (abl_hf_config_read(&c, (const char *)data, size, "fuzz", &err)) {
		assert(err.code == ABL_EINPUT);
		return 0;
	}
	assert(c.config.hidden > 0 && c.config.hidden % c.config.heads == 0 && c.vocab_size > 0);
	assert(c.config.max_length <= 512 && c.config.layers > 0 && c.config.ffn_size > 0);
	assert(!abl_hf_config_write(&(struct abl_hf_config_text){.config = &c.config,
								 .vocab_size = (size_t)c.vocab_size,
								 .type = c.type},
				    &text, &err));
	assert(!abl_hf_config_read(&again, text.text, text.length, "fuzz", &err));
	assert(again.vocab_size == c.vocab_size && again.config.hidden == c.config.hidden);
	abl_hf_config_finish(&again);
	abl_hf_config_finish(&c);
	abl_str_finish(&text);
	return 0;
}

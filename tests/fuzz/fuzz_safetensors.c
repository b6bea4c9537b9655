/* SPDX-License-Identifier: Apache-2.0 */
/* A checkpoint's tensor file from anywhere: what passes the checks can be read to the last
 * value. */
#include "fuzz.h"

#include "safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct abl_safetensors *s = NULL;
	struct abl_err err = {0};
	float values[64];

	if (abl_safetensors_parse(&s, data, size, "fuzz", &err)) {
		assert(err.code == ABL_EINPUT);
		return 0;
	}
	for (size_t i = 0; i < abl_safetensors_count(s); i++) {
		const struct abl_tensor *t = abl_safetensors_at(s, i);

		assert(abl_safetensors_find(s, t->name));
		for (size_t from = 0; t->dtype != ABL_NO_REAL && from < t->count; from += 64)
			abl_tensor_read(t, from, t->count - from < 64 ? t->count - from : 64,
					values);
	}
	(void)abl_safetensors_metadata(s, "format");
	abl_safetensors_close(s);
	return 0;
}

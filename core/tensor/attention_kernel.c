/* SPDX-License-Identifier: Apache-2.0 */
/* attention_kernel.c - the choice of attention's form. */
#include "attention_kernel.h"

#include "bf16.h"

#include <string.h>

size_t abl_attention_scratch(size_t n, size_t width)
{
#ifdef ABL_GEMM_BF16
	return abl_attention_form_bf16.scratch(n, width);
#else
	(void)n, (void)width;
	return 0;
#endif
}

const struct abl_attention_form *abl_attention_bf16(const struct abl_kernels *k)
{
#ifdef ABL_GEMM_BF16
	if (abl_bf16_supported() && !strcmp(k->name, "avx512"))
		return &abl_attention_form_bf16;
#else
	(void)k;
#endif
	return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* safetensors.h - the tensor file of Hugging Face: 8 bytes header length, a JSON header, the data
 * (github.com/huggingface/safetensors, "Format"). Everything is checked before anything is used. */
#ifndef ABL_SAFETENSORS_H
#define ABL_SAFETENSORS_H

#include "errors.h"

#include <stddef.h>
#include <stdint.h>

/* ABL_NO_REAL: of a type that is not read (files of BERT have position numbers in them). */
enum abl_dtype { ABL_F32, ABL_F16, ABL_BF16, ABL_NO_REAL };

struct abl_tensor {
	const char *name;
	enum abl_dtype dtype;
	size_t shape[4];
	int dims;
	size_t count;     /* values */
	const void *data; /* into the mapped file; may be unaligned */
};

struct abl_safetensors; /* an open file */

/* Maps and checks the file: header length, UTF-8 JSON object, no name twice, offsets in order,
 * without gaps, ending at the file's end, shapes that fit their ranges. ABL_EINPUT names what is
 * wrong. */
int abl_safetensors_open(struct abl_safetensors **out, const char *path,
			 struct abl_err *err) ABL_MUST_USE;
/* The same on bytes in memory, which must outlive it. `path` is for messages. */
int abl_safetensors_parse(struct abl_safetensors **out, const void *bytes, size_t length,
			  const char *path, struct abl_err *err) ABL_MUST_USE;
void abl_safetensors_close(struct abl_safetensors *s); /* null-safe */
size_t abl_safetensors_count(const struct abl_safetensors *s);
const struct abl_tensor *abl_safetensors_at(const struct abl_safetensors *s, size_t i);
const struct abl_tensor *abl_safetensors_find(const struct abl_safetensors *s,
					      const char *name); /* NULL */
/* A text of the header's __metadata__, or NULL. */
const char *abl_safetensors_metadata(const struct abl_safetensors *s, const char *key);
/* Values [from, from + n) as float; not of an ABL_NO_REAL. */
void abl_tensor_read(const struct abl_tensor *t, size_t from, size_t n, float *out);

/* Writes float32 tensors (name, shape, dims, count, data are read) and pairs of metadata texts,
 * ending with NULL. All or nothing. */
int abl_safetensors_write(const char *path, const struct abl_tensor *tensors, size_t count,
			  const char *const *metadata, struct abl_err *err) ABL_MUST_USE;

#endif

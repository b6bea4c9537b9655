/* SPDX-License-Identifier: Apache-2.0 */
#include "safetensors.h"

#include "files.h"
#include "json.h"
#include "str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER_MOST ((uint64_t)100000000) /* the format's own limit */
#define TENSORS_MOST 20000

struct abl_safetensors {
	char *path;
	void *map;
	size_t map_length;
	json_t *header; /* owns the names */
	struct abl_tensor *tensors;
	size_t count;
};

struct range {
	uint64_t from, to;
};

static const struct {
	const char *name;
	enum abl_dtype dtype;
	size_t width;
} dtypes[] = {
	{"F32", ABL_F32, 4},      {"F16", ABL_F16, 2},     {"BF16", ABL_BF16, 2},
	{"F64", ABL_NO_REAL, 8},  {"I64", ABL_NO_REAL, 8}, {"I32", ABL_NO_REAL, 4},
	{"I16", ABL_NO_REAL, 2},  {"I8", ABL_NO_REAL, 1},  {"U8", ABL_NO_REAL, 1},
	{"BOOL", ABL_NO_REAL, 1},
};

static int bad(const struct abl_safetensors *s, const char *what, const char *name,
	       struct abl_err *err)
{
	return abl_err_set(err, ABL_EINPUT, "%s: not a valid safetensors file: %s%s%.200s%s",
			   s->path, what, name ? " ('" : "", name ? name : "", name ? "')" : "");
}

static int read_shape(const struct abl_safetensors *s, struct abl_tensor *t, const json_t *shape,
		      struct abl_err *err)
{
	size_t i;
	json_t *side;

	if (!json_is_array(shape) || json_array_size(shape) > 4)
		return bad(s, "a shape is not a list of at most 4 dimensions", t->name, err);
	t->count = 1;
	json_array_foreach(shape, i, side)
	{
		json_int_t n = json_integer_value(side);

		if (!json_is_integer(side) || n < 0 ||
		    __builtin_mul_overflow(t->count, (size_t)n, &t->count))
			return bad(s, "a shape is impossible", t->name, err);
		t->shape[t->dims++] = (size_t)n;
	}
	return 0;
}

static int read_tensor(const struct abl_safetensors *s, struct abl_tensor *t, struct range *range,
		       const char *name, const json_t *o, const unsigned char *data,
		       uint64_t data_length, struct abl_err *err)
{
	const char *dtype = json_string_value(json_object_get(o, "dtype"));
	const json_t *offsets = json_object_get(o, "data_offsets");
	json_int_t from, to;
	size_t k = 0, bytes;

	t->name = name;
	while (k < sizeof dtypes / sizeof *dtypes && (!dtype || strcmp(dtypes[k].name, dtype)))
		k++;
	if (k == sizeof dtypes / sizeof *dtypes)
		return bad(s, "a tensor has an unknown type", name, err);
	t->dtype = dtypes[k].dtype;
	if (read_shape(s, t, json_object_get(o, "shape"), err))
		return ABL_EINPUT;
	if (json_array_size(offsets) != 2 || !json_is_integer(json_array_get(offsets, 0)) ||
	    !json_is_integer(json_array_get(offsets, 1)))
		return bad(s, "data_offsets are not two numbers", name, err);
	from = json_integer_value(json_array_get(offsets, 0));
	to = json_integer_value(json_array_get(offsets, 1));
	if (from < 0 || to < from || (uint64_t)to > data_length)
		return bad(s, "a tensor lies outside the file", name, err);
	if (__builtin_mul_overflow(t->count, dtypes[k].width, &bytes) ||
	    bytes != (uint64_t)(to - from))
		return bad(s, "a shape does not match its byte range", name, err);
	t->data = data + from;
	*range = (struct range){(uint64_t)from, (uint64_t)to};
	return 0;
}

static int by_start(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->from != y->from ? (x->from < y->from ? -1 : 1)
				  : (x->to > y->to) - (x->to < y->to);
}

/* The ranges must cover the data without gap or overlap. */
static int check_cover(const struct abl_safetensors *s, struct range *ranges, uint64_t data_length,
		       struct abl_err *err)
{
	uint64_t at = 0;

	qsort(ranges, s->count, sizeof *ranges, by_start);
	for (size_t i = 0; i < s->count; i++) {
		if (ranges[i].from != at)
			return bad(s, "tensors overlap or leave a gap", NULL, err);
		at = ranges[i].to;
	}
	return at == data_length ? 0
				 : bad(s, "bytes are left over after the last tensor", NULL, err);
}

static int read_header(struct abl_safetensors *s, const unsigned char *bytes, size_t length,
		       struct abl_err *err)
{
	uint64_t header_length = 0;
	struct range *ranges = NULL;
	const char *name;
	json_error_t why;
	json_t *o;
	int rc = 0;

	if (length < 8)
		return bad(s, "it is shorter than its header", NULL, err);
	for (int i = 7; i >= 0; i--)
		header_length = header_length << 8 | bytes[i];
	if (header_length > HEADER_MOST || header_length > length - 8)
		return bad(s, "its header is longer than the file", NULL, err);
	if (!header_length || bytes[8] != '{')
		return bad(s, "its header is not a JSON object", NULL, err);
	s->header = json_loadb((const char *)bytes + 8, (size_t)header_length,
			       JSON_REJECT_DUPLICATES, &why);
	if (!json_is_object(s->header))
		return abl_err_set(
			err, ABL_EINPUT,
			"%s: not a valid safetensors file: its header is not a JSON object: %s",
			s->path, why.text);
	if (json_object_size(s->header) > TENSORS_MOST)
		return bad(s, "it names too many tensors", NULL, err);
	s->tensors = abl_calloc(json_object_size(s->header), sizeof *s->tensors);
	ranges = abl_calloc(json_object_size(s->header), sizeof *ranges);
	json_object_foreach(s->header, name, o)
	{
		if (!strcmp(name, "__metadata__"))
			continue;
		rc = read_tensor(s, &s->tensors[s->count], &ranges[s->count], name, o,
				 bytes + 8 + header_length, length - 8 - header_length, err);
		if (rc)
			break;
		s->count++;
	}
	if (!rc)
		rc = check_cover(s, ranges, length - 8 - header_length, err);
	free(ranges);
	return rc;
}

int abl_safetensors_parse(struct abl_safetensors **out, const void *bytes, size_t length,
			  const char *path, struct abl_err *err)
{
	struct abl_safetensors *s = abl_calloc(1, sizeof *s);
	int rc;

	s->path = abl_strdup(path);
	rc = read_header(s, bytes, length, err);
	if (rc)
		abl_safetensors_close(s);
	else
		*out = s;
	return rc;
}

int abl_safetensors_open(struct abl_safetensors **out, const char *path, struct abl_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc; /* a pipe has no end */
	struct stat st = {0};
	void *map;

	if (fd < 0 || fstat(fd, &st)) {
		rc = abl_err_set(err, errno == ENOENT ? ABL_EINPUT : ABL_EIO, "%s: cannot open: %s",
				 path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return rc;
	}
	if (!S_ISREG(st.st_mode) || st.st_size < 8) {
		close(fd);
		return abl_err_set(err, ABL_EINPUT, "%s: not a valid safetensors file: %s", path,
				   S_ISREG(st.st_mode) ? "it is shorter than its header"
						       : "it is not a regular file");
	}
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		return abl_err_set(err, ABL_EIO, "%s: cannot map: %s", path, strerror(errno));
	rc = abl_safetensors_parse(out, map, (size_t)st.st_size, path, err);
	if (rc) {
		munmap(map, (size_t)st.st_size);
		return rc;
	}
	(*out)->map = map;
	(*out)->map_length = (size_t)st.st_size;
	return 0;
}

void abl_safetensors_close(struct abl_safetensors *s)
{
	if (!s)
		return;
	if (s->map)
		munmap(s->map, s->map_length);
	json_decref(s->header);
	free(s->tensors);
	free(s->path);
	free(s);
}

size_t abl_safetensors_count(const struct abl_safetensors *s)
{
	return s->count;
}

const struct abl_tensor *abl_safetensors_at(const struct abl_safetensors *s, size_t i)
{
	return &s->tensors[i];
}

const struct abl_tensor *abl_safetensors_find(const struct abl_safetensors *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (!strcmp(s->tensors[i].name, name))
			return &s->tensors[i];
	return NULL;
}

const char *abl_safetensors_metadata(const struct abl_safetensors *s, const char *key)
{
	return json_string_value(json_object_get(json_object_get(s->header, "__metadata__"), key));
}

static float from_half(uint16_t h)
{
	uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 0x3ff,
		 bits;
	float value;

	if (!exponent) /* zero and the subnormal: fraction * 2^-24 */
		value = (float)fraction * 0x1p-24f;
	else {
		bits = (exponent == 31 ? 255u : exponent + 112) << 23 | fraction << 13;
		memcpy(&value, &bits, sizeof value);
	}
	return sign ? -value : value;
}

void abl_tensor_read(const struct abl_tensor *t, size_t from, size_t n, float *out)
{
	const unsigned char *data = t->data;

	if (t->dtype == ABL_F32) {
		memcpy(out, data + from * 4, n * 4);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		uint16_t half;
		uint32_t bits;

		memcpy(&half, data + (from + i) * 2, 2);
		bits = (uint32_t)half << 16;
		if (t->dtype == ABL_BF16)
			memcpy(out + i, &bits, 4);
		else
			out[i] = from_half(half);
	}
}

/* The header's text, padded with blanks, so that the data is aligned. */
static int write_header(const struct abl_tensor *tensors, size_t count, const char *const *metadata,
			const char *path, struct abl_str *out, struct abl_err *err)
{
	struct abl_json j;
	json_t *extra;
	size_t at = 0;
	int rc;

	abl_json_begin(&j);
	extra = abl_json_object(&j, j.root, "__metadata__");
	for (size_t i = 0; metadata && metadata[i]; i += 2)
		abl_json_text(&j, extra, metadata[i], metadata[i + 1]);
	for (size_t i = 0; i < count; i++) {
		json_t *tensor = abl_json_object(&j, j.root, tensors[i].name), *shape, *range;

		abl_json_text(&j, tensor, "dtype", "F32");
		shape = abl_json_array(&j, tensor, "shape");
		for (int d = 0; d < tensors[i].dims; d++)
			abl_json_add(&j, shape, json_integer((json_int_t)tensors[i].shape[d]));
		range = abl_json_array(&j, tensor, "data_offsets");
		abl_json_add(&j, range, json_integer((json_int_t)at));
		at += tensors[i].count * 4;
		abl_json_add(&j, range, json_integer((json_int_t)at));
	}
	rc = abl_json_end(&j, JSON_COMPACT, path, out, err);
	while (!rc && out->length % 8)
		abl_str_puts(out, " ");
	return rc;
}

int abl_safetensors_write(const char *path, const struct abl_tensor *tensors, size_t count,
			  const char *const *metadata, struct abl_err *err)
{
	struct abl_str header = {0};
	struct abl_writer w = {0};
	unsigned char length[8];
	int rc = write_header(tensors, count, metadata, path, &header, err);

	rc = rc ? rc : abl_writer_open(&w, path, err);
	if (!rc) {
		for (int i = 0; i < 8; i++)
			length[i] = (unsigned char)((uint64_t)header.length >> (8 * i));
		abl_writer_put(&w, length, sizeof length);
		abl_writer_put(&w, header.text, header.length);
		/* a copy of the file in memory would be the most that a large model ever takes */
		for (size_t i = 0; i < count; i++)
			abl_writer_put(&w, tensors[i].data, 4 * tensors[i].count);
		rc = abl_writer_commit(&w, err);
	}
	abl_str_finish(&header);
	return rc;
}

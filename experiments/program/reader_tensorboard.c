/* SPDX-License-Identifier: Apache-2.0 */
/* reader_tensorboard.c - scalars of an event file: TFRecord framing (length, its CRC, bytes, their
 * CRC) around protobuf messages `Event`. Of those we know the fields that a scalar needs, in the
 * old form (simple_value) and the new one (a tensor). See tensorflow/core/lib/io/record_writer.h
 * and tensorboard/compat/proto/{event,summary,tensor}.proto. */
#include "metric_reader.h"

#include "crc32c.h"
#include "str.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 12, TAIL = 4, LARGEST = 64 << 20 };

struct tb_state {
	const struct abl_reading *r;
	struct abl_str kept; /* of a record that is not all there */
	uint64_t skip;       /* bytes of one that is too large to be a scalar's */
	uint64_t at;         /* where `kept` begins in the file */
	bool damaged;
};

static void end(void *state)
{
	struct tb_state *s = state;

	if (s)
		abl_str_finish(&s->kept);
	free(s);
}

static int begin(void **out, const struct abl_reading *r, struct abl_err *err)
{
	struct tb_state *s;

	if (!*r->key)
		return abl_err_set(err, ABL_EINPUT, "an empty tag");
	if (!out)
		return 0;
	s = abl_calloc(1, sizeof *s);
	s->r = r;
	*out = s;
	return 0;
}

/* ---- protobuf ---- */

struct proto { /* what is left of a message */
	const unsigned char *at;
	size_t length;
};

struct field {
	unsigned number, wire;
	uint64_t value;    /* wires 0, 1 and 5 */
	struct proto part; /* wire 2 */
};

static bool varint(struct proto *p, uint64_t *out)
{
	*out = 0;
	for (unsigned shift = 0; shift < 64 && p->length; shift += 7) {
		unsigned char byte = *p->at++;

		p->length--;
		*out |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

static bool fixed(struct proto *p, size_t bytes, uint64_t *out)
{
	uint64_t little = 0;

	if (p->length < bytes)
		return false;
	memcpy(&little, p->at, bytes);
	*out = le64toh(little);
	p->at += bytes;
	p->length -= bytes;
	return true;
}

/* The next field; false: the end, or damage. */
static bool next(struct proto *p, struct field *f)
{
	uint64_t tag, length;

	if (!varint(p, &tag))
		return false;
	f->number = (unsigned)(tag >> 3);
	f->wire = tag & 7;
	switch (f->wire) {
	case 0:
		return varint(p, &f->value);
	case 1:
		return fixed(p, 8, &f->value);
	case 5:
		return fixed(p, 4, &f->value);
	case 2:
		if (!varint(p, &length) || length > p->length)
			return false;
		f->part = (struct proto){p->at, (size_t)length};
		p->at += length;
		p->length -= (size_t)length;
		return true;
	default:
		return false;
	}
}

static double as_float(uint64_t bits)
{
	uint32_t word = (uint32_t)bits;
	float x;

	memcpy(&x, &word, sizeof x);
	return (double)x;
}

static double as_double(uint64_t bits)
{
	double x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

static double as_half(uint64_t bits)
{
	unsigned exponent = bits >> 10 & 31;
	uint32_t word = (uint32_t)(bits & 0x8000) << 16;
	double small;

	if (!exponent) { /* zero and the denormal ones: units of 2^-24 */
		small = (double)(bits & 1023) / (1 << 24);
		return word ? -small : small;
	}
	word |= (exponent == 31 ? 255 : exponent + 112) << 23 | (uint32_t)(bits & 1023) << 13;
	return as_float(word);
}

static double as_bfloat(uint64_t bits)
{
	return as_float(bits << 16);
}

static double as_int64(uint64_t bits)
{
	return (double)(int64_t)bits;
}

static double as_int32(uint64_t bits)
{
	return (double)(int32_t)bits;
}

static double as_truth(uint64_t bits)
{
	return bits != 0;
}

/* DataType in tensorflow's types.proto, and where TensorProto has a value of it. */
static const struct dtype {
	unsigned type, field, wire;
	size_t bytes; /* in tensor_content */
	double (*value)(uint64_t bits);
} dtypes[] = {
	{1, 5, 5, 4, as_float},  {2, 6, 1, 8, as_double},  {3, 7, 0, 4, as_int32},
	{9, 10, 0, 8, as_int64}, {10, 11, 0, 1, as_truth}, {14, 13, 0, 2, as_bfloat},
	{19, 13, 0, 2, as_half},
};

static bool first_of(struct proto packed, unsigned wire, uint64_t *out)
{
	return wire == 0 ? varint(&packed, out) : fixed(&packed, wire == 1 ? 8 : 4, out);
}

/* The only number of a TensorProto. */
static bool tensor_value(struct proto p, double *out)
{
	const struct dtype *d = NULL;
	struct proto all = p;
	struct field f;
	uint64_t bits;

	while (next(&p, &f))
		for (size_t i = 0; f.number == 1 && i < sizeof dtypes / sizeof *dtypes; i++)
			if (f.wire == 0 && dtypes[i].type == f.value)
				d = &dtypes[i];
	while (d && next(&all, &f)) {
		if (f.number == 4 && f.wire == 2 && f.part.length == d->bytes &&
		    fixed(&f.part, d->bytes, &bits)) {
			*out = d->value(bits);
			return true;
		}
		if (f.number != d->field)
			continue;
		if (f.wire == d->wire)
			bits = f.value;
		else if (f.wire != 2 || !first_of(f.part, d->wire, &bits))
			continue;
		*out = d->value(bits);
		return true;
	}
	return false;
}

/* Summary.Value: tag = 1, simple_value = 2, tensor = 8. */
static void take_value(struct tb_state *s, struct proto p, int64_t step)
{
	const struct abl_reading *r = s->r;
	struct proto tag = {NULL, 0};
	struct abl_point point = {.has_step = true, .step = step};
	struct field f;
	bool has = false;

	while (next(&p, &f)) {
		if (f.number == 1 && f.wire == 2)
			tag = f.part;
		else if (f.number == 2 && f.wire == 5)
			has = true, point.value = as_float(f.value);
		else if (f.number == 8 && f.wire == 2)
			has = tensor_value(f.part, &point.value) || has;
	}
	if (!tag.at || !has)
		return;
	if (tag.length == strlen(r->key) && !memcmp(tag.at, r->key, tag.length)) {
		r->rank(r->data, step);
		r->point(r->data, &point);
	} else {
		r->name(r->data, (const char *)tag.at, tag.length);
	}
}

/* Event: step = 2, summary = 5, which has value = 1. */
static void take_event(struct tb_state *s, struct proto p)
{
	struct proto all = p, summary;
	struct field f, v;
	int64_t step = 0;

	while (next(&p, &f))
		if (f.number == 2 && f.wire == 0)
			step = (int64_t)f.value;
	while (next(&all, &f))
		if (f.number == 5 && f.wire == 2)
			for (summary = f.part; next(&summary, &v);)
				if (v.number == 1 && v.wire == 2)
					take_value(s, v.part, step);
}

/* ---- records ---- */

static void damage(struct tb_state *s)
{
	char text[100];

	snprintf(text, sizeof text, "is damaged at byte %llu: what is before counts",
		 (unsigned long long)s->at);
	s->damaged = true;
	s->r->problem(s->r->data, text);
}

static bool crc_is(const char *bytes, size_t length, const char *at)
{
	uint32_t stored;

	memcpy(&stored, at, sizeof stored);
	return le32toh(stored) == abl_crc32c_masked(bytes, length);
}

/* The bytes of the record at `text`; 0: it is not all there, or damaged. */
static size_t take_record(struct tb_state *s, const char *text, size_t length)
{
	uint64_t size;

	if (length < HEAD)
		return 0;
	memcpy(&size, text, sizeof size);
	size = le64toh(size);
	if (!crc_is(text, 8, text + 8)) {
		damage(s);
		return 0;
	}
	if (size > LARGEST) { /* an image, a graph */
		s->skip = size + TAIL;
		return HEAD;
	}
	if (length < HEAD + size + TAIL)
		return 0;
	if (!crc_is(text + HEAD, (size_t)size, text + HEAD + size)) {
		damage(s);
		return 0;
	}
	take_event(s, (struct proto){(const unsigned char *)text + HEAD, (size_t)size});
	return HEAD + (size_t)size + TAIL;
}

static size_t skip(struct tb_state *s, size_t length)
{
	size_t n = length < s->skip ? length : (size_t)s->skip;

	s->skip -= n;
	return n;
}

static void feed(void *state, char *bytes, size_t length, bool last)
{
	struct tb_state *s = state;
	size_t at = 0, n;

	if (s->damaged)
		return;
	abl_str_add(&s->kept, bytes, length);
	do {
		n = s->skip ? skip(s, s->kept.length - at)
			    : take_record(s, s->kept.text + at, s->kept.length - at);
		at += n;
		s->at += n;
	} while (n && !s->damaged);
	memmove(s->kept.text, s->kept.text + at, s->kept.length - at + 1);
	s->kept.length -= at;
}

/* The length of the first record, whose CRC is right. */
static bool fits(const char *head, size_t length)
{
	return length >= HEAD && crc_is(head, 8, head + 8);
}

const struct abl_metric_reader abl_reader_tensorboard = {
	.name = "tensorboard",
	.endings = "",
	.exact = true,
	.limit = (uint64_t)1 << 40,
	.fits = fits,
	.begin = begin,
	.feed = feed,
	.end = end,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "vocab.h"

#include "str.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *text, *instead;
} specials[ABL_SPECIALS] = {
	[ABL_PAD] = {"[PAD]", NULL},
	[ABL_UNK] = {"[UNK]", NULL},
	[ABL_CLS] = {"[CLS]", NULL},
	[ABL_SEP] = {"[SEP]", NULL},
	[ABL_MASK] = {"[MASK]", NULL},
	[ABL_START] = {"<start>", "[unused0]"},
	[ABL_DELIM] = {"<delim>", "[unused1]"},
	[ABL_EXTRACT] = {"<extract>", "[unused2]"},
};

struct piece {
	uint32_t offset; /* into text */
	uint16_t length, points;
};

/* The hash table maps a piece to its id by open addressing. A tag holds hash bits that the place in
 * the table does not, so that a miss is seen without looking at the piece. */
struct slot {
	uint32_t tag;
	int32_t id; /* -1 = free */
};

struct abl_vocab {
	struct abl_str text; /* all pieces, each with a zero after it */
	struct piece *pieces;
	size_t size, capacity;
	struct slot *slots;
	size_t slot_count; /* a power of two, at least twice the size */
	size_t longest[2]; /* bytes of text that a piece covers, [1] of those with "##" */
	int32_t special[ABL_SPECIALS];
	struct abl_str notes;
};

const char *abl_special_text(enum abl_special which)
{
	return specials[which].text;
}

/* FNV-1a: the hash of each beginning of a text falls out on the way. */
static uint64_t hash_byte(uint64_t h, char byte)
{
	return (h ^ (unsigned char)byte) * UINT64_C(0x100000001b3);
}

static uint64_t hash_start(bool continuing)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	return continuing ? hash_byte(hash_byte(h, '#'), '#') : h;
}

static uint64_t hash_piece(const char *piece, size_t length)
{
	uint64_t h = hash_start(false);

	for (size_t i = 0; i < length; i++)
		h = hash_byte(h, piece[i]);
	return h;
}

/* FNV's low bits choose well only after its high bits are folded in. */
static size_t first_slot(const struct abl_vocab *v, uint64_t h)
{
	return (h ^ h >> 29) & (v->slot_count - 1);
}

static uint32_t tag_of(uint64_t h)
{
	return (uint32_t)(h >> 32);
}

static bool is_continuing(const char *piece, size_t length)
{
	return length > 2 && piece[0] == '#' && piece[1] == '#';
}

struct abl_vocab *abl_vocab_create(void)
{
	struct abl_vocab *v = abl_calloc(1, sizeof *v);

	v->slot_count = 64;
	v->slots = abl_malloc(v->slot_count * sizeof *v->slots);
	for (size_t i = 0; i < v->slot_count; i++)
		v->slots[i].id = -1;
	for (int i = 0; i < ABL_SPECIALS; i++)
		v->special[i] = -1;
	return v;
}

void abl_vocab_destroy(struct abl_vocab *v)
{
	if (!v)
		return;
	abl_str_finish(&v->text);
	abl_str_finish(&v->notes);
	free(v->pieces);
	free(v->slots);
	free(v);
}

/* Finds "##" (if continuing) + text[0..length-1], whose hash is h. */
static int32_t find(const struct abl_vocab *v, uint64_t h, const char *text, size_t length,
		    bool continuing)
{
	size_t skip = continuing ? 2 : 0;

	for (size_t at = first_slot(v, h);; at = (at + 1) & (v->slot_count - 1)) {
		const struct slot *s = &v->slots[at];
		const struct piece *p;

		if (s->id < 0)
			return -1;
		if (s->tag != tag_of(h))
			continue;
		p = &v->pieces[s->id];
		if (p->length == length + skip &&
		    !memcmp(v->text.text + p->offset + skip, text, length) &&
		    (!skip || is_continuing(v->text.text + p->offset, p->length)))
			return s->id;
	}
}

static void put(struct abl_vocab *v, uint64_t h, int32_t id)
{
	size_t at = first_slot(v, h);

	while (v->slots[at].id >= 0)
		at = (at + 1) & (v->slot_count - 1);
	v->slots[at] = (struct slot){tag_of(h), id};
}

static void set_slots(struct abl_vocab *v)
{
	for (size_t i = 0; i < v->slot_count; i++)
		v->slots[i].id = -1;
	for (size_t i = 0; i < v->size; i++)
		put(v, hash_piece(v->text.text + v->pieces[i].offset, v->pieces[i].length),
		    (int32_t)i);
}

static void double_slots(struct abl_vocab *v)
{
	v->slot_count *= 2;
	free(v->slots);
	v->slots = abl_malloc(v->slot_count * sizeof *v->slots);
	set_slots(v);
}

int abl_vocab_add(struct abl_vocab *v, const char *piece, size_t length, struct abl_err *err)
{
	bool continuing = is_continuing(piece, length);
	size_t covers = continuing ? length - 2 : length, points = 0;
	int32_t before;

	if (!length)
		return abl_err_set(err, ABL_EINPUT, "empty token");
	if (length > ABL_PIECE_MAX)
		return abl_err_set(err, ABL_EINPUT, "a token of %zu bytes is too long: at most %d",
				   length, ABL_PIECE_MAX);
	if (v->size == ABL_VOCAB_MAX || v->text.length + length >= UINT32_MAX)
		return abl_err_set(err, ABL_EINPUT, "too many tokens: at most %d", ABL_VOCAB_MAX);
	before = abl_vocab_id(v, piece, length);
	if (before >= 0)
		return abl_err_set(err, ABL_EINPUT,
				   "token '%.*s' appears twice, first as number %d", (int)length,
				   piece, before);
	for (size_t i = length - covers; i < length; i++)
		points += ((unsigned char)piece[i] & 0xC0) != 0x80;
	abl_grow(&v->pieces, &v->capacity, v->size + 1, sizeof *v->pieces);
	v->pieces[v->size] =
		(struct piece){(uint32_t)v->text.length, (uint16_t)length, (uint16_t)points};
	abl_str_add(&v->text, piece, length);
	abl_str_add(&v->text, "", 1);
	if (v->longest[continuing] < covers)
		v->longest[continuing] = covers;
	if (2 * (v->size + 1) > v->slot_count)
		double_slots(v);
	put(v, hash_piece(piece, length), (int32_t)v->size++);
	return 0;
}

/* "[blank7]", which is no piece yet. */
static void name_blank(const struct abl_vocab *v, size_t id, struct abl_str *out)
{
	abl_str_clear(out);
	abl_str_printf(out, "[blank%zu]", id);
	while (abl_vocab_id(v, out->text, out->length) >= 0)
		abl_str_puts(out, "]");
}

int abl_vocab_add_blank(struct abl_vocab *v, struct abl_err *err)
{
	struct abl_str name = {0};
	int rc;

	name_blank(v, v->size, &name);
	rc = abl_vocab_add(v, name.text, name.length, err);
	abl_str_finish(&name);
	return rc;
}

int abl_vocab_add_last(struct abl_vocab *v, const char *piece, size_t length, int32_t *before,
		       struct abl_err *err)
{
	struct abl_str name = {0};
	struct piece held;
	int rc;

	*before = length ? abl_vocab_id(v, piece, length) : -1;
	if (*before < 0)
		return abl_vocab_add(v, piece, length, err);
	/* the new id has a name of its own until both pieces have changed places */
	name_blank(v, (size_t)*before, &name);
	rc = abl_vocab_add(v, name.text, name.length, err);
	abl_str_finish(&name);
	if (rc)
		return rc;
	held = v->pieces[*before];
	v->pieces[*before] = v->pieces[v->size - 1];
	v->pieces[v->size - 1] = held;
	set_slots(v);
	return 0;
}

const char *abl_vocab_notes(const struct abl_vocab *v)
{
	return v->notes.length ? v->notes.text : "";
}

struct abl_str *abl_vocab_notes_mut(struct abl_vocab *v)
{
	return &v->notes;
}

int abl_vocab_complete(struct abl_vocab *v, struct abl_err *err)
{
	if (!v->size)
		return abl_err_set(err, ABL_EINPUT, "the vocabulary is empty");
	for (int i = 0; i < ABL_SPECIALS; i++) {
		const char *text = specials[i].text, *instead = specials[i].instead;

		v->special[i] = abl_vocab_id(v, text, strlen(text));
		if (v->special[i] < 0 && instead)
			v->special[i] = abl_vocab_id(v, instead, strlen(instead));
		if (v->special[i] < 0 && !instead)
			return abl_err_set(err, ABL_EINPUT,
					   "no token '%s' in the vocabulary: add a line with it",
					   text);
		if (v->special[i] >= 0)
			v->pieces[v->special[i]].points = i == ABL_UNK;
	}
	return 0;
}

size_t abl_vocab_size(const struct abl_vocab *v)
{
	return v->size;
}

int32_t abl_vocab_id(const struct abl_vocab *v, const char *piece, size_t length)
{
	return find(v, hash_piece(piece, length), piece, length, false);
}

const char *abl_vocab_piece(const struct abl_vocab *v, int32_t id)
{
	assert(id >= 0 && (size_t)id < v->size);
	return v->text.text + v->pieces[id].offset;
}

size_t abl_vocab_points(const struct abl_vocab *v, int32_t id)
{
	assert(id >= 0 && (size_t)id < v->size);
	return v->pieces[id].points;
}

int32_t abl_vocab_special(const struct abl_vocab *v, enum abl_special which)
{
	return v->special[which];
}

bool abl_vocab_is_special(const struct abl_vocab *v, int32_t id)
{
	for (int i = 0; i < ABL_SPECIALS; i++)
		if (v->special[i] == id)
			return id >= 0;
	return false;
}

int32_t abl_vocab_match(const struct abl_vocab *v, const char *text, size_t length, bool continuing,
			size_t *taken)
{
	uint64_t hashes[ABL_PIECE_MAX + 1];

	if (length > v->longest[continuing])
		length = v->longest[continuing];
	hashes[0] = hash_start(continuing);
	for (size_t i = 0; i < length; i++)
		hashes[i + 1] = hash_byte(hashes[i], text[i]);
	for (; length; length--) {
		int32_t id = find(v, hashes[length], text, length, continuing);

		if (id >= 0) {
			*taken = length;
			return id;
		}
	}
	return -1;
}

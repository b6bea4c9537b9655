/* SPDX-License-Identifier: Apache-2.0 */
#include "state.h"

#include "files.h"
#include "hash.h"
#include "made.h"
#include "safetensors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 2, BLOCKS = 4, BEST = 3 };
enum { DUE = 1, ENOUGH = 2 };

static const char *const files[SLOTS] = {"state.safetensors", "state-2.safetensors"};
static const char *const block_names[BLOCKS] = {"w", "m", "v", "best"};

void abl_points_add(struct abl_points *p, int64_t step, const char *name, double value)
{
	abl_grow(&p->items, &p->capacity, p->count + 1, sizeof *p->items);
	p->items[p->count++] = (struct abl_point){step, abl_intern(name), value};
}

void abl_place_finish(struct abl_place *p)
{
	if (!p)
		return;
	free(p->told.items);
	p->told = (struct abl_points){0};
	abl_best_finish(&p->best);
}

static void find_blocks(const struct abl_params *p, const struct abl_best *best,
			real *blocks[BLOCKS])
{
	blocks[0] = p->w, blocks[1] = p->m, blocks[2] = p->v;
	blocks[BEST] = best->step ? best->w : NULL;
}

size_t abl_state_bytes(struct abl_model *m, const struct abl_place *place)
{
	const struct abl_params *p = abl_model_params(m);
	size_t bytes = 4096 + 32 * place->told.count;
	real *blocks[BLOCKS];

	find_blocks(p, &place->best, blocks);
	for (int i = 0; i < BLOCKS; i++)
		bytes += blocks[i] ? 4 * p->values : 0;
	return bytes;
}

struct texts { /* a place, as a file keeps it */
	struct abl_str place, open, told;
};

static void free_texts(struct texts *t)
{
	abl_str_finish(&t->place), abl_str_finish(&t->open), abl_str_finish(&t->told);
}

/* Numbers in hexadecimal: they read back as they were, bit for bit. */
static void put_place(const struct abl_place *p, struct texts *out)
{
	abl_str_printf(&out->place, "%lld %llu %llu %a %a %lld %d %lld", (long long)p->step,
		       (unsigned long long)p->epoch, (unsigned long long)p->position,
		       p->noise.square, p->noise.trace, (long long)p->noise.samples,
		       (p->due ? DUE : 0) | (p->enough ? ENOUGH : 0), (long long)p->best.step);
	abl_str_printf(&out->open, "%a %lld\n", p->loss.sum, (long long)p->loss.count);
	for (size_t h = 0; h < ABL_HEADS_MAX; h++)
		abl_str_printf(&out->open, "%a %lld\n", p->head[h].sum,
			       (long long)p->head[h].count);
	abl_str_puts(&out->told, "");
	for (size_t i = 0; i < p->told.count; i++)
		abl_str_printf(&out->told, "%lld %s %a\n", (long long)p->told.items[i].step,
			       p->told.items[i].name, p->told.items[i].value);
}

/* Of all that a state holds. */
static const char *hash_of(const char *place, const char *open, const char *told,
			   const void *const blocks[BLOCKS], size_t values, char out[ABL_HASH_TEXT])
{
	struct abl_hash *h = abl_hash_create();

	abl_hash_field(h, "place", place);
	abl_hash_field(h, "open", open);
	abl_hash_field(h, "told", told);
	for (int i = 0; i < BLOCKS; i++)
		if (blocks[i])
			abl_hash_add(h, blocks[i], 4 * values);
	abl_hash_text(h, out);
	abl_hash_destroy(h);
	return out;
}

static int write_file(const char *path, const struct texts *texts, real *const blocks[BLOCKS],
		      size_t values, struct abl_err *err)
{
	struct abl_made *made = abl_made_begin(NULL); /* it is no part of what the stage makes */
	struct abl_tensor t[BLOCKS];
	char hash[ABL_HASH_TEXT];
	size_t n = 0;
	int rc;

	hash_of(texts->place.text, texts->open.text, texts->told.text, (const void *const *)blocks,
		values, hash);
	for (int i = 0; i < BLOCKS; i++)
		if (blocks[i])
			t[n++] = (struct abl_tensor){.name = block_names[i],
						     .shape = {values},
						     .dims = 1,
						     .count = values,
						     .data = blocks[i]};
	rc = abl_safetensors_write(path, t, n,
				   (const char *const[]){"place", texts->place.text, "open",
							 texts->open.text, "told", texts->told.text,
							 "xxh3", hash, NULL},
				   err);
	abl_made_begin(made);
	return rc;
}

int abl_state_save(struct abl_model *m, const char *folder, struct abl_place *place,
		   struct abl_err *err)
{
	const struct abl_params *p = abl_model_params(m);
	char *path = abl_path_join(folder, files[place->slot]);
	struct texts texts = {0};
	real *blocks[BLOCKS];
	int rc;

	find_blocks(p, &place->best, blocks);
	put_place(place, &texts);
	rc = write_file(path, &texts, blocks, p->values, err);
	if (!rc)
		place->slot = (place->slot + 1) % SLOTS;
	free_texts(&texts);
	free(path);
	return rc;
}

static bool read_points(const char *text, struct abl_points *out)
{
	char name[80];
	long long step;
	double value;
	int used;

	for (; text && *text; text += used) {
		if (sscanf(text, "%lld %79s %la\n%n", &step, name, &value, &used) < 3)
			return false;
		abl_points_add(out, step, name, value);
	}
	return true;
}

static bool read_open(const char *text, struct abl_place *out)
{
	struct abl_open_sum sum;
	long long count;
	int used;

	for (size_t i = 0; text && *text && i <= ABL_HEADS_MAX; i++, text += used) {
		if (sscanf(text, "%la %lld\n%n", &sum.sum, &count, &used) < 2)
			return false;
		sum.count = count;
		*(i ? &out->head[i - 1] : &out->loss) = sum;
	}
	return true;
}

/* Its place, without loading what it is for. What earlier programs wrote has no sums and points. */
static bool read_place(const struct abl_safetensors *s, struct abl_place *out)
{
	const char *text = abl_safetensors_metadata(s, "place");
	long long step, samples = 0;
	unsigned long long epoch, position;
	long long best = 0;
	int flags = 0;

	if (!text || sscanf(text, "%lld %llu %llu %la %la %lld %d %lld", &step, &epoch, &position,
			    &out->noise.square, &out->noise.trace, &samples, &flags, &best) < 3)
		return false;
	out->step = step, out->epoch = epoch, out->position = position;
	out->noise.samples = samples, out->best.step = best;
	out->due = flags & DUE, out->enough = flags & ENOUGH;
	return step >= 0 && best >= 0 && read_open(abl_safetensors_metadata(s, "open"), out) &&
	       read_points(abl_safetensors_metadata(s, "told"), &out->told);
}

/* What earlier programs wrote has a shorter place, and the best weights in a file of their own. */
static bool knows_best(const char *place)
{
	int blanks = 0;

	for (; *place; place++)
		blanks += *place == ' ';
	return blanks >= 7;
}

/* Is the file whole, and of such a model? NULL, or what is wrong. */
static const char *check(const struct abl_safetensors *s, const struct abl_params *p, bool best,
			 const void *data[BLOCKS])
{
	const char *place = abl_safetensors_metadata(s, "place"),
		   *open = abl_safetensors_metadata(s, "open"),
		   *told = abl_safetensors_metadata(s, "told"),
		   *hash = abl_safetensors_metadata(s, "xxh3");
	const real *const blocks[BEST] = {p->w, p->m, p->v};
	char found[ABL_HASH_TEXT];

	if (!place)
		return "does not say at which step it was saved";
	for (int i = 0; i < BLOCKS; i++) {
		const bool wanted = i < BEST && blocks[i];
		const struct abl_tensor *t =
			wanted || i == BEST ? abl_safetensors_find(s, block_names[i]) : NULL;

		if (t ? t->count != p->values || t->dtype != ABL_F32 : wanted)
			return "belongs to another model";
		data[i] = t ? t->data : NULL;
	}
	if (best && !knows_best(place))
		return "was saved by an earlier version of the program, without the best weights";
	if ((hash || open || told) &&
	    (!hash || !open || !told ||
	     strcmp(hash, hash_of(place, open, told, data, p->values, found))))
		return "is damaged: its hash is not that of what was saved";
	return NULL;
}

struct candidate { /* an open file */
	struct abl_safetensors *file;
	struct abl_place place;
	const void *data[BLOCKS];
	bool whole;
};

static void open_slot(struct candidate *c, const struct abl_params *p, bool best,
		      const char *folder, int slot, struct abl_str *why)
{
	char *path = abl_path_join(folder, files[slot]);
	struct abl_err err = {0};
	const char *wrong = NULL;

	*c = (struct candidate){.place.slot = (slot + 1) % SLOTS};
	if (abl_file_exists(path)) {
		if (!abl_safetensors_open(&c->file, path, &err)) {
			wrong = check(c->file, p, best, c->data);
			if (!wrong && (!read_place(c->file, &c->place) ||
				       !c->place.best.step != !c->data[BEST]))
				wrong = "is damaged: its place makes no sense";
			c->whole = !wrong;
			if (wrong)
				abl_err_set(&err, ABL_EDAMAGED, "%s %s", path, wrong);
		}
		if (!c->whole)
			abl_str_printf(why, "%s%s", why->length ? "; " : "", err.text);
	}
	free(path);
}

/* What an open file holds becomes the model's, and `place`. */
static void take(struct candidate *c, struct abl_params *p, struct abl_place *place)
{
	const size_t bytes = 4 * p->values;
	real *blocks[BLOCKS];

	if (c->data[BEST])
		c->place.best.w = abl_malloc(bytes);
	find_blocks(p, &c->place.best, blocks);
	for (int i = 0; i < BLOCKS; i++)
		if (blocks[i])
			memcpy(blocks[i], c->data[i], bytes);
	*place = c->place;
	c->place = (struct abl_place){0};
}

int64_t abl_state_load(struct abl_model *m, const char *folder, bool best, struct abl_place *place,
		       struct abl_str *why)
{
	struct abl_params *p = abl_model_params(m);
	struct candidate c[SLOTS], *newest = NULL;

	for (int i = 0; i < SLOTS; i++) {
		open_slot(&c[i], p, best, folder, i, why);
		if (c[i].whole && (!newest || c[i].place.step > newest->place.step))
			newest = &c[i];
	}
	if (newest)
		take(newest, p, place);
	for (int i = 0; i < SLOTS; i++) {
		abl_safetensors_close(c[i].file);
		abl_place_finish(&c[i].place);
	}
	return newest ? place->step : -1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A model's folder and the state that its training goes on from, with one file changed: what is
 * taken has the model's sizes, and what is refused leaves the model as it was. */
#include "fuzz_named.h"

#include "checkpoint.h"
#include "hash.h"
#include "hf_tokenizer.h"
#include "safetensors.h"
#include "saved.h"
#include "small_model.h"
#include "state.h"

static struct abl_model *model;
static const char *const kept[] = {"config.json", "vocab.txt", "model.safetensors"};
static struct abl_str good[3]; /* their bytes */

static char *path_of(const char *name)
{
	return abl_path_join(fuzz_folder, name);
}

/* All files but the one that is tried. */
static void put_others(const char *path)
{
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
		char *its = path_of(kept[i]);

		if (strcmp(its, path) != 0 && !abl_file_exists(its))
			fuzz_write(its, good[i].text, good[i].length);
		free(its);
	}
}

static void begin(void)
{
	static const char vocab[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n<start>\n<delim>\n"
				    "<extract>\n";
	const struct abl_checkpoint_task task = {.type = "classify", .labels = "a\nb\nc"};
	struct abl_str text = {0};
	struct abl_compute *compute;
	struct abl_config c;
	struct abl_err err = {0};
	char *from = abl_path_join(fuzz_root, "vocab.txt");

	abl_str_puts(&text, vocab);
	for (int i = 8; i < PIECES; i++)
		abl_str_printf(&text, "w%d\n", i);
	fuzz_write(from, text.text, text.length);
	abl_str_finish(&text);
	small_config(&c);
	c.layers = c.heads = 1;
	c.hidden = c.ffn_size = 4;
	c.max_length = 8;
	if (abl_config_resolve(&c, NULL, &err) || abl_compute_create(&compute, "fp32", 1, &err))
		abort();
	model = small_model(compute, &c, false);
	if (abl_checkpoint_save(model, fuzz_folder, from, &task, &err))
		abort();
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
		char *its = path_of(kept[i]);

		if (abl_file_read(its, &good[i], 1 << 20, &err))
			abort();
		free(its);
	}
	free(from);
}

static void read_folder(const char *path)
{
	struct abl_saved saved;
	struct abl_err err = {0};
	struct abl_str summary = {0};
	bool cased;
	int rc;

	put_others(path);
	rc = abl_saved_open(&saved, fuzz_folder, &err);
	assert(rc == (int)err.code && (!rc || strstr(err.text, fuzz_folder)));
	if (!rc) {
		assert(saved.vocab && saved.config.hidden > 0);
		abl_saved_finish(&saved);
	}
	err = (struct abl_err){0};
	rc = abl_hf_cased(fuzz_folder, &cased, &err);
	assert(rc == (int)err.code && (!rc || strstr(err.text, fuzz_folder)));
	err = (struct abl_err){0};
	rc = abl_checkpoint_start(model, fuzz_folder, &summary, &err);
	assert(rc == (int)err.code && (!rc || strstr(err.text, fuzz_folder)));
	abl_str_finish(&summary);
}

/* What was read is written, and read, the same. */
static void again(const char *path, const struct abl_place *place)
{
	struct abl_place at = *place, found = {0};
	char *other = path_of("state-2.safetensors");
	struct abl_str why = {0};
	struct abl_err err = {0};

	if (abl_state_save(model, fuzz_folder, &at, &err) || unlink(path) ||
	    abl_state_load(model, fuzz_folder, true, &found, &why) != place->step)
		abort();
	assert(found.told.count == place->told.count && found.position == place->position &&
	       found.best.step == place->best.step && !why.length);
	unlink(other);
	abl_place_finish(&found);
	free(other);
}

static void read_state(const char *path)
{
	const struct abl_params *p = abl_model_params(model);
	real *before = abl_malloc(p->values * sizeof *before);
	struct abl_place place = {.slot = 1}, at = place;
	struct abl_str why = {0};
	int64_t step;

	memcpy(before, p->w, p->values * sizeof *before);
	step = abl_state_load(model, fuzz_folder, false, &place, &why);
	if (step < 0) {
		assert(step == -1 && strstr(why.text, path) && place.step == at.step);
		assert(!memcmp(before, p->w, p->values * sizeof *before));
	} else {
		assert(step == place.step && !why.length && !place.best.step == !place.best.w);
		for (size_t i = 0; i < place.told.count; i++)
			assert(*place.told.items[i].name);
		again(path, &place);
	}
	abl_place_finish(&place);
	abl_str_finish(&why);
	free(before);
}

/* Puts the right hash into a state's bytes, so that what it holds is looked at; false: there is
 * none.
 */
static bool sign(char *bytes, size_t size)
{
	static const char *const fields[] = {"place", "open", "told"};
	static const char *const blocks[] = {"w", "m", "v", "best"};
	struct abl_safetensors *s;
	struct abl_hash *h;
	const char *old;
	char hash[ABL_HASH_TEXT], *at;

	if (abl_safetensors_parse(&s, bytes, size, "fuzz", NULL))
		return false;
	h = abl_hash_create();
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		const char *text = abl_safetensors_metadata(s, fields[i]);

		abl_hash_field(h, fields[i], text ? text : "");
	}
	for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
		const struct abl_tensor *t = abl_safetensors_find(s, blocks[i]);

		if (t && t->dtype == ABL_F32)
			abl_hash_add(h, t->data, 4 * t->count);
	}
	abl_hash_text(h, hash);
	abl_hash_destroy(h);
	old = abl_safetensors_metadata(s, "xxh3");
	at = old && strlen(old) == sizeof hash - 1 ? memmem(bytes, size, old, strlen(old)) : NULL;
	if (at)
		memcpy(at, hash, sizeof hash - 1);
	abl_safetensors_close(s);
	return at;
}

static void read_states(const char *path)
{
	struct abl_str bytes = {0};

	if (abl_file_read(path, &bytes, SIZE_MAX / 2, NULL))
		abl_str_clear(&bytes); /* packed, and damaged */
	read_state(path);
	if (bytes.length && sign(bytes.text, bytes.length)) {
		fuzz_write(path, bytes.text, bytes.length);
		read_state(path);
	}
	abl_str_finish(&bytes);
}

static const struct fuzz_reader readers[] = {
	{"/config.json", read_folder},
	{"/vocab.txt", read_folder},
	{"/model.safetensors", read_folder},
	{"/tokenizer.json", read_folder},
	{"/tokenizer_config.json", read_folder},
	{"/added_tokens.json", read_folder},
	{"/special_tokens_map.json", read_folder},
	{"/state.safetensors", read_states},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (fuzz_make_folder())
		begin();
	fuzz_give(readers, sizeof readers / sizeof *readers, data, size);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "hooks.h"
#include "str.h"

#include <assert.h>
#include <string.h>

static struct abl_recipe *recipe_of(struct abl_config *c, enum abl_scope scope)
{
	return scope == ABL_SCOPE_PRETRAIN ? &c->pretrain : &c->finetune;
}

static struct abl_choice *choice_of(struct abl_config *c, const struct abl_key *key)
{
	const int slot = abl_key_slot(key);

	if (slot == ABL_SLOT_OPTIMIZER)
		return &recipe_of(c, key->scope)->optimizer;
	if (slot == ABL_SLOT_SCHEDULE)
		return &recipe_of(c, key->scope)->schedule;
	return &c->slot[slot];
}

/* The struct that the key's option row is about. */
static void *base_of(struct abl_config *c, const struct abl_key *key)
{
	if (abl_key_slot(key) >= 0)
		return choice_of(c, key)->options;
	return key->scope == ABL_SCOPE_MODEL ? (void *)c : (void *)recipe_of(c, key->scope);
}

void abl_config_init(struct abl_config *c)
{
	size_t count;
	const struct abl_key *const *keys = abl_config_keys(&count);
	int rc = 0;

	memset(c, 0, sizeof *c);
	for (size_t i = 0; i < count; i++)
		rc |= abl_config_set(c, keys[i], &keys[i]->def, NULL);
	assert(!rc);
	(void)rc;
}

void abl_config_get(const struct abl_config *c, const struct abl_key *key, struct abl_value *out)
{
	struct abl_config *plain = (struct abl_config *)(uintptr_t)c; /* only read */

	if (key->component)
		*out = (struct abl_value){.type = ABL_CHOICE,
					  .choice = choice_of(plain, key)->component->name};
	else
		abl_option_get(key->option, base_of(plain, key), out);
}

int abl_config_set(struct abl_config *c, const struct abl_key *key, const struct abl_value *value,
		   struct abl_err *err)
{
	const char *name;
	struct abl_option row;
	int rc;

	if (!key->component)
		return abl_option_set(key->option, base_of(c, key), key->name, value, err);
	row = *key->option; /* let the row check the name, then look the component up */
	row.offset = 0;
	rc = abl_option_set(&row, &name, key->name, value, err);
	if (!rc)
		choice_of(c, key)->component =
			abl_component_find((enum abl_slot)abl_key_slot(key), name);
	return rc;
}

bool abl_config_is(const struct abl_config *c, enum abl_slot slot, const char *name)
{
	return !strcmp(c->slot[slot].component->name, name);
}

static bool has_row(const struct abl_component *component, const char *name)
{
	for (const struct abl_option *o = component->options; o && o->name; o++)
		if (!strcmp(o->name, name))
			return true;
	return false;
}

static bool pretrains(const struct abl_config *c)
{
	return ABL_HOOKS(c, ABL_SLOT_PRETRAINING, switch)->on;
}

bool abl_config_active(const struct abl_config *c, const struct abl_key *key)
{
	struct abl_config *plain = (struct abl_config *)(uintptr_t)c; /* only read */
	const struct abl_recipe *r = recipe_of(plain, key->scope);
	const int slot = abl_key_slot(key);

	if (key->stages == ABL_AT_PRETRAIN && !pretrains(c))
		return false;
	if (slot >= 0 && !key->component)
		return has_row(choice_of(plain, key)->component, key->option->name);
	if (slot == ABL_SLOT_SPECIAL_TOKENS_FROM)
		return pretrains(c) && !abl_config_is(c, ABL_SLOT_SPECIAL_TOKENS, "none");
	if (key->scope == ABL_SCOPE_MODEL || key->component)
		return true;
	if (key->option->offset == offsetof(struct abl_recipe, epochs))
		return !r->steps;
	if (key->option->offset == offsetof(struct abl_recipe, batch_size))
		return !r->batch_tokens;
	return true;
}

static void blame(struct abl_resolving *r, const char *key)
{
	abl_resolving_blame(r, abl_config_key(key));
}

static bool among(const char *value, const char *list)
{
	size_t n = strlen(value);

	for (const char *p = list; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL)
		if (!strncmp(p, value, n) && (p[n] == '|' || !p[n]))
			return true;
	return false;
}

static const char *value_of(const struct abl_config *c, const char *slot)
{
	struct abl_value v;

	abl_config_get(c, abl_config_key(slot), &v);
	return v.choice;
}

static void tell(const struct abl_resolving *r, const char *line)
{
	if (r && r->implied)
		r->implied(r->data, line);
}

static int imply(struct abl_config *c, const struct abl_constraint *row, struct abl_resolving *r,
		 struct abl_err *err)
{
	struct abl_value v = {.type = ABL_CHOICE, .choice = row->other_value};
	struct abl_str line = {0};
	int rc = abl_config_set(c, abl_config_key(row->other_slot), &v, err);

	if (!rc) {
		abl_str_printf(&line, "%s: %s makes %s: %s (%s)", row->slot, row->value,
			       row->other_slot, row->other_value, row->message);
		tell(r, line.text);
		abl_str_finish(&line);
	}
	return rc;
}

static int check_constraints(struct abl_config *c, struct abl_resolving *r, struct abl_err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < abl_constraint_count(); i++) {
		const struct abl_constraint *row = abl_constraint_at(i);
		const struct abl_key *key = abl_config_key(row->slot);
		bool other;

		if (!abl_config_active(c, key) || !among(value_of(c, row->slot), row->value))
			continue;
		other = among(value_of(c, row->other_slot), row->other_value);
		if (row->relation == ABL_IMPLIES && !other) {
			rc = imply(c, row, r, err);
		} else if (row->relation == (other ? ABL_CONFLICTS : ABL_NEEDS)) {
			blame(r, row->slot);
			blame(r, row->other_slot);
			rc = abl_err_set(err, ABL_EINPUT, "'%s: %s' %s '%s: %s': %s", row->slot,
					 value_of(c, row->slot), other ? "cannot go with" : "needs",
					 row->other_slot, row->other_value, row->message);
		}
	}
	return rc;
}

static int check_objectives(const struct abl_config *c, struct abl_resolving *r,
			    struct abl_err *err)
{
	const struct abl_mlm_options *mlm = (const void *)c->slot[ABL_SLOT_MLM].options;
	double sum = mlm->mask_share + mlm->random_share + mlm->keep_share;

	if (!pretrains(c))
		return 0;
	if (!ABL_HOOKS(c, ABL_SLOT_MLM, objective)->head &&
	    !ABL_HOOKS(c, ABL_SLOT_NSP, objective)->head &&
	    !ABL_HOOKS(c, ABL_SLOT_LM, objective)->head) {
		blame(r, "mlm"), blame(r, "nsp"), blame(r, "lm");
		return abl_err_set(err, ABL_EINPUT,
				   "pre-training has no objective: switch on one of 'mlm', 'nsp', "
				   "'lm', or set 'pretraining: none'");
	}
	if (ABL_HOOKS(c, ABL_SLOT_MLM, objective)->head && (sum < 1 - 1e-9 || sum > 1 + 1e-9)) {
		blame(r, "mask_token_share"), blame(r, "mask_random_share");
		blame(r, "mask_keep_share");
		return abl_err_set(err, ABL_EINPUT,
				   "mask_token_share + mask_random_share + mask_keep_share is %g; "
				   "their sum must be 1",
				   sum);
	}
	return 0;
}

static int check_sizes(struct abl_config *c, struct abl_resolving *r, struct abl_err *err)
{
	if (!c->heads)
		c->heads = c->hidden / 64 ? c->hidden / 64 : 1;
	if (!c->ffn_size)
		c->ffn_size = 4 * c->hidden;
	if (c->hidden % c->heads) {
		blame(r, "hidden"), blame(r, "heads");
		return abl_err_set(err, ABL_EINPUT, "hidden %lld is not divisible by heads %lld",
				   (long long)c->hidden, (long long)c->heads);
	}
	if (c->finetune.freeze > c->layers || c->pretrain.freeze > c->layers) {
		const char *key = c->finetune.freeze > c->layers ? "freeze" : "pretrain_freeze";

		blame(r, key), blame(r, "layers");
		return abl_err_set(err, ABL_EINPUT, "'%s' exceeds the model's %lld layer%s", key,
				   (long long)c->layers, abl_plural(c->layers));
	}
	return 0;
}

/* Both or neither; 8 as for max_length. */
static int check_lengths(const struct abl_config *c, struct abl_resolving *r, struct abl_err *err)
{
	if (!pretrains(c) || (!c->first_length && !c->long_steps))
		return 0;
	if (c->first_length >= 8 && c->first_length < c->max_length && c->long_steps)
		return 0;
	blame(r, "pretrain_max_length"), blame(r, "pretrain_long_steps");
	if (!c->first_length)
		return abl_err_set(err, ABL_EINPUT,
				   "pretrain_long_steps follow those at a smaller length: set "
				   "'pretrain_max_length', below max_length %lld",
				   (long long)c->max_length);
	if (!c->long_steps)
		return abl_err_set(
			err, ABL_EINPUT,
			"pretrain_max_length leaves positions untrained: set "
			"'pretrain_long_steps', a ninth of the steps at %lld (BERT), say",
			(long long)c->first_length);
	blame(r, "max_length");
	return abl_err_set(err, ABL_EINPUT,
			   "pretrain_max_length %lld must be 8 or more and below max_length %lld",
			   (long long)c->first_length, (long long)c->max_length);
}

static void tell_read_position(const struct abl_config *c, const struct abl_resolving *r)
{
	if (ABL_HOOKS(c, ABL_SLOT_ATTENTION, attention)->causal &&
	    ABL_HOOKS(c, ABL_SLOT_SPECIAL_TOKENS, special_tokens)->read_first &&
	    !ABL_HOOKS(c, ABL_SLOT_POOLER, pooler)->mean)
		tell(r, "attention: causal makes the read position the last token (the first one "
			"would see nothing)");
}

int abl_config_resolve(struct abl_config *c, struct abl_resolving *r, struct abl_err *err)
{
	int rc = check_sizes(c, r, err);

	if (!rc)
		rc = check_constraints(c, r, err);
	if (!rc)
		rc = check_objectives(c, r, err);
	if (!rc)
		rc = check_lengths(c, r, err);
	if (!rc)
		tell_read_position(c, r);
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "expected_places.h"

#include "machine.h"
#include "worker_facts.h"

static int expect_one(const struct abl_place *p, struct abl_store *store, int64_t *slots,
		      bool *known, struct abl_err *err)
{
	int rc = 0;

	*slots = p->slots ? p->slots : p->cores;
	*known = true;
	if (!*slots && store)
		rc = abl_read_worker_slots(store, p->name, slots, err);
	if (!rc && *slots < 1) {
		*slots = abl_machine_cores();
		*known = false;
	}
	return rc;
}

int abl_expect_places(struct abl_expected_places *out, const struct abl_places *places,
		      struct abl_store *store, int own, int64_t slurm, struct abl_str *words,
		      struct abl_err *err)
{
	*out = (struct abl_expected_places){0};
	for (size_t i = 0; i < places->count; i++) {
		const struct abl_place *p = &places->items[i];
		int64_t slots = p->slots ? p->slots : own;
		bool known = true;
		int rc = 0;

		if (words->length)
			abl_str_puts(words, ", ");
		if (p->kind == ABL_PLACE_LOCAL) {
			out->own = (int)slots;
			abl_str_printf(words, "this machine %lld", (long long)slots);
			continue;
		}
		if (p->kind == ABL_PLACE_SLURM) /* what one of them takes is the queue's to say */
			slots = p->slots ? p->slots : slurm > 0 ? slurm : 1;
		else
			rc = expect_one(p, store, &slots, &known, err);
		if (rc)
			return rc;
		out->elsewhere += (int)slots;
		abl_str_printf(words, "%s %lld%s", p->name, (long long)slots,
			       p->kind == ABL_PLACE_SLURM ? " (one each)"
			       : known                    ? ""
							  : " (not known yet: as here)");
	}
	return 0;
}

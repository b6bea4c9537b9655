/* SPDX-License-Identifier: Apache-2.0 */
#include "gc.h"

#include "artifact_drop.h"
#include "files.h"
#include "store.h"
#include "store_drop.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

enum { NAMES = sizeof((struct abl_gc *)0)->names / sizeof(char *) };

struct collector {
	struct abl_gc *out;
	struct abl_store *store;
	const struct abl_gc_request *request;
	time_t now;
};

/* Rows of stages that nobody has. */
static int drop_rows(struct abl_store *store, struct abl_gc *out, struct abl_err *err)
{
	struct abl_dropped dropped = {0};
	int rc = abl_store_begin(store, err);

	if (rc)
		return rc;
	rc = abl_store_drop_orphans(store, &dropped, err);
	if (rc) {
		abl_store_rollback(store);
		return rc;
	}
	rc = abl_store_commit(store, err);
	rc = rc || !dropped.stages ? rc : abl_store_refresh_views(store, err);
	out->stages = dropped.stages;
	return rc ? rc : abl_store_sync(store, true, err);
}

static bool is_young(const struct collector *c, const struct abl_care_item *item)
{
	return c->request->older > 0 && difftime(c->now, item->changed) < c->request->older;
}

/* Whether it goes; counts why not. Predictions of earlier plans are numbers that stand. */
static bool goes(struct collector *c, const struct abl_care_item *item)
{
	const int64_t bytes = abl_care_bytes(item), predictions = item->bytes[ABL_CARE_PREDICTIONS];
	struct abl_gc *g = c->out;

	switch (item->fate) {
	case ABL_FATE_KEPT:
		return false;
	case ABL_FATE_UNKNOWN:
		if (g->unknown < NAMES)
			g->names[g->unknown] = abl_strdup(item->path);
		g->unknown++;
		g->unknown_bytes += bytes;
		return false;
	case ABL_FATE_BACKUP:
		g->backups += c->request->backups ? 0 : bytes;
		if (!c->request->backups)
			return false;
		break;
	case ABL_FATE_EARLIER:
		if (bytes == predictions)
			return false;
		g->earlier += c->request->earlier ? 0 : bytes - predictions;
		if (!c->request->earlier)
			return false;
		break;
	case ABL_FATE_GOES:
		break;
	}
	if (is_young(c, item))
		g->young += bytes;
	return !is_young(c, item);
}

static void take_away(struct collector *c, const struct abl_care_item *item)
{
	struct abl_err err = {0};
	char *path = abl_path_join(abl_store_folder(c->store), item->path);
	int rc;

	if (item->fate == ABL_FATE_EARLIER)
		rc = abl_artifact_drop(c->store, item->path, &err);
	else
		rc = abl_remove_tree(path, &err);
	free(path);
	if (!rc)
		return;
	c->out->failures++;
	if (!c->out->failed)
		c->out->failed = abl_strdup(err.text);
}

static void count(struct abl_gc *g, const struct abl_care_item *item)
{
	g->count[item->kind]++;
	for (size_t k = 0; k < ABL_CARE_KINDS; k++)
		if (item->fate != ABL_FATE_EARLIER || k != ABL_CARE_PREDICTIONS)
			g->bytes[k] += item->bytes[k];
}

int abl_gc(struct abl_gc *out, struct abl_store *store, const struct abl_gc_request *request,
	   struct abl_err *err)
{
	struct collector c = {.out = out, .store = store, .request = request, .now = time(NULL)};
	struct abl_care care = {0};
	int rc;

	*out = (struct abl_gc){0};
	rc = request->dry_run || request->older > 0 ? 0 : drop_rows(store, out, err);
	rc = rc ? rc : abl_care_look(&care, store, 0, err);
	for (size_t i = 0; i < care.count && !rc; i++) {
		const struct abl_care_item *item = &care.item[i];
		const int64_t failures = out->failures;

		if (!goes(&c, item))
			continue;
		if (!request->dry_run)
			take_away(&c, item);
		if (out->failures == failures)
			count(out, item);
	}
	abl_care_finish(&care);
	if (!rc && !request->dry_run)
		rc = abl_store_compact(store, &out->unused, err);
	return rc;
}

void abl_gc_finish(struct abl_gc *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < NAMES; i++)
		free(g->names[i]);
	free(g->failed);
	*g = (struct abl_gc){0};
}

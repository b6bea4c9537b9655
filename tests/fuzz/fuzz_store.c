/* SPDX-License-Identifier: Apache-2.0 */
/* Files beside the database of a store, which a kill, a full disk or another host may leave in any
 * state: whatever is in one, it is taken for what it says, or for nothing. */
#include "fuzz_named.h"

#include "head_file.h"
#include "input_hash.h"
#include "lock_claim.h"
#include "request.h"
#include "running_file.h"
#include "slurm_jobs.h"
#include "store_id.h"
#include "utf8.h"

#include <math.h>
#include <limits.h>
#include <sys/stat.h>

static void read_lock(const char *path)
{
	char text[ABL_LOCK_RECORD + 1], once[128], twice[128];
	struct abl_lock_record r, again;

	if (!abl_lock_record_read(path, &r))
		return;
	assert(r.pid > 0 && r.pid <= INT_MAX);
	(void)abl_lock_record_life(&r, false);
	(void)abl_lock_record_rebooted(&r);
	abl_lock_record_text(&r, text);
	assert(strlen(text) == ABL_LOCK_RECORD && text[ABL_LOCK_RECORD - 1] == '\n');
	fuzz_write(path, text, ABL_LOCK_RECORD);
	if (!abl_lock_record_read(path, &again))
		abort();
	assert(!strcmp(abl_lock_record_name(&r, once), abl_lock_record_name(&again, twice)));
	assert(!strcmp(r.token, again.token) && r.beat == again.beat &&
	       r.snapshot == again.snapshot && r.started == again.started);
	assert(abl_claim_is_own(fuzz_folder, &r) == !!strstr(path, ".claim"));
}

static void read_running(const char *path)
{
	json_decref(abl_running_file_read(fuzz_folder));
}

/* It is a request, whatever is in it, and who asked can be shown. */
static void read_request(const char *path)
{
	struct abl_requests r = {.looked = -10};
	const bool there = abl_request_is_there(fuzz_folder, "fuzz");
	const bool heard = abl_requests_poll(&r, fuzz_folder, "fuzz");

	assert(there && heard && r.asked && *r.last.by);
	assert(abl_utf8_bad(r.last.by, strlen(r.last.by)) < 0 && !strpbrk(r.last.by, "\n\033"));
}

static void read_hashes(const char *path)
{
	struct abl_hash_cache *c = abl_hash_cache_open(fuzz_folder);
	struct abl_content content;
	struct abl_err err = {0};
	const int rc = abl_hash_cache_file(c, path, &content, &err);

	assert(!rc && !err.code && strlen(content.hash) == ABL_HASH_TEXT - 1);
	abl_hash_cache_close(c);
}

/* A worker goes where it says: all of it is numbers, or it is refused. */
static void read_head(const char *path)
{
	struct abl_head head, again;
	struct abl_err err = {0};
	int rc = chmod(path, 0600);

	rc = rc ? rc : abl_head_file_read(path, &head, &err);
	assert(rc == (int)err.code && (!rc || strstr(err.text, path)));
	if (rc)
		return;
	assert(head.addresses && head.port > 0 && head.port < 65536);
	if (abl_head_file_write(path, &head, &err) || abl_head_file_read(path, &again, &err))
		abort();
	assert(!memcmp(&head.token, &again.token, sizeof head.token) &&
	       head.addresses == again.addresses && !strcmp(head.host, again.host));
	abl_head_file_remove(path, &head.token);
	assert(!abl_file_exists(path));
}

static void read_id(const char *path)
{
	char id[ABL_HASH_TEXT], made[ABL_HASH_TEXT];

	abl_store_id_read(fuzz_folder, id);
	if (abl_store_id_make(fuzz_folder, made, NULL))
		abort();
	assert(strlen(made) == ABL_HASH_TEXT - 1 && (!*id || !strcmp(id, made)));
}

/* What an earlier head has asked for: what is adopted is written, and adopted, the same. */
static void read_jobs(const char *path)
{
	struct abl_slurm_fleet fleet = {0}, again = {0};

	(void)abl_slurm_jobs_read(&fleet, fuzz_folder, 1);
	for (size_t i = 0; i < fleet.arrays; i++)
		assert(strchr("0123456789", *fleet.array[i].job) && fleet.array[i].count > 0);
	if (abl_slurm_jobs_write(&fleet, fuzz_folder, INFINITY, NULL))
		abort();
	(void)abl_slurm_jobs_read(&again, fuzz_folder, 1);
	assert(again.arrays == fleet.arrays);
	abl_slurm_fleet_finish(&fleet), abl_slurm_fleet_finish(&again);
}

static const struct fuzz_reader readers[] = {
	{"/lock", read_lock},
	{"/lock.claim", read_lock},
	{"/running.json", read_running},
	{"/requests/fuzz.stop", read_request},
	{"/input-hashes", read_hashes},
	{"/" ABL_HEAD_FILE, read_head},
	{"/" ABL_STORE_ID_FILE, read_id},
	{"/slurm-jobs.json", read_jobs},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (fuzz_make_folder()) {
		char *requests = abl_path_join(fuzz_folder, "requests");

		if (abl_mkdir_all(requests, NULL))
			abort();
		free(requests);
	}
	fuzz_give(readers, sizeof readers / sizeof *readers, data, size);
	return 0;
}

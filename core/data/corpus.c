/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

#include "corpus_format.h"
#include "rng.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a document's hash is drawn for. */
enum site { SITE_HELD_OUT, SITE_FRACTION };

static uint64_t draw(const struct abl_corpus *c, uint64_t document, enum site site)
{
	const bool together = c->group && site == SITE_HELD_OUT;

	return abl_rng_u64(together ? c->group[document] : c->details[document].hash, site, 0);
}

static uint64_t limit_of(double share)
{
	return share >= 1 ? UINT64_MAX : (uint64_t)ldexp(share, 64);
}

/* Documents whose draw is below the limit are held out. */
static uint64_t held_out_limit(const struct abl_corpus *c)
{
	uint64_t limit = limit_of(ABL_HELD_OUT_SHARE), least = UINT64_MAX, most = 0;

	for (uint64_t d = 0; d < c->documents; d++) {
		uint64_t x = draw(c, d, SITE_HELD_OUT);

		least = x < least ? x : least;
		most = x > most ? x : most;
	}
	if (limit <= least)
		limit = least + 1;
	return limit < most ? limit : most; /* one stays for training, at least */
}

static bool is_known(const struct abl_corpus *c, uint64_t hash)
{
	size_t low = 0, high = c->known_count;

	while (low < high) {
		const size_t at = low + (high - low) / 2;

		if (c->known[at] == hash)
			return true;
		if (c->known[at] < hash)
			low = at + 1;
		else
			high = at;
	}
	return false;
}

bool abl_corpus_held_out(const struct abl_corpus *c, uint64_t document)
{
	if (c->known)
		return is_known(c, c->details[document].hash);
	if (c->told)
		return c->group[document] != 0;
	return draw(c, document, SITE_HELD_OUT) < c->held_out_limit;
}

uint64_t abl_corpus_choose(const struct abl_corpus *c, bool held_out, double fraction, bool *chosen)
{
	uint64_t limit = held_out ? UINT64_MAX : limit_of(fraction), least = UINT64_MAX, count = 0;

	for (uint64_t d = 0; d < c->documents; d++) {
		chosen[d] = abl_corpus_held_out(c, d) == held_out;
		if (chosen[d] && draw(c, d, SITE_FRACTION) < least)
			least = draw(c, d, SITE_FRACTION);
	}
	if (limit < least)
		limit = least;
	for (uint64_t d = 0; d < c->documents; d++)
		count += chosen[d] = chosen[d] && draw(c, d, SITE_FRACTION) <= limit;
	return count;
}

/* Do the counts of the head make exactly this file? Overflow cannot make them fit. */
static bool fits(const struct corpus_head *h, uint64_t size)
{
	uint64_t body = size - sizeof *h;
	uint64_t each = sizeof(struct abl_corpus_document) +
			(h->version == CORPUS_VERSION ? 0 : sizeof(uint64_t));

	if (h->pieces > body / sizeof(int32_t) || h->sentences > h->pieces ||
	    h->documents > h->sentences || h->sentences > body / sizeof(uint64_t) ||
	    h->documents > body / each)
		return false;
	return body == (h->pieces + h->pieces % 2) * sizeof(int32_t) +
			       (h->sentences + 1) * sizeof(uint64_t) +
			       (h->documents + 1) * sizeof(uint64_t) + h->documents * each;
}

static bool is_intact(const struct corpus_head *h, size_t size)
{
	struct abl_hash *body = abl_hash_create();
	char hash[sizeof h->hash];

	abl_hash_add(body, h + 1, size - sizeof *h);
	corpus_sign(h, body, hash);
	abl_hash_destroy(body);
	return !memcmp(hash, h->hash, sizeof hash);
}

static bool rises(const uint64_t *at, uint64_t count, uint64_t end)
{
	if (at[0] != 0 || at[count] != end)
		return false;
	for (uint64_t i = 0; i < count; i++)
		if (at[i] >= at[i + 1])
			return false;
	return true;
}

/* Finds the parts of the mapped file. Returns what is wrong with it, or NULL. */
static const char *read_map(struct abl_corpus *c)
{
	const struct corpus_head *h = c->map;

	if (c->map_size < sizeof *h || memcmp(h->magic, CORPUS_MAGIC, sizeof h->magic))
		return "is not a corpus file";
	if (h->byte_order != CORPUS_BYTE_ORDER || h->version < CORPUS_VERSION ||
	    h->version > CORPUS_VERSION_TOLD)
		return "is a corpus file of another version of this program or another kind of "
		       "machine";
	if (!h->documents || h->documents > UINT32_MAX || h->vocab_size > INT32_MAX ||
	    !fits(h, c->map_size))
		return "is truncated or damaged";
	if (!is_intact(h, c->map_size))
		return "is damaged";
	c->pieces = h->pieces;
	c->sentences = h->sentences;
	c->documents = h->documents;
	c->vocab_size = (int64_t)h->vocab_size;
	c->ids = (const int32_t *)(h + 1);
	c->sentence = (const uint64_t *)(c->ids + c->pieces + c->pieces % 2);
	c->document = c->sentence + c->sentences + 1;
	c->details = (const struct abl_corpus_document *)(c->document + c->documents + 1);
	if (h->version != CORPUS_VERSION)
		c->group = (const uint64_t *)(c->details + c->documents);
	c->told = h->version == CORPUS_VERSION_TOLD;
	if (!rises(c->sentence, c->sentences, c->pieces) ||
	    !rises(c->document, c->documents, c->sentences))
		return "is damaged";
	for (uint64_t i = 0; i < c->pieces; i++)
		if (c->ids[i] < 0 || c->ids[i] >= c->vocab_size)
			return "is damaged";
	return NULL;
}

int abl_corpus_open(struct abl_corpus *c, const char *path, struct abl_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	const char *wrong;
	struct stat st;

	*c = (struct abl_corpus){0};
	if (fd < 0 || fstat(fd, &st)) {
		rc = abl_err_set(err, errno == ENOENT ? ABL_EINPUT : ABL_EIO, "%s: cannot open: %s",
				 path, strerror(errno));
		goto fail;
	}
	if (!S_ISREG(st.st_mode) || !st.st_size) {
		rc = abl_err_set(err, ABL_EINPUT, "%s: is not a corpus file", path);
		goto fail;
	}
	c->map_size = (size_t)st.st_size;
	c->map = mmap(NULL, c->map_size, PROT_READ, MAP_SHARED, fd, 0);
	if (c->map == MAP_FAILED) {
		c->map = NULL;
		rc = abl_err_set(err, ABL_EIO, "%s: cannot map: %s", path, strerror(errno));
		goto fail;
	}
	wrong = read_map(c);
	if (wrong) {
		rc = abl_err_set(err, ABL_EINPUT, "%s: %s; remove it and tokenize again", path,
				 wrong);
		goto fail;
	}
	c->held_out_limit = held_out_limit(c);
fail:
	if (fd >= 0)
		close(fd);
	if (rc)
		abl_corpus_close(c);
	return rc;
}

void abl_corpus_close(struct abl_corpus *c)
{
	if (!c)
		return;
	if (c->map)
		munmap(c->map, c->map_size);
	free(c->known);
	*c = (struct abl_corpus){0};
}

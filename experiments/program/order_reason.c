/* SPDX-License-Identifier: Apache-2.0 */
#include "order_reason.h"

#include "machine.h"
#include "utf8.h"

#include <ctype.h>
#include <signal.h>
#include <string.h>

enum { LINES = 40 /* that an exception can be above the end */, LONGEST = 300 };

/* The last words. */

struct line {
	const char *at;
	size_t length;
};

static bool has_letters(const struct line *l)
{
	for (size_t i = 0; i < l->length; i++)
		if (isalnum((unsigned char)l->at[i]) || (unsigned char)l->at[i] >= 0x80)
			return true;
	return false;
}

/* "torch.OutOfMemoryError: CUDA out of memory", and what torchrun puts before it: "[rank0]: ". */
static bool is_exception(const struct line *l)
{
	static const char *const ends[] = {"Error", "Exception", "Interrupt", "Exit"};
	const char *at = l->at, *end = at + l->length, *name;

	if (*at == '[' && (name = memchr(at, ']', l->length)))
		for (at = name + 1; at < end && (*at == ':' || *at == ' '); at++)
			;
	for (name = at; at < end && (isalnum((unsigned char)*at) || strchr("._", *at)); at++)
		;
	if (end - at < 3 || strncmp(at, ": ", 2))
		return false;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		const size_t n = strlen(ends[i]);

		if ((size_t)(at - name) >= n && !strncmp(at - n, ends[i], n))
			return true;
	}
	return false;
}

/* The line before `end`; false at the start of the text. */
static bool line_before(const char *text, const char **end, struct line *out)
{
	const char *at = *end;

	if (at == text)
		return false;
	at -= at[-1] == '\n';
	*end = at;
	while (*end > text && (*end)[-1] != '\n')
		(*end)--;
	*out = (struct line){*end, (size_t)(at - *end)};
	while (out->length && isspace((unsigned char)*out->at))
		out->at++, out->length--;
	while (out->length && isspace((unsigned char)out->at[out->length - 1]))
		out->length--;
	return true;
}

bool abl_order_last_words(const char *tail, struct abl_str *out)
{
	const char *end = tail + strlen(tail);
	struct line line, best = {0};

	for (int i = 0; i < LINES && line_before(tail, &end, &line); i++) {
		if (is_exception(&line)) {
			best = line;
			break;
		}
		if (!best.length && has_letters(&line))
			best = line;
	}
	if (best.length > LONGEST) { /* a letter is not cut in two */
		for (best.length = LONGEST; ((unsigned char)best.at[best.length] & 0xc0) == 0x80;)
			best.length--;
		abl_utf8_visible(out, best.at, best.length);
		abl_str_puts(out, "…");
	} else {
		abl_utf8_visible(out, best.length ? best.at : "", best.length);
	}
	return best.length;
}

/* Causes. */

#define WORKER_KILLED "is killed by signal: Killed" /* of a DataLoader */

static const struct {
	const char *words;
	enum abl_code code;
} causes[] = {
	{"out of memory", ABL_ENOMEM}, /* CUDA, HIP, and many others */
	{"OutOfMemoryError", ABL_ENOMEM},
	{"CUBLAS_STATUS_ALLOC_FAILED", ABL_ENOMEM},
	{"CUDNN_STATUS_ALLOC_FAILED", ABL_ENOMEM},
	{"cudaErrorMemoryAllocation", ABL_ENOMEM},
	{"CUDA_ERROR_OUT_OF_MEMORY", ABL_ENOMEM},
	{"RESOURCE_EXHAUSTED", ABL_ENOMEM},     /* JAX, TensorFlow */
	{"ResourceExhaustedError", ABL_ENOMEM}, /* Keras */
	{"out of shared memory", ABL_ENOMEM},   /* a DataLoader's workers */
	{"MemoryError", ABL_ENOMEM},
	{"std::bad_alloc", ABL_ENOMEM},
	{"can't allocate memory", ABL_ENOMEM}, /* PyTorch on the CPU */
	{"Cannot allocate memory", ABL_ENOMEM},
	{"Out of memory", ABL_ENOMEM},
	{"No space left on device", ABL_EFULL},
	{"Disk quota exceeded", ABL_EFULL},
	{"Read-only file system", ABL_EIO},
	{"Input/output error", ABL_EIO},
	{"I/O error", ABL_EIO}, /* dash, of any write that fails */
	{WORKER_KILLED, ABL_EKILLED},
};

/* By a signal that others send to end a program, or a part of it, as a shell tells of it. */
static bool is_from_outside(const struct abl_process_end *end)
{
	static const int signals[] = {SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2};

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		if (end->signal == signals[i] || end->exit_code == 128 + signals[i])
			return true;
	return false;
}

static enum abl_code cause_of(const struct abl_order *o, const struct abl_process_end *end,
			      bool starved)
{
	/* by the system, or a part of it, as a shell tells of it */
	const bool killed = end->signal == SIGKILL || end->exit_code == 128 + SIGKILL ||
			    strstr(end->tail, WORKER_KILLED);

	if (killed && !end->killed && starved)
		return ABL_ENOMEM;
	for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
		if (strstr(end->tail, causes[i].words))
			return causes[i].code;
	if (!end->killed && is_from_outside(end))
		return ABL_EKILLED;
	/* libraries have words of their own for a write that failed, or none */
	return abl_machine_disk(o->out) < ABL_DISK_FULL ? ABL_EFULL : ABL_EFAIL;
}

/* A file that lies beside the study and not in the copy of its code. */
static bool misses_a_file(const struct abl_order *o, const char *tail)
{
	static const char *const words[] = {"No such file or directory", "FileNotFoundError",
					    "ModuleNotFoundError", "can't open file"};

	if (!o->home || !strcmp(o->home, o->directory))
		return false;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strstr(tail, words[i]))
			return true;
	return false;
}

int abl_order_reason(const struct abl_order *o, const struct abl_process_end *end, bool starved,
		     struct abl_err *err)
{
	const enum abl_code code = cause_of(o, end, starved);
	struct abl_str text = {0}, words = {0};

	if (end->signal)
		abl_str_printf(&text, "killed by signal %d (%s)", end->signal,
			       strsignal(end->signal));
	else
		abl_str_printf(&text, "exit code %d", end->exit_code);
	if (code == ABL_ENOMEM)
		abl_str_puts(&text, ", out of memory");
	if (abl_order_last_words(end->tail, &words))
		abl_str_printf(&text, ": %s", words.text);
	else
		abl_str_puts(&text, "; it printed nothing");
	if (misses_a_file(o, end->tail))
		abl_str_puts(&text, "; it runs in a copy of its code: name what it reads under "
				    "'files:' or 'inputs:', or write 'code: in-place'");
	abl_err_set(err, code, "%s", text.text);
	abl_str_finish(&text);
	abl_str_finish(&words);
	return code;
}

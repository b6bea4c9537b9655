/* SPDX-License-Identifier: Apache-2.0 */
/* errors.h - how a fallible call says what went wrong.
 *
 * Fallible calls return 0 or a negative enum abl_code and take `struct abl_err *err` last. The
 * struct lives on the caller's stack, is zeroed before use, and holds the first cause: a later
 * abl_err_set() on a filled one changes nothing. It is untouched on success. NULL is allowed
 * everywhere: the code is what a call returns, kept in a local `rc`, and nobody reads it from the
 * struct behind a pointer. Several calls, each of which needs the one before:
 *
 *	int rc = first(a, err);
 *
 *	rc = rc ? rc : second(a, err);
 *	if (rc)
 *		return rc; */
#ifndef ABL_ERR_H
#define ABL_ERR_H

#define ABL_MUST_USE __attribute__((warn_unused_result))
#define ABL_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

enum abl_code {
	ABL_OK = 0,
	ABL_ENOMEM = -1,    /* out of memory */
	ABL_EIO = -2,       /* the system refused: open, read, write, lock, spawn */
	ABL_EINPUT = -3,    /* the user's file or argument is wrong: exit code 2 */
	ABL_EFAIL = -4,     /* the work itself failed: a child died, another run has the lock */
	ABL_ESTOP = -5,     /* asked to stop; nothing is lost: exit code 3 */
	ABL_EDIVERGED = -6, /* training came to a loss or gradient that is no number */
	ABL_EDAMAGED = -7,  /* what a stage had made is gone or is not what was written */
	ABL_EBUSY = -8,     /* not now: another program holds a lock */
	ABL_EFULL = -9,     /* there is no room on the disk */
	ABL_EKILLED = -10,  /* somebody else ended the program that did the work */
};

struct abl_err {
	int code;        /* enum abl_code, 0 = no error yet */
	char text[1200]; /* lower case, no full stop, the failure first, what to do next */
};

/* Fills err unless it already holds a cause; err may be NULL. Returns the code that was passed in,
 * so `return abl_err_set(err, ABL_EIO, "cannot open '%s'", path);` is one statement. */
int abl_err_set(struct abl_err *err, enum abl_code code, const char *fmt, ...) ABL_PRINTF(3, 4);

/* Puts "prefix: " before the text of a filled err (a file name, a place). Returns the code that was
 * passed in, as abl_err_set() does. */
int abl_err_prefix(struct abl_err *err, int rc, const char *fmt, ...) ABL_PRINTF(3, 4);
/* Makes the message one line without control characters, which a file may have put into it: each
 * becomes '?'. */
void abl_err_plain(struct abl_err *err);

#endif

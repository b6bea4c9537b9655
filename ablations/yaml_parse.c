/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_parse.c - one file: libyaml's events -> nodes with their places. */
#include "yaml_parse.h"

#include "file_kind.h"
#include "files.h"
#include "str.h"
#include "utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define FILE_BYTES ((size_t)256 << 10)
#define DEPTH 32

struct builder { /* events of one file -> its tree */
	const struct abl_yaml_file *file;
	bool hidden; /* brackets are (yaml_brackets.c) */
	yaml_parser_t parser;
	yaml_event_t event; /* the current one */
	bool has_event;
	struct abl_err *err;
};

void abl_node_destroy(struct abl_node *n)
{
	if (!n)
		return;
	for (size_t i = 0; i < n->count; i++)
		abl_node_destroy(n->items[i]);
	free(n->items);
	free(n->text);
	free(n);
}

void abl_node_add(struct abl_node *n, struct abl_node *item)
{
	abl_grow(&n->items, &n->capacity, n->count + 1, sizeof *n->items);
	n->items[n->count++] = item;
}

/* A node on the stack that stands for a place, for errors without a node. */
static struct abl_node place_of(const struct abl_yaml_file *file, size_t line, size_t column,
				size_t width)
{
	return (struct abl_node){.file = file,
				 .line = (int)line + 1,
				 .column = (int)column + 1,
				 .width = (int)width};
}

static struct abl_node event_place(const struct builder *b)
{
	const yaml_event_t *e = &b->event;
	size_t width = e->end_mark.line == e->start_mark.line
			       ? e->end_mark.column - e->start_mark.column
			       : 1;

	if (e->type != YAML_SCALAR_EVENT && e->type != YAML_ALIAS_EVENT)
		width = 1;
	return place_of(b->file, e->start_mark.line, e->start_mark.column, width);
}

/* Did a text begin with '*', which names an alias in YAML? */
static bool is_pattern(const struct builder *b)
{
	return b->parser.context && strstr(b->parser.context, "alias");
}

static int next_event(struct builder *b)
{
	struct abl_node at;
	const yaml_mark_t *mark = &b->parser.problem_mark;

	if (b->has_event)
		yaml_event_delete(&b->event);
	b->has_event = yaml_parser_parse(&b->parser, &b->event);
	if (b->has_event)
		return 0;
	if (b->parser.error == YAML_MEMORY_ERROR)
		return abl_err_set(b->err, ABL_ENOMEM, "%s: out of memory", b->file->path);
	at = place_of(b->file, mark->line, mark->column, 1);
	return abl_node_fail(
		&at, is_pattern(b) ? "a pattern such as \"*.py\" is written in quotes" : NULL,
		b->err, "this is not YAML: %s%s%s",
		b->parser.problem ? b->parser.problem : "unreadable", b->parser.context ? " " : "",
		b->parser.context ? b->parser.context : "");
}

/* What YAML has and study files do not. */
static int refuse_extras(struct builder *b)
{
	const yaml_event_t *e = &b->event;
	struct abl_node at = event_place(b);
	const yaml_char_t *anchor = NULL, *tag = NULL;

	if (e->type == YAML_ALIAS_EVENT)
		return abl_node_fail(&at,
				     "repeat the value, or share it with 'include: FILE'; a "
				     "pattern is written in quotes",
				     b->err, "YAML aliases ('*%s') are not supported",
				     (const char *)e->data.alias.anchor);
	if (e->type == YAML_SCALAR_EVENT) {
		anchor = e->data.scalar.anchor;
		tag = e->data.scalar.tag;
	} else if (e->type == YAML_SEQUENCE_START_EVENT) {
		anchor = e->data.sequence_start.anchor;
		tag = e->data.sequence_start.tag;
	} else if (e->type == YAML_MAPPING_START_EVENT) {
		anchor = e->data.mapping_start.anchor;
		tag = e->data.mapping_start.tag;
	}
	if (anchor)
		return abl_node_fail(
			&at, "write the value where it is used, or share it with 'include: FILE'",
			b->err, "YAML anchors ('&%s') are not supported", (const char *)anchor);
	if (tag)
		return abl_node_fail(&at, "remove the tag", b->err,
				     "YAML tags ('%s') are not supported", (const char *)tag);
	return 0;
}

static int check_key(const struct abl_node *map, const struct abl_node *key, struct abl_err *err)
{
	if (key->kind != ABL_NODE_SCALAR)
		return abl_node_fail(key, NULL, err, "a key must be a plain word");
	for (size_t i = 0; i < map->count; i += 2)
		if (!strcmp(map->items[i]->text, key->text))
			return abl_node_fail(key, "keep one of them", err,
					     "duplicate key '%s'; it is already on line %d",
					     key->text, map->items[i]->line);
	return 0;
}

/* Builds the node that begins at the current event and reads on to the event after it. What was
 * made is in *out even on failure, so that the root owns it all. */
static int build(struct builder *b, struct abl_node **out, int depth)
{
	yaml_event_type_t type = b->event.type, end;
	struct abl_node *n;

	if (refuse_extras(b))
		return ABL_EINPUT;
	n = *out = abl_malloc(sizeof *n);
	*n = event_place(b);
	if (depth > DEPTH)
		return abl_node_fail(n, NULL, b->err, "nested more than %d levels deep", DEPTH);
	if (type == YAML_SCALAR_EVENT) {
		n->kind = ABL_NODE_SCALAR;
		n->text = abl_strdup((const char *)b->event.data.scalar.value);
		n->quoted = b->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
		if (strlen(n->text) != b->event.data.scalar.length)
			return abl_node_fail(n, NULL, b->err, "a text contains a NUL byte");
		if (b->hidden)
			abl_yaml_show_brackets(n->text);
		return next_event(b);
	}
	n->kind = type == YAML_MAPPING_START_EVENT ? ABL_NODE_MAP : ABL_NODE_LIST;
	end = type == YAML_MAPPING_START_EVENT ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
	if (next_event(b))
		return ABL_EINPUT;
	while (b->event.type != end) {
		struct abl_node *item = NULL;
		int rc = build(b, &item, depth + 1);

		if (!rc && n->kind == ABL_NODE_MAP && n->count % 2 == 0)
			rc = check_key(n, item, b->err);
		if (rc) {
			abl_node_destroy(item);
			return rc;
		}
		abl_node_add(n, item);
	}
	return next_event(b);
}

static int build_document(struct builder *b, struct abl_yaml_file *f)
{
	struct abl_node at = place_of(f, 0, 0, 1);

	if (next_event(b) || next_event(b)) /* stream start, document start or stream end */
		return ABL_EINPUT;
	if (b->event.type == YAML_STREAM_END_EVENT)
		return abl_node_fail(&at, "a study needs at least 'study:', 'data:' and 'tasks:'",
				     b->err, "the file is empty");
	if (next_event(b) || build(b, &f->root, 1))
		return ABL_EINPUT;
	if (f->root->kind != ABL_NODE_MAP)
		return abl_node_fail(f->root, "a study is a map: lines 'key: value'", b->err,
				     "this is %s, not a study",
				     f->root->kind == ABL_NODE_LIST ? "a list" : "a single text");
	if (next_event(b)) /* document end -> stream end or a further document */
		return ABL_EINPUT;
	at = event_place(b);
	if (b->event.type != YAML_STREAM_END_EVENT)
		return abl_node_fail(&at, "one study per file", b->err,
				     "a second document begins here");
	return 0;
}

/* A byte order mark, or a first character of one byte that is none of UTF-8. */
static bool is_utf16(const unsigned char *text)
{
	return (text[0] == 0xff && text[1] == 0xfe) || (text[0] == 0xfe && text[1] == 0xff) ||
	       (!text[0] != !text[1]);
}

static int read_text(struct abl_yaml_file *f, struct abl_err *err)
{
	struct abl_str text = {0};
	int rc = abl_file_read(f->path, &text, FILE_BYTES, err);
	long bad;
	size_t line = 0, start = 0;
	struct abl_node at;
	const char *kind;
	char help[160];
	unsigned byte;

	f->text = text.text ? text.text : abl_strdup("");
	if (rc)
		return rc;
	if (text.length >= 2 && is_utf16((const unsigned char *)text.text)) {
		at = place_of(f, 0, 0, 1);
		*f->text = '\0'; /* nothing of it is shown */
		return abl_node_fail(&at, "save the file as UTF-8", err,
				     "this is UTF-16 text; a study is UTF-8 text");
	}
	if (text.length >= 3 && !memcmp(text.text, "\xef\xbb\xbf", 3)) /* YAML 1.2, 5.2 */
		memmove(text.text, text.text + 3, (text.length -= 3) + 1);
	bad = abl_utf8_bad(text.text, text.length);
	if (strlen(text.text) < text.length && (bad < 0 || strlen(text.text) < (size_t)bad))
		bad = (long)strlen(text.text);
	if (bad < 0)
		return 0;
	for (size_t i = 0; i < (size_t)bad; i++)
		if (text.text[i] == '\n') {
			line++;
			start = i + 1;
		}
	at = place_of(f, line, (size_t)bad - start, 1);
	byte = (unsigned char)f->text[bad];
	kind = abl_file_kind(f->text, text.length);
	snprintf(help, sizeof help, "a study is UTF-8 text%s%s", kind ? "; this looks like " : "",
		 kind ? kind : "");
	f->text[start] = '\0'; /* nothing of a damaged line is shown */
	return abl_node_fail(&at, help, err, "%s (byte 0x%02x)",
			     byte ? "invalid UTF-8" : "a NUL byte", byte);
}

int abl_yaml_parse(struct abl_yaml_file *f, struct abl_err *err)
{
	struct builder b = {.file = f, .err = err};
	char *hidden;
	const char *text;
	int rc = f->text ? 0 : read_text(f, err);

	if (rc)
		return rc;
	if (!yaml_parser_initialize(&b.parser))
		return abl_err_set(err, ABL_ENOMEM, "%s: out of memory", f->path);
	hidden = abl_yaml_hide_brackets(f->text);
	text = hidden ? hidden : f->text;
	b.hidden = hidden;
	yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&b.parser, (const unsigned char *)text, strlen(text));
	rc = build_document(&b, f);
	if (b.has_event)
		yaml_event_delete(&b.event);
	yaml_parser_delete(&b.parser);
	free(hidden);
	return rc;
}

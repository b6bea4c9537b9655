/* SPDX-License-Identifier: Apache-2.0 */
/* program_graph.c - which steps read which, and the order in which they run. */
#include "hint.h"
#include "node_value.h"
#include "program_source.h"

#include <stdlib.h>
#include <string.h>

enum { MAX = ABL_PROGRAM_STEPS };

struct graph {
	struct abl_program_reading *r;
	bool reads[MAX][MAX]; /* [step][step before it] */
	bool named[MAX];      /* a metric is read from it by name */
};

/* The list of `reads:`. */
static int read_list(struct graph *g, size_t step, const struct abl_node *n, struct abl_err *err)
{
	const struct abl_program *p = g->r->program;
	size_t count;
	const struct abl_node *const *items = abl_node_items(&n, &count);

	for (size_t i = 0; i < count; i++) {
		const char *name, *near;
		int of;

		if (abl_node_text(items[i], "reads", &name, err))
			return ABL_EINPUT;
		of = abl_program_step_of(p, name, strlen(name));
		near = of < 0 ? abl_program_step_near(p, name) : NULL;
		if (of < 0)
			return abl_node_fail(items[i], NULL, err, "no step is called '%.60s'%s%s%s",
					     name, near ? "; did you mean '" : "", near ? near : "",
					     near ? "'?" : "");
		if ((size_t)of == step)
			return abl_node_fail(items[i], "its own folder is {out}", err,
					     "step '%s' cannot read itself", name);
		g->reads[step][of] = true;
	}
	return 0;
}

/* Steps that the words of a command name. */
static int read_words(struct graph *g, size_t step, struct abl_err *err)
{
	const struct abl_program *p = g->r->program;
	const struct abl_program_step_nodes *nodes = &g->r->step[step];

	for (size_t k = 0; p->steps[step].command[k]; k++) {
		const char *at = p->steps[step].command[k], *name;
		const struct abl_node *n = nodes->command->items[k];
		size_t length;

		if (abl_placeholders_check(g->r->study, n, at, err))
			return ABL_EINPUT;
		while (abl_placeholder_next(&at, &name, &length)) {
			const int of = abl_program_step_of(p, name, length);

			if (of < 0)
				continue;
			if ((size_t)of == step)
				return abl_node_fail(n, "its own folder is {out}", err,
						     "step '%s' cannot read itself",
						     p->steps[step].name);
			if (nodes->reads && !g->reads[step][of])
				return abl_node_fail(n, "add it there", err,
						     "'{%s}' is not among the 'reads' of step '%s'",
						     p->steps[of].name, p->steps[step].name);
			g->reads[step][of] = true;
		}
	}
	return 0;
}

static int read_edges(struct graph *g, struct abl_err *err)
{
	const struct abl_program *p = g->r->program;
	int rc = 0;

	for (size_t i = 0; i < p->step_count && !rc; i++) {
		if (g->r->step[i].reads)
			rc = read_list(g, i, g->r->step[i].reads, err);
		rc = rc ? rc : read_words(g, i, err);
	}
	for (size_t i = 0; i < p->metric_count; i++)
		if (p->metrics[i].of < p->step_count)
			g->named[p->metrics[i].of] = true;
	return rc;
}

static bool is_read(const struct graph *g, size_t step)
{
	for (size_t i = 0; i < g->r->program->step_count; i++)
		if (g->reads[i][step])
			return true;
	return false;
}

/* Is a metric read wherever the last step leaves it? */
static bool wants_last(const struct abl_program *p)
{
	bool wants = p->predictions;

	for (size_t i = 0; i < p->metric_count; i++)
		wants = wants || p->metrics[i].of == p->step_count;
	return wants;
}

/* The step that no other reads. Others of that kind which metrics name are read by it, so that a
 * trial needs them all. */
static int find_last(struct graph *g, size_t *last, struct abl_err *err)
{
	const struct abl_program *p = g->r->program;
	size_t ends = 0, unnamed = 0, end = 0, free_end = 0;

	for (size_t i = 0; i < p->step_count; i++) {
		if (is_read(g, i))
			continue;
		ends++;
		end = i;
		if (!g->named[i] && !unnamed++)
			free_end = i; /* the first: the last one is rather what was meant */
	}
	if (!ends || (ends > 1 && (unnamed > 1 || (unnamed && !wants_last(p))))) {
		const char *name = p->steps[free_end].name;

		return ends ? abl_node_fail(g->r->step[free_end].name,
					    "remove it, or name its folder in another step's "
					    "command or in a metric's 'from'",
					    err, "no step reads '{%s}', and no metric does", name)
			    : abl_node_fail(g->r->steps, NULL, err,
					    "each step waits for another one");
	}
	*last = unnamed ? free_end : end;
	for (size_t i = 0; i < p->step_count; i++)
		if (i != *last && !is_read(g, i))
			g->reads[*last][i] = true;
	return 0;
}

/* order[i]: which step runs as number i. The one written first comes first where there is a
 * choice. */
static int sort(const struct graph *g, size_t last, size_t *order, struct abl_err *err)
{
	const struct abl_program *p = g->r->program;
	bool done[MAX] = {false};

	for (size_t n = 0; n < p->step_count; n++) {
		size_t next = p->step_count;

		for (size_t i = 0; i < p->step_count && next == p->step_count; i++) {
			bool ready = !done[i] && (i != last || n + 1 == p->step_count);

			for (size_t k = 0; k < p->step_count; k++)
				ready = ready && (!g->reads[i][k] || done[k]);
			if (ready)
				next = i;
		}
		if (next == p->step_count) {
			for (next = 0; done[next] || next == last;)
				next++;
			return abl_node_fail(g->r->step[next].name, NULL, err,
					     "the steps go in a circle: '%s' waits for itself",
					     p->steps[next].name);
		}
		done[next] = true;
		order[n] = next;
	}
	return 0;
}

static void permute(struct graph *g, const size_t *order)
{
	struct abl_program *p = g->r->program;
	struct abl_program_step steps[MAX] = {{0}};
	struct abl_program_step_nodes nodes[MAX] = {{0}};
	size_t at[MAX + 1];

	for (size_t i = 0; i < p->step_count; i++) {
		steps[i] = p->steps[order[i]];
		nodes[i] = g->r->step[order[i]];
		at[order[i]] = i;
	}
	at[p->step_count] = p->step_count - 1; /* "the last one" */
	for (size_t i = 0; i < p->step_count; i++) {
		steps[i].reads = abl_calloc(p->step_count, sizeof *steps[i].reads);
		for (size_t k = 0; k < p->step_count; k++)
			if (g->reads[order[i]][order[k]])
				steps[i].reads[steps[i].read_count++] = k;
	}
	memcpy(p->steps, steps, p->step_count * sizeof *steps);
	memcpy(g->r->step, nodes, p->step_count * sizeof *nodes);
	for (size_t i = 0; i < p->metric_count; i++)
		p->metrics[i].of = at[p->metrics[i].of];
}

int abl_program_order_steps(struct abl_program_reading *r, struct abl_err *err)
{
	struct graph g = {.r = r};
	size_t order[MAX] = {0}, last = 0;
	int rc = read_edges(&g, err);

	rc = rc ? rc : find_last(&g, &last, err);
	rc = rc ? rc : sort(&g, last, order, err);
	if (!rc)
		permute(&g, order);
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* `cluster:`, and the site file behind it. */
#include "study_fixture.h"

/* All of it as one line. */
static const char *text_of(const struct abl_cluster *c)
{
	static struct abl_str text;

	abl_str_clear(&text);
	for (char **w = c->slurm; w && *w; w++)
		abl_str_printf(&text, "%s ", *w);
	for (char **w = c->head; w && *w; w++)
		abl_str_printf(&text, "head %s ", *w);
	abl_str_printf(&text, "%d %d-%d %g %s", (int)c->workers, (int)c->ports, (int)c->last_port,
		       c->linger, c->program ? c->program : "-");
	return text.text;
}

static const char whole[] =
	HEAD "cluster:\n  slurm: [--partition=cpu, -A, x]\n  workers: 16\n"
	     "  head: [--mem=1G]\n  ports: 7000-7010\n  linger: 10 min\n  program: /x/ablate\n";

START_TEST(test_cluster__is_read)
{
	struct abl_study *s = load(whole);

	ck_assert_str_eq(text_of(&s->cluster),
			 "--partition=cpu -A x head --mem=1G 16 7000-7010 600 /x/ablate");
	abl_study_destroy(s);
	s = load(HEAD);
	ck_assert_str_eq(text_of(&s->cluster), "0 0-0 -1 -");
	abl_study_destroy(s);
	s = load(HEAD "cluster: {ports: 7000, linger: 0}\n");
	ck_assert_str_eq(text_of(&s->cluster), "0 7000-7000 0 -");
	abl_study_destroy(s);
	write_file("base.yaml", "cluster: {workers: 4, ports: 1-2}\n");
	s = load(HEAD "include: base.yaml\ncluster: {workers: 5}\n");
	ck_assert_str_eq(text_of(&s->cluster), "5 1-2 -1 -");
	abl_study_destroy(s);
}
END_TEST

static const struct {
	const char *text, *message;
} refused[] = {
	{HEAD "cluster: 3\n", "study.yaml:5:10: error: 'cluster' needs a map, not an integer"},
	{HEAD "cluster: {worker: 3}\n",
	 "study.yaml:5:11: error: unknown key 'worker'; did you mean 'workers'?\n"},
	{HEAD "cluster: {workers: 0}\n", "study.yaml:5:20: error: 'cluster.workers' is out of"},
	{HEAD "cluster: {slurm: --wrap}\n", "study.yaml:5:18: error: 'cluster.slurm' needs a list"},
	{HEAD "cluster: {ports: 70-60}\n", "study.yaml:5:18: error: '70-60' is no range of ports"},
	{HEAD "cluster: {ports: 70000}\n", "study.yaml:5:18: error: '70000' is no range of ports"},
	{HEAD "cluster: {ports: 1-}\n", "study.yaml:5:18: error: '1-' is no range of ports"},
	{HEAD "cluster: {lease: 1}\n",
	 "study.yaml:5:18: error: 'cluster.lease' is at least 4 seconds and at most an hour"},
	{HEAD "cluster: {linger: soon}\n",
	 "study.yaml:5:19: error: 'cluster.linger' needs a time, not 'soon'"},
	{HEAD "cluster: {program: ''}\n",
	 "study.yaml:5:20: error: 'cluster.program' needs a text, not"},
};

START_TEST(test_cluster__refuses)
{
	refuse_start(refused[_i].text, refused[_i].message);
}
END_TEST

static const struct {
	const char *site, *text;
} sites[] = {
	{"workers: 8\nlinger: 60\nslurm: [--account=x]\n", "--account=x 8 1-2 60 -"},
	{"cluster: {workers: 8, ports: 5-6, program: /y}\n", "8 1-2 -1 /y"},
	{"ports: 5-6\n", "0 1-2 -1 -"},
};

START_TEST(test_site__fills_what_the_study_leaves)
{
	struct abl_study *s = load(HEAD "cluster: {ports: 1-2}\n");

	write_file("site.yaml", sites[_i].site);
	setenv("ABLATE_SITE", "site.yaml", 1);
	ck_assert_int_eq(abl_cluster_site(&s->cluster, &err), 0);
	ck_assert_str_eq(text_of(&s->cluster), sites[_i].text);
	abl_study_destroy(s);
}
END_TEST

START_TEST(test_site__is_refused_or_absent)
{
	struct abl_cluster c = {.linger = -1};

	write_file("site.yaml", "partition: cpu\n");
	setenv("ABLATE_SITE", "site.yaml", 1);
	ck_assert_int_eq(abl_cluster_site(&c, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "site.yaml:1:1: error: unknown key 'partition'"), "%s",
		      err.text);
	err = (struct abl_err){0};
	setenv("ABLATE_SITE", "nowhere.yaml", 1); /* whoever names it means it */
	ck_assert_int_lt(abl_cluster_site(&c, &err), 0);
	err = (struct abl_err){0};
	unsetenv("ABLATE_SITE");
	setenv("XDG_CONFIG_HOME", folder, 1);
	ck_assert_int_eq(abl_cluster_site(&c, &err), 0);
	ck_assert_str_eq(text_of(&c), "0 0-0 -1 -");
	ck_assert_int_eq(abl_mkdir_all("ablate", &err), 0);
	write_file("ablate/site.yaml", "workers: 3\n");
	ck_assert_int_eq(abl_cluster_site(&c, &err), 0);
	ck_assert_str_eq(text_of(&c), "3 0-0 -1 -");
	abl_cluster_finish(&c);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("cluster");

	tcase_add_test(c, test_cluster__is_read);
	tcase_add_loop_test(c, test_cluster__refuses, 0, sizeof refused / sizeof *refused);
	tcase_add_loop_test(c, test_site__fills_what_the_study_leaves, 0,
			    sizeof sites / sizeof *sites);
	tcase_add_test(c, test_site__is_refused_or_absent);
	return run_tests(c);
}

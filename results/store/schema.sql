-- SPDX-License-Identifier: Apache-2.0
-- schema.sql - the tables of results.db. PRAGMA user_version says how many upgrade steps a database has
-- seen: this file is the first, schema_3.sql to schema_8.sql have what came since. A released step is never edited; a
-- change is a new one (store.c lists them). Views are no steps: they are made anew when their text is
-- another.
--
-- For reading there are views (views.sql). The tables behind them: a study has tasks and variants; a trial is variant x task
-- x seed; its work is done by stages, which trials and studies share; each execution of a stage is an
-- attempt. A trial has no state of its own: it is a view over its stages. Times are seconds since 1970,
-- UTC: datetime(started, 'unixepoch') prints one. NaN is stored as NULL.

CREATE TABLE study (
	id       INTEGER PRIMARY KEY,
	name     TEXT NOT NULL UNIQUE,
	path     TEXT,                       -- of the study file, as it was given
	text     TEXT,                       -- the study file with its includes, as at the last plan
	about    TEXT,                       -- the study's own words on what it asks
	plan     INTEGER NOT NULL DEFAULT 1, -- counts the plans; variants and trials of the last one are shown
	created  REAL NOT NULL               -- when first planned
);

CREATE TABLE task (
	study_id        INTEGER NOT NULL REFERENCES study(id),
	name            TEXT NOT NULL,              -- as in the study file: 'rte'
	type            TEXT,                       -- task type: 'classify'
	metric          TEXT NOT NULL,              -- the main metric: a name in `result`
	lower_is_better INTEGER NOT NULL DEFAULT 0, -- 1 for losses and perplexities
	split           TEXT,                       -- what is scored: 'dev', 'held-back'
	label           TEXT,                       -- said beside every number: 'selected on dev'
	position        INTEGER NOT NULL,           -- order in listings
	PRIMARY KEY (study_id, name)
) WITHOUT ROWID;

CREATE TABLE variant (
	id       INTEGER PRIMARY KEY,
	study_id INTEGER NOT NULL REFERENCES study(id),
	label    TEXT NOT NULL,              -- 'baseline', 'no segments', 'layers=4'
	kind     TEXT NOT NULL,              -- 'baseline', 'removal', 'addition', 'grid', 'list', 'placebo'
	subject  TEXT,                       -- what was removed or added: 'segments'
	position INTEGER NOT NULL DEFAULT 0, -- order in listings
	plan     INTEGER NOT NULL,           -- the study's plan that put it last
	UNIQUE (study_id, label)
);

CREATE TABLE variant_option (
	variant_id INTEGER NOT NULL REFERENCES variant(id),
	name       TEXT NOT NULL,            -- the study-file key: 'learning_rate'
	task       TEXT NOT NULL DEFAULT '', -- '' = every task; else it overrides there
	canonical  TEXT NOT NULL,            -- exact text: reads back as the same value
	int_value  INTEGER,                  -- one of these three is set, by the option's type
	real_value REAL,
	text_value TEXT,
	PRIMARY KEY (variant_id, name, task)
) WITHOUT ROWID;

CREATE TABLE trial (
	id         INTEGER PRIMARY KEY,
	study_id   INTEGER NOT NULL REFERENCES study(id),
	variant_id INTEGER NOT NULL REFERENCES variant(id),
	task       TEXT NOT NULL,    -- name in `task`
	seed       INTEGER NOT NULL, -- the replicate; the same seeds for every variant
	plan       INTEGER NOT NULL, -- the study's plan that put it last
	UNIQUE (variant_id, task, seed)
);
CREATE INDEX trial_by_study ON trial (study_id, task, seed);

CREATE TABLE stage (
	id        INTEGER PRIMARY KEY,
	key       TEXT NOT NULL UNIQUE,       -- content hash of everything that decides its numbers
	kind      TEXT NOT NULL,              -- 'vocab', 'tokenize', 'pretrain', 'finetune', 'evaluate'
	seed      INTEGER NOT NULL,           -- the stage's seed
	canonical TEXT,                       -- the text whose hash is the key
	parent    TEXT,                       -- key of the stage whose artefact it needs
	state     TEXT NOT NULL DEFAULT 'waiting'
		CHECK (state IN ('waiting', 'running', 'done', 'failed', 'timed out', 'stopped')),
	attempt   INTEGER NOT NULL DEFAULT 0, -- number of the last attempt: the fencing token
	reason    TEXT,                       -- of a failure; 'diverged ...' marks a diverged run
	artifact  TEXT,                       -- folder below the store that holds what it made
	cost      REAL,                       -- seconds expected by the plan
	seconds   REAL NOT NULL DEFAULT 0,    -- wall seconds spent, pauses not counted
	finished  REAL                        -- when it became done, failed, timed out or stopped
);
CREATE INDEX stage_by_state ON stage (state);

CREATE TABLE trial_stage (
	trial_id INTEGER NOT NULL REFERENCES trial(id),
	stage_id INTEGER NOT NULL REFERENCES stage(id),
	role     TEXT NOT NULL, -- 'evaluate' = final metrics, 'test', 'pretrain_first', 'pretrain', ...
	PRIMARY KEY (trial_id, role, stage_id)
) WITHOUT ROWID;
CREATE INDEX trial_stage_by_stage ON trial_stage (stage_id);

CREATE TABLE attempt (
	id        INTEGER PRIMARY KEY, -- what `failed:` lines call the log by
	stage_id  INTEGER NOT NULL REFERENCES stage(id),
	number    INTEGER NOT NULL,    -- from 1 within the stage
	run_id    INTEGER REFERENCES run(id), -- the start of the program that made it
	pid       INTEGER,             -- of the child process
	started   REAL NOT NULL,
	ended     REAL,                -- NULL while it runs
	seconds   REAL,                -- wall time
	state     TEXT,                -- how it ended; 'waiting' = paused or interrupted
	exit_code INTEGER,
	signal    INTEGER,             -- that ended the child
	reason    TEXT,
	bad_lines INTEGER,             -- malformed lines on the protocol's pipe
	log       TEXT,                -- file below the store
	host      TEXT,
	engine    TEXT,                -- version of ablate
	compiler  TEXT,
	cpu       TEXT,
	kernels   TEXT,                -- of matrix products: avx512, avx2, ...
	threads   INTEGER,
	UNIQUE (stage_id, number)
);

CREATE TABLE metric (
	stage_id INTEGER NOT NULL REFERENCES stage(id),
	attempt  INTEGER NOT NULL, -- number of the attempt that wrote it
	name     TEXT NOT NULL,    -- 'loss', 'dev_accuracy'
	step     INTEGER NOT NULL, -- optimiser step
	value    REAL,
	PRIMARY KEY (stage_id, name, step, attempt)
) WITHOUT ROWID;

CREATE TABLE result (
	stage_id INTEGER NOT NULL REFERENCES stage(id),
	name     TEXT NOT NULL, -- 'accuracy'
	value    REAL,
	PRIMARY KEY (stage_id, name)
) WITHOUT ROWID;
CREATE INDEX result_by_name ON result (name);

CREATE TABLE prediction (
	stage_id INTEGER PRIMARY KEY REFERENCES stage(id),
	file     TEXT NOT NULL -- below the stage's artefact: one prediction per example
);

CREATE TABLE data_file (
	study_id INTEGER NOT NULL REFERENCES study(id),
	role     TEXT NOT NULL, -- 'rte/train', 'pretraining/0'
	path     TEXT NOT NULL,
	hash     TEXT NOT NULL, -- XXH3-128 of the unpacked content
	bytes    INTEGER,
	PRIMARY KEY (study_id, role)
) WITHOUT ROWID;

CREATE TABLE run (
	id        INTEGER PRIMARY KEY,
	study_id  INTEGER NOT NULL REFERENCES study(id),
	text      TEXT,          -- the study file as it was at this start
	argv      TEXT NOT NULL, -- the command line, words quoted as a shell needs them
	engine    TEXT,          -- as in `attempt`
	compiler  TEXT,
	cpu       TEXT,
	kernels   TEXT,
	host      TEXT,
	cores     INTEGER,       -- that the process may use
	pid       INTEGER,
	started   REAL NOT NULL,
	ended     REAL,          -- NULL = still going, or killed
	exit_code INTEGER
);
CREATE INDEX run_by_study ON run (study_id);

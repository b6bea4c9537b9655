/* SPDX-License-Identifier: Apache-2.0 */
/* Studies of a user's program that are refused: place and words. */
#include "study_fixture.h"

#define TOP "study: s\ncommand: [p, \"{flags}\"]\n"
#define METRICS "metrics: {a: \"{out}/r.json: a\"}\n"
#define BASE TOP METRICS "options:\n  lr: {type: real, default: 1e-3}\n" /* 5 lines */
#define OPTION(text) TOP METRICS "options:\n  lr: {" text "}\n"
#define STEPS                                                                               \
	"study: s\n" METRICS "options: {lr: {type: real, default: 1}}\nsteps:\n" /* 4 lines \
										  */

struct refused {
	const char *text, *start;
};

static void refuse_all(const struct refused *r, size_t count)
{
	for (size_t i = 0; i < count; i++)
		refuse_start(r[i].text, r[i].start);
}

#define REFUSE(table) refuse_all(table, sizeof table / sizeof *table)

static const struct refused keys[] = {
	{BASE "vocab: 500\n",
	 "study.yaml:6:1: error: 'vocab' is for studies of the built-in engine; "
	 "this one has 'command:'\n"},
	{BASE "data: world\n",
	 "study.yaml:6:1: error: 'data' is for studies of the built-in engine; this one has "
	 "'command:'\n"},
	{BASE "keep: \"{task}/x\"\n",
	 "study.yaml:6:7: error: patterns of 'keep' are taken as they are: braces mean nothing in "
	 "'{task}/x'\n"},
	{"study: s\ncommand: [p, \"{}\"]\n" METRICS,
	 "study.yaml:2:14: error: '{}' stands for nothing\n"},
	{"study: s\ncommand: [p, \"{flag}\"]\n" METRICS "options: {x: {type: int, default: 1}}\n",
	 "study.yaml:2:14: error: '{flag}' stands for nothing; did you mean '{flags}'?\n"},
	{TOP "metrics: {a: {from: \"{out}/r.json: {tsk}.a\"}}\n",
	 "study.yaml:3:21: error: '{tsk}' stands for nothing; did you mean '{task}'?\n"},
	{TOP "metrics: {a: \"{out}/{x\"}\n", "study.yaml:3:14: error: a brace is open\n"},
	{STEPS "  aa: {command: [p, \"{lr}\"]}\n  bb: {command: [p, \"{aa}\"]}\n"
	       "predictions: {from: \"{out}/{lr}.csv\", id: i, correct: c}\n",
	 "study.yaml:7:21: error: step 'bb' does not get option 'lr'\n"},
	{TOP "metrics: {a: \"{out}/{port}.json\"}\n",
	 "study.yaml:3:14: error: '{port}' is for commands, not for what they leave\n"},
	{BASE "resume: {if: \"ckpt-*\"}\n",
	 "study.yaml:6:14: error: 'if' does not begin with '{state}/'"},
	{TOP METRICS "tasks: {x: {flags: [\"{flags}\"]}}\n",
	 "study.yaml:4:21: error: '{flags}' cannot be a part of itself\n"},
	{TOP METRICS "options: {x: {type: bool, default: true, on: \"{flags}\"}}\n",
	 "study.yaml:4:46: error: '{flags}' cannot be a part of itself\n"},
	{TOP "metrics: {\"\": }\n", "study.yaml:3:11: error: 'metric' needs a text"},
	{TOP "metrics: {\"a\\nb\": }\n",
	 "study.yaml:3:11: error: a metric is one line without control characters\n"},
	{BASE "baseline: {init: x}\n", "study.yaml:6:12: error: unknown option 'init'\n"},
	{BASE "seeds: {pretrain: 1, finetune: 2}\n",
	 "study.yaml:6:8: error: a program has one kind of seeds\n"},
	{HEAD "metrics: {a: x}\n", "study.yaml:5:1: error: 'metrics' belongs to a study with "
				   "'command:', and this one has none\n"},
	{"study: s\ncomand: [p]\n",
	 "study.yaml:2:1: error: unknown key 'comand'; did you mean 'command'?\n"},
	{BASE "lr: 1\n", "study.yaml:6:1: error: 'lr' belongs under 'baseline:'\n"},
	{BASE "dropout: 1\n", "study.yaml:6:1: error: unknown key 'dropout'\n"},
	{BASE "metrcis: {}\n",
	 "study.yaml:6:1: error: unknown key 'metrcis'; did you mean 'metrics'?\n"},
	{OPTION("type: real, default: 1, mini: 0"),
	 "study.yaml:5:32: error: unknown key 'mini'; did you mean 'min'?\n"},
	{OPTION("type: real, default: 1, choices: [1]"),
	 "study.yaml:5:32: error: unknown key 'choices'; did you mean 'values'?\n"},
	{TOP "metrics: {a: {form: x}}\n",
	 "study.yaml:3:15: error: unknown key 'form'; did you mean 'from'?\n"},
	{STEPS "  t: {comand: [p]}\n",
	 "study.yaml:5:7: error: unknown key 'comand'; did you mean 'command'?\n"},
	{BASE "stop: {signl: TERM}\n",
	 "study.yaml:6:8: error: unknown key 'signl'; did you mean 'signal'?\n"},
	{BASE "resume: {flag: x}\n",
	 "study.yaml:6:10: error: unknown key 'flag'; did you mean 'flags'?\n"},
	{BASE "seed: {flags: --seed}\n",
	 "study.yaml:6:8: error: unknown key 'flags'; did you mean 'flag'?\n"},
	{BASE "predictions: {form: x}\n",
	 "study.yaml:6:15: error: unknown key 'form'; did you mean 'from'?\n"},
	{BASE "limits: {trials_per_gpus: 2}\n",
	 "study.yaml:6:10: error: unknown key 'trials_per_gpus'; did you mean 'trials_per_gpu'?\n"},
	{BASE "baseline: {rl: 1}\n",
	 "study.yaml:6:12: error: unknown option 'rl'; did you mean 'lr'?\n"},
	{TOP METRICS "options:\n  lr: {type: real, default: 1}\n  lr: {type: int, default: 1}\n",
	 "study.yaml:6:3: error: duplicate key 'lr'; it is already on line 5\n"},
};

static const struct refused words[] = {
	{BASE "resume: {if: \"{out}/x\", flags: [\"{train}\"]}\n",
	 "study.yaml:6:33: error: '{train}' stands for nothing\n"},
	{"study: s\ncommand: python train.py \"{flags}\"\n" METRICS,
	 "study.yaml:2:10: error: 'command' needs a list of words, not one text: no shell takes it "
	 "apart\n   2 | command: python train.py \"{flags}\"\n     |          ^~~~~~~~~~~~~~~~~~~~~"
	 "~~~~\nwrite a list, a word each: 'command: [python, train.py, \"{flags}\"]'"},
	{"study: s\ncommand: [p, {flags}]\n" METRICS,
	 "study.yaml:2:14: error: {flags} without quotes is a map in YAML, not a word\n"},
	{"study: s\ncommand: []\n" METRICS, "study.yaml:2:10: error: 'command' needs a program\n"},
	{"study: s\ncommand:\n" METRICS,
	 "study.yaml:2:9: error: 'command' needs a list, not nothing"},
	{"study: s\ncommand: [p, [q]]\n" METRICS,
	 "study.yaml:2:14: error: a word of 'command' is a text, not a list\n"},
	{"study: s\ncommand: [p, \"{flgs}\"]\n" METRICS,
	 "study.yaml:2:14: error: '{flgs}' stands for nothing; did you mean '{flags}'?\n"},
	{"study: s\ncommand: [p, '{\"a\": 1}']\n" METRICS,
	 "study.yaml:2:14: error: '{\"a\": 1}' stands for nothing\n"},
	{"study: s\ncommand: [p, \"a{b\"]\n" METRICS, "study.yaml:2:14: error: a brace is open\n"},
	{BASE "wrap: nice -n 5\n", "study.yaml:6:7: error: 'wrap' needs a list of words, not one"},
	{BASE "wrap: [nice, \"{nice}\"]\n",
	 "study.yaml:6:14: error: '{nice}' stands for nothing\n"},
	{BASE "environment: {A B: x}\n",
	 "study.yaml:6:15: error: an environment variable cannot be called 'A B'\n"},
	{BASE "environment: {ABLATE_TRIAL: x}\n",
	 "study.yaml:6:15: error: 'ABLATE_TRIAL' is set by 'ablate' itself\n"},
	{BASE "environment: {A: [x]}\n", "study.yaml:6:18: error: 'A' needs a text\n"},
	{BASE "environment: {A: \"{lrr}\"}\n",
	 "study.yaml:6:18: error: '{lrr}' stands for nothing; did you mean '{lr}'?\n"},
	{BASE "environment: {A: x}\npass: {A: y}\n",
	 "study.yaml:7:8: error: 'A' is set by 'environment:' already\n"},
	{BASE "directory: nowhere\n", "study.yaml:6:12: error: there is no folder 'nowhere'\n"},
	{BASE "keep: [\"../x\"]\n",
	 "study.yaml:6:8: error: 'keep' names files of {out}, and '../x'"},
	{BASE "keep: [*.bin]\n", "study.yaml:6:9: error: this is not YAML"},
	{BASE "flags: [--fast]\n", "study.yaml:6:8: error: 'flags' is the style of options"},
	{BASE "flags: argparser\n",
	 "study.yaml:6:8: error: 'flags' has no 'argparser'; did you mean "
	 "'argparse'? it is one of: argparse, hydra, json, env"},
	{BASE "code: inplace\n", "study.yaml:6:7: error: 'code' has no 'inplace'; did you mean "
				 "'in-place'?"},
	{BASE "gpus: 1.5\n", "study.yaml:6:7: error: 'gpus' needs an integer, not a real\n"},
	{BASE "stop: {signal: KILL}\n", "study.yaml:6:16: error: 'KILL' cannot be caught"},
	{BASE "stop: {signal: TERMM}\n",
	 "study.yaml:6:16: error: no signal 'TERMM'; did you mean 'TERM'?\n"},
	{BASE "stop: {grace: soon}\n",
	 "study.yaml:6:15: error: 'grace' needs a time, not 'soon'\n"},
	{BASE "resume: {flags: [--resume]}\n", "study.yaml:6:9: error: 'resume' needs 'if'"},
	{BASE "seed: 5\n", "study.yaml:6:7: error: 'seed' says how the program gets it"},
	{BASE "seed: {flag: --seed, environment: SEED}\n",
	 "study.yaml:6:7: error: 'seed' needs 'flag' or 'environment', not both\n"},
	{"study: s\ncommand: [p]\n" METRICS "seed: {flag: --seed}\n",
	 "study.yaml:4:7: error: the seed's flag is passed with \"{flags}\", which no command "
	 "has\n"},
};

static const struct refused options[] = {
	{OPTION("default: 1"), "study.yaml:5:3: error: option 'lr' has no 'type'\n"},
	{OPTION("type: float, default: 1"),
	 "study.yaml:5:14: error: 'type' has no 'float'; did you mean 'real'?"},
	{OPTION("type: real"), "study.yaml:5:3: error: option 'lr' has no 'default'\n"},
	{OPTION("type: real, default: x"), "study.yaml:5:29: error: 'lr' needs a real, not 'x'\n"},
	{OPTION("type: real, default: \"1\""),
	 "study.yaml:5:29: error: 'lr' needs a real; \"1\" in quotes is a text\n"},
	{OPTION("type: int, default: 1.0"),
	 "study.yaml:5:28: error: 'lr' needs an integer, and 1.0 is written as a real\n"},
	{OPTION("type: real, default: -1, min: 0"),
	 "study.yaml:5:29: error: 'lr' is out of range: -1; it must be 0 up\n"},
	{OPTION("type: real, default: 3, max: 2"),
	 "study.yaml:5:29: error: 'lr' is out of range: 3; it must be up to 2\n"},
	{OPTION("type: real, default: 1, min: 0, none: -1"),
	 "study.yaml:5:46: error: 'lr' is out of range: -1"},
	{OPTION("type: real, default: .nan"), "study.yaml:5:29: error: 'lr' is out of range: nan"},
	{OPTION("type: real, default: 1, min: 2, max: 1"),
	 "study.yaml:5:37: error: 'min' of 'lr' is above its 'max'\n"},
	{OPTION("type: bool, default: 1"), "study.yaml:5:29: error: 'lr' needs a truth value"},
	{OPTION("type: choice, default: a"),
	 "study.yaml:5:3: error: option 'lr' is a choice and needs a list of 'values'\n"},
	{OPTION("type: choice, values: [a, b], default: c"),
	 "study.yaml:5:47: error: 'lr' has no 'c'; did you mean 'a'? it is one of: a, b\n"},
	{OPTION("type: choice, values: [a, a], default: a"),
	 "study.yaml:5:34: error: 'a' is listed twice\n"},
	{OPTION("type: real, values: [1], default: 1"),
	 "study.yaml:5:28: error: option 'lr' is no choice\n"},
	{OPTION("type: text, default: a, min: 1"),
	 "study.yaml:5:37: error: option 'lr' is no number\n"},
	{OPTION("type: real, default: 1, off: [--no-lr]"),
	 "study.yaml:5:37: error: 'off' is for truth values, and option 'lr' is none\n"},
	{OPTION("type: bool, default: true, on: [], off: []"),
	 "study.yaml:5:39: error: neither state of option 'lr' has a word\n"},
	{OPTION("type: real, default: 1, when: {norm: layer}"),
	 "study.yaml:5:39: error: unknown option 'norm'\n"},
	{OPTION("type: real, default: 1, when: {lr: 1}"),
	 "study.yaml:5:38: error: the 'when' of option 'lr' goes in a circle\n"},
	{TOP METRICS "options: {seed: {type: int, default: 1}}\n",
	 "study.yaml:4:11: error: an option cannot be called 'seed'"},
	{TOP METRICS "options: {label: {type: int, default: 1}}\n",
	 "study.yaml:4:11: error: an option cannot be called 'label'"},
	{TOP METRICS "options: {a: {type: int, default: 1}}\n",
	 "study.yaml:3:11: error: an option is called 'a', too\n"},
	{TOP METRICS "options: {x: 1}\n",
	 "study.yaml:4:14: error: 'x' needs a map, not an integer\n"},
	{TOP METRICS "options: {\"x y\": {type: int, default: 1}}\n",
	 "study.yaml:4:11: error: an option cannot be called 'x y'\n"},
	{TOP METRICS "options:\n  x: {type: int, default: 1, flag: --x}\n"
		     "  y: {type: int, default: 1, flag: --x}\n",
	 "study.yaml:6:36: error: option 'y' has the flag of x\n"},
	{TOP METRICS "options:\n  x: {type: int, default: 1}\n"
		     "  y: {type: int, default: 1, flag: \"--x \"}\n",
	 "study.yaml:6:36: error: option 'y' has the flag of x\n"},
	{TOP METRICS "flags: hydra\noptions:\n  y: {type: int, default: 1, flag: x}\n"
		     "  x: {type: int, default: 1}\n",
	 "study.yaml:7:3: error: option 'x' has the flag of y\n"},
	{TOP METRICS "flags: json\noptions: {x: {type: bool, default: true, off: [--x]}}\n",
	 "study.yaml:5:47: error: 'flags: json' writes option 'x' by its name into {options}"},
	{TOP METRICS "flags: env\noptions: {x: {type: int, default: 1, flag: --x}}\n",
	 "study.yaml:5:44: error: an environment variable cannot be called '--x'\n"},
	{TOP METRICS "flags: env\noptions:\n  x-y: {type: int, default: 1}\n"
		     "  x_y: {type: int, default: 1}\n",
	 "study.yaml:7:3: error: option 'x_y' would be the variable 'ABLATE_X_Y', which is that of "
	 "x-y\n"},
	{TOP METRICS "flags: env\noptions: {trial: {type: int, default: 1}}\n",
	 "study.yaml:5:11: error: option 'trial' would be the variable 'ABLATE_TRIAL', which is "
	 "that of 'ablate' itself\n"},
	{TOP METRICS "flags: env\nseed: {environment: S}\n"
		     "options: {x: {type: int, default: 1, flag: S}}\n",
	 "study.yaml:6:11: error: option 'x' would be the variable 'S', which is that of the "
	 "seed\n"},
	{"study: s\ncommand: [p]\n" METRICS "options: {lr: {type: int, default: 1}}\n",
	 "study.yaml:4:11: error: option 'lr' does not reach the program\n"},
	{BASE "constraints:\n  - {lr: 1}\n",
	 "study.yaml:7:5: error: a constraint has 'needs' or 'conflicts' beside its condition\n"},
	{BASE "constraints:\n  - {needs: {lr: 1}}\n",
	 "study.yaml:7:5: error: a constraint needs a condition: options with values\n"},
	{BASE "constraints:\n  - {lr: 1, needs: {rl: 1}}\n",
	 "study.yaml:7:21: error: unknown option 'rl'"},
	{BASE "constraints:\n  - {lr: 1e-3, needs: {lr: [2, 3]}, message: \"no\"}\n",
	 "study.yaml:7:3: error: the baseline is refused: no\n"},
	{BASE "constraints:\n  - {placebo: salted, needs: {lr: 1}}\n",
	 "study.yaml:7:6: error: the placebo goes with everything"},
};

static const struct refused metrics[] = {
	{TOP, "study.yaml:1:1: error: 'metrics' needs the numbers that the program gives\n"},
	{TOP "metrics: {a: x, b: y}\n",
	 "study.yaml:3:10: error: none of the 2 metrics is the main one\n"},
	{TOP "metrics: {a: {main: true}, b: {main: true}}\n",
	 "study.yaml:3:28: error: 'a' and 'b' are both 'main', and one can be\n"},
	{TOP "metrics: {a: {goal: minimize}}\n",
	 "study.yaml:3:21: error: 'goal' has no 'minimize'; did you mean 'min'?"},
	{TOP "metrics: {a: {split: test, pick: best}}\n",
	 "study.yaml:3:34: error: the best point of a test split is no result"},
	{TOP "metrics: {a: {from: \"{otu}/x.json: a\"}}\n",
	 "study.yaml:3:21: error: '{otu}' stands for nothing; did you mean '{out}'?\n"},
	{TOP "metrics: {a: [x]}\n", "study.yaml:3:14: error: 'a' needs a map, not a list\n"},
	{TOP "metrics: [a, a]\n", "study.yaml:3:14: error: two metrics are called 'a'\n"},
	{BASE "predictions: {from: \"{out}/p.jsonl\", id: id}\n",
	 "study.yaml:6:14: error: 'predictions' needs 'correct'\n"},
	{BASE "tune: {lr: [1, 2], by: b}\n",
	 "study.yaml:6:24: error: no metric 'b'; did you mean 'a'?\n"},
	{BASE "tune: {rl: [1, 2]}\n",
	 "study.yaml:6:8: error: unknown option 'rl'; did you mean 'lr'?\n"},
	{BASE "tune: {placebo: [none, salted]}\n", "study.yaml:6:8: error: 'placebo' is not a"},
	{TOP "metrics: {a: {split: test}}\noptions: {lr: {type: int, default: 1}}\n"
	     "tune: {lr: [1, 2]}\n",
	 "study.yaml:5:7: error: 'a' is of the test split"},
};

static const struct refused designs[] = {
	{BASE "design: {leave-one-out: [lr]}\n",
	 "study.yaml:6:26: error: option 'lr' does not say what it is when it is left out\n"},
	{BASE "design: {add-one-in: [lr]}\n",
	 "study.yaml:6:23: error: option 'lr' does not say what it is when it is added\n"},
	{BASE "design: {leave-one-out: [l]}\n",
	 "study.yaml:6:26: error: unknown option 'l'; did you mean 'lr'?\n"},
	{BASE "design: {grid: {lr: [a]}}\n",
	 "study.yaml:6:22: error: 'lr' needs a real, not 'a'\n"},
	{BASE "baseline: {lr: x}\n",
	 "study.yaml:6:16: error: 'lr' needs a real, not 'x'\n   6 | baseline: {lr: x}\n     |   "
	 "             ^\nthe option is declared at study.yaml:5"},
	{BASE "tune: {lr: [1, 2]}\ndesign: {grid: {lr: [3]}}\n",
	 "study.yaml:7:17: error: 'lr' is tuned, so a design cannot vary it\n"},
	{BASE "exclude: [{l: 1}]\n",
	 "study.yaml:6:12: error: unknown option 'l'; did you mean 'lr'?\n"},
	{BASE "tasks: {x: {flag: [a]}}\n",
	 "study.yaml:6:13: error: unknown option 'flag'; did you mean 'flags'?\n"},
	{BASE "tasks: {a/b: }\n", "study.yaml:6:9: error: 'task' cannot be 'a/b'\n"},
	{BASE "tasks: {x: {flags: --a b}}\n",
	 "study.yaml:6:20: error: 'flags' needs a list of words"},
	{BASE "tasks: {x: {placebo: salted}}\n", "study.yaml:6:13: error: the placebo is of the"},
	{BASE "tasks: [x, x]\n", "study.yaml:6:12: error: task 'x' is listed twice\n"},
	{BASE "tasks: {}\n", "study.yaml:6:8: error: 'tasks' needs at least one task\n"},
	{"study: s\ncommand: [p]\n" METRICS "tasks: {x: {flags: [a]}}\n",
	 "study.yaml:4:20: error: a task's flags are passed with \"{flags}\", which no command "
	 "has\n"},
};

static const struct refused steps[] = {
	{"study: s\nsteps: {a: {command: [p]}}\ncommand: [p]\n" METRICS,
	 "study.yaml:2:8: error: 'command' (line 3) and 'steps' do not go together\n"},
	{STEPS "  t: {command: [p, \"{flags}\", \"{t}\"]}\n",
	 "study.yaml:5:31: error: step 't' cannot read itself\n"},
	{STEPS "  t: {command: [p, \"{flags}\"], reads: [u]}\n",
	 "study.yaml:5:40: error: no step is called 'u'; did you mean 't'?\n"},
	{STEPS "  aa: {command: [p, \"{bb}\", \"{lr}\"]}\n  bb: {command: [p, \"{aa}\"]}\n",
	 "study.yaml:5:3: error: each step waits for another one\n"},
	{STEPS "  aa: {command: [p, \"{bb}\", \"{lr}\"]}\n  bb: {command: [p, \"{aa}\"]}\n"
	       "  cc: {command: [p]}\n",
	 "study.yaml:5:3: error: the steps go in a circle: 'aa' waits for itself\n"},
	{STEPS "  aa: {command: [p, \"{flags}\"]}\n  bb: {command: [p]}\n",
	 "study.yaml:5:3: error: no step reads '{aa}', and no metric does\n"},
	{STEPS "  aa: {command: [p, \"{flags}\"], reads: []}\n"
	       "  bb: {command: [p, \"{aa}\"], reads: []}\n",
	 "study.yaml:6:21: error: '{aa}' is not among the 'reads' of step 'bb'\n"},
	{STEPS "  aa: {command: [p], options: [lr]}\n",
	 "study.yaml:5:31: error: option 'lr' does not reach the program of step 'aa'\n"},
	{STEPS "  aa: {command: [p, \"{flags}\"], options: []}\n",
	 "study.yaml:3:11: error: no step gets option 'lr'\n"},
	{STEPS "  aa: {command: [p, \"{lr}\"], options: []}\n",
	 "study.yaml:3:11: error: no step gets option 'lr'\n"},
	{STEPS "  aa: {command: [p, \"{lr}\"], options: [l]}\n",
	 "study.yaml:5:40: error: no option 'l'; did you mean 'lr'?\n"},
	{STEPS "  aa: {command: [p, \"{lr}\"], seed: 5}\n",
	 "study.yaml:5:36: error: the 'seed' of a step can only be 'none'"},
	{STEPS "  aa: {command: [p, \"{lr}\", \"{seed}\"], seed: none}\n",
	 "study.yaml:5:29: error: step 'aa' has 'seed: none', so there is no '{seed}'\n"},
	{STEPS "  aa: {command: [p, \"{flags}\"], seed: none}\nseed: {flag: --seed}\n",
	 "study.yaml:6:7: error: the seed's flag is passed with \"{flags}\", which no command that "
	 "gets a seed has\n"},
	{STEPS "  aa: {command: [p, \"{flags}\"]}\n  bb: {command: [p, \"{a}\"]}\n",
	 "study.yaml:6:21: error: '{a}' stands for nothing; did you mean '{aa}'?\n"},
	{STEPS "  out: {command: [p]}\n", "study.yaml:5:3: error: a step cannot be called 'out'"},
	{STEPS "  lr: {command: [p]}\n", "study.yaml:3:11: error: a step is called 'lr', too\n"},
	{STEPS "  aa: {reads: []}\n", "study.yaml:5:3: error: step 'aa' has no 'command'\n"},
	{STEPS "  aa: [p]\n", "study.yaml:5:7: error: 'aa' needs a map, not a list\n"},
	{STEPS "  {}\n", "study.yaml:5:3: error: 'steps' needs at least one step\n"},
	{STEPS "  aa: {command: [p, \"{lr}\"]}\nenvironment: {A: \"{aa}\"}\n",
	 "study.yaml:6:18: error: '{aa}' is not there for every step\n"},
	{STEPS "  aa: {command: [p, \"{flags}\"]}\n  bb: {command: [p, \"{aa}\"]}\n"
	       "predictions: {from: \"{aa}/x.jsonl\", id: i, correct: c}\n",
	 "study.yaml:7:21: error: predictions are read from the last step, 'bb'\n"},
	{STEPS "  aa: {command: [p, \"{lr}\", \"{flags}\"], options: [lr], seed: none}\n"
	       "tasks: {x: {flags: [\"{seed}\"]}}\n",
	 "study.yaml:6:21: error: step 'aa' has 'seed: none', so there is no '{seed}'\n"},
	{STEPS "  aa: {command: [p, \"{lr}\"]}\n  bb: {command: [p, \"{aa}\"]}\npass: {A: "
	       "\"{lr}\"}\n",
	 "study.yaml:7:11: error: step 'bb' does not get option 'lr'\n"},
};

START_TEST(test_program__refused)
{
	REFUSE(keys);
	REFUSE(words);
	REFUSE(options);
	REFUSE(metrics);
	REFUSE(designs);
	REFUSE(steps);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("program_refused");

	tcase_add_test(c, test_program__refused);
	return run_tests(c);
}

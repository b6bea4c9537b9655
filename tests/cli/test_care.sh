#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test_care.sh - living with a store: what it has and takes, and how that is made less. ABLATE_SLOW: also earlier
# versions of a file, and what `keep:` leaves of the built-in engine.
. "${0%/*}/lib.sh"

cat >train.sh <<'END'
#!/bin/sh
for word; do case $word in --seed=*) seed=${word#*=} ;; --out=*) out=${word#*=} ;; esac; done
echo "{\"accuracy\": 0.$((800 + seed % 1000 % 7))}" >"$out/results.json"
END
chmod +x train.sh
# study NAME DESIGN SEEDS - a study of it; those with the same design share their stages
study() {
    cat <<END
study: $1
command: [./train.sh, "{flags}", "--out={out}"]
options:
  lr: {type: real, default: 1e-3, min: 0, none: 0}
  depth: {type: int, default: 2, min: 0, none: 0}
seed: {flag: --seed}
metrics: {accuracy: "{out}/results.json: accuracy"}
design: {leave-one-out: [$2]}
seeds: $3
plots: []
END
}
# files NAME... - how many folders of artefacts there are
files() {
    find ablate-store/artifacts -mindepth 1 -maxdepth 1 | wc -l
}
study one 'lr, depth' 2 >one.yaml
study two lr 2 >two.yaml
check_exit 0 "$ABLATE" run one.yaml --quiet
check_exit 0 "$ABLATE" run two.yaml --quiet

check_exit 0 "$ABLATE" ls
check_match '^one +6 +6 +0 +0 .* 24 KiB +48 KiB program one.yaml'
check_match '^two +4 +4 +0 +0 .* 0 +48 KiB program two.yaml'
check_exit 0 "$ABLATE" ls one --format csv
check_match '^no depth,2,2,0,0,24576,0,2,0,removal'
check_match '^no lr,2,2,0,0,0,24576,2,0,removal'
check_exit 0 "$ABLATE" du --format csv
check_match '^study,two,[0-9]+,77824'
check_match '^kind,outputs,24576,49152'
check_match '^total,gc frees,0,0'

# verify: every hash
check_exit 0 "$ABLATE" verify
check_match '^looked at the database, 6 artefacts, 1 copy of code, 0 data files'
check_match '^all is as it was made$'
artifact=$(find ablate-store/artifacts -name results.json | sort | head -n 1)
cp "$artifact" kept.json
echo '{"accuracy": 0.900}' >"$artifact"
cp ablate-store/code/*/train.sh kept.sh
chmod u+w ablate-store/code/*/train.sh
echo '# ' >>"$(echo ablate-store/code/*/train.sh)"
check_exit 1 "$ABLATE" verify
check_match 'results.json has another size than when it was made|results.json is damaged'
check_match '^         program of one/'
check_match 'a copy of code, is not what it was'
check_match '^2 faults$'
check_exit 1 "$ABLATE" verify one --format csv
check_match '^artefact,artifacts/.*,program of one/'
check_exit 1 "$ABLATE" verify --repair
check_match "^1 marked: the next 'ablate run STUDY.yaml' makes it again"
check_exit 0 "$ABLATE" run one.yaml --quiet
check_exit 0 "$ABLATE" verify
check 'what was damaged is as it was, bit by bit' cmp kept.json "$artifact"
check 'the copy of code, too' cmp kept.sh "$(echo ablate-store/code/*/train.sh)"

# rm: nothing goes unasked; what others have stays
check_exit 2 "$ABLATE" rm two
check_error "'ablate rm two --dry-run' says what would go"
check_exit 0 "$ABLATE" rm two --dry-run
check_match '^would remove 1 study, 2 variants, 4 trials, 1 start$'
check_exit 2 "$ABLATE" rm one/baseline --yes
check_error "'baseline' is the baseline, which the other variants are compared with"
check_exit 2 "$ABLATE" rm 'one/no dept' --yes
check_error "did you mean 'no depth'?"
check_exit 2 "$ABLATE" rm thre --yes
check_error "no study 'thre'"
check_exit 0 "$ABLATE" rm 'one/no depth' --yes
check_match '^removed 1 variant, 2 trials, 2 stages$'
check_match "^'ablate gc' then frees 36 KiB of files"
check_exit 0 "$ABLATE" gc --dry-run --format csv
check_match '^total,5,36864'
check 'which removes nothing' test "$(files)" = 6

# gc: never through a link, and never what a store has not made
mkdir -p away ablate-store/artifacts/mine ablate-store/work/0123456789abcdef0123456789abcdef/1
echo precious >away/file
ln -s "$PWD/away" "ablate-store/artifacts/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
ln -s "$PWD/away" "ablate-store/work/0123456789abcdef0123456789abcdef/1/link"
touch ablate-store/plots/one/effects.png.tmp-99999999 ablate-store/notes.txt
check_exit 0 "$ABLATE" gc
check_match '^states +1 '
check_match '^total +7 '
check_match 'artifacts/mine'
check 'what links lead to is there' test -s away/file
check 'and the links that nobody made' test -L ablate-store/artifacts/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
check 'half a drawing is gone' test ! -e ablate-store/plots/one/effects.png.tmp-99999999
check_exit 0 "$ABLATE" gc
check_match '^nothing goes'

# a program's steps: what the next one reads goes, too
cat >first.sh <<'END'
#!/bin/sh
for word; do case $word in --out=*) echo weights >"${word#*=}/model.bin" ;; esac; done
END
cat >second.sh <<'END'
#!/bin/sh
for word; do case $word in --out=*) out=${word#*=} ;; --from=*) from=${word#*=} ;; esac; done
cp "$from/model.bin" "$out/best.bin" && echo '{"accuracy": 0.5}' >"$out/results.json"
END
chmod +x first.sh second.sh
cat >steps.yaml <<'END'
study: steps
steps:
  pretrain: {command: [./first.sh, "{flags}", "--out={out}"]}
  tune: {command: [./second.sh, "--from={pretrain}", "--out={out}"]}
options: {lr: {type: real, default: 0.1}}
seed: {flag: --seed}
metrics: {accuracy: "{out}/results.json: accuracy"}
seeds: 2
plots: []
keep: last
END
check_exit 0 "$ABLATE" run steps.yaml --quiet --store steps
check 'of a program, what the last seed wrote' test "$(find steps -name '*.bin' | wc -l)" = 2
check 'and the numbers of all' test "$(find steps -name results.json | wc -l)" = 2

[ -n "${ABLATE_SLOW-}" ] || finish

# a study that another one confirms goes with it only
if command -v python3 >confirm.path; then
    python3 -c 'import sqlite3
c = sqlite3.connect("ablate-store/results.db")
c.execute("INSERT INTO study_rule SELECT id, \"confirms\", \"\", \"one\" FROM study WHERE name = \"two\"")
c.commit()'
    check_exit 2 "$ABLATE" rm one --yes
    check_error "study 'two' confirms what was found there"
    check_exit 0 "$ABLATE" rm one two --dry-run
else
    skip 'a study that another one confirms' 'no python3'
fi

# an earlier version of a file may come back
study two 'depth' 2 >two.yaml
check_exit 0 "$ABLATE" run two.yaml --quiet
study two 'lr' 2 >two.yaml
check_exit 0 "$ABLATE" run two.yaml --quiet
check_exit 0 "$ABLATE" gc
check_match 'left +24 KiB of what only earlier versions'
before=$(files)
check_exit 0 "$ABLATE" gc --earlier
check_match '^outputs +2 +24 KiB'
check 'no more' test "$(files)" = $((before - 2))
study two 'lr, depth' 2 >two.yaml
check_exit 0 "$ABLATE" run two.yaml --quiet
check 'and its numbers stand' test "$(files)" = $((before - 2))
check_exit 0 "$ABLATE" ls two --format csv
check_match '^no depth,2,2,0,0,0,0,0,2,removal'

check_exit 0 "$ABLATE" rm one two --yes
check_match '^removed 2 studies, 5 variants, '
check_exit 0 "$ABLATE" gc
check 'nothing is left of them' test -z "$(find ablate-store/artifacts ablate-store/logs ablate-store/code ablate-store/plots -type f)"
check_exit 0 "$ABLATE" ls
check_match "has no study yet"
check_exit 2 "$ABLATE" gc --store nowhere
check 'and no store is made' test ! -e nowhere

# keep: weights go when nothing waits for them; numbers stand, and they can be made again, equal bit by bit
awk 'BEGIN {
    print "text,label"
    for (i = 0; i < 24; i++)
        print (i % 2 ? "a good cat " : "a bad dog ") i "," i % 2
}' >rows.csv
awk 'BEGIN { for (i = 0; i < 60; i++) printf "the %s saw %d birds.\n%s", i % 3 ? "cat" : "dog", i % 17, i % 9 ? "" : "\n" }' >texts.txt
# kept WORD [TASK] - a study that keeps so much
kept() {
    cat <<END
study: kept
data: .
vocab: 120
pretraining: {texts: [texts.txt]}
tasks:
  - own: {type: classify, train: rows.csv, dev: rows.csv, test: rows.csv, text: text, label: label}
END
    [ $# = 1 ] || echo "  - $2: {type: classify, train: $2.csv, dev: rows.csv, text: text, label: label}"
    cat <<END
baseline: {layers: 1, hidden: 16, heads: 1, max_length: 24, pretrain_steps: 4, steps: 4, batch_size: 4}
seeds: 2
keep: $1
plots: []
END
}
numbers="select task, seed, metric, value from trial_metrics order by task, seed, metric"
kept weights >all.yaml
kept none >none.yaml
kept last >last.yaml
check_exit 0 "$ABLATE" run all.yaml --quiet --store all
check_exit 0 "$ABLATE" query --store all --format csv "$numbers"
cp out wanted
check_exit 0 "$ABLATE" run none.yaml --quiet --store none
check_exit 0 "$ABLATE" query --store none --format csv "$numbers"
check 'the numbers are the same' cmp out wanted
check 'and no weights are left' test -z "$(find none -name model.safetensors)"
check_exit 0 "$ABLATE" run none.yaml --store none
check_match 'nothing: everything is done'
check_exit 1 "$ABLATE" test none.yaml --quiet --store none
check_match "^2 checkpoints were not kept"
check 'nothing is trained for a test' test -z "$(find none -name model.safetensors)"
check_exit 2 "$ABLATE" predict kept/baseline/own/1 --text 'a cat' --store none
check_error "the weights of 'kept/baseline/own/1' were not kept"
check_exit 0 "$ABLATE" run none.yaml --restore --only baseline --seed 1 --store none
check_match 'again     fine-tuning '
check_exit 0 "$ABLATE" predict kept/baseline/own/1 --text 'a cat' --store none
find none -name model.safetensors | while read -r weights; do
    cmp "$weights" "all/${weights#none/}" || echo "$weights"
done >differ 2>&1
check 'both models are what they were, bit by bit' test ! -s differ -a "$(find none -name model.safetensors | wc -l)" = 2
check_exit 0 "$ABLATE" query --store none --format csv "$numbers"
check 'the numbers stand' cmp out wanted
check_exit 0 "$ABLATE" verify --store none
check_match 'not there on purpose: what 2 stages made'
cp -r all last
check_exit 0 "$ABLATE" run last.yaml --quiet --store last
check 'the last seed keeps both of its models' test "$(find last -name model.safetensors | wc -l)" = 2
check_exit 0 "$ABLATE" predict kept/baseline/own/2 --text 'a cat' --store last
check_exit 2 "$ABLATE" plan --store none "$(kept nothing >bad.yaml && echo bad.yaml)"
check_error "'keep' has no 'nothing'"
# a new task needs the pre-trainings
{ cat rows.csv && echo 'a third cat,1'; } >again.csv
kept none again >more.yaml
check_exit 0 "$ABLATE" run more.yaml --store last
check_match 'again     pre-training '
check_exit 0 "$ABLATE" verify --store last

finish

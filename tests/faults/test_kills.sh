#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SIGKILL at random moments, of what a run has started and of the run itself, on 200 short trials: half of a
# program, half of the engine. What is said to be done is done and stays so, once; all numbers, curves and files
# are those of a run that nothing has disturbed. check_store.c says so, of the store and of what was said.
# usage: test_kills.sh [long]		ABLATE_TEST_SEED drives all moments
. "${0%/*}/../cli/lib.sh"
. "${0%/*}/study.sh"
. "${0%/*}/storm.sh"
case ${1-} in
long) trials=100 kills=250 ;;
*) trials=2 kills=2 ;;
esac
trials=${ABLATE_TEST_TRIALS:-$trials} kills=${ABLATE_TEST_KILLS:-$kills}

study "$trials" >engine.yaml
programs "$trials" >program.yaml
for study in engine program; do
    calm $study
    storm $study 150 child "$kills"
    storm "$study" 400 run "$kills"
done

# The judge sees what there is to see.
judges() {
    "$ABLATE_CHECK_STORE" st calm-program acks >checked 2>&1
    [ $? -eq 1 ] && grep -q "$1" checked
    report $? "the judge sees: $2"
}
cp acks said
echo "0123456789abcdef 1" >>acks
judges ', lost 1, doubled 0, wrong 0$' 'a stage that was said to be done and is not there'
sed 's/$/9/' said >acks
judges ', lost 0, doubled [1-9][0-9]*, wrong 0$' 'a stage that was done again'
cp said acks
changed=$(find st/artifacts -name r.json | head -n 1)
cp "$changed" kept
echo >>"$changed"
judges ', lost 0, doubled 0, wrong 1$' 'a file that has other bytes'
rm "$changed"
judges ', lost 1, doubled 0, wrong 0$' 'a file that is gone'
cp kept "$changed"
# sees SQL COUNTS WHAT
sees() {
    cp -r st whole
    sqlite3 st/results.db "$1" 2>/dev/null || python3 - "$1" 2>/dev/null <<'EOP' || return
import sqlite3, sys
db = sqlite3.connect("st/results.db")
db.execute(sys.argv[1])
db.commit()
EOP
    judges "$2" "$3"
    rm -rf st && mv whole st
}
sees 'update result set value = value + 1e-16 * (value <> 0) + 1e-15 where name in (select min(name) from result)' \
    ', wrong [1-9]' 'a result whose last bit is another' ||
    skip 'the judge and the database' 'neither sqlite3 nor python3 to change it with'
sees "insert into attempt (stage_id, number, started, state)
    select stage_id, max(number) + 1, started, 'done' from attempt where state = 'done' group by stage_id" ', doubled [1-9]' 'a stage that two attempts have done'
sees 'update attempt set ended = started - 1 where id = 1' ', wrong [1-9]' 'a time below 0'
sees 'delete from result' ', lost [1-9]' 'results that are gone'
finish

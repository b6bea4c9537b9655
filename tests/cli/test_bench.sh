#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The parts of `ablate bench` on small work: what they print, and what they refuse.
. "${0%/*}/lib.sh"

# field NAME - its value in the JSON object that was printed
field() {
    sed -n "s/.*\"$1\": \"*\([^,\"}]*\).*/\1/p" out
}
# holds NAME CONDITION - awk's word on the field as x
holds() {
    check "$1: $2" awk -v x="$(field "$1")" "BEGIN { exit !(x != \"\" && $2) }"
}

small="--vocab 256 --batch 4 --seq 16 --steps 2"
# shellcheck disable=SC2086  # words
{
    check_exit 0 "$ABLATE" bench train $small --format json
    holds backend_gflops 'x > 0'
    holds efficiency 'x > 0'
    holds backend_efficiency 'x > 0 && x < 10' # of two short measurements on any machine: no percentage
    # no step is faster than the best product, where both are made of fp32 multiply-adds
    check_exit 0 env ABLATE_GEMM=panels "$ABLATE" bench train $small --format json
    check 'one object' test "$(grep -c '^{.*}$' out)" -eq 1
    holds tok_s 'x > 0'
    holds step_ms 'x > 0'
    holds gemm_share 'x > 0 && x <= 1'
    holds peak_gflops 'x > 0'
    holds peak_beside_gflops 'x > 0'
    holds efficiency 'x > 0 && x < 10' # of two short measurements on any machine: no percentage
    holds rss_mb 'x > 0'
    holds parameters 'x > 400000'
    # 64 tokens, of each 16: 13 pieces, round(13 x .15) = 2 masked. By hand, H = 128:
    # 3 (full 64 (12 x 2 H^2) + 4 H 4 16^2 + last 64 x 4 H^2 + 12 (20 H^2) + 4 H 12 x 16 + head 8 (2 H 256 + 2 H^2)) / 64
    holds flops_per_token 'x == 1626624'
    # threads that wait sleep soon, in every command; who says otherwise is heard
    check_exit 0 env -u OMP_WAIT_POLICY -u GOMP_SPINCOUNT OMP_DISPLAY_ENV=true "$ABLATE" bench train $small --threads 2
    check 'threads that wait sleep' sh -c "grep 'OMP_WAIT_POLICY' err | tail -n 1 | grep -q \"'PASSIVE'\""
    check_exit 0 env OMP_WAIT_POLICY=active OMP_DISPLAY_ENV=true "$ABLATE" bench train $small --threads 2
    check 'unless somebody wants them to spin' sh -c "grep 'OMP_WAIT_POLICY' err | tail -n 1 | grep -q \"'ACTIVE'\""
    check_exit 0 "$ABLATE" bench train $small --task classify
    check_match '^tok_s +[0-9]+ real tokens per second'
    printf '7\n16\n99\n5\n' >lengths
    check_exit 0 "$ABLATE" bench train $small --lengths lengths --format json
    holds tok_s 'x > 0'
    holds serial_share 'x == 1'
    holds wait_share 'x == 0'
    check_exit 0 "$ABLATE" bench train $small --threads 2 --format json
    holds serial_share 'x > 0 && x < 1'
    holds wait_share 'x >= 0 && x < 1'
}
# A row for each function of the kernel table, by its name in the header; the products of a layer and the words.
kernels="bench kernels --vocab 64 --batch 1 --seq 8"
# shellcheck disable=SC2086  # words
{
    check_exit 0 "$ABLATE" $kernels --size tiny
    check 'no line is above 80 columns' awk 'length($0) > 80 { exit 1 }' out
    sed -n 's/^	[a-z ]*(\*\([a-z_]*\))(.*/\1/p' "$source/core/tensor/kernels.h" >functions
    # and those for attention, where the CPU has what they need
    rows=$(grep -c '^attention_bf16 \|^attn_bf16_backward ' out)
    grep -q avx512_bf16 /proc/cpuinfo || check 'no attention in bf16' test "$rows" -eq 0
    [ "$rows" -eq 0 ] || printf '%s\n' attention_bf16 attn_bf16_backward >>functions
    sort functions >listed
    awk '/^kernel / { on = 1; next } /^$/ { on = 0 } on { print $1 }' out | sort >timed
    check 'more than twenty kernels' test "$(wc -l <listed)" -gt 20
    check 'each kernel has a row' cmp listed timed
    check_match '^gelu_backward +8x512 +[0-9.]+ +[0-9.]+ +[0-9.]+ +[0-9.]+ (GB/s|GFLOP/s) +[0-9]+% (memory|cache|compute|product)$'
    check_match '^ffn down dw +128x512x8 +[0-9.]+ +[0-9]+% +[0-9.]+ +[0-9.]+( +([0-9.]+|-)){2} +- +-$'
    check_match '^vocabulary +8x64x128 '
    check_exit 0 "$ABLATE" $kernels --size tiny --threads 2 --format json
    check 'one object' test "$(grep -c '^{.*}$' out)" -eq 1
    holds threads 'x == 2'
    holds memory_gb_s 'x > 0'
    holds peak_gflops 'x > 0'
    check 'as many rows' test "$(grep -o '"plain_us": [0-9]' out | wc -l)" -eq "$(wc -l <listed)"
    check 'eighteen products' test "$(grep -o '"plain_gflops": [0-9]' out | wc -l)" -eq 18
    run "$ABLATE" $kernels --size tiny --precision bf16
    if grep -q 'cannot run here' err; then
        skip 'products in bf16' "this CPU or build has no bf16"
    else
        check_match '^qkv +8x384x128 .* [0-9.]+ +([0-9.]+|-)$'
        check_match '^scores +8x8x64 .* - +-$'
    fi
}
check_exit 2 "$ABLATE" bench kernels --vocab 9
check_error '--vocab must be from 64 to'
check_exit 0 "$ABLATE" bench store --trials 200 --format json
holds trials 'x == 200'
holds stages 'x == 401'
holds plan_ms 'x > 0'
holds ms 'x > 0'
check_exit 0 "$ABLATE" bench store --trials 100
check_match '^ *100 +[0-9.]+ +[0-9]+ +[0-9.]+$'
printf 'A cat.\n\nThe cat sat\n' >text
{ printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' a the cat sat .; } >vocab.txt
check_exit 0 "$ABLATE" bench cluster --trials 100 --workers 7 --format json
check_match '^\{"trials": 100, "stages": 201, "workers": 7, "seconds": [0-9.]+, "cpu_ms_per_trial": [0-9.]+, '
check_exit 0 "$ABLATE" bench cluster --trials 100 --workers 3 --seconds .01
check_match '^100 trials, 201 stages, on 3 pretended workers; '
check_match "^head's CPU +[0-9.]+ ms per trial, [0-9]+ % of a core$"
check_exit 2 "$ABLATE" bench cluster --workers 0
check_error '--workers must be from 1 to 10000; got 0'

check_exit 0 "$ABLATE" bench tokenize --text text --vocab-file vocab.txt --format json
holds lines 'x == 3'
holds pieces 'x == 6'
holds vocab 'x == 10'
holds passes 'x >= 3'
holds tok_s 'x > 0'
holds mb_s 'x > 0'
check_exit 0 "$ABLATE" bench tokenize --vocab 200
check_match '^1\.[0-9] MB in 25,190 lines, [0-9,]+ tokens, vocabulary of 200; '
check_match '^[0-9.]+ MB per second, [0-9,]+ tokens per second: median of [0-9]+ passes$'
check_exit 2 "$ABLATE" bench tokenize --vocab 9
check_error 'a vocabulary of 9 tokens is too small'
check_exit 2 "$ABLATE" bench tokenize --text none
check_error 'none: cannot open'
: >text
check_exit 2 "$ABLATE" bench tokenize --text text
check_error 'text: is empty'
check_exit 2 "$ABLATE" bench store --trials 99
check_error '--trials must be from 100 to'
printf '7\nseven\n' >lengths
check_exit 2 "$ABLATE" bench train --lengths lengths
check_error "lengths:2: 'seven' is not a length from 5 to 100000"
: >lengths
check_exit 2 "$ABLATE" bench train --lengths lengths
check_error 'lengths: is empty'
check_exit 2 "$ABLATE" bench train --lengths none
check_error 'none: cannot open'
check_exit 2 "$ABLATE" bench train --batch 0
check_error '--batch must be from 1 to'
check_exit 2 "$ABLATE" bench train --seq 4
check_error '--seq must be from 8 to 512'
check_exit 2 "$ABLATE" bench trains
check_error "'bench' has no part 'trains'"
check 'no scratch folder is left' test -z "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'ablate-bench-*' -user "$(id -u)" -newer lengths)"
finish

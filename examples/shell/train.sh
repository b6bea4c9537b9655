#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A perceptron on words and pairs of words, in awk. Usage: train.sh FOLDER, with train.tsv and dev.tsv;
# its options come as environment variables: the study has `flags: env`.
set -eu
: "${ABLATE_PAIRS:=true}" "${ABLATE_AVERAGE:=true}" "${ABLATE_SHUFFLE:=true}" "${ABLATE_PASSES:=20}" "${SEED:=1}"

exec awk -F '\t' -v pairs="$ABLATE_PAIRS" -v average="$ABLATE_AVERAGE" -v shuffle="$ABLATE_SHUFFLE" \
    -v passes="$ABLATE_PASSES" -v seed="$SEED" '
# the words of a text, and each pair of neighbours, become feature[1..n]
function features(text,    words, count, i) {
    count = split(text, words, " ")
    for (i = 1; i <= count; i++)
        feature[i] = words[i]
    if (pairs == "true")
        for (i = 2; i <= count; i++)
            feature[count + i - 1] = words[i - 1] " " words[i]
    return pairs == "true" ? 2 * count - 1 : count
}
function score(weights, n,    i, sum) {
    for (i = 1; i <= n; i++)
        sum += weights[feature[i]]
    return sum
}
function train(    pass, i, k, n, swap, order, now, target) {
    srand(seed)
    for (i = 1; i <= rows; i++)
        order[i] = i
    for (pass = 1; pass <= passes; pass++) {
        for (i = rows; shuffle == "true" && i > 1; i--) {
            k = 1 + int(rand() * i)
            swap = order[i]; order[i] = order[k]; order[k] = swap
        }
        wrong = 0
        for (i = 1; i <= rows; i++) {
            n = features(text[order[i]])
            now++
            target = label[order[i]] == "positive" ? 1 : -1
            if (score(weight, n) * target <= 0) {
                wrong++
                for (k = 1; k <= n; k++) {
                    weight[feature[k]] += target
                    late[feature[k]] += now * target # how late it came, for the mean over time
                }
            }
        }
        printf "ablate: train_error=%.6f step=%d\n", wrong / rows, pass
    }
    for (k in weight)
        mean[k] = weight[k] - late[k] / (now + 1)
}
FNR == 1 { file++; next } # the header
file == 1 { text[++rows] = $1; label[rows] = $2; next }
!trained { train(); trained = 1 }
{
    n = features($1)
    right += (average == "true" ? score(mean, n) : score(weight, n)) > 0 == ($2 == "positive")
    seen++
}
END { printf "accuracy=%.6f\n", right / seen }
' "$1/train.tsv" "$1/dev.tsv"

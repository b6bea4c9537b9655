#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Storms over a run whose stages are with workers: SIGKILL and SIGSTOP of the run, of workers and of what they
# run, at random moments. What is said to be done is done and stays so, once; all numbers, curves and files are
# those of a run on this machine that nothing has disturbed.
# usage: test_kills_away.sh		ABLATE_TEST_SEED drives all moments
. "${0%/*}/../cli/lib.sh"
. "${0%/*}/study.sh"
. "${0%/*}/storm.sh"
trials=${ABLATE_TEST_TRIALS:-12} kills=${ABLATE_TEST_KILLS:-20}
export ABLATE_LEASE_SECONDS=2

study "$trials" >engine.yaml
programs "$trials" >program.yaml
for study in engine program; do
    calm $study
    echo 'cluster: {linger: 1}' >>$study.yaml
    for kind in child=$kills run=$kills stopped=5 orphaned=5; do
        storm "$study" 400 "${kind%=*}" "${kind#*=}" --on local:1 --on "command:env WORKER=1 $ABLATE" \
            --on "command:env WORKER=2 $ABLATE" --on "command:env WORKER=3 $ABLATE"
    done
done
finish

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `ablate plot` and `ablate report` on a store of made-up studies (tests/support/plot_store.h says which).
. "${0%/*}/lib.sh"

command -v gnuplot >/dev/null || skip_all "gnuplot is not installed"
check "makes the store" "$ABLATE_BUILD/tests/test_plots" --make "$scratch/store"
export ABLATE_STORE="$scratch/store"

is_png() { [ "$(head -c 8 "$1" | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a ]; }
is_xml() { python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$1"; }
redraws() ( cd "$1" && rm effects.png && gnuplot effects.gp && is_png effects.png )

check_exit 0 "$ABLATE" plot --help
# shellcheck disable=SC2013  # one word a line
for figure in $(sed -n 's/^FIGURE(\(.*\))$/\1/p' "$source/plots/figures.def"); do
    check_match "^  $figure  "
done
check_exit 0 "$ABLATE" plot removals
check_match '^.*/plots/removals/effects\.png$'
check_match '^no sensitivity: no numeric option varies'
check_match 'ablate report removals'
for figure in effects curves; do
    check "$figure.png is a PNG" is_png "store/plots/removals/$figure.png"
    if command -v python3 >/dev/null; then
        check "$figure.svg is well formed" is_xml "store/plots/removals/$figure.svg"
    else
        skip "$figure.svg is well formed" "no python3"
    fi
done
check_exit 0 "$ABLATE" results removals --format csv
check_match '^study,variant,.*,segments'
check_no_match '^study,variant,.*,epochs' # tasks differ in it, variants do not
check "no sensitivity.png" test ! -e store/plots/removals/sensitivity.png
check "the script draws it again" redraws store/plots/removals

check_exit 0 "$ABLATE" plot rates sensitivity --option learning_rate --out "odd folder"
check "the picture is where --out says" is_png "odd folder/sensitivity-learning_rate.png"
check_exit 0 "$ABLATE" plot rates sensitivity --size column --out "odd folder"
check_match "^odd folder/sensitivity-column\.pdf$"
check "a column is narrower" grep -q '^ width="440"' "odd folder/sensitivity-column.svg"
check "the report's is a page wide" grep -q '^ width="930"' "odd folder/sensitivity-learning_rate.svg"
check "the numbers are there for others" grep -qx 'panel,series,x,mean,low,high,value,seed' "odd folder/sensitivity-column.csv"
check_exit 2 "$ABLATE" plot rates --size poster
# a heat map beyond four tasks, with the number in each cell; marginal means need a grid
awk 'BEGIN { print "variant,task,seed,accuracy,heads,part"
    for (v = 0; v < 4; v++) for (t = 1; t <= 6; t++) for (s = 1; s <= 5; s++)
        printf "%s,task %d,%d,%.4f,%s,%s\n", v ? "v" v : "baseline", t, s,
            .7 + .01 * s - .05 * v + .001 * ((s * 7 + v * t) % 5), v % 2 ? 4 : 2, (v > 1 ? "off" : "on")
    }' >grid.csv
check_exit 0 "$ABLATE" load grid.csv --study grid --options heads,part --store loaded
check_exit 0 "$ABLATE" plot grid tasks marginal pareto --store loaded
check_match '^no pareto: no two finished variants differ in what they cost$'
check "cells have numbers, starred where told apart" grep -q "^cell\[1\] = '-\.15.*\*'" loaded/plots/grid/tasks.gp
check "their numbers go by the task" grep -q '^accuracy,v3,task 6,-0.1' loaded/plots/grid/tasks.csv
check "the means of a grid's levels" grep -q '^"task 1: part, explains .*",part,off,0\.6' loaded/plots/grid/marginal.csv
check_exit 0 "$ABLATE" plot grid tasks effects --terminal --store loaded
check_match '^v3  *(-\.15[0-9]*\*? *){6}$'
check_match 'Figure `tasks` has the 6 tasks'
# two changes together, and draws: by a program, since both take a design
for study in pairs draws; do
    {
        printf 'study: %s\nflags: env\nseed: {environment: SEED}\nplots: effects\n' $study
        echo 'command: [sh, -c, "echo accuracy=0.$((80 + SEED - 9 * (A > 1) * (B > 1) + SEED * (A + 2 * B) % 3))"]'
        echo 'metrics: {accuracy: {goal: max, main: true, split: dev}}'
        echo 'options: {a: {type: int, default: 1, flag: A}, b: {type: int, default: 1, flag: B}}'
        [ $study = draws ] || echo 'design: {pairs: [{a: 2}, {b: 2}]}'
        [ $study = pairs ] || echo 'design: {random: {count: 6, seed: 3, a: {from: 1, to: 50}}}'
        echo 'seeds: 3'
    } >$study.yaml
    check_exit 0 "$ABLATE" run $study.yaml --store loaded
done
check_exit 0 "$ABLATE" plot pairs interactions --store loaded --size column
check "the sum of both changes and the interval" grep -Eq '^[^,]*,b=2,a=2,0\.[0-9]*,0?.?[0-9.]+,[0-9.]+,0\.8[0-9]*,3$' loaded/plots/pairs/interactions-column.csv
check_exit 0 "$ABLATE" plot draws expected --store loaded
check "up to half of the draws" grep -q '^draws: [0-9]* draws,expected best,2,0\.8' loaded/plots/draws/expected.csv
check_exit 0 "$ABLATE" plot pairs expected --store loaded
check_match '^no expected: it is told of the design `random` alone'
# primary rows with a task of their own, two of one variant; one variant has none
cat >named.yaml <<'END'
study: named
flags: env
seed: {environment: SEED}
command: [sh, -c, 'echo accuracy=0.$((70 + SEED - 9 * (A > 1) * $1 - 5 * (B > 1) - 3 * (C > 1) + SEED * (A + B + B + C + $1) % 3))', of, "{flags}"]
metrics: {accuracy: {goal: max, main: true, split: dev}}
tasks: {first: {flags: ["1"]}, second: {flags: ["2"]}}
options: {a: {type: int, default: 1, flag: A}, b: {type: int, default: 1, flag: B}, c: {type: int, default: 1, flag: C}}
design: {leave-one-out: [{label: more a, a: 2}, {label: more b, b: 2}, {label: more c, c: 2}]}
primary: [{more a: [first, second]}, {more b: all}]
seeds: 5
plots: [effects]
END
check_exit 0 "$ABLATE" run named.yaml --store loaded
check_match '^named: mean over 2 tasks, or the one named, accuracy on dev'
check_exit 0 env LC_ALL=C "$ABLATE" plot named --terminal effects --store loaded
check_match '^mean over tasks, or the one named: accuracy on dev, baseline \.736$'
check_match '^more a on second .* -\.168 \['
check_match '^more b  .* -\.044 \['
check 'each variant once by task' test "$(grep -c '^more a  ' out) $(grep -c '^more c  ' out)" = '2 2'
check 'the page says which task' sh -c "grep -q '<th role=.rowheader.[^>]*data-of=.variant.[^>]*><span>more a on second<' loaded/plots/named/report.html"
check_exit 0 "$ABLATE" plot named effects --size column --store loaded
check 'a long title is broken before the edge' grep -q "^panel_title.1. = 'mean over tasks, or the one named: accuracy'" loaded/plots/named/effects-column.gp
# and a study of one task, where one row by task is all that a variant has
sed 's/^study.*/study: single/; s/, second: .*/}/; s/^primary.*/primary: [more a]/' named.yaml >single.yaml
check_exit 0 "$ABLATE" run single.yaml --store loaded
check_match '^first, primary rows: accuracy on dev'
check_match "compare single --by task --store loaded' shows 3 rows, task by task"
check_exit 0 "$ABLATE" compare single --by task --store loaded
check_match '^more c .* hurts by task$'
check_exit 0 env LC_ALL=C "$ABLATE" plot single --terminal effects --store loaded
check_match '^more c  .* -\.03'
check_no_match 'Left out'
check 'the page has its row' grep -q '<span>more c</span></th>.*hurts by task' loaded/plots/single/report.html
check_exit 0 "$ABLATE" confirm single --variant 'more c' --store loaded
# a metric that no task of a primary row has, and the command that shows the others
sed 's/^study.*/study: others/; s/^metrics.*/metrics: {accuracy: {goal: max, main: true, split: dev}, f1: {goal: max, split: dev}}/
    s/^primary.*/primary: [{more a: first}]/; s/ % 3))/ % 3)); [ $1 = 1 ] || echo f1=0.$((60 + SEED - 9 * (A > 1) + SEED * B % 3))/' named.yaml >others.yaml
check_exit 0 "$ABLATE" run others.yaml --store loaded
check_exit 0 "$ABLATE" compare others --metric f1 --store loaded
check_match '^no primary row is on a task that has this metric$'
check_match "compare others --by task --metric f1 --store loaded' shows 3 rows"
check_exit 0 "$ABLATE" compare others --by task --metric f1 --store loaded
check_match '^more a  *-\.'
# as text: what is told apart is filled, and nothing of a terminal's own language is in it
check_exit 0 env LC_ALL=C.UTF-8 "$ABLATE" plot removals --terminal effects
check_match '^no segments .*├─*●─*┤.*│  *-\.0[0-9]* \[-\.0'
check_match '^placebo .*├─*○─*┤.* \+?\.00'
check_exit 0 env LC_ALL=C "$ABLATE" plot hard --terminal
check "in ASCII, 80 columns wide" sh -c "! LC_ALL=C grep -q '[^ -~]' out && ! grep -q '.\{81\}' out"
check_match '^hidden=256  *. *.*\[-*o-*\]  *\+\.025'
check "no file is written" test ! -e store/plots/hard
check_exit 0 "$ABLATE" plot pairs interactions --terminal --store loaded
check_match '^ *baseline  *a=2$'
check_exit 2 "$ABLATE" plot rates --terminal --size column
check_error "leave out --size"
check_exit 0 "$ABLATE" plot sizes scaling --metric loss
check "the loss is drawn" grep -q "^y_title\[1\] = 'loss" store/plots/sizes/scaling-loss.gp
check_exit 0 "$ABLATE" report sizes
check "the report leaves it alone" is_png store/plots/sizes/scaling-loss.png
check_exit 2 "$ABLATE" plot sizes scaling --option layers
check_error "--option is for the figure sensitivity"
# only DejaVu, which has no Japanese: the PNG has boxes, the SVG the text
cat >fonts.conf <<'EOF'
<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>/usr/share/fonts/truetype/dejavu</dir><cachedir>cache</cachedir></fontconfig>
EOF
check_exit 0 env FONTCONFIG_FILE="$PWD/fonts.conf" "$ABLATE" plot hard effects
check_match "^effects.png: no installed font has 日本語の, so it shows □ there"
check "the PNG has boxes" grep -q '^plain\[1\] = .*□□□' store/plots/hard/effects.gp
check "the SVG has the text" grep -q "日本語''の" store/plots/hard/effects.svg
check_exit 0 "$ABLATE" plot names
check "nothing in a name is run" test ! -e store/plots/names/pwned -a ! -e pwned
if command -v python3 >/dev/null; then
    check "odd names leave well-formed SVG" is_xml store/plots/names/effects.svg
fi
check_exit 0 "$ABLATE" plot waiting
check_no_match '\.png'

check_exit 0 "$ABLATE" report removals
check_match '^.*/plots/removals/report\.html$'
page=store/plots/removals/report.html
for section in answer effects curves figures scores failures time trials configuration provenance repeat; do
    check "the page has $section" grep -q "<h2 id=\"$section\"" $page
done
check "it refers to nothing outside" sh -c "! grep -Eq 'https?://|src=.?[^d\"]|<link|@import' $page"
mkdir -p store/logs
{ seq 1 40; printf 'loss is not <finite>\n'; } >store/logs/removals-finetune-v3-t0-s8.log
check_exit 0 "$ABLATE" report removals --out logs.html
check "it has the end of a failed stage's log" sh -c "grep -qx 'loss is not &lt;finite&gt;</pre>' logs.html && ! grep -qx 20 logs.html"
check "and what starts it again has the store" grep -q "<code>ablate results removals --store $PWD/store</code>" logs.html
check "narrow screens know the headings of cells" grep -q '<td .*data-of="verdict">' logs.html
check_exit 0 "$ABLATE" report names --out names.html
check "names are escaped" sh -c "grep -q 'a&lt;b&gt; &amp;' names.html && ! grep -q 'a<b>' names.html"

# a store that may only be read, as on a mounted disk; root may write anywhere, so it is not us
mkdir -m 777 reading
chmod 755 .
cp -r store read-only && rm -rf read-only/results.db-* && chmod -R a-w,a+rX read-only
cp "$ABLATE" program
reader=$([ "$(id -u)" -ne 0 ] || echo "setpriv --reuid=65534 --regid=65534 --clear-groups")
for command in 'results removals' 'compare removals' 'status removals' 'query select-1' \
    'plot removals effects --out reading/drawn' 'report removals --out reading/page.html'; do
    # shellcheck disable=SC2086  # words
    check_exit 0 env TMPDIR="$PWD/reading" $reader ./program $command --store read-only
done
check 'the page has its figures inside' grep -q 'data:image/svg' reading/page.html
check 'and the folder its files' is_png reading/drawn/effects.png
check 'nothing else is left' test "$(ls reading)" = "$(printf 'drawn\npage.html')"
# shellcheck disable=SC2086
check_exit 1 $reader ./program report removals --store read-only
check_error "read-only: name the page with --out FILE"
# shellcheck disable=SC2086
check_exit 1 $reader ./program plot removals --store read-only
check_error "read-only: name a folder for the figures with --out DIR"
chmod -R u+w read-only
# and one whose writer was killed: what its log has is read, too
python3 - <<'END'
import shutil, sqlite3
db = sqlite3.connect('read-only/results.db')
db.execute('PRAGMA journal_mode = WAL')
db.execute('PRAGMA wal_autocheckpoint = 0')
db.execute("UPDATE study SET about = 'from the log'")
db.commit()
for ending in '', '-wal':
    shutil.copy('read-only/results.db' + ending, 'reading/results.db' + ending)
END
chmod 555 reading && chmod 444 reading/results.db*
# shellcheck disable=SC2086
check_exit 0 $reader ./program query 'select distinct about from study' --store reading --format csv
check_output 'about
from the log'
chmod 755 reading

check_exit 2 "$ABLATE" plot remvals
check_error "did you mean 'removals'"
check_exit 2 "$ABLATE" plot removals curvs
check_error "did you mean 'curves'"
check_exit 2 "$ABLATE" plot rates sensitivity --option dropout
check_error "no numeric option 'dropout' varies in this study; those that vary: learning_rate"
check_exit 2 "$ABLATE" plot removals --metric zeal
check_error "metric 'zeal'"
check_exit 2 "$ABLATE" report removals --store nowhere
check_error "no store at 'nowhere'"
check_exit 1 "$ABLATE" report removals --out /proc/nowhere/x.html
check_exit 1 env PATH=/nowhere "$ABLATE" plot removals
check_error "gnuplot is not installed: run ./setup.sh"
finish

# SPDX-License-Identifier: Apache-2.0
# peers.gp - real tokens per second of `ablate` over a peer's, by size. Called by peers.py with `rows`, `out`
# and `kind` ("png" or "svg") set; rows: label, then the ratios to each peer ("?" = not measured).
if (kind eq "svg") set terminal svg size 900,420 font "sans,13" background "white"
if (kind eq "png") set terminal pngcairo size 1200,560 font "sans,15" background "white"
set output out
set style data histograms
set style histogram clustered gap 1.5
set style fill solid .9 noborder
set boxwidth .9
set datafile separator "\t"
set datafile missing "?"
set key top right noenhanced
set xtics noenhanced scale 0
set ytics nomirror
set border 3
set grid y lc "#dddddd"
set yrange [0:*]
set ylabel "times the peer's tokens per second"
set title title noenhanced
plot rows using 2:xtic(1) lc "#0072b2" title columnheader(2), \
     '' using 3 lc "#e69f00" title columnheader(3), \
     1 lc "#444444" dt 2 notitle

# SPDX-License-Identifier: Apache-2.0
# style.gp - what all figures share: white ground, one colour, dash and marker per variant. The
# colours are Okabe and Ito's, which colour-blind readers can tell apart; their yellow is left out,
# it is lost on white. Dashes and markers differ too, so that nothing is lost in greyscale.
set encoding utf8
set datafile separator tab
okabe_ito = "0x000000 0x0072B2 0xD55E00 0x009E73 0xCC79A7 0xE69F00 0x56B4E9 0x7F7F7F"
colour(i) = i < 0 ? soft : word(okabe_ito, i % 8 + 1) + 0
dash(i) = i < 0 ? 1 : word("1 1 2 4 5 3 2 4", i % 8 + 1) + 0
marker(i) = i < 0 ? 7 : word("7 5 9 11 13 7 5 9", i % 8 + 1) + 0
ink = 0x222222
soft = 0x666666
rule = 0xDDDDDD
numbers = name . '.dat'

# eval start('svg') or start('png') opens the picture; markup is off: names are shown as they are
svg = sprintf("set terminal svg noenhanced size %d,%d", width, height) \
	. " font 'DejaVu Sans,Verdana,sans-serif,12' fontscale 1.2 background 'white'"
png = sprintf("set terminal pngcairo noenhanced size %d,%d", 2 * width, 2 * height) \
	. " font 'DejaVu Sans,12' fontscale 2 linewidth 2 pointscale 2 background 'white'"
# In the PNG, texts are those of `plain` where no font here has a character of theirs.
start(kind) = (kind eq 'svg' ? svg : png . "; do for [plain_i=1:plains] { eval plain[plain_i] }") \
	. "; set output name . '." . kind . "'; eval page"

# the page: title, caption below, one plot after the other
page = "set multiplot; unset key; set border 3 lc rgb soft; \
	set tics nomirror scale 0.5 tc rgb soft; set tics font ',10'"
finish = "unset multiplot; unset output"

# eval frame sets panel p: its place, title and axes. The first one brings the words of the page.
frame = "unset label; unset arrow; unset logscale; \
	set lmargin at screen left[p]; set rmargin at screen right[p]; \
	set tmargin at screen top[p]; set bmargin at screen bottom[p]; \
	set label 1 panel_title[p] at graph 0, graph 1 offset 0, 1 tc rgb ink font ',12'; \
	set xlabel x_title[p] tc rgb soft font ',11'; \
	set ylabel y_title[p] offset 1, 0 tc rgb soft font ',11'; \
	set xrange [x_low[p]:x_high[p]]; set yrange [y_low[p]:y_high[p]]; \
	if (x_log[p]) { set logscale x }; if (y_log[p]) { set logscale y }; \
	if (p == 1) { eval words }"
words = "set label 2 title at screen 18.0 / width, screen 1 - 24.0 / height \
		tc rgb ink font ',15'; \
	do for [i=1:captions] { \
		set label 2 + i caption[i] tc rgb soft font ',10' \
		at screen 18.0 / width, screen (18 + 17.0 * (captions - i)) / height }"
# eval marks puts the marks of the x axis where the values are
marks = "if (x_tics[p] ne '') { unset mxtics; eval 'set xtics (' . x_tics[p] . ')' }"

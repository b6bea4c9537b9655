# SPDX-License-Identifier: Apache-2.0
# style.gp - what all figures share: white ground, one colour, dash and marker per variant. The
# colours are Okabe and Ito's, which colour-blind readers can tell apart; their yellow is left out,
# it is lost on white. Dashes and markers differ too, so that nothing is lost in greyscale. In the
# SVG each colour has a twin for dark ground (dark.c).
set encoding utf8
set datafile separator tab
okabe_ito = "0x000000 0x0072B2 0xD55E00 0x009E73 0xCC79A7 0xE69F00 0x56B4E9 0x7F7F7F"
colour(i) = i < 0 ? soft : word(okabe_ito, i % 8 + 1) + 0
dash(i) = i < 0 ? 1 : word("1 1 2 4 5 3 2 4", i % 8 + 1) + 0
marker(i) = i < 0 ? 7 : word("7 5 9 11 13 7 5 9", i % 8 + 1) + 0
faint(colour) = colour + 0xA0000000
ink = 0x222222
soft = 0x666666
rule = 0xDDDDDD
ground = 0xFFFFFF
numbers = name . '.dat'

# eval start('svg'), start('png') or start('pdf') opens the picture; markup is off: names are shown
# as they are. A pixel of the SVG is 85 mm / 440 on paper.
svg = sprintf("set terminal svg noenhanced size %d,%d", width, height) \
	. " font 'DejaVu Sans,Verdana,sans-serif,12' fontscale 1.2 background 'white'"
png = sprintf("set terminal pngcairo noenhanced size %d,%d", 2 * width, 2 * height) \
	. " font 'DejaVu Sans,12' fontscale 2 linewidth 2 pointscale 2 background 'white'"
pdf = sprintf("set terminal pdfcairo noenhanced size %.3fcm,%.3fcm", \
	width * 8.5 / 440, height * 8.5 / 440) \
	. " font 'DejaVu Sans,12' fontscale 0.493 linewidth 1.1 pointscale 0.55 background 'white'"
# Where no font here has a character, PNG and PDF have the texts of `plain`. The PDF comes last.
plainly = "; do for [plain_i=1:plains] { eval plain[plain_i] }"
start(kind) = (kind eq 'svg' ? svg : kind eq 'png' ? png . plainly : pdf) \
	. "; set output name . '." . kind . "'; eval page"
if (!exists("kinds")) kinds = "svg png pdf"

# the page: title, caption below, one plot after the other
page = "set multiplot; unset key; set border 3 lc rgb soft; \
	set tics nomirror scale 0.5 tc rgb soft; set tics font ',10'"
finish = "unset multiplot; unset output"

# eval frame sets panel p: its place, title and axes. The first one brings the words of the page.
frame = "unset label; unset arrow; unset object; unset logscale; \
	set lmargin at screen left[p]; set rmargin at screen right[p]; \
	set tmargin at screen top[p]; set bmargin at screen bottom[p]; \
	set label 1 panel_title[p] tc rgb ink font ',12' \
		at graph 0, screen top[p] + (panel_more[p] eq '' ? 13.0 : 31.0) / height; \
	set label 2 panel_more[p] tc rgb ink font ',12' at graph 0, screen top[p] + 13.0 / height; \
	set xlabel x_title[p] tc rgb soft font ',11'; \
	set ylabel y_title[p] offset 1, 0 tc rgb soft font ',11'; \
	set xrange [x_low[p]:x_high[p]]; set yrange [y_low[p]:y_high[p]]; \
	if (x_log[p]) { set logscale x }; if (y_log[p]) { set logscale y }; \
	if (p == 1) { eval words }"
words = "do for [i=1:titles] { \
		set label 2 + i title[i] tc rgb ink font ',15' \
		at screen 18.0 / width, screen 1 - (24.0 + 22 * (i - 1)) / height }; \
	do for [i=1:captions] { \
		set label 9 + i caption[i] tc rgb soft font ',10' \
		at screen 18.0 / width, screen (18 + 17.0 * (captions - i)) / height }"
# eval marks puts the marks of the x axis where the values are
marks = "if (x_tics[p] ne '') { unset mxtics; eval 'set xtics (' . x_tics[p] . ')' }"
# eval names puts each series' label at the right, at the height where its line ends
names = "do for [s=first[p]:last[p]] { \
		set label 100 + s label_of[s] at graph 1, graph place[s] left offset 1, 0 \
		tc rgb colour(style_of[s]) font ',11' }"

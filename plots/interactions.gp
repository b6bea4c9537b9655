# SPDX-License-Identifier: Apache-2.0
# interactions.gp - without and with a first change (0 and 1), a line without and one with a second;
# hollow where both would lie if they added up, and the interval of the contrast from there. Columns:
# first change, mean, low, high, sum of changes, n.
do for [kind in kinds] {
	eval start(kind)
	do for [p=1:panels] {
		eval frame
		eval marks
		set ytics format "%g"
		set grid ytics lc rgb rule lw 0.7 lt 1
		eval names
		plot for [s=first[p]:last[p]] numbers index s - 1 \
				using ($3 == $3 ? $1 + 0.04 : NaN):2:3:4 with yerrorbars ps 0 lw 1.5 \
				lc rgb colour(style_of[s]), \
			for [s=first[p]:last[p]] numbers index s - 1 using 1:2 with linespoints \
				lw 2 dt dash(style_of[s]) pt marker(style_of[s]) ps 1 \
				lc rgb colour(style_of[s]), \
			for [s=first[p]:last[p]] numbers index s - 1 using ($1 + 0.04):5 with points \
				pt 7 ps 1 lc rgb colour(style_of[s]), \
			for [s=first[p]:last[p]] numbers index s - 1 using ($1 + 0.04):5 with points \
				pt 7 ps 0.65 lc rgb ground
	}
	eval finish
}

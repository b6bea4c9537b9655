# SPDX-License-Identifier: Apache-2.0
# sensitivity.gp - a metric against an option: single seeds, their mean and its interval. Columns:
# x, mean, low, high, value, seed (the mean is repeated for each seed).
in(v) = v >= y_low[p] && v <= y_high[p] ? v : NaN # what explodes is cut off
do for [kind in kinds] {
	eval start(kind)
	do for [p=1:panels] {
		eval frame
		eval marks
		set ytics format "%g"
		set grid ytics lc rgb rule lw 0.7 lt 1
		eval names
		plot for [s=first[p]:last[p]] numbers index s - 1 \
				using 1:(thin[s] ? NaN : in($3)):(in($4)) with filledcurves \
				fs transparent solid 0.15 noborder lc rgb colour(style_of[s]), \
			for [s=first[p]:last[p]] numbers index s - 1 \
				using (in($3) == in($3) && !thin[s] ? $1 : NaN):2:3:4 with yerrorbars \
				ps 0 lw 0.8 lc rgb colour(style_of[s]), \
			for [s=first[p]:last[p]] numbers index s - 1 using 1:(in($2)) with linespoints \
				lw (thin[s] ? 1 : 2) dt dash(style_of[s]) pt marker(style_of[s]) \
				ps (thin[s] ? 0.6 : 0.9) lc rgb colour(style_of[s]), \
			for [s=first[p]:last[p]] numbers index s - 1 \
				using (thin[s] ? NaN : $1):5 with points \
				pt 6 ps 0.6 lc rgb colour(style_of[s])
	}
	eval finish
}

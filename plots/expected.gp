# SPDX-License-Identifier: Apache-2.0
# expected.gp - expected best by the number of configurations, and where searches end. Columns:
# configurations, expected best, low, high, with replacement.
do for [kind in kinds] {
	eval start(kind)
	do for [p=1:panels] {
		eval frame
		eval marks
		set ytics format "%g"
		set grid ytics lc rgb rule lw 0.7 lt 1
		plot for [s=first[p]:last[p]] numbers index s - 1 using 1:3:4 with filledcurves \
				fs transparent solid 0.15 noborder lc rgb colour(style_of[s]), \
			for [s=first[p]:last[p]] numbers index s - 1 using 1:2 with linespoints \
				lw 2 pt marker(style_of[s]) ps (rows[s] > 20 ? 0 : 0.7) \
				lc rgb colour(style_of[s])
	}
	eval finish
}

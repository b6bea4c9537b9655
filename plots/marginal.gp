# SPDX-License-Identifier: Apache-2.0
# marginal.gp - the mean of each level of a key over the other keys, with its interval. Columns:
# level (from 0), mean, low, high, n, value.
do for [kind in kinds] {
	eval start(kind)
	do for [p=1:panels] {
		eval frame
		eval marks
		set ytics format "%g"
		set grid ytics lc rgb rule lw 0.7 lt 1
		plot for [s=first[p]:last[p]] numbers index s - 1 using 1:2 with lines \
				lw 1 lc rgb faint(colour(style_of[s])), \
			for [s=first[p]:last[p]] numbers index s - 1 \
				using ($3 == $3 ? $1 : NaN):2:3:4 with yerrorbars ps 0 lw 2 \
				lc rgb colour(style_of[s]), \
			for [s=first[p]:last[p]] numbers index s - 1 using 1:2 with points \
				pt 7 ps 1.1 lc rgb colour(style_of[s])
	}
	eval finish
}

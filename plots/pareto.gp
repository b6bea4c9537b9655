# SPDX-License-Identifier: Apache-2.0
# pareto.gp - a point per variant, quality by cost, with intervals of both; the front as steps behind.
# Columns: cost, mean, cost low, cost high, low, high, front (1 or 0).
do for [kind in kinds] {
	eval start(kind)
	do for [p=1:panels] {
		eval frame
		eval marks
		set ytics format "%g"
		set grid ytics lc rgb rule lw 0.7 lt 1
		eval names
		plot for [s=first[p]:last[p]] numbers index s - 1 using (thin[s] ? $1 : NaN):2 with steps \
				lw 1.2 dt 2 lc rgb soft, \
			for [s=first[p]:last[p]] numbers index s - 1 \
				using ($5 == $5 ? $1 : NaN):2:5:6 with yerrorbars ps 0 lw 1 \
				lc rgb colour(style_of[s]), \
			for [s=first[p]:last[p]] numbers index s - 1 \
				using ($3 == $3 ? $1 : NaN):2:3:4 with xerrorbars ps 0 lw 1 \
				lc rgb colour(style_of[s]), \
			for [s=first[p]:last[p]] numbers index s - 1 using (thin[s] ? NaN : $1):2 \
				with points pt 7 ps 1.1 lc rgb colour(style_of[s]), \
			for [s=first[p]:last[p]] numbers index s - 1 \
				using (thin[s] || $7 == 1 ? NaN : $1):2 with points \
				pt 7 ps 0.75 lc rgb ground
	}
	eval finish
}

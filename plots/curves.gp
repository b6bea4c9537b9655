# SPDX-License-Identifier: Apache-2.0
# curves.gp - mean over seeds by step, with its band; what was smoothed lies behind as it was; a
# single point where there is one step only; a seed that diverged as a thin line that ends with a
# cross; a dot where the last row is the final score. Columns: step, mean, low, high, n, not smoothed.
do for [kind in kinds] {
	eval start(kind)
	do for [p=1:panels] {
		eval frame
		set grid ytics lc rgb rule lw 0.7 lt 1
		set ytics format "%g"
		eval marks
		eval names
		if (chance[p] == chance[p]) {
			set arrow 1 from graph 0, first chance[p] to graph 1, first chance[p] nohead \
				lc rgb soft lw 1 dt 2 back
		}
		plot for [s=first[p]:last[p]] numbers index s - 1 using 1:3:4 with filledcurves \
				fs transparent solid 0.15 noborder lc rgb colour(style_of[s]), \
			for [s=first[p]:last[p]] numbers index s - 1 using 1:6 with lines \
				lw 0.6 lc rgb faint(colour(style_of[s])), \
			for [s=first[p]:last[p]] numbers index s - 1 using 1:2 with lines \
				lw (thin[s] ? 0.8 : 2) dt dash(style_of[s]) lc rgb colour(style_of[s]), \
			for [s=first[p]:last[p]] numbers index s - 1 \
				using (rows[s] > 1 || thin[s] || $3 != $3 ? NaN : $1):2:3:4 with yerrorbars \
				ps 0 lw 2 lc rgb colour(style_of[s]), \
			for [s=first[p]:last[p]] numbers index s - 1 \
				using (rows[s] > 1 || thin[s] ? NaN : $1):2 with points \
				pt marker(style_of[s]) ps 0.9 lc rgb colour(style_of[s]), \
			for [s=first[p]:last[p]] numbers index s - 1 \
				using (end_of[s] > 0 && $0 == rows[s] - 1 ? $1 : NaN):2 with points \
				pt (end_of[s] == 1 ? 2 : 7) ps (end_of[s] == 1 ? 0.9 : 0.7) lw 1.5 \
				lc rgb colour(style_of[s])
	}
	eval finish
}

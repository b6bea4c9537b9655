# SPDX-License-Identifier: Apache-2.0
# effects.gp - one row per variant: its difference to the baseline and the interval, its pairs faint
# behind; filled = told apart from the baseline, hollow = not; a cross at the left where runs were
# lost. In a column the names stand above the rows. Columns: effect, low, high, told apart (1 or 0), n,
# pair.
do for [kind in kinds] {
	eval start(kind)
	do for [p=1:panels] {
		eval frame
		eval marks
		unset ylabel
		unset ytics
		set border 1
		if (!narrow) { set arrow 1 from 0, graph 0 to 0, graph 1 nohead lc rgb ink back }
		reach = 0.25 / (last[p] - first[p] + 1)
		do for [s=first[p]:last[p]] {
			set arrow 100 + s from graph 0, graph place[s] to graph 1, graph place[s] \
				nohead lc rgb rule lw 0.7 back
			if (narrow) {
				set arrow 1000 + s from 0, graph place[s] - reach \
					to 0, graph place[s] + reach nohead lc rgb ink back
				set label 100 + s label_of[s] at graph 0, graph place[s] \
					left offset 0, 0.9 tc rgb ink font ',11'
				set label 1000 + s note_of[s] at graph 1, graph place[s] \
					right offset 0, 0.9 tc rgb ink font ',10'
			} else {
				set label 100 + s label_of[s] at graph 0, graph place[s] \
					right offset -1, 0 tc rgb ink font ',11'
				set label 1000 + s note_of[s] at graph 1, graph place[s] \
					offset 1, 0 tc rgb ink font ',11'
			}
		}
		plot for [s=first[p]:last[p]] numbers index s - 1 using 6:(place[s]) \
				with points pt 7 ps 0.6 lc rgb faint(colour(style_of[s])), \
			for [s=first[p]:last[p]] numbers index s - 1 \
				using ($2 == $2 && $0 == 0 ? $1 : NaN):(place[s]):2:3 with xerrorbars \
				ps 0 lw 2 lc rgb colour(style_of[s]), \
			for [s=first[p]:last[p]] numbers index s - 1 \
				using ($0 == 0 ? $1 : NaN):(place[s]) \
				with points pt 7 ps 1.1 lc rgb colour(style_of[s]), \
			for [s=first[p]:last[p]] numbers index s - 1 \
				using ($4 == 1 || $0 > 0 ? NaN : $1):(place[s]) with points \
				pt 7 ps 0.75 lc rgb ground, \
			for [s=first[p]:last[p]] numbers index s - 1 \
				using (end_of[s] == 1 && $0 == 0 ? x_low[p] : NaN):(place[s]) \
				with points pt 2 ps 0.7 lw 1.5 lc rgb ink
	}
	eval finish
}

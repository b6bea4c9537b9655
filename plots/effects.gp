# SPDX-License-Identifier: Apache-2.0
# effects.gp - one row per variant: its difference to the baseline and the interval; filled = told
# apart from the baseline, hollow = not. Columns: effect, low, high, told apart (1 or 0), n.
do for [kind in kinds] {
	eval start(kind)
	do for [p=1:panels] {
		eval frame
		unset ylabel
		unset ytics
		set border 1
		set xtics format "%+g"
		set xtics add ("0" 0)
		set arrow 1 from 0, graph 0 to 0, graph 1 nohead lc rgb ink back
		do for [s=first[p]:last[p]] {
			set arrow 100 + s from graph 0, graph place[s] to graph 1, graph place[s] \
				nohead lc rgb rule lw 0.7 back
			set label 100 + s label_of[s] at graph 0, graph place[s] \
				right offset -1, 0 tc rgb ink font ',11'
			set label 1000 + s note_of[s] at graph 1, graph place[s] offset 1, 0 \
				tc rgb ink font ',11'
		}
		plot for [s=first[p]:last[p]] numbers index s - 1 \
				using ($2 == $2 ? $1 : NaN):(place[s]):2:3 with xerrorbars \
				ps 0 lw 2 lc rgb colour(style_of[s]), \
			for [s=first[p]:last[p]] numbers index s - 1 using 1:(place[s]) \
				with points pt 7 ps 1.1 lc rgb colour(style_of[s]), \
			for [s=first[p]:last[p]] numbers index s - 1 \
				using ($4 == 1 ? NaN : $1):(place[s]) with points \
				pt 7 ps 0.75 lc rgb 0xFFFFFF
	}
	eval finish
}

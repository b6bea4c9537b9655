# SPDX-License-Identifier: Apache-2.0
# curves.gp - mean over seeds by step, with its band. Columns: step, mean, low, high, n.
do for [kind in "svg png"] {
	eval start(kind)
	do for [p=1:panels] {
		eval frame
		set grid ytics lc rgb rule lw 0.7 lt 1
		set ytics format "%g"
		set xtics format "%.0f"
		do for [s=first[p]:last[p]] {
			set label 100 + s label_of[s] at graph 1, graph place[s] left offset 1, 0 \
				tc rgb colour(style_of[s]) font ',11'
		}
		plot for [s=first[p]:last[p]] numbers index s - 1 using 1:3:4 with filledcurves \
				fs transparent solid 0.15 noborder lc rgb colour(style_of[s]), \
			for [s=first[p]:last[p]] numbers index s - 1 using 1:2 with lines \
				lw 2 dt dash(style_of[s]) lc rgb colour(style_of[s])
	}
	eval finish
}

# SPDX-License-Identifier: Apache-2.0
# scaling.gp - a metric or loss against the number of parameters: single seeds, their mean and its
# interval. Columns: parameters, mean, low, high, value, seed (the mean is repeated for each seed).
# A note says what a series is where a curve is fitted: 'fit', 'seen' or 'held'; '' is all in one.
band(s) = note_of[s] eq '' || note_of[s] eq 'fit'
bars(s) = note_of[s] eq '' || note_of[s] eq 'held'
line(s) = note_of[s] eq '' || note_of[s] eq 'fit'
means(s) = note_of[s] eq '' || note_of[s] eq 'seen'
held(s) = note_of[s] eq 'held'
in(v) = v >= y_low[p] && v <= y_high[p] ? v : NaN # what explodes is cut off
do for [kind in kinds] {
	eval start(kind)
	do for [p=1:panels] {
		eval frame
		eval marks
		set ytics format "%g"
		set grid ytics lc rgb rule lw 0.7 lt 1
		eval names
		plot for [s=first[p]:last[p]] numbers index s - 1 using 1:(in($3)):(band(s) ? in($4) : NaN) \
				with filledcurves fs transparent solid 0.15 noborder lc rgb colour(style_of[s]), \
			for [s=first[p]:last[p]] numbers index s - 1 \
				using (bars(s) && in($3) == in($3) ? $1 : NaN):2:3:4 with yerrorbars ps 0 \
				lw 0.8 lc rgb colour(style_of[s]), \
			for [s=first[p]:last[p]] numbers index s - 1 using 1:(line(s) ? in($2) : NaN) \
				with lines lw 2 dt dash(style_of[s]) lc rgb colour(style_of[s]), \
			for [s=first[p]:last[p]] numbers index s - 1 using 1:(means(s) ? in($2) : NaN) \
				with points pt marker(style_of[s]) ps 0.9 lc rgb colour(style_of[s]), \
			for [s=first[p]:last[p]] numbers index s - 1 using 1:(held(s) ? in($2) : NaN) \
				with points pt 6 ps 1.6 lw 1.5 lc rgb colour(style_of[s]), \
			for [s=first[p]:last[p]] numbers index s - 1 using 1:5 with points \
				pt 6 ps 0.6 lc rgb colour(style_of[s])
	}
	eval finish
}

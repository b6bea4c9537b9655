# SPDX-License-Identifier: Apache-2.0
# tasks.gp - a heat map: a row per variant, a column per task, the effect in each cell; its shade from
# -3, worse, to 3, better. Columns: task (from 0), effect, low, high, told apart (1 or 0), n, shade.
shades = "0xEFAA72 0xF6CBA5 0xFBE6D3 0xF4F4F4 0xDCEAF5 0xB5D3EA 0x86B6DC"
shade(i) = word(shades, int(i) + 4) + 0
do for [kind in kinds] {
	eval start(kind)
	do for [p=1:panels] {
		eval frame
		unset xtics
		unset ytics
		set border 0
		turned = y_high[p] - (last[p] - first[p] + 1) > 1.5
		do for [i=1:cells[p]] {
			n = (p - 1) * widest + i
			if (turned) {
				set label 20000 + n heading[n] at i - 1, last[p] - first[p] + 1.3 \
					left rotate by 90 tc rgb ink font ',10'
			} else {
				set label 20000 + n heading[n] at i - 1, last[p] - first[p] + 1.5 \
					center tc rgb ink font ',10'
			}
		}
		do for [s=first[p]:last[p]] {
			set label 100 + s label_of[s] at graph 0, first place[s] \
				right offset -1, 0 tc rgb ink font ',11'
			do for [i=1:cells[p]] {
				n = (s - 1) * widest + i
				set label 30000 + n cell[n] at i - 1, place[s] center front tc rgb ink font ',9'
			}
		}
		plot for [s=first[p]:last[p]] numbers index s - 1 \
				using 1:(place[s]):($1 - 0.48):($1 + 0.48):(place[s] - 0.46):(place[s] + 0.46):(shade($7)) \
				with boxxyerror fs solid 1 noborder lc rgb variable
	}
	eval finish
}

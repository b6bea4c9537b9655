# SPDX-License-Identifier: Apache-2.0
# peers.gp - real tokens per second of `ablate` over a peer's, by size, in the style of the program's
# figures. Called by peers.py with `style` (plots/style.gp), `rows`, `name` (the files without their
# ending) and `machine` set; rows: label, then the ratio to each peer ("?" = not measured).
width = 900
height = 470
title = "How many times a peer's tokens per second: pre-training on one thread"
captions = 3
array caption[3]
caption[1] = machine . '. Dashed: as fast as the peer.'
caption[2] = 'Hugging Face: BertForPreTraining as users write it, in fp32; it was not measured in bf16.'
caption[3] = 'Tuned PyTorch: a step written by hand, no padding, logits at masked tokens only, fused attention.'
plains = 0
array plain[1]
array panel_title[1] = ['']
array x_title[1] = ['']
array y_title[1] = ["times the peer's tokens per second"]
array left[1] = [80.0 / width]
array right[1] = [1 - 30.0 / width]
array top[1] = [1 - 70.0 / height]
array bottom[1] = [120.0 / height]
array x_log[1] = [0]
array y_log[1] = [0]
load style
missing(column) = strcol(column) eq "?"
times(k) = missing(k) ? NaN : column(k)
stats rows using (times(2) == times(2) && times(2) > times(3) ? times(2) : times(3)) every ::1 nooutput
array x_low[1] = [-0.6]
array x_high[1] = [STATS_records - 0.4]
array y_low[1] = [0]
array y_high[1] = [1.12 * STATS_max]
p = 1
side = 0.2
do for [kind in "svg png"] {
	eval start(kind)
	eval frame
	set style fill solid 0.9 noborder
	set grid ytics lc rgb rule lw 0.7 lt 1
	set xtics scale 0 tc rgb ink
	set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead dt 2 lc rgb ink
	set label 100 'over Hugging Face' at graph 1, graph 0.95 right tc rgb colour(1)
	set label 101 'over tuned PyTorch' at graph 1, graph 0.88 right tc rgb colour(2)
	plot rows every ::1 using 0:(0):xtic(1) with points ps 0 lc rgb 0xFFFFFF, \
		rows every ::1 using ($0 - side):(times(2)):(0.36) with boxes lc rgb colour(1), \
		rows every ::1 using ($0 + side):(times(3)):(0.36) with boxes lc rgb colour(2), \
		rows every ::1 using ($0 - side):(times(2)):(sprintf("%.1f", times(2))) with labels \
			offset 0, 0.6 tc rgb colour(1) font ',10', \
		rows every ::1 using ($0 + side):(times(3)):(sprintf("%.1f", times(3))) with labels \
			offset 0, 0.6 tc rgb colour(2) font ',10', \
		for [k=2:3] rows every ::1 using ($0 + (2 * k - 5) * side):(missing(k) ? 0 : NaN) \
			:('not measured') with labels rotate left offset 0, 0.6 tc rgb soft font ',9'
	eval finish
}

"use strict";
// The table of trials: sorts, filters, and draws the rows that are in view. Without this script the
// page has the first trials as a plain table. Texts become text nodes only.
(function () {
	const source = document.getElementById("trial-data");
	const place = document.getElementById("trial-rows");
	if (!source || !place)
		return;
	const begun = performance.now();
	const { columns, rows, caption } = JSON.parse(source.textContent);
	const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
	const MOST_CHOICES = 60, WIDEST = 28, MARGIN = 12, ON_PAPER = 500;
	let order = rows.map((_, i) => i), sorted = -1, down = false, height = 32, paper = false;
	let words = null; // of each row, for the search; made when first needed

	function element(tag, properties, ...children) {
		const made = document.createElement(tag);
		for (const [name, value] of Object.entries(properties || {}))
			if (name in made && name !== "list")
				made[name] = value;
			else
				made.setAttribute(name, value);
		made.append(...children);
		return made;
	}

	// Numbers as the other tables of the page have them (core/base/numbers.c).
	function fixed(x, decimals) {
		const scaled = Math.abs(x) * 10 ** decimals, whole = Math.floor(scaled);
		// a tie goes to the even digit
		if (decimals < 7 && scaled - whole === 0.5 && (x * 2 ** 20) % 1 === 0 && whole % 2 === 0)
			return (Math.sign(x) * whole / 10 ** decimals).toFixed(decimals);
		return x.toFixed(decimals);
	}
	function score(x) {
		const size = Math.abs(x);
		let decimals = size < 9.9995 ? 3 : size < 99.995 ? 2 : size < 999.95 ? 1 : 0, power = 0;
		if (size > 0 && size < 9.5e-4)
			decimals = 1 - Math.floor(Math.log10(size * 1.0001));
		if (size >= 1e7 || decimals > 6) {
			power = size > 0 ? Math.floor(Math.log10(size) + 1e-9) : 0;
			decimals = 2;
		}
		let text = fixed(x / 10 ** power, decimals);
		if (/^-[0.]+$/.test(text))
			text = text.slice(1);
		return text.replace(/^(-?)0\./, "$1.") + (power ? "e" + power : "");
	}
	function shown(value, column) {
		if (value === null || value === "")
			return "–";
		if (typeof value !== "number")
			return value;
		if (column.name === "seed")
			return value > 1e6 ? Math.floor(value / 1e6) + "." + value % 1e6 : String(value);
		return column.real ? score(value) : String(value);
	}

	// ---- controls ----
	const search = element("input", { type: "search", id: "trial-search", autocomplete: "off" });
	const choices = [];
	const count = element("output", { "aria-live": "polite", id: "trial-count" });
	const filters = element("form", { className: "filters", "aria-label": "Filter the trials" },
		element("label", {}, "Any column has these words", search));
	columns.forEach((column, i) => {
		if (!["variant", "task", "state"].includes(column.name))
			return;
		const values = [...new Set(rows.map((row) => row[i]))];
		if (values.length < 2 || values.length > MOST_CHOICES)
			return;
		const select = element("select", { id: "trial-" + column.name },
			element("option", { value: "" }, "all"));
		values.forEach((value, k) =>
			select.append(element("option", { value: String(k) }, shown(value, column))));
		choices.push({ select, values, i });
		filters.append(element("label", {}, column.name, select));
	});
	const clear = element("button", { type: "reset" }, "Clear");
	const save = element("button", { type: "button", id: "trial-save" }, "Save these as CSV");
	filters.append(clear, save, count);

	// ---- the table ----
	const body = element("tbody");
	const heads = columns.map((column, i) => {
		const button = element("button", { type: "button", title: column.name },
			column.name.replaceAll("_", " "));
		button.addEventListener("click", () => sort(i));
		return element("th", { scope: "col", className: column.number ? "n" : "",
			"aria-sort": "none" }, button);
	});
	const widths = columns.map((column, i) => {
		let most = column.name.length + 3;
		for (const row of rows)
			most = Math.max(most, shown(row[i], column).length + 1);
		return Math.min(most, WIDEST) + 2;
	});
	const table = element("table", { className: "grid", "aria-rowcount": rows.length + 1 },
		element("caption", { className: "said" }, caption),
		element("colgroup", {}, ...widths.map((w) => element("col", { style: `width: ${w}ch` }))),
		element("thead", {}, element("tr", { "aria-rowindex": 1 }, ...heads)), body);
	table.style.width = widths.reduce((a, b) => a + b, 0) + "ch";
	const view = element("div", { className: "rows", tabIndex: 0, role: "region",
		"aria-label": caption }, table);

	function gap(rows_left_out) {
		const cell = element("td", { colSpan: columns.length });
		cell.style.height = rows_left_out * height + "px";
		return element("tr", { className: "gap", "aria-hidden": "true" }, cell);
	}
	function line(place) {
		const made = element("tr", { "aria-rowindex": place + 2 });
		columns.forEach((column, i) => {
			const text = shown(rows[order[place]][i], column);
			const cell = element(i ? "td" : "th", { className: column.number ? "n" : "" }, text);
			if (!i)
				cell.scope = "row";
			if (text.length > widths[i] - 3)
				cell.title = text;
			made.append(cell);
		});
		return made;
	}
	let first = -1, last = -1;
	function draw(again) {
		const top = Math.floor(view.scrollTop / height) - MARGIN;
		const from = paper ? 0 : Math.max(0, top);
		const to = Math.min(order.length, paper ? ON_PAPER
			: from + Math.ceil((view.clientHeight || 600) / height) + 2 * MARGIN);
		if (!again && from === first && to === last)
			return;
		first = from, last = to;
		const lines = from && !paper ? [gap(from)] : [];
		for (let i = from; i < to; i++)
			lines.push(line(i));
		if (to < order.length && !paper)
			lines.push(gap(order.length - to));
		body.replaceChildren(...lines);
	}

	// ---- what it does ----
	function compare(a, b) {
		const x = rows[a][sorted], y = rows[b][sorted];
		if (x === y)
			return a - b;
		if (x === null || y === null)
			return x === null ? 1 : -1; // nothing there: at the end, either way
		const sign = down ? -1 : 1;
		if (typeof x === "number" && typeof y === "number")
			return sign * (x - y);
		return sign * collator.compare(x, y) || a - b;
	}
	function passes(i, needles) {
		for (const c of choices)
			if (c.select.value !== "" && rows[i][c.i] !== c.values[Number(c.select.value)])
				return false;
		if (!needles.length)
			return true;
		words = words || rows.map((row) =>
			row.map((value, k) => shown(value, columns[k])).join("\n").toLowerCase());
		return needles.every((needle) => words[i].includes(needle));
	}
	function filter() {
		const needles = search.value.toLowerCase().split(/\s+/).filter(Boolean);
		order = [];
		for (let i = 0; i < rows.length; i++)
			if (passes(i, needles))
				order.push(i);
		if (sorted >= 0)
			order.sort(compare);
		const number = (n) => n.toLocaleString("en");
		count.textContent = number(order.length) + " of " + number(rows.length) + " trials";
		table.setAttribute("aria-rowcount", order.length + 1);
		view.scrollTop = 0;
		draw(true);
	}
	function sort(i) {
		down = sorted === i ? !down : false;
		sorted = i;
		heads.forEach((head, k) => head.setAttribute("aria-sort",
			k !== i ? "none" : down ? "descending" : "ascending"));
		filter();
	}
	function csv() {
		const quoted = (value) => {
			let text = value === null ? "" : String(value);
			if (typeof value === "string" && /^[=+\-@\t\r]./.test(text) && isNaN(Number(text)))
				text = "'" + text; // no formula for a spreadsheet
			return /[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
		};
		return [columns.map((c) => c.name), ...order.map((i) => rows[i])]
			.map((row) => row.map(quoted).join(",")).join("\r\n") + "\r\n";
	}

	let asked = 0;
	view.addEventListener("scroll", () => {
		cancelAnimationFrame(asked);
		asked = requestAnimationFrame(() => draw(false));
	}, { passive: true });
	filters.addEventListener("input", filter);
	filters.addEventListener("reset", () => setTimeout(filter));
	filters.addEventListener("submit", (event) => event.preventDefault());
	save.addEventListener("click", () => {
		const url = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
		element("a", { href: url, download: "trials.csv" }).click();
		setTimeout(() => URL.revokeObjectURL(url), 10000);
	});
	addEventListener("beforeprint", () => { paper = true; draw(true); });
	addEventListener("afterprint", () => { paper = false; draw(true); });
	addEventListener("resize", () => draw(false));

	place.replaceChildren(filters, view);
	filter();
	height = body.firstElementChild ? body.firstElementChild.getBoundingClientRect().height : 32;
	draw(true);
	place.dataset.milliseconds = Math.round(performance.now() - begun);
})();

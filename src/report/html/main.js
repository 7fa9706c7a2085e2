/* SPDX-License-Identifier: MIT */
/* Puts the report on the page and connects its parts. */
"use strict";

const FIRST_ROWS = 6; /* of a table of causes */

function barCell(share, className) {
	const bar = element("td", "bar"), fill = element("i", className);
	fill.style.width = Math.min(100, 100 * share) + "%";
	bar.append(fill);
	return bar;
}

function figureRow(name, old, fresh, largest) {
	const row = element("tr"), delta = fresh - old;
	const bar = barCell(largest ? Math.abs(delta) / largest : 0, direction(delta));
	row.append(element("td", "", visible(name)), element("td", "", bytes(old)), element("td", "", bytes(fresh)),
		element("td", direction(delta), signed(delta)), element("td", "", percent(old, fresh)), bar);
	return row;
}

function figureTable(title, rows) {
	const table = element("table", "figures"), head = element("tr");
	const largest = Math.max(...rows.map((row) => Math.abs(row[2] - row[1])), 0);
	head.append(...[title, "old", single ? "size" : "new", "delta", "%"].map((text) => element("th", "", text)), element("th", "bar"));
	table.append(head, ...rows.map((row) => figureRow(row[0], row[1], row[2], row[3] || largest)));
	return table;
}

/*
 * Two columns less, so that two tables stand side by side: of a cause the
 * difference is what matters.
 */
function causeTable(title, rows, largest, all) {
	const table = element("table", "figures"), head = element("tr");
	head.append(...[title, "delta", "share"].map((text) => element("th", "", text)), element("th", "bar"));
	table.append(head);
	for (const [name, old, fresh] of rows) {
		const row = element("tr"), delta = fresh - old;
		row.title = bytes(old) + " \u2192 " + bytes(fresh);
		row.append(element("td", "", visible(name)), element("td", direction(delta), signed(delta)),
			element("td", "", Math.round(100 * Math.abs(delta) / all) + "%"),
			barCell(Math.abs(delta) / largest, direction(delta)));
		table.append(row);
	}
	return table;
}

/* The largest rows at once, the others behind a click. */
function longTable(title, rows, make) {
	const box = element("div"), first = rows.slice(0, FIRST_ROWS), more = rows.slice(FIRST_ROWS);
	box.append(make(title, first));
	if (!more.length)
		return box;
	const rest = element("details");
	const sum = more.reduce((total, row) => total + row[2] - row[1], 0);
	rest.append(element("summary", "note", more.length + " more, together " + signed(sum)), make("", more));
	box.append(rest);
	return box;
}

function showTotals(data) {
	const old = data.total.old, fresh = data.total.new;
	/* Memory and file differ by orders of magnitude: bars are of the shares. */
	const rows = [["content", "content"], ["alignment and gaps", "alignment"], ["image", "image"], ["file", "file"]]
		.map(([name, key]) => [name, old[key], fresh[key], old[key] ? Math.abs(fresh[key] - old[key]) / old[key] : 0]);
	const most = Math.max(...rows.map((row) => row[3]));
	document.getElementById("totals").append(figureTable("", rows.map(([name, a, b, share]) =>
		[name, a, b, share ? Math.abs(b - a) * most / share : Math.abs(b - a)])));
}

function showCauses(data) {
	const box = document.getElementById("causes");
	if (!data.causes.length)
		return;
	for (const [domain, what] of [["content", "content"], ["file", "the file"]]) {
		const rows = data.causes
			.map((cause) => [cause.name, cause.old[domain], cause.new[domain]])
			.filter((row) => row[1] !== row[2])
			.sort((a, b) => Math.abs(b[2] - b[1]) - Math.abs(a[2] - a[1]));
		const sum = rows.reduce((total, row) => total + row[2] - row[1], 0);
		const title = "Why " + what + " " + (sum > 0 ? "grew" : sum < 0 ? "shrank" : "changed") + ", " + signed(sum);
		const sizes = rows.map((row) => Math.abs(row[2] - row[1]));
		const all = sizes.reduce((total, size) => total + size, 0);
		if (rows.length)
			box.append(longTable(title, rows, (text, part) => causeTable(text, part, sizes[0], all)));
	}
}

function showLimit(data) {
	const table = element("table", "figures"), head = element("tr");
	head.append(...["Limit of the image", "_end at", "of", "used"].map((text) => element("th", "", text)), element("th", "bar"));
	table.append(head);
	for (const limit of data.limit || []) {
		const over = limit.used > limit.limit, row = element("tr"), share = limit.used / limit.limit;
		row.append(element("td", "", (single ? "this build" : limit.side) + (limit.estimated ? ", estimated" : "")), element("td", "", bytes(limit.used)),
			element("td", "", bytes(limit.limit)), element("td", "", (100 * share).toFixed(1) + "%"),
			barCell(share, over ? "grow" : "shrink"));
		table.append(row);
		if (over)
			document.getElementById("over").append(element("p", "over", limit.side + ": " +
				bytes(limit.used - limit.limit) + " bytes over the limit of the image" +
				(limit.estimated ? ", as an estimate" : "")));
	}
	if (table.rows.length > 1)
		document.getElementById("limit").append(table);
}

function showList(id, title, lines) {
	const box = document.getElementById(id);
	if (!lines || !lines.length)
		return;
	box.hidden = false;
	box.querySelector("summary").textContent = title;
	box.querySelector("div").append(...lines.map((line) => element("p", "", visible(line))));
}

function showHead(data) {
	const title = data.old ? data.old.path + " \u2192 " + data.new.path : data.new.path;
	document.title = visible(title) + " - vmdelta";
	document.getElementById("title").textContent = visible(title);
	/* Its first line is the title, unless each build has one of its own. */
	const lines = data.head.trimEnd().split("\n").slice(/^old /.test(data.head) ? 0 : 1);
	document.getElementById("compared").textContent =
		lines.map((line) => visible(line.replace(/^ {2}(?! )/, ""))).join("\n");
}

function detailTable(title, list) {
	const sorted = list.slice().sort((a, b) => Math.abs(b[2] - b[1]) - Math.abs(a[2] - a[1]))
		.map((part) => [part[3] ? part[0] + " (" + part[3] + ")" : part[0], part[1], part[2]]);
	return list.length ? [element("h2", "", title), longTable("", sorted, figureTable)] : [];
}

function showDetail(model, row) {
	const data = model.data, box = document.getElementById("detail");
	const facts = [
		["section", model.section(row)], ["unit", model.unit(row)],
		["old name", data.rows.old_name[row] || ""], ["paired by", model.level(row)],
		["also named", (data.aliases[row] || []).join(", ")],
	].filter((fact) => fact[1]);
	box.replaceChildren(element("h2", "", visible(rowName(model, row))));
	for (const [name, value] of facts)
		box.append(element("p", "", name + ": " + visible(value)));
	box.append(figureTable("", [
		["content", data.rows.old_content[row], data.rows.new_content[row]],
		["image", data.rows.old_image[row], data.rows.new_image[row]],
		["file", data.rows.old_file[row], data.rows.new_file[row]],
	]));
	box.append(...detailTable("Inlined code", data.inlinees[row] || []));
	box.append(...detailTable("Causes", data.reasons[row] || []));
	box.hidden = false;
	box.scrollIntoView({ block: "nearest" });
}

function start() {
	const data = JSON.parse(document.getElementById("data").textContent);
	const model = new Model(data), get = (id) => document.getElementById(id);
	let opening = false;
	single = !data.old;
	document.body.classList.toggle("single", single);
	const opened = (row) => {
		showDetail(model, row);
		table.reveal(row);
		opening = true;
		location.hash = "sym=" + encodeURIComponent(model.name(row).slice(0, 2000));
	};
	const map = new Treemap(model, get("map"), get("tip"), get("crumbs"), opened);
	const table = new Table(model, {
		head: get("head"), scroll: get("scroll"), spacer: get("spacer"),
		body: get("body"), count: get("count"), table: get("table"),
	}, opened);
	const followLink = () => {
		const match = /^#sym=(.*)$/.exec(location.hash);
		if (opening || !match) {
			opening = false;
			return;
		}
		const row = data.rows.name.indexOf(decodeURIComponent(match[1]));
		if (row >= 0) {
			opened(row);
			get("table").scrollIntoView();
		}
	};
	const refilter = () => {
		const good = model.filter(get("filter").value, get("regex").checked);
		get("filter").classList.toggle("bad", !good);
		if (good) {
			table.reset();
			map.draw();
		}
	};
	const rebuild = () => {
		model.domain = get("domain").value;
		map.by = get("tree").value;
		map.area = get("area").value;
		model.order();
		table.reset();
		map.rebuild();
	};
	showHead(data);
	showTotals(data);
	showLimit(data);
	showCauses(data);
	showList("options", (data.config_diff || []).length + " configuration options differ", 
		(data.config_diff || []).map((c) => c[2] + "=" + c[3] + "  (was " + c[0] + "=" + c[1] + ")"));
	showList("warnings", (data.warnings || []).length + " warnings", data.warnings);
	get("domain").value = model.domain;
	if (!data.units.length)
		get("tree").value = "section";
	if (single) {
		get("area").value = "new";
		model.sort.column = "new";
	}
	let timer;
	get("filter").addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(refilter, 120); });
	get("regex").addEventListener("change", refilter);
	get("controls").addEventListener("submit", (event) => { event.preventDefault(); refilter(); });
	for (const id of ["domain", "area", "tree"])
		get(id).addEventListener("change", rebuild);
	window.addEventListener("hashchange", followLink);
	matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => map.draw());
	rebuild();
	followLink();
	document.body.dataset.ready = "1";
}

start();

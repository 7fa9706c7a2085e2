/* SPDX-License-Identifier: MIT */
/* All rows, of which only those in view exist as elements. */
"use strict";

const ROW_HEIGHT = 26;

const COLUMNS = [
	{ key: "name", title: "symbol", left: true, text: (m, r) => rowName(m, r) },
	{ key: "section", title: "section", left: true, wide: true, text: (m, r) => m.section(r) },
	{ key: "unit", title: "unit", left: true, wide: true, text: (m, r) => m.unit(r) },
	{ key: "old", title: "old", wide: true, text: (m, r) => bytes(m.old(r)) },
	{ key: "new", title: "new", wide: true, text: (m, r) => bytes(m.fresh(r)) },
	{ key: "delta", title: "delta", text: (m, r) => signed(m.delta(r)), coloured: true },
	{ key: "percent", title: "%", text: (m, r) => percent(m.old(r), m.fresh(r)) },
];

function rowName(model, row) {
	const old = model.data.rows.old_name[row];
	return old ? old + " \u2192 " + model.name(row) : model.name(row);
}

function Table(model, nodes, opened) {
	this.model = model;
	this.nodes = nodes; /* head, scroll, spacer, body, count, table */
	this.opened = opened;
	this.open = -1;
	for (const column of COLUMNS)
		nodes.head.append(this.header(column));
	nodes.scroll.addEventListener("scroll", () => requestAnimationFrame(() => this.draw()), { passive: true });
	nodes.table.addEventListener("keydown", (event) => this.key(event));
	new ResizeObserver(() => this.draw()).observe(nodes.scroll);
}

Table.prototype.header = function (column) {
	const button = element("button", (column.left ? "left " : "") + (column.wide ? "wide" : ""), column.title);
	button.type = "button";
	button.setAttribute("role", "columnheader");
	button.dataset.key = column.key;
	button.addEventListener("click", () => {
		const sort = this.model.sort;
		sort.down = sort.column === column.key ? !sort.down : !column.left;
		sort.column = column.key;
		this.model.order();
		this.reset();
	});
	return button;
};

/* After a change of order or filter: from the top. */
Table.prototype.reset = function () {
	const model = this.model, shown = model.shown;
	for (const button of this.nodes.head.children) {
		const column = COLUMNS.find((c) => c.key === button.dataset.key);
		const sorted = model.sort.column === column.key;
		button.textContent = (single && column.key === "new" ? "size" : column.title) + (sorted ? (model.sort.down ? " \u2193" : " \u2191") : "");
		button.setAttribute("aria-sort", sorted ? (model.sort.down ? "descending" : "ascending") : "none");
	}
	let delta = 0;
	for (const row of shown)
		delta += model.delta(row);
	this.nodes.count.textContent = bytes(shown.length) + " of " + bytes(model.count) + " rows, " + signed(delta) + " bytes";
	/* Browsers clamp an element's height: beyond it, rows share pixels. */
	this.height = Math.min(shown.length * ROW_HEIGHT, 15000000);
	this.nodes.spacer.style.height = this.height + "px";
	this.nodes.scroll.scrollTop = 0;
	this.draw();
};

Table.prototype.draw = function () {
	const shown = this.model.shown, scroll = this.nodes.scroll;
	if (!shown)
		return;
	const room = Math.ceil(scroll.clientHeight / ROW_HEIGHT) + 1;
	const range = Math.max(1, this.height - scroll.clientHeight);
	const last = Math.max(0, shown.length - room + 1);
	const first = this.height < shown.length * ROW_HEIGHT
		? Math.floor(scroll.scrollTop / range * last)
		: Math.floor(scroll.scrollTop / ROW_HEIGHT);
	const rows = [];
	for (let i = first; i < Math.min(first + room, shown.length); i++)
		rows.push(this.row(shown[i]));
	this.nodes.body.replaceChildren(...rows);
	this.nodes.body.style.top = (this.height < shown.length * ROW_HEIGHT
		? scroll.scrollTop : first * ROW_HEIGHT) + "px";
};

Table.prototype.row = function (row) {
	const line = element("div", row === this.open ? "row open" : "row");
	line.setAttribute("role", "row");
	line.dataset.row = row;
	for (const column of COLUMNS) {
		const text = visible(column.text(this.model, row));
		const cell = element("span", (column.left ? "left " : "") + (column.wide ? "wide " : "") +
			(column.coloured ? direction(this.model.delta(row)) : ""), text);
		cell.setAttribute("role", "cell");
		if (column.left)
			cell.title = text;
		line.append(cell);
	}
	line.addEventListener("click", () => this.opened(row));
	return line;
};

/* Scrolls to a row that is shown and marks it. */
Table.prototype.reveal = function (row) {
	const index = this.model.shown.indexOf(row);
	this.open = row;
	if (index >= 0)
		this.nodes.scroll.scrollTop = index / Math.max(1, this.model.shown.length) * this.height - 3 * ROW_HEIGHT;
	this.draw();
};

Table.prototype.key = function (event) {
	const shown = this.model.shown, at = shown.indexOf(this.open);
	if (event.target.tagName === "BUTTON")
		return;
	if (event.key === "ArrowDown" && at + 1 < shown.length)
		this.opened(shown[at + 1]);
	else if (event.key === "ArrowUp" && at > 0)
		this.opened(shown[at - 1]);
	else
		return;
	event.preventDefault();
};

/* SPDX-License-Identifier: MIT */
/*
 * The report's rows as columns, and what is made of them: figures by domain,
 * trees for the map, the order and the filter of the table. Nothing in this
 * file touches the page.
 */
"use strict";

function Model(data) {
	this.data = data;
	this.count = data.rows.name.length;
	this.domain = data.domain === "file" ? "file" : "content";
	this.dimmed = null; /* Uint8Array: 1 where the filter does not match */
	this.shown = null;  /* row numbers in the table's order */
	this.sort = { column: "delta", down: true };
	this.all = new Uint32Array(this.count);
	for (let i = 0; i < this.count; i++)
		this.all[i] = i;
}

Model.prototype.old = function (row) {
	return this.data.rows["old_" + this.domain][row];
};

Model.prototype.fresh = function (row) {
	return this.data.rows["new_" + this.domain][row];
};

Model.prototype.delta = function (row) {
	return this.fresh(row) - this.old(row);
};

Model.prototype.name = function (row) {
	return this.data.rows.name[row];
};

Model.prototype.section = function (row) {
	const index = this.data.rows.section[row];
	return index < 0 ? "" : this.data.sections[index];
};

Model.prototype.unit = function (row) {
	const index = this.data.rows.unit[row];
	return index < 0 ? "" : this.data.units[index];
};

Model.prototype.level = function (row) {
	return this.data.levels[this.data.rows.level[row]] || "";
};

/* The words that a filter looks at. */
Model.prototype.text = function (row) {
	return this.name(row) + " " + (this.data.rows.old_name[row] || "") +
		" " + this.unit(row) + " " + this.section(row);
};

/*
 * Keeps the rows that match; returns false for a bad expression. A plain text
 * matches in any case, an expression as it is written.
 */
Model.prototype.filter = function (text, regex) {
	let test;
	if (!text) {
		this.dimmed = null;
	} else {
		if (regex) {
			let expression;
			try {
				expression = new RegExp(text);
			} catch (error) {
				return false;
			}
			test = (words) => expression.test(words);
		} else {
			const lower = text.toLowerCase();
			test = (words) => words.toLowerCase().includes(lower);
		}
		this.dimmed = new Uint8Array(this.count);
		for (let row = 0; row < this.count; row++)
			this.dimmed[row] = test(this.text(row)) ? 0 : 1;
	}
	this.order();
	return true;
};

Model.prototype.percent = function (row) {
	const old = this.old(row);
	return old ? 100 * this.delta(row) / old : this.fresh(row) ? Infinity : 0;
};

const COMPARE = {
	delta: (m, a, b) => Math.abs(m.delta(a)) - Math.abs(m.delta(b)),
	old: (m, a, b) => m.old(a) - m.old(b),
	new: (m, a, b) => m.fresh(a) - m.fresh(b),
	percent: (m, a, b) => {
		const x = m.percent(a), y = m.percent(b);
		return x === y ? 0 : x < y ? -1 : 1;
	},
	name: (m, a, b) => m.name(a) < m.name(b) ? -1 : m.name(a) > m.name(b) ? 1 : 0,
	section: (m, a, b) => m.data.rows.section[a] - m.data.rows.section[b],
	unit: (m, a, b) => m.unit(a) < m.unit(b) ? -1 : m.unit(a) > m.unit(b) ? 1 : 0,
};

Model.prototype.order = function () {
	const compare = COMPARE[this.sort.column];
	const sign = this.sort.down ? -1 : 1;
	const dimmed = this.dimmed;
	const rows = dimmed ? this.all.filter((row) => !dimmed[row]) : this.all.slice();
	rows.sort((a, b) => sign * compare(this, a, b) || a - b);
	this.shown = rows;
};

/*
 * A tree for the map: directories of the unit, the unit, its symbols; or
 * section and symbol. A node is {name, children} or {name, row}.
 */
Model.prototype.tree = function (by, area) {
	const root = { name: "all", children: [], index: new Map() };
	for (let row = 0; row < this.count; row++) {
		const value = area === "delta" ? Math.abs(this.delta(row)) : this.fresh(row);
		if (!value)
			continue;
		let node = root;
		for (const part of this.path(row, by)) {
			let child = node.index.get(part);
			if (!child) {
				child = { name: part, children: [], index: new Map() };
				node.index.set(part, child);
				node.children.push(child);
			}
			node = child;
		}
		node.children.push({ name: this.name(row), row: row, value: value });
	}
	return root;
};

Model.prototype.path = function (row, by) {
	if (by === "section")
		return [this.section(row) || "no section"];
	const unit = this.unit(row);
	return unit ? unit.split("/").filter((part) => part) : ["no unit", this.section(row) || "no section"];
};

if (typeof module !== "undefined")
	module.exports = { Model };

/* SPDX-License-Identifier: MIT */
/*
 * The map: a squarified treemap on a canvas. Each node is painted in the
 * colour of its own sum before its children are painted over it, so that
 * cells too small for a pixel still show together and nothing stays blank.
 */
"use strict";

const LABEL_HEIGHT = 16;

function Treemap(model, canvas, tip, crumbs, opened) {
	this.model = model;
	this.canvas = canvas;
	this.tip = tip;
	this.crumbs = crumbs;
	this.opened = opened; /* called with a row number */
	this.by = "unit";
	this.area = "delta";
	this.marked = null;
	canvas.addEventListener("mousemove", (event) => this.hover(event));
	canvas.addEventListener("mouseleave", () => { tip.hidden = true; });
	canvas.addEventListener("click", (event) => this.open(this.at(event)));
	canvas.addEventListener("keydown", (event) => this.key(event));
	new ResizeObserver(() => this.draw()).observe(canvas);
}

/* Makes the tree anew: after a change of domain, area or grouping. */
Treemap.prototype.rebuild = function () {
	const model = this.model;
	const place = this.top ? this.trail(this.top).map((node) => node.data.name) : [];
	this.root = d3.hierarchy(model.tree(this.by, this.area));
	this.root.eachAfter((node) => {
		const row = node.data.row;
		node.old = row === undefined ? 0 : model.old(row);
		node.fresh = row === undefined ? 0 : model.fresh(row);
		node.value = row === undefined ? 0 : node.data.value;
		for (const child of node.children || []) {
			node.old += child.old;
			node.fresh += child.fresh;
			node.value += child.value;
		}
	});
	this.root.sort((a, b) => b.value - a.value);
	this.top = this.root;
	for (const name of place.slice(1)) {
		const next = (this.top.children || []).find((node) => node.data.name === name && node.children);
		if (!next)
			break;
		this.top = next;
	}
	this.marked = null;
	this.draw();
};

Treemap.prototype.trail = function (node) {
	return node.ancestors().reverse();
};

/* Growth and shrinkage on a scale that the colour-blind can read. */
Treemap.prototype.colour = function (node) {
	if (single)
		return [[96, 144, 190], [118, 160, 200], [140, 176, 210], [162, 192, 219]][Math.min(node.depth, 3)];
	const whole = Math.max(node.old, node.fresh) || 1;
	const change = Math.max(-1, Math.min(1, (node.fresh - node.old) / whole));
	const strength = change ? 0.25 + 0.75 * Math.sqrt(Math.abs(change)) : 0;
	const target = change > 0 ? [196, 87, 11] : [23, 100, 171];
	const grey = this.dark ? [74, 82, 94] : [190, 196, 205];
	return grey.map((from, i) => Math.round(from + (target[i] - from) * strength));
};

/* Black or white, whichever reads better on a colour (WCAG 2, luminance). */
Treemap.prototype.ink = function (colour) {
	const [red, green, blue] = colour.map((part) => Math.pow(part / 255, 2.2));
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.2 ? "#101317" : "#ffffff";
};

Treemap.prototype.matches = function (node) {
	const dimmed = this.model.dimmed;
	if (!dimmed)
		return true;
	if (node.data.row !== undefined)
		return !dimmed[node.data.row];
	return (node.children || []).some((child) => this.matches(child));
};

Treemap.prototype.draw = function () {
	if (!this.root)
		return;
	const canvas = this.canvas, ratio = window.devicePixelRatio || 1;
	const width = canvas.clientWidth, height = canvas.clientHeight;
	canvas.width = width * ratio;
	canvas.height = height * ratio;
	this.dark = matchMedia("(prefers-color-scheme: dark)").matches;
	this.context = canvas.getContext("2d");
	this.context.scale(ratio, ratio);
	this.cells = [];
	this.layout(this.top, 0, 0, width, height);
	this.paint(this.top, 0);
	this.mark();
	this.showCrumbs();
};

/* Lays out what is large enough to be seen, and no more. */
Treemap.prototype.layout = function (node, x0, y0, x1, y1) {
	Object.assign(node, { x0, y0, x1, y1 });
	if (!node.children || (x1 - x0) * (y1 - y0) < 4)
		return;
	const label = node !== this.top && x1 - x0 > 60 && y1 - y0 > 2.5 * LABEL_HEIGHT;
	node.labelled = label;
	d3.treemapSquarify(node, x0, y0 + (label ? LABEL_HEIGHT : 0), x1, y1);
	for (const child of node.children)
		this.layout(child, child.x0, child.y0, child.x1, child.y1);
};

Treemap.prototype.paint = function (node, depth) {
	const context = this.context, width = node.x1 - node.x0, height = node.y1 - node.y0;
	if (width * height < 1 && depth)
		return;
	context.globalAlpha = this.matches(node) ? 1 : 0.12;
	const colour = this.colour(node);
	context.fillStyle = "rgb(" + colour.join(",") + ")";
	context.fillRect(node.x0, node.y0, width, height);
	context.globalAlpha = 1;
	if (depth === 1 || (node.data.row !== undefined && width * height >= 4))
		this.cells.push(node);
	if (node.children && width * height >= 4)
		for (const child of node.children)
			this.paint(child, depth + 1);
	if (width > 3 && height > 3) {
		context.strokeStyle = this.dark ? "#14171c" : "#ffffff";
		context.lineWidth = depth === 1 ? 2 : 0.5;
		context.strokeRect(node.x0, node.y0, width, height);
	}
	this.label(node, width, height, this.matches(node) ? this.ink(colour) : this.dark ? "#ffffff" : "#101317");
};

Treemap.prototype.label = function (node, width, height, ink) {
	if (node === this.top || width < 44 || height < LABEL_HEIGHT || (node.children && !node.labelled))
		return;
	const context = this.context;
	context.save();
	context.beginPath();
	context.rect(node.x0, node.y0, width - 3, height);
	context.clip();
	context.font = (node.children ? "600 " : "") + "12px system-ui, sans-serif";
	context.fillStyle = ink;
	context.fillText(visible(node.data.name) + "  " + signed(node.fresh - node.old), node.x0 + 4, node.y0 + 12);
	context.restore();
};

Treemap.prototype.mark = function () {
	if (!this.marked)
		return;
	const node = this.marked, context = this.context;
	context.strokeStyle = this.dark ? "#ffffff" : "#000000";
	context.lineWidth = 3;
	context.strokeRect(node.x0 + 1, node.y0 + 1, node.x1 - node.x0 - 2, node.y1 - node.y0 - 2);
};

Treemap.prototype.at = function (event) {
	const box = this.canvas.getBoundingClientRect();
	const x = event.clientX - box.left, y = event.clientY - box.top;
	let node = this.top;
	for (;;) {
		const inside = (node.children || []).find((child) =>
			x >= child.x0 && x < child.x1 && y >= child.y0 && y < child.y1);
		if (!inside)
			return node;
		node = inside;
	}
};

Treemap.prototype.hover = function (event) {
	const node = this.at(event), tip = this.tip;
	const box = this.canvas.getBoundingClientRect();
	const names = this.trail(node).slice(1).map((part) => visible(part.data.name));
	tip.textContent = names.join(" \u203a ") + "\n" + bytes(node.old) + " \u2192 " + bytes(node.fresh) +
		"  " + signed(node.fresh - node.old) + "  " + percent(node.old, node.fresh);
	tip.hidden = node === this.top;
	tip.style.left = Math.max(0, Math.min(event.clientX - box.left + 14, box.width - tip.offsetWidth)) + "px";
	tip.style.top = Math.max(0, Math.min(event.clientY - box.top + 14, box.height - tip.offsetHeight)) + "px";
};

/* A click opens one step below what is shown, or a symbol's row. */
Treemap.prototype.open = function (node) {
	if (node.data.row !== undefined && (node.parent === this.top || node === this.marked)) {
		this.opened(node.data.row);
		return;
	}
	let step = node;
	while (step.parent && step.parent !== this.top)
		step = step.parent;
	if (step.children)
		this.go(step);
	else if (node.data.row !== undefined)
		this.opened(node.data.row);
};

Treemap.prototype.go = function (node) {
	this.top = node;
	this.marked = null;
	this.draw();
};

Treemap.prototype.key = function (event) {
	const cells = (this.top.children || []).filter((node) => node.value);
	const at = cells.indexOf(this.marked);
	if (event.key === "ArrowRight" || event.key === "ArrowDown")
		this.marked = cells[Math.min(at + 1, cells.length - 1)];
	else if (event.key === "ArrowLeft" || event.key === "ArrowUp")
		this.marked = cells[Math.max(at - 1, 0)];
	else if (event.key === "Enter" && this.marked)
		return this.open(this.marked);
	else if ((event.key === "Escape" || event.key === "Backspace") && this.top.parent)
		return this.go(this.top.parent);
	else
		return undefined;
	event.preventDefault();
	this.draw();
	return undefined;
};

Treemap.prototype.showCrumbs = function () {
	const buttons = this.trail(this.top).map((node) => {
		const button = element("button", "", visible(node.data.name) + " " + signed(node.fresh - node.old));
		button.type = "button";
		button.addEventListener("click", () => this.go(node));
		return button;
	});
	this.crumbs.replaceChildren(...buttons);
};

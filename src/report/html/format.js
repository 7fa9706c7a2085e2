/* SPDX-License-Identifier: MIT */
/* Numbers as the printed report writes them, and elements without markup. */
"use strict";

const digits = new Intl.NumberFormat("en-US");

let single = false; /* one build alone: sizes, no differences */

function bytes(value) {
	return digits.format(value);
}

function signed(value) {
	return (single ? "" : value > 0 ? "+" : value < 0 ? "\u2212" : "") + digits.format(Math.abs(value));
}

function percent(old, fresh) {
	if (!old)
		return fresh ? "new" : "";
	if (!fresh)
		return "gone";
	if (old === fresh)
		return "";
	const value = 100 * (fresh - old) / old;
	return (value > 0 ? "+" : value < 0 ? "\u2212" : "") + Math.abs(value).toFixed(1) + "%";
}

function direction(delta) {
	return single ? "" : delta > 0 ? "grow" : delta < 0 ? "shrink" : "";
}

/*
 * Names come from files that anybody may have made: control characters and
 * marks that turn the direction of text are shown, not obeyed.
 */
function visible(text) {
	const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
		(c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
	return clean.length > 300 ? clean.slice(0, 150) + "\u2026" + clean.slice(-150) : clean;
}

/* An element with a class and plain text; text is never markup. */
function element(tag, className, text) {
	const node = document.createElement(tag);
	if (className)
		node.className = className;
	if (text !== undefined)
		node.textContent = text;
	return node;
}

// SPDX-License-Identifier: MIT
// Comforts only: without this file everything works, too.
"use strict";

// Buttons that copy the text of the field beside them.
for (const button of document.querySelectorAll("[data-copy]")) {
	const field = document.getElementById(button.dataset.copy);

	button.hidden = false;
	button.addEventListener("click", async () => {
		field.select();
		await navigator.clipboard.writeText(field.value);
		button.textContent = "Copied";
		setTimeout(() => { button.textContent = "Copy"; }, 2000);
	});
}

// Line and column of an offset in text, both from 1.
function position(text, offset) {
	const lines = text.slice(0, offset).split("\n");

	return `line ${lines.length}, column ${lines.at(-1).length + 1}`;
}

// Where text stops being JSON (RFC 8259); browsers do not tell. -1: it is.
function faultOffset(text) {
	let at = 0;
	const take = (pattern) => {
		pattern.lastIndex = at;
		if (!pattern.test(text))
			return false;
		at = pattern.lastIndex;
		return true;
	};
	const blank = () => take(/[ \t\r\n]*/y);
	const string = () =>
		take(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y);
	const list = (end, item) => {
		if (blank() && take(end))
			return true;
		do {
			if (!item())
				return false;
		} while (take(/,/y));
		return take(end);
	};
	const member = () =>
		blank() && string() && blank() && take(/:/y) && value();
	const value = () => blank() && (
		take(/\{/y) ? list(/\}/y, member)
			: take(/\[/y) ? list(/\]/y, value)
				: string() || take(/true|false|null/y) ||
					take(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y)
	) && blank();

	return value() && at === text.length ? -1 : at;
}

// What is wrong with JSON text, or "".
function jsonProblem(text) {
	const offset = text.trim() === "" ? -1 : faultOffset(text);

	return offset < 0 ? "" : `This is no JSON: ${position(text, offset)}.`;
}

// Areas with JSON say while one types what is wrong.
for (const area of document.querySelectorAll("[data-json]")) {
	const remark = document.createElement("p");
	let timer;

	remark.className = "error";
	remark.setAttribute("role", "status");
	area.after(remark);
	area.addEventListener("input", () => {
		clearTimeout(timer);
		timer = setTimeout(() => {
			const problem = jsonProblem(area.value);

			remark.textContent = problem;
			area.setAttribute("aria-invalid", String(problem !== ""));
		}, 300);
	});
}

// What may change by itself is fetched anew, while somebody looks at it and
// has nothing in it in focus.
const live = document.querySelector("[data-live]");

async function refresh() {
	if (document.hidden || live.contains(document.activeElement))
		return;
	const answer = await fetch(location.href, { redirect: "error" });
	if (!answer.ok)
		return;
	const page = new DOMParser().parseFromString(await answer.text(), "text/html");
	const fresh = page.querySelector("[data-live]");
	if (fresh && fresh.textContent !== live.textContent)
		live.replaceChildren(...fresh.childNodes);
}

if (live)
	setInterval(() => refresh().catch(() => {}), 3000);

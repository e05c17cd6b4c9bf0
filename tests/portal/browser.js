// SPDX-License-Identifier: MIT
// A Chromium that trusts the server's CA, and a portal that one is signed in to.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

// What test_portal.sh says about the server under test.
export const cloud = JSON.parse(readFileSync(process.env.CLOUD_JSON, "utf8"));
const shots = process.env.SCREENSHOTS;

// Generous: the machine may be busy.
const TIMEOUT_MS = 120_000;

export const PHONE = { width: 360, height: 740 };
export const DESK = { width: 1200, height: 800 };

// The caller closes it. Root cannot have Chromium's sandbox; the pages are ours.
export async function launch() {
	return chromium.launch({
		executablePath: "/usr/bin/chromium",
		timeout: TIMEOUT_MS,
		args: ["--no-sandbox", "--disable-dev-shm-usage",
			"--disable-lcd-text"],
	});
}

// A page of its own session. What the page complains of is an error: a script
// that fails, a style or a script that the policy keeps out.
export async function open(browser, options = {}) {
	const context = await browser.newContext({ viewport: DESK, ...options });
	const page = await context.newPage();

	context.setDefaultTimeout(TIMEOUT_MS);
	page.complaints = [];
	page.on("pageerror", (error) => page.complaints.push(String(error)));
	page.on("dialog", (dialog) => {
		page.complaints.push(`dialog: ${dialog.message()}`);
		return dialog.dismiss();
	});
	page.on("console", (message) => {
		if (message.type() === "error" && !/status of (4\d\d)/.test(message.text()))
			page.complaints.push(message.text());
	});
	return page;
}

export async function signIn(page, token = cloud.admin_token) {
	await page.goto(cloud.portal_url);
	await page.getByLabel("Administrator's token").fill(token);
	await page.getByRole("button", { name: "Sign in" }).click();
}

export async function openSignedIn(browser, options) {
	const page = await open(browser, options);

	await signIn(page);
	await page.getByRole("heading", { name: "Overview" }).waitFor();
	return page;
}

// A picture for people, kept with the build.
export async function shot(page, name, fullPage = true) {
	mkdirSync(shots, { recursive: true });
	await page.screenshot({ path: join(shots, `${name}.png`), fullPage });
}

// A smaller one of what is inside the page, as it stands in a guide.
export async function picture(page, name, selector = "main", width = 720) {
	mkdirSync(join(shots, "guide"), { recursive: true });
	await page.setViewportSize({ width, height: 400 });
	await page.mouse.move(0, 0);
	await page.evaluate(() => document.activeElement.blur());
	await page.locator(selector).screenshot(
		{ path: join(shots, "guide", `${name}.png`) });
	await page.setViewportSize(DESK);
}

// How far the page is wider than the screen.
export async function overflow(page) {
	return page.evaluate(
		() => document.documentElement.scrollWidth - window.innerWidth);
}

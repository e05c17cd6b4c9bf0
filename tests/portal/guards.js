// SPDX-License-Identifier: MIT
// What the portal keeps out, what it says of mistakes, and whom it is for: those
// who have a keyboard only, a phone, or no JavaScript.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PHONE, cloud, launch, open, openSignedIn, overflow, shot, signIn }
	from "./browser.js";
import { ROOT, file, leaf, makeIdentity, shell } from "./device.js";

const MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&";

let browser;
let page;

before(async () => {
	shell("pki", "root");
	makeIdentity("pump-1");
	browser = await launch();
	page = await openSignedIn(browser);
});

after(async () => {
	await browser?.close();
});

const goTo = (path, on = page) => on.goto(`${cloud.portal_url}${path}`);
const sees = (text, on = page) => on.getByText(text).first().waitFor();
const heading = (on = page) => on.locator("h1").textContent();

// Sends a form as a page of the portal would, by fetch(), from where page is.
async function post(path, fields, on = page) {
	return on.evaluate(async ([url, pairs]) => {
		const form = new FormData();

		for (const [name, value] of pairs)
			form.append(name, value);
		const answer = await fetch(url,
			{ method: "POST", body: form, redirect: "manual" });
		// Redirects are opaque to scripts: status 0.
		return { status: answer.status, text: await answer.text() };
	}, [`${cloud.portal_url}${path}`, Object.entries(fields)]);
}

const formToken = (on = page) =>
	on.locator("[name=form_token]").first().inputValue();

test("turns away who does not know the token", async () => {
	const stranger = await open(browser);

	await goTo("/devices", stranger);
	assert.equal(await heading(stranger), "Sign in");
	await signIn(stranger, "guessed");
	await sees("That is not the token.", stranger);
	const field = stranger.getByLabel("Administrator's token");
	assert.equal(await field.getAttribute("aria-invalid"), "true");
	await shot(stranger, "sign-in-refused", false);
	await goTo("/individuals", stranger);
	assert.equal(await heading(stranger), "Sign in");
	await stranger.context().close();
});

test("keeps the session's cookie from scripts and from other sites",
	async () => {
		const [cookie] = await page.context().cookies();

		assert.equal(cookie.httpOnly, true);
		assert.equal(cookie.secure, true);
		assert.equal(cookie.sameSite, "Strict");
		assert.equal(await page.evaluate(() => document.cookie), "");
	});

test("refuses a form without the token of its session", async () => {
	const other = await openSignedIn(browser);

	await goTo("/individuals");
	for (const token of ["", "0".repeat(64), await formToken(other)]) {
		const answer = await post("/individuals",
			{ form_token: token, id: "forged", type: "symmetricKey" });
		assert.equal(answer.status, 403);
		assert.match(answer.text, /not of this session/);
	}
	await goTo("/individuals/forged");
	assert.equal(await heading(), "Not found");
	await other.context().close();
});

test("refuses a form that another site's page sends", async () => {
	await goTo("");
	const token = await formToken();
	const evil = await page.context().newPage();

	// The same server by another name is another origin, but the same site.
	await evil.route("https://127.0.0.1:9/**", (route) => route.fulfill({
		contentType: "text/html",
		body: `<form method="post" enctype="multipart/form-data"
			action="${cloud.portal_url}/individuals">
			<input name="form_token" value="${token}"><input name="id" value="forged">
			<input name="type" value="symmetricKey"><button>Go</button></form>`,
	}));
	await evil.goto("https://127.0.0.1:9/");
	await evil.getByRole("button").click();
	await evil.waitForURL(`${cloud.portal_url}/**`);
	await evil.close();
	await goTo("/individuals/forged");
	assert.equal(await heading(), "Not found");
});

test("shows markup in every field as text", async () => {
	const token = await formToken();
	const twin = JSON.stringify({ tags: { a: MARKUP } });

	const answer = await post("/individuals", {
		form_token: token, id: "markup", type: "symmetricKey",
		allocationPolicy: "custom", webhookUrl: "https://localhost/",
		webhookApiVersion: MARKUP, reprovisionPolicy: "migrate", initialTwin: twin,
		"hub:<b>hub</b>": "on", enabled: "on",
	});
	assert.equal(answer.status, 0);
	for (const path of ["/individuals", "/individuals/markup",
		`/individuals?q=${encodeURIComponent(MARKUP)}`,
		`/individuals/${encodeURIComponent(MARKUP)}`,
		`/devices/${encodeURIComponent(MARKUP)}`,
		`/assets/${encodeURIComponent(MARKUP)}`,
		`?done=${encodeURIComponent(MARKUP)}`]) {
		await goTo(path);
		assert.equal(await page.locator("main script, main b, img[src=x]").count(), 0,
			path);
	}
	await goTo("/individuals/markup");
	assert.equal(await page.getByLabel("Webhook's API version").inputValue(),
		MARKUP);
	assert.ok(await page.getByLabel("<b>hub</b>").isChecked());

	// And where the form comes back with what was wrong.
	for (const name of ["id", "deviceId", "initialTwin", "type", "primaryKey",
		"allocationPolicy", "webhookUrl", "endorsementKey", "etag"]) {
		const refused = await post("/individuals", { form_token: token,
			id: "refused", type: "symmetricKey", [name]: MARKUP });
		assert.ok(!refused.text.includes("<script>alert"), name);
	}
	// What is no form at all is answered by a page as well.
	const broken = await page.evaluate(async (url) =>
		(await fetch(url, { method: "POST", body: "a=b" })).status,
	`${cloud.portal_url}/individuals`);
	assert.equal(broken, 400);
	assert.deepEqual(page.complaints, []);
});

test("says at the field what is wrong with it, and keeps what was entered",
	async () => {
		await goTo("/new/individual");
		await page.getByLabel("Registration id").fill("pump-2");
		await page.getByLabel("Primary certificate")
			.setInputFiles(file(leaf("pump-1")));
		const twin = page.getByLabel("Tags and desired properties");
		await twin.fill('{\n  "tags": { "site": a }\n}');
		// Already while one types.
		await page.getByText("This is no JSON: line 2, column 21.").waitFor();
		await page.getByRole("button", { name: "Add" }).click();
		await page.getByRole("alert").waitFor();
		assert.match(await page.getByRole("alert").textContent(), /line 2/);
		assert.equal(await twin.getAttribute("aria-invalid"), "true");
		assert.match(await page.locator("#f-initialTwin-error").textContent(),
			/line 2 column/);
		assert.equal(await page.getByLabel("Registration id").inputValue(),
			"pump-2");
		await shot(page, "field-error");

		await twin.fill("");
		await page.getByRole("button", { name: "Add" }).click();
		// A browser does not keep a file.
		await page.getByRole("alert").waitFor();
		assert.match(await page.locator("#f-primary-error").textContent(),
			/certificate is missing/);
	});

test("does not let one editor overwrite another", async () => {
	await post("/individuals", { form_token: await formToken(), id: "shared",
		type: "symmetricKey", enabled: "on", allocationPolicy: "hashed",
		reprovisionPolicy: "migrate" });
	const other = await openSignedIn(browser);
	await goTo("/individuals/shared");
	await goTo("/individuals/shared", other);
	await page.getByLabel("Device id").fill("first");
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByText("Saved.").waitFor();
	await other.getByLabel("Device id").fill("second");
	await other.getByRole("button", { name: "Save" }).click();
	await other.getByRole("alert").waitFor();
	assert.match(await other.getByRole("alert").textContent(),
		/Somebody else has changed it/);
	await goTo("/individuals/shared");
	assert.equal(await page.getByLabel("Device id").inputValue(), "first");
	// Who has been told may.
	assert.equal(await other.getByLabel("Device id").inputValue(), "second");
	await other.getByRole("button", { name: "Save" }).click();
	await other.getByText("Saved.").waitFor();

	// Deleting asks for the same.
	await goTo("/individuals/shared/delete", other);
	await goTo("/individuals/shared");
	await page.getByLabel("Enabled").uncheck();
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByText("Saved.").waitFor();
	await other.getByRole("button", { name: "Delete" }).click();
	await sees("Somebody else has changed it", other);
	await other.context().close();
});

test("changes a twin, but not into what the hub refuses", async () => {
	await goTo("/new/individual");
	const token = await formToken();
	assert.equal((await post("/devices/none", { form_token: token })).status,
		404);
	shell("hub", "PUT", "/devices/twinned", "-H",
		"Content-Type: application/json", "-d", '{"deviceId":"twinned"}');
	await goTo("/devices/twinned");
	await page.getByLabel("Desired properties").fill('{"a.b": 1}');
	await page.getByRole("button", { name: "Save twin" }).click();
	assert.match(await page.locator("#f-desired-error").textContent(),
		/no name of a property/);
	await page.getByLabel("Desired properties").fill('{"speed": 3}');
	await page.getByLabel("Tags").fill('{"site": "b"}');
	await page.getByRole("button", { name: "Save twin" }).click();
	await page.getByText("Saved.").waitFor();
	await page.reload();
	assert.deepEqual(
		JSON.parse(await page.getByLabel("Desired properties").inputValue()),
		{ speed: 3 });
});

test("lists, finds and turns pages", async () => {
	const token = await formToken();
	for (let i = 10; i < 38; i++)
		await post("/individuals", { form_token: token, id: `many-${i}`,
			type: "symmetricKey", allocationPolicy: "hashed" });
	await goTo("/individuals?q=MANY-");
	assert.equal(await page.locator("tbody tr").count(), 25);
	await page.getByRole("link", { name: "Next page" }).click();
	await page.getByRole("link", { name: "First page" }).waitFor();
	assert.equal(await page.locator("tbody tr").count(), 3);
	await page.getByRole("searchbox").fill("y-21");
	await page.getByRole("button", { name: "Find" }).click();
	await page.waitForURL(/q=y-21/);
	assert.deepEqual(await page.locator("tbody th").allTextContents(),
		["many-21"]);
});

test("derives the key of a group's device", async () => {
	const secret = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
	await goTo("/new/group");
	await page.getByLabel("Group name").fill("keyed");
	await page.getByLabel("Symmetric key").check();
	await page.getByLabel("Primary key").fill(secret);
	await page.getByRole("button", { name: "Add" }).click();
	await page.getByText("Added.").waitFor();
	await page.getByLabel("Registration id").fill("dev-1");
	await page.getByRole("button", { name: "Derive its key" }).click();
	const { createHmac } = await import("node:crypto");
	assert.equal(await page.getByLabel("Its primary key").inputValue(),
		createHmac("sha256", Buffer.from(secret, "base64")).update("dev-1")
			.digest("base64"));
});

test("enrolls a device by the keyboard alone", async () => {
	// Moves the focus on until it is on what has this name.
	const tabTo = async (name) => {
		for (let i = 0; i < 60; i++) {
			await page.keyboard.press("Tab");
			const there = await page.evaluate(() => {
				const on = document.activeElement;
				return [...(on.labels ?? []), on]
					.map((part) => part.textContent.trim()).join("\n");
			});
			if (there.split("\n").some((line) => line.trim().startsWith(name)))
				return;
		}
		assert.fail(`Tab does not lead to ${name}`);
	};

	await goTo("");
	await page.keyboard.press("Tab");
	assert.equal(await page.evaluate(() => document.activeElement.textContent),
		"Skip to content");
	await tabTo("Enrollments");
	const outline = await page.evaluate(() =>
		getComputedStyle(document.activeElement).outlineStyle);
	assert.equal(outline, "solid");
	await page.keyboard.press("Enter");
	await page.waitForURL(/individuals/);
	await tabTo("Add individual enrollment");
	await page.keyboard.press("Enter");
	await page.waitForURL(/new/);
	await tabTo("Registration id");
	await page.keyboard.type("by-keyboard");
	await tabTo("IoT Edge device");
	await page.keyboard.press("Space");
	await tabTo("X.509: the device's certificate");
	await page.keyboard.press("ArrowDown");
	await page.keyboard.press("ArrowDown");
	await tabTo("Allocation policy");
	await page.keyboard.type("Static");
	await tabTo("Add");
	await page.keyboard.press("Enter");
	await page.getByText("Added.").waitFor();
	assert.equal(await heading(), "by-keyboard");
	assert.match(await page.textContent(".kind"), /Symmetric key/);
	assert.ok(await page.getByLabel("IoT Edge device").isChecked());
	assert.equal(await page.getByLabel("Allocation policy").inputValue(),
		"static");
});

test("fits a phone, in the light and in the dark", async () => {
	const phone = await openSignedIn(browser,
		{ viewport: PHONE, isMobile: true, hasTouch: true });

	for (const path of ["", "/individuals", "/groups", "/new/individual",
		"/new/group", "/individuals/markup", "/groups/keyed",
		"/certificates", "/registrations", "/devices",
		"/devices/twinned", "/nothing"]) {
		await goTo(path, phone);
		assert.ok(await overflow(phone) <= 0, `${path} is too wide`);
	}
	for (const colorScheme of ["light", "dark"]) {
		await phone.emulateMedia({ colorScheme });
		for (const path of ["/devices/twinned", "/new/individual"]) {
			await goTo(path, phone);
			await shot(phone, `phone-${colorScheme}${path.replace(/\//g, "-")}`);
		}
	}
	await phone.context().close();
});

test("works without JavaScript", async () => {
	const plain = await openSignedIn(browser, { javaScriptEnabled: false });

	await goTo("/certificates", plain);
	await plain.getByLabel("Name").fill("plain");
	await plain.getByLabel("Certificate").setInputFiles(file(leaf("pump-1")));
	await plain.getByRole("button", { name: "Add" }).click();
	assert.match(await plain.locator("#f-certificate-error").textContent(),
		/not a CA certificate/);
	await plain.getByLabel("Certificate").setInputFiles(file(ROOT));
	await plain.getByRole("button", { name: "Add" }).click();
	await plain.getByRole("button", { name: "Generate verification code" })
		.click();
	await plain.getByLabel("Verification certificate")
		.setInputFiles(file(ROOT));
	await plain.getByRole("button", { name: "Verify", exact: true }).click();
	assert.match(await plain.locator("#f-proof-error").textContent(),
		/common name must be the verification code/);
	await plain.getByRole("button", { name: "Sign out" }).click();
	await sees("You are signed out.", plain);
	await goTo("/certificates", plain);
	assert.equal(await heading(plain), "Sign in");
	await plain.context().close();
});

test("looks at registrations anew while one watches", async () => {
	await goTo("/registrations");
	await page.getByText("No device has registered here.").waitFor();
	await goTo("/new/individual");
	await post("/individuals", { form_token: await formToken(), id: "live",
		type: "symmetricKey", enabled: "on", allocationPolicy: "hashed",
		primaryKey: "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
		reprovisionPolicy: "migrate" });
	await goTo("/registrations");
	shell("registers_by_key", "live",
		"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
	await page.getByRole("link", { name: "live" }).first().waitFor();
	assert.deepEqual(page.complaints, []);
});

test("pauses after five wrong tokens", async () => {
	const guesser = await open(browser);

	for (let i = 0; i < 5; i++) {
		await signIn(guesser, `guess ${i}`);
		await sees("That is not the token.", guesser);
	}
	await signIn(guesser);
	await sees("Too many wrong tokens.", guesser);
	await guesser.context().close();
	// Who is signed in already is not bothered.
	await goTo("/devices");
	assert.equal(await heading(), "Devices in the hub");
});

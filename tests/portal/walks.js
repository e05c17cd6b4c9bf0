// SPDX-License-Identifier: MIT
// The seed's three walks, in a browser: each begins with nothing and ends with a
// device that is assigned, and with its twin.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cloud, launch, open, openSignedIn, picture, shot } from "./browser.js";
import { INTERMEDIATE, PROOF, ROOT, chain, file, key, leaf, makeIdentity, register,
	shell } from "./device.js";

const TWIN = { tags: { site: "a" }, properties: { desired: { interval: 5 } } };

let browser;
let page;

before(async () => {
	shell("pki", "root");
	shell("pki", "intermediate");
	browser = await launch();
	page = await open(browser);
	await page.goto(cloud.portal_url);
	await picture(page, "sign-in");
	await page.context().close();
	page = await openSignedIn(browser);
});

after(async () => {
	await browser?.close();
});

const link = (name) => page.getByRole("link", { name, exact: true });
const button = (name) => page.getByRole("button", { name, exact: true });
const sees = (text) => page.getByText(text).first().waitFor();

async function fillTwin() {
	await page.getByLabel("Tags and desired properties")
		.fill(JSON.stringify(TWIN, null, 2));
}

// The portal shows the device as assigned, since when and by which hub, and its
// twin as it was enrolled.
async function seesItAssigned(registrationId, deviceId) {
	await link("Registrations").click();
	const row = page.getByRole("row", { name: registrationId });
	await row.getByText("assigned").waitFor();
	assert.match(await row.textContent(), new RegExp(cloud.dps_url.slice(8)));
	assert.match(await row.textContent(), /\d{4}-\d\d-\d\d/);
	await row.getByRole("link", { name: deviceId }).last().click();
	await page.getByRole("heading", { name: deviceId, level: 1 }).waitFor();
	assert.deepEqual(JSON.parse(await page.getByLabel("Tags").inputValue()),
		TWIN.tags);
	assert.deepEqual(
		JSON.parse(await page.getByLabel("Desired properties").inputValue()),
		TWIN.properties.desired);
}

test("enrolls one device by its certificate, and sees it assigned", async () => {
	makeIdentity("pump-1");
	await link("Enrollments").click();
	await link("Add individual enrollment").click();
	await page.getByLabel("Registration id").fill("pump-1");
	await page.getByLabel("Device id").fill("pump-17");
	await page.getByLabel("IoT Edge device").check();
	await page.getByLabel("Primary certificate")
		.setInputFiles(file(leaf("pump-1")));
	await page.getByLabel(cloud.dps_url.slice(8)).check();
	await page.getByLabel("Allocation policy").selectOption("static");
	await fillTwin();
	await shot(page, "individual-form");
	await picture(page, "individual",
		".columns > :first-child > :first-child");
	await button("Add").click();
	await sees("Added.");
	await sees("has not registered yet");

	register("pump-1", "pump-17");
	await seesItAssigned("pump-1", "pump-17");
	assert.match(await page.textContent("main"), /IoT Edgeyes/);
	await picture(page, "twin", "section:has(textarea)");
	await shot(page, "individual-twin");
	await link("Registrations").click();
	await picture(page, "assigned", "main", 900);
	await shot(page, "individual-assigned", false);
});

test("verifies a CA by proof of possession, for a group that names it",
	async () => {
		makeIdentity("member-1");
		await link("Certificates").click();
		await page.getByLabel("Name").fill("plant");
		await page.getByLabel("Certificate").setInputFiles(file(ROOT));
		await button("Add").click();
		await page.getByText("unverified").waitFor();
		await button("Generate verification code").click();
		const code = await page.getByLabel("Verification code").inputValue();
		assert.match(code, /^[0-9a-f]{48}$/);
		await picture(page, "proof", ".columns > :last-child");
		await shot(page, "proof-code", false);

		// By the tool that the page tells of.
		shell("pki", "verification", code);
		await page.getByLabel("Verification certificate")
			.setInputFiles(file(PROOF));
		await button("Verify").click();
		await sees("The certificate is verified.");
		await page.getByText("verified", { exact: true }).waitFor();
		await shot(page, "proof-verified", false);

		await link("Enrollments").click();
		await link("Groups").click();
		await link("Add enrollment group").click();
		await page.getByLabel("Group name").fill("proved");
		await page.getByLabel("X.509: a verified CA certificate").check();
		await page.getByLabel("Primary CA").selectOption("plant");
		await fillTwin();
		await button("Add").click();
		await sees("Added.");

		register("member-1");
		await seesItAssigned("member-1", "member-1");

		// Now it cannot be deleted.
		await link("Certificates").click();
		await link("plant").click();
		await link("Delete this certificate").click();
		await sees("change them first");
		await link("Overview").click();
		await link("Enrollments").click();
		await link("Groups").click();
		await link("proved").click();
		await link("Delete this enrollment").click();
		await button("Delete").click();
		await sees("Deleted.");
	});

test("enrolls a group by an intermediate CA; signet's own device is assigned",
	async () => {
		makeIdentity("line-dev-1");
		await link("Enrollments").click();
		await link("Groups").click();
		await link("Add enrollment group").click();
		await page.getByLabel("Group name").fill("line-7");
		await page.getByLabel("Primary certificate")
			.setInputFiles(file(INTERMEDIATE));
		await fillTwin();
		await picture(page, "group", "section.attestation");
		await shot(page, "group-form");
		await button("Add").click();
		await sees("Added.");

		shell("signet_registers", "line-dev-1");
		await seesItAssigned("line-dev-1", "line-dev-1");
		shell("telemetry", "line-dev-1", chain("line-dev-1"),
			key("line-dev-1"), "hello from the line");
		await page.reload();
		await page.getByText("hello from the line").waitFor();
		await shot(page, "group-device");
		await link("Enrollments").click();
		await link("Groups").click();
		await link("line-7").click();
		await page.getByRole("row", { name: "line-dev-1" })
			.getByText("assigned").waitFor();
		await shot(page, "group-members");
		await link("Overview").click();
		await shot(page, "overview", false);
		await link("Devices").click();
	});

test("nothing was complained of on the way", () => {
	assert.deepEqual(page.complaints, []);
});

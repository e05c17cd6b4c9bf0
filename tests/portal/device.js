// SPDX-License-Identifier: MIT
// Certificates and devices, by the shell functions that other tests use.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("device.sh", import.meta.url));
const pki = "pki/certs/";

// Calls a function of device.sh; fails if it does.
export function shell(name, ...args) {
	return execFileSync(script, [name, ...args],
		{ stdio: ["ignore", "pipe", "inherit"], encoding: "utf8" });
}

// Paths below the device's directory.
export const ROOT = `${pki}azure-iot-test-only.root.ca.cert.pem`;
export const INTERMEDIATE = `${pki}azure-iot-test-only.intermediate.cert.pem`;
export const PROOF = `${pki}verification-code.cert.pem`;
export const leaf = (name) => `${pki}iot-edge-device-identity-${name}.cert.pem`;
export const chain = (name) =>
	`${pki}iot-edge-device-identity-${name}-full-chain.cert.pem`;
export const key = (name) =>
	`pki/private/iot-edge-device-identity-${name}.key.pem`;

// The same as a file to upload.
export const file = (path) => join(process.env.DEVICE, path);

export function makeIdentity(name) {
	shell("pki", "device-identity", name);
}

// A device registers; it must be assigned as deviceId.
export function register(name, deviceId = name) {
	shell("registers", name, deviceId, chain(name), key(name));
}

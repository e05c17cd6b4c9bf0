// SPDX-License-Identifier: MIT
//
// Devices that may not: what azure-iot-provisioning-device and azure-iot-device
// make of each refusal.
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');

const {
	clientByCertificate, clientByKey, derivedKey, dpsError, error, newKey,
	registerByCertificate, registerByKey, send, service, serviceBy,
} = require('./world.js');

const dps = service();
const unauthorized = dpsError('UnauthorizedError', 401002);

const refused = (id, certificate, key, sentence) =>
	assert.rejects(registerByCertificate(id, certificate, key), (found) =>
		unauthorized(found) &&
		sentence.test(JSON.parse(found.responseBody).message));

test('refuses a device that does not send its intermediate', () =>
	refused('dev-001', 'dev1.pem', 'dev1.key',
		/^CA certificate not found\..*intermediate/));

test('refuses a certificate of another name', () =>
	refused('dev-001', 'wrong-chain.pem', 'wrong.key', /'dev-999'/));

test('refuses a CA that only has the name of one that is enrolled', () =>
	refused('dev-001', 'fake-chain.pem', 'fake.key',
		/^CA certificate not found\./));

test('refuses a certificate that has expired', () =>
	refused('dev-old', 'old-chain.pem', 'old.key', /expired/));

test('refuses a device that is not enrolled', () =>
	refused('stranger', 'stranger.pem', 'stranger.key',
		/^CA certificate not found\./));

test('refuses a device that is disabled though its group is not', () =>
	refused('blocked', 'blocked-chain.pem', 'blocked.key', /disabled/));

test('refuses the certificate of another individual', () =>
	refused('blocked', 'stranger.pem', 'stranger.key',
		/neither the primary/));

test('refuses a group that was disabled, and takes it again', async () => {
	const group = async (status) => {
		const record = (await dps.getEnrollmentGroup('line-7')).responseBody;

		await dps.createOrUpdateEnrollmentGroup(
			{ ...record, provisioningStatus: status });
	};

	await group('disabled');
	await refused('dev-001', 'dev1-chain.pem', 'dev1.key', /disabled/);
	await group('enabled');
	assert.equal((await registerByCertificate(
		'dev-001', 'dev1-chain.pem', 'dev1.key')).status, 'assigned');
});

test('refuses a wrong key, and the group\'s own key', async () => {
	await dps.createOrUpdateEnrollmentGroup({
		enrollmentGroupId: 'keys', attestation: { type: 'symmetricKey' },
	});
	const { primaryKey } = (await dps.getEnrollmentGroupAttestationMechanism(
		'keys')).responseBody.symmetricKey;

	await assert.rejects(registerByKey('sk-1', newKey()), unauthorized);
	await assert.rejects(registerByKey('sk-1', primaryKey), unauthorized);
	await assert.rejects(
		registerByKey('sk-1', derivedKey(primaryKey, 'sk-2')), unauthorized);
});

test('refuses a policy that does not exist, and a wrong key of one', async () => {
	for (const policy of ['stranger', 'provisioningserviceowner'])
		await assert.rejects(
			serviceBy(policy, newKey()).getEnrollmentGroup('line-7'),
			unauthorized);
});

test('refuses messages of others', async () => {
	for (const client of [
		clientByCertificate('dev-001', 'wrong-chain.pem', 'wrong.key'),
		clientByCertificate('nobody', 'dev1-chain.pem', 'dev1.key'),
		clientByKey('dev-001', newKey()),
	])
		await assert.rejects(send(client, ['no']), error('UnauthorizedError'));
});

// SPDX-License-Identifier: MIT
//
// azure-iot-provisioning-device and azure-iot-device, over HTTP: devices that
// may, from the enrollment to the message in the hub.
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');

const {
	HUB, Message, all, clientByCertificate, clientByKey, derivedKey, newKey,
	pem, registerByCertificate, registerByKey, registry, send, service,
} = require('./world.js');

const dps = service();
const hub = registry();

const twin = async (id) => (await hub.getTwin(id)).responseBody;

test('registers a device of a group by its certificate', async () => {
	const state = await registerByCertificate(
		'dev-001', 'dev1-chain.pem', 'dev1.key');

	assert.equal(state.status, 'assigned');
	assert.equal(state.assignedHub, HUB);
	assert.equal(state.deviceId, 'dev-001');
	assert.equal(state.substatus, 'initialAssignment');
	assert.equal((await twin('dev-001')).tags.site, 'a');
	await send(clientByCertificate('dev-001', 'dev1-chain.pem', 'dev1.key'),
		['by certificate']);
});

test('registers a device of a group whose CA is an intermediate', async () => {
	await dps.createOrUpdateEnrollmentGroup({
		enrollmentGroupId: 'near',
		attestation: { type: 'x509', x509: { signingCertificates: {
			primary: { certificate: pem('intermediate.pem') } } } },
		initialTwin: { tags: { site: 'near' } },
	});
	const state = await registerByCertificate(
		'dev-002', 'dev2.pem', 'dev2.key');

	assert.equal(state.status, 'assigned');
	assert.equal((await twin('dev-002')).tags.site, 'near');
	await dps.deleteEnrollmentGroup('near');
});

test('registers an individual by either of its certificates', async () => {
	await dps.createOrUpdateIndividualEnrollment({
		registrationId: 'ind-001', deviceId: 'pump-17',
		attestation: { type: 'x509', x509: { clientCertificates: {
			primary: { certificate: pem('self1.pem') },
			secondary: { certificate: pem('self2.pem') } } } },
	});
	for (const name of ['self1', 'self2']) {
		const state = await registerByCertificate(
			'ind-001', `${name}.pem`, `${name}.key`);

		assert.equal(state.deviceId, 'pump-17', name);
		await send(clientByCertificate('pump-17', `${name}.pem`,
			`${name}.key`), [name]);
	}
});

test('registers an individual by either of its keys', async () => {
	const keys = { primaryKey: newKey(), secondaryKey: newKey() };

	await dps.createOrUpdateIndividualEnrollment({
		registrationId: 'key-001',
		attestation: { type: 'symmetricKey', symmetricKey: keys },
	});
	for (const key of [keys.secondaryKey, keys.primaryKey]) {
		const state = await registerByKey('key-001', key);

		assert.equal(state.assignedHub, HUB);
		await send(clientByKey('key-001', key), ['by key']);
	}
});

test('registers devices by keys derived from their group\'s', async () => {
	await dps.createOrUpdateEnrollmentGroup({
		enrollmentGroupId: 'keys', attestation: { type: 'symmetricKey' },
	});
	const { symmetricKey } = (await dps
		.getEnrollmentGroupAttestationMechanism('keys')).responseBody;

	for (const [id, key] of [['sk-1', symmetricKey.primaryKey],
		['sk-2', symmetricKey.secondaryKey]]) {
		const own = derivedKey(key, id);

		assert.equal((await registerByKey(id, own)).deviceId, id);
		await send(clientByKey(id, own), [`from ${id}`]);
	}
});

test('shows registrations, and forgets one', async () => {
	const state = (await dps.getDeviceRegistrationState('dev-001')).responseBody;
	const { found } = await all(
		dps.createEnrollmentGroupDeviceRegistrationStateQuery(
			{ query: '*' }, 'keys', 1));

	assert.equal(state.status, 'assigned');
	assert.deepEqual(found.map((each) => each.registrationId), ['sk-1', 'sk-2']);
	await dps.deleteDeviceRegistrationState('sk-1');
	await assert.rejects(dps.getDeviceRegistrationState('sk-1'),
		{ message: 'Not found' });
});

test('registers again and keeps its twin', async () => {
	await hub.updateTwin('dev-001', { tags: { site: 'moved' } }, '*');
	const state = await registerByCertificate(
		'dev-001', 'dev1-chain.pem', 'dev1.key');

	assert.equal(state.status, 'assigned');
	assert.equal((await twin('dev-001')).tags.site, 'moved');
});

test('sends messages with properties, and many at once', async () => {
	const client = clientByCertificate(
		'dev-001', 'dev1-chain.pem', 'dev1.key');
	const message = new Message(JSON.stringify({ celsius: 21 }));

	message.properties.add('alert', 'no');
	message.messageId = 'm-1';
	message.contentType = 'application/json';
	message.contentEncoding = 'utf-8';
	await client.open();
	await client.sendEvent(message);
	await client.sendEventBatch([new Message('first'), new Message('second')]);
	await client.close();
});

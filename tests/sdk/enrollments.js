// SPDX-License-Identifier: MIT
//
// azure-iot-provisioning-service: enrollments.
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');

const { all, bulk, dpsError, newKey, pem, service } = require('./world.js');

const client = service();

const put = async (enrollment) =>
	(await client.createOrUpdateIndividualEnrollment(enrollment)).responseBody;
const putGroup = async (group) =>
	(await client.createOrUpdateEnrollmentGroup(group)).responseBody;

const byKey = (id, more) => ({
	registrationId: id, attestation: { type: 'symmetricKey' }, ...more,
});
const byCertificate = (id, certificate, more) => ({
	registrationId: id,
	attestation: {
		type: 'x509',
		x509: { clientCertificates: { primary: { certificate } } },
	},
	...more,
});
const groupByCertificate = (id, certificate, more) => ({
	enrollmentGroupId: id,
	attestation: {
		type: 'x509',
		x509: { signingCertificates: { primary: { certificate } } },
	},
	...more,
});

test('creates an individual enrollment with all that it can say', async () => {
	const created = await put(byCertificate('ind-1', pem('self1.pem'), {
		deviceId: 'pump-1',
		capabilities: { iotEdge: true },
		allocationPolicy: 'static',
		iotHubs: ['plant.azure-devices.net'],
		initialTwin: { tags: { a: 1 }, properties: { desired: { b: 2 } } },
		reprovisionPolicy: { updateHubAssignment: true, migrateDeviceData: false },
		provisioningStatus: 'enabled',
	}));
	const primary = created.attestation.x509.clientCertificates.primary;

	assert.equal(primary.certificate, undefined);
	assert.match(primary.info.sha256Thumbprint, /^[0-9A-F]{64}$/i);
	assert.equal(primary.info.subjectName, 'CN=ind-001');
	assert.deepEqual((await client.getIndividualEnrollment('ind-1')).responseBody,
		created);
	assert.equal(created.deviceId, 'pump-1');
	assert.equal(created.capabilities.iotEdge, true);
	assert.equal(created.allocationPolicy, 'static');
	assert.deepEqual(created.initialTwin,
		{ tags: { a: 1 }, properties: { desired: { b: 2 } } });
	assert.equal(created.reprovisionPolicy.migrateDeviceData, false);
});

test('updates what it got, and the certificate stays', async () => {
	const before = (await client.getIndividualEnrollment('ind-1')).responseBody;
	const after = await put({ ...before, deviceId: 'pump-2' });

	assert.equal(after.deviceId, 'pump-2');
	assert.deepEqual(after.attestation, before.attestation);
	assert.notEqual(after.etag, before.etag);
	await assert.rejects(put({ ...before, deviceId: 'pump-3' }),
		dpsError('InvalidEtagError', 412001));
	await assert.rejects(
		client.deleteIndividualEnrollment('ind-1', before.etag),
		dpsError('InvalidEtagError', 412001));
	await assert.rejects(put({ ...before, etag: undefined }),
		dpsError('DeviceAlreadyExistsError', 409201));
});

test('deletes an enrollment by its record, and by its id', async () => {
	const record = (await client.getIndividualEnrollment('ind-1')).responseBody;

	await client.deleteIndividualEnrollment(record);
	await assert.rejects(client.getIndividualEnrollment('ind-1'),
		dpsError('Error', 404201));
	await put(byKey('ind-2'));
	await client.deleteIndividualEnrollment('ind-2');
	await assert.rejects(client.deleteIndividualEnrollment('ind-2'),
		dpsError('Error', 404201));
});

test('makes keys, and shows them only as an attestation mechanism', async () => {
	const secondary = newKey();
	const made = await put(byKey('key-1'));
	const given = await put({
		registrationId: 'key-2',
		attestation: {
			type: 'symmetricKey',
			symmetricKey: { primaryKey: newKey(), secondaryKey: secondary },
		},
	});
	const keys = async (id) => (await client
		.getIndividualEnrollmentAttestationMechanism(id)).responseBody;

	assert.equal(made.attestation.symmetricKey?.primaryKey, undefined);
	assert.equal(given.attestation.symmetricKey?.secondaryKey, undefined);
	assert.equal(Buffer.from((await keys('key-1')).symmetricKey.primaryKey,
		'base64').length >= 16, true);
	assert.equal((await keys('key-2')).symmetricKey.secondaryKey, secondary);

	const updated = await put({ ...given, deviceId: 'renamed' });
	assert.equal(updated.deviceId, 'renamed');
	assert.equal((await keys('key-2')).symmetricKey.secondaryKey, secondary);
});

test('refuses an enrollment that cannot be', async () => {
	await assert.rejects(put(byCertificate('bad-1', 'no certificate')),
		dpsError('ArgumentError', 400004));
	await assert.rejects(put({ registrationId: 'bad-2', attestation: {} }),
		dpsError('ArgumentError', 400004));
	await assert.rejects(put(byKey('bad 3')), dpsError('ArgumentError', 400202));
	await assert.rejects(putGroup(groupByCertificate('bad-4', pem('self1.pem'))),
		dpsError('ArgumentError', 400004));
	await assert.rejects(client.getIndividualEnrollment('bad-1'),
		dpsError('Error', 404201));
});

test('queries enrollments page by page', async () => {
	for (let i = 0; i < 5; i++)
		await put(byKey(`page-${i}`));
	const query = client.createIndividualEnrollmentQuery(
		{ query: 'SELECT * FROM enrollments' }, 3);
	const { found, pages } = await all(query);
	const ids = found.map((each) => each.registrationId);

	assert.equal(pages[0], 3);
	assert.deepEqual(ids.filter((id) => id.startsWith('page-')),
		['page-0', 'page-1', 'page-2', 'page-3', 'page-4']);
	assert.equal(new Set(ids).size, ids.length);
});

test('changes many enrollments in one call', async () => {
	const ids = ['bulk-1', 'bulk-2'];
	const records = async () => Promise.all(ids.map(async (id) =>
		(await client.getIndividualEnrollment(id)).responseBody));
	const change = (mode, enrollments) => bulk(client, { mode, enrollments });

	assert.deepEqual(await change('create', ids.map((id) => byKey(id))),
		{ isSuccessful: true, errors: [] });
	const fresh = await records();
	const again = await change('create', [byKey('bulk-1'), byKey('bulk-3')]);
	assert.equal(again.isSuccessful, false);
	assert.deepEqual(again.errors.map((each) =>
		[each.registrationId, each.errorCode]), [['bulk-1', 409201]]);

	assert.equal((await change('update', fresh.map((each) =>
		({ ...each, deviceId: `new-${each.registrationId}` })))).isSuccessful, true);
	assert.equal((await records())[1].deviceId, 'new-bulk-2');
	const stale = await change('updateIfMatchEtag', fresh);
	assert.deepEqual(stale.errors.map((each) => each.errorCode), [412001, 412001]);

	assert.equal((await change('delete', [...ids, 'bulk-3']
		.map((id) => byKey(id)))).isSuccessful, true);
	await assert.rejects(client.getIndividualEnrollment('bulk-1'),
		dpsError('Error', 404201));
});

test('creates, updates, queries and deletes groups', async () => {
	const created = await putGroup(groupByCertificate('grp-x', pem('root.pem'),
		{ initialTwin: { tags: { line: 7 } } }));
	const info = created.attestation.x509.signingCertificates.primary.info;

	assert.equal(info.subjectName, 'CN=plant root');
	const updated = await putGroup(
		{ ...created, provisioningStatus: 'disabled' });
	assert.equal(updated.provisioningStatus, 'disabled');
	await assert.rejects(putGroup(created),
		dpsError('InvalidEtagError', 412001));

	await putGroup({
		enrollmentGroupId: 'grp-keys', attestation: { type: 'symmetricKey' },
	});
	const keys = (await client
		.getEnrollmentGroupAttestationMechanism('grp-keys')).responseBody;
	assert.equal(keys.type, 'symmetricKey');
	assert.notEqual(keys.symmetricKey.primaryKey, keys.symmetricKey.secondaryKey);

	const { found } = await all(client.createEnrollmentGroupQuery(
		{ query: 'SELECT * FROM enrollmentGroups' }, 1));
	assert.deepEqual(found.map((each) => each.enrollmentGroupId),
		['grp-keys', 'grp-x', 'line-7']);

	await client.deleteEnrollmentGroup(updated);
	await client.deleteEnrollmentGroup('grp-keys');
	await assert.rejects(client.getEnrollmentGroup('grp-x'),
		dpsError('Error', 404204));
});

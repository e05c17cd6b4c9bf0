// SPDX-License-Identifier: MIT
//
// azure-iothub: devices, modules, twins and queries; and the devices that are
// made here send by azure-iot-device.
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { promisify } = require('node:util');

const {
	clientByCertificate, clientByKey, error, registry, send, thumbprint,
} = require('./world.js');

const hub = registry();

// Its own promise form throws.
const removeModule = promisify(hub.removeModule.bind(hub));

const body = async (promise) => (await promise).responseBody;

test('creates a device with keys that the hub makes', async () => {
	const device = await body(hub.create({ deviceId: 'sas-1' }));

	assert.equal(device.authentication.type, 'sas');
	assert.equal(device.status, 'enabled');
	await send(clientByKey('sas-1',
		device.authentication.symmetricKey.primaryKey), ['first']);
	await send(clientByKey('sas-1',
		device.authentication.symmetricKey.secondaryKey), ['second']);
	await assert.rejects(hub.create({ deviceId: 'sas-1' }),
		error('DeviceAlreadyExistsError'));
});

test('creates a device with a thumbprint', async () => {
	const device = await body(hub.create({
		deviceId: 'pinned',
		authentication: {
			x509Thumbprint: { primaryThumbprint: thumbprint('self1.pem') },
		},
	}));

	assert.equal(device.authentication.type, 'selfSigned');
	await send(clientByCertificate('pinned', 'self1.pem', 'self1.key'),
		['hello']);
});

test('updates a device, which then may not send', async () => {
	const device = await body(hub.get('sas-1'));
	const updated = await body(hub.update({ ...device, status: 'disabled',
		statusReason: 'lost' }));

	assert.equal(updated.status, 'disabled');
	assert.equal(updated.statusReason, 'lost');
	assert.equal(updated.generationId, device.generationId);
	await assert.rejects(send(clientByKey('sas-1',
		device.authentication.symmetricKey.primaryKey), ['no']),
	error('UnauthorizedError'));
});

test('lists, counts and queries devices', async () => {
	await hub.create({ deviceId: 'sas-2' });
	const ids = (devices) => devices.map((each) => each.deviceId);

	assert.deepEqual(ids(await body(hub.list())), ['pinned', 'sas-1', 'sas-2']);
	assert.deepEqual(await body(hub.getRegistryStatistics()), {
		totalDeviceCount: 3, enabledDeviceCount: 2, disabledDeviceCount: 1,
	});

	const query = hub.createQuery('SELECT * FROM devices', 2);
	const found = [];
	do
		found.push(...(await query.nextAsTwin()).result);
	while (query.hasMoreResults);
	assert.deepEqual(ids(found), ['pinned', 'sas-1', 'sas-2']);

	const disabled = hub.createQuery(
		"SELECT * FROM devices WHERE status = 'disabled'");
	assert.deepEqual(ids((await disabled.nextAsTwin()).result), ['sas-1']);
});

test('keeps a twin, its versions and its metadata', async () => {
	const twin = await body(hub.getTwin('sas-2'));

	assert.equal(twin.properties.desired.$version, 1);
	await twin.update({ tags: { floor: 3 },
		properties: { desired: { interval: 5, mode: { fan: 'on' } } } });
	const after = await body(hub.getTwin('sas-2'));
	assert.equal(after.tags.floor, 3);
	assert.equal(after.properties.desired.mode.fan, 'on');
	assert.equal(after.properties.desired.$version, 2);
	assert.ok(Date.parse(after.properties.desired.$metadata.interval.$lastUpdated));

	await hub.updateTwin('sas-2',
		{ properties: { desired: { interval: null } } }, after.etag);
	const last = await body(hub.getTwin('sas-2'));
	assert.equal(last.properties.desired.interval, undefined);
	assert.equal(last.properties.desired.mode.fan, 'on');
	await assert.rejects(hub.updateTwin('sas-2', { tags: { floor: 4 } }, after.etag),
		error('InvalidEtagError'));

	const tagged = hub.createQuery('SELECT * FROM devices WHERE tags.floor = 3');
	assert.deepEqual((await tagged.nextAsTwin()).result
		.map((each) => each.deviceId), ['sas-2']);
});

test('manages modules and their twins', async () => {
	await hub.addModule({ deviceId: 'sas-2', moduleId: 'camera' });
	await hub.addModule({ deviceId: 'sas-2', moduleId: 'radio' });
	await assert.rejects(hub.addModule({ deviceId: 'sas-2', moduleId: 'radio' }),
		error('DeviceAlreadyExistsError'));
	const modules = await body(hub.getModulesOnDevice('sas-2'));
	assert.deepEqual(modules.map((each) => each.moduleId).sort(),
		['camera', 'radio']);

	const camera = await body(hub.getModule('sas-2', 'camera'));
	const updated = await body(hub.updateModule(
		{ ...camera, managedBy: 'plant' }));
	assert.equal(updated.managedBy, 'plant');
	assert.equal(updated.generationId, camera.generationId);
	await assert.rejects(hub.updateModule({ ...camera, managedBy: 'other' }),
		error('InvalidEtagError'));

	await hub.updateModuleTwin('sas-2', 'camera', { tags: { lens: 50 } }, '*');
	const twin = await body(hub.getModuleTwin('sas-2', 'camera'));
	assert.equal(twin.tags.lens, 50);
	assert.equal(twin.moduleId, 'camera');

	await assert.rejects(removeModule({ ...updated, etag: camera.etag }),
		error('InvalidEtagError'));
	await removeModule(updated);
	await removeModule('sas-2', 'radio');
	assert.deepEqual(await body(hub.getModulesOnDevice('sas-2')), []);
});

test('changes many devices in one call', async () => {
	const many = ['many-1', 'many-2'].map((deviceId) => ({ deviceId }));
	const added = await body(hub.addDevices(many));

	assert.equal(added.isSuccessful, true);
	assert.equal((await body(hub.addDevices(many))).isSuccessful, false);
	assert.equal((await body(hub.updateDevices(many.map((each) =>
		({ ...each, status: 'disabled' })), true))).isSuccessful, true);
	assert.equal((await body(hub.get('many-2'))).status, 'disabled');
	assert.equal((await body(hub.removeDevices(many, true))).isSuccessful, true);
	await assert.rejects(hub.get('many-1'), error('DeviceNotFoundError'));
});

test('deletes devices', async () => {
	await hub.delete('sas-2');
	await assert.rejects(hub.get('sas-2'), error('DeviceNotFoundError'));
	await assert.rejects(hub.getTwin('sas-2'), error('DeviceNotFoundError'));
	await assert.rejects(hub.delete('sas-2'), error('DeviceNotFoundError'));
});

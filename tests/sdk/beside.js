// SPDX-License-Identifier: MIT
//
// What Microsoft's SDKs see of a device that Signet provisioned.
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');

const { HUB, registry, service, thumbprint } = require('./world.js');

test('shows a device of Signet\'s like any other', async () => {
	const state = (await service()
		.getDeviceRegistrationState('signet-001')).responseBody;
	const device = (await registry().get('signet-001')).responseBody;
	const other = (await registry().get('dev-001')).responseBody;
	const twin = (await registry().getTwin('signet-001')).responseBody;

	assert.equal(state.status, 'assigned');
	assert.equal(state.assignedHub, HUB);
	assert.equal(device.authentication.type, other.authentication.type);
	assert.equal(device.authentication.x509Thumbprint.primaryThumbprint,
		thumbprint('ours.pem'));
	assert.deepEqual(Object.keys(device).sort(), Object.keys(other).sort());
	assert.equal(twin.tags.site, 'a');
});

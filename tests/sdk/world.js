// SPDX-License-Identifier: MIT
//
// What the tests of Microsoft's SDKs share: the server that they talk to, and
// the plant's certificates. test_cloud_sdk.sh sets the stage.
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const { Client, Message } = require('azure-iot-device');
const { Http: HubHttp } = require('azure-iot-device-http');
const { Registry } = require('azure-iothub');
const { ProvisioningDeviceClient } = require('azure-iot-provisioning-device');
const { Http: DpsHttp } = require('azure-iot-provisioning-device-http');
const { ProvisioningServiceClient } = require('azure-iot-provisioning-service');
const { SymmetricKeySecurityClient } = require('azure-iot-security-symmetric-key');
const { X509Security } = require('azure-iot-security-x509');

const GLOBAL_DPS = 'global.azure-devices-provisioning.net';
const DPS = 'plant.azure-devices-provisioning.net';
const HUB = 'plant.azure-devices.net';

const cloud = JSON.parse(fs.readFileSync(process.env.SIGNET_CLOUD_JSON));

const pem = (name) => fs.readFileSync(path.join(process.env.SIGNET_PLANT, name), 'utf8');

// Certificate and key of a device, as the SDKs want them.
const x509 = (certificate, key) => ({ cert: pem(certificate), key: pem(key) });

const service = () =>
	ProvisioningServiceClient.fromConnectionString(cloud.service_connection_string);
const serviceBy = (policy, key) =>
	ProvisioningServiceClient.fromConnectionString(
		`HostName=${DPS};SharedAccessKeyName=${policy};SharedAccessKey=${key}`);
const registry = () =>
	Registry.fromConnectionString(cloud.hub_connection_string);

const register = (security) =>
	ProvisioningDeviceClient
		.create(GLOBAL_DPS, cloud.id_scope, new DpsHttp(), security)
		.register();

const registerByCertificate = (id, certificate, key) =>
	register(new X509Security(id, x509(certificate, key)));
const registerByKey = (id, key) =>
	register(new SymmetricKeySecurityClient(id, key));

// What a device of a group makes of the group's key.
const derivedKey = (groupKey, id) =>
	crypto.createHmac('sha256', Buffer.from(groupKey, 'base64'))
		.update(id).digest('base64');

const newKey = () => crypto.randomBytes(32).toString('base64');

// A client that is not closed renews its token for ever.
async function send(client, messages) {
	await client.open();
	try {
		for (const each of messages)
			await client.sendEvent(new Message(each));
	} finally {
		await client.close();
	}
}

// Over HTTP nothing awaits setOptions(): its promise does not settle.
const clientByCertificate = (deviceId, certificate, key) => {
	const client = Client.fromConnectionString(
		`HostName=${HUB};DeviceId=${deviceId};x509=true`, HubHttp);
	client.setOptions(x509(certificate, key));
	return client;
};
const clientByKey = (deviceId, key) => Client.fromConnectionString(
	`HostName=${HUB};DeviceId=${deviceId};SharedAccessKey=${key}`, HubHttp);

// All pages of a query; next() does not go on by itself.
async function all(query) {
	const found = [];
	const pages = [];
	do {
		const page = await query.next(query.continuationToken);
		const records = page.responseBody || page.result;
		pages.push(records.length);
		found.push(...records);
	} while (query.hasMoreResults);
	return { found, pages };
}

// The promise of this call never settles; its callback is called.
const bulk = (client, operation) => new Promise((resolve, reject) =>
	client.runBulkEnrollmentOperation(operation, (error, result) =>
		error ? reject(error) : resolve(result)));

const thumbprint = (name) => new crypto.X509Certificate(pem(name))
	.fingerprint256.replaceAll(':', '');

// An error by the SDK's name for it.
const error = (name) => (found) => found.name === name;

// An error of the service's, with DPS's own number in its body.
const dpsError = (name, errorCode) => (found) =>
	found.name === name &&
	JSON.parse(found.responseBody).errorCode === errorCode;

module.exports = {
	DPS, HUB, Message, all, bulk, clientByCertificate, clientByKey, derivedKey,
	dpsError, error, newKey, pem, registerByCertificate, registerByKey, registry,
	send, service, serviceBy, thumbprint,
};

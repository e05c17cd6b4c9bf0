// SPDX-License-Identifier: MIT
//
// An HTTP proxy on loopback that connects only who knows the password:
//
//   node proxy.js USER:PASSWORD PORT-FILE
//
// It writes its port into the file, and a line for each CONNECT to its output.
'use strict';
const fs = require('fs');
const http = require('http');
const net = require('net');

const [, , credentials, portFile] = process.argv;
const wanted = 'Basic ' + Buffer.from(credentials).toString('base64');

const server = http.createServer((request, response) => {
	response.writeHead(405).end();
});

server.on('connect', (request, socket, head) => {
	const allowed = request.headers['proxy-authorization'] === wanted;
	console.log(`${allowed ? 'connects' : 'refuses'} ${request.url}`);
	if (!allowed) {
		socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n' +
			'Proxy-Authenticate: Basic realm="test"\r\n' +
			'Content-Length: 0\r\n\r\n');
		return;
	}
	const colon = request.url.lastIndexOf(':');
	const upstream = net.connect(Number(request.url.slice(colon + 1)),
		'127.0.0.1', () => {
			socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
			upstream.write(head);
			upstream.pipe(socket);
			socket.pipe(upstream);
		});
	upstream.on('error', () => socket.destroy());
	socket.on('error', () => upstream.destroy());
});

server.listen(0, '127.0.0.1', () => {
	fs.writeFileSync(portFile + '.new', String(server.address().port));
	fs.renameSync(portFile + '.new', portFile);
});

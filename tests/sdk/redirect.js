// SPDX-License-Identifier: MIT
//
// Where a network namespace of one's own is not allowed: node -r redirect.js
// dials port 443 at 127.0.0.1:SIGNET_PORT. Names in TLS, HTTP and signatures
// stay what they are.
'use strict';

const tls = require('node:tls');

const connect = tls.connect;

tls.connect = (options, ...rest) => {
	if (Number(options.port) !== 443)
		return connect(options, ...rest);
	return connect({
		...options,
		servername: options.servername || options.host,
		host: '127.0.0.1',
		port: Number(process.env.SIGNET_PORT),
	}, ...rest);
};

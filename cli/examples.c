/* SPDX-License-Identifier: MIT */
#include "examples.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define PROGRAM "signetctl "

/* Each begins with the command that it is of. */
static const char *const examples[] = {
    PROGRAM "audit verify",
    PROGRAM "cert explain device-id",
    PROGRAM "cert import web /root/web.pem",
    PROGRAM "cert list -o json | jq -r '.certificates[].notAfter'",
    PROGRAM "cert renew device-id --wait 60",
    PROGRAM "cert show device-id",
    PROGRAM "cert tree",
    PROGRAM "cert wait web && systemctl reload nginx",
    PROGRAM "check --skip hub-mqtt,hub-amqp",
    PROGRAM "config apply --from /etc/iotedge/config.yaml",
    PROGRAM "config check",
    PROGRAM "config diff --from /etc/aziot/config.toml",
    PROGRAM "config import --from /etc/aziot/config.toml",
    PROGRAM "config show --effective",
    PROGRAM "grant www-data 'web*' use",
    PROGRAM "grants",
    PROGRAM "identity create web",
    PROGRAM "identity delete web",
    PROGRAM "identity list",
    PROGRAM "identity show -o json | jq -r .spec.deviceId",
    PROGRAM "identity update web",
    PROGRAM "init dps-symmetric-key --id-scope 0ne00000001 "
	    "--registration-id dev1 --symmetric-key - <key.txt",
    PROGRAM "init dps-tpm --id-scope 0ne00000001 --registration-id dev1",
    PROGRAM "init dps-x509 --id-scope 0ne00000001 "
	    "--identity-cert /etc/signet/device-chain.pem "
	    "--identity-pk 'pkcs11:token=device;object=device-id?"
	    "pin-source=file:/run/credentials/signet-keyd.service/pin'",
    PROGRAM "init manual-connection-string --connection-string - <string.txt",
    PROGRAM "init manual-x509 --iothub-hostname contoso.azure-devices.net "
	    "--device-id dev1 --identity-cert /etc/signet/device-chain.pem "
	    "--identity-pk /etc/signet/device-key.pem",
    PROGRAM "key create web --algorithm ec-p256:rsa-2048",
    PROGRAM "key delete web",
    PROGRAM "key export-public web >web.pub.pem",
    PROGRAM "key import web /root/web.key.pem",
    PROGRAM "key list",
    PROGRAM "key move web-new web",
    PROGRAM "key show device-id",
    PROGRAM "list -o json | jq -r '.certificates[].state'",
    PROGRAM "migrate aziot",
    PROGRAM "revoke www-data 'web*'",
    PROGRAM "support-bundle /tmp/support.tar",
    PROGRAM "system logs --lines 200",
    PROGRAM "system reprovision",
    PROGRAM "system restart",
    PROGRAM "system set-log-level debug",
    PROGRAM "system start",
    PROGRAM "system status -o json | jq -r .provisioning.status",
    PROGRAM "system stop",
    PROGRAM "telemetry send '{\"temperature\": 21.5}'",
    PROGRAM "testpki root && signetctl testpki device-identity dev1",
    PROGRAM "tpm show -o json | jq -r .endorsementKey",
};

static bool
is_of(const char *example, const char *command)
{
	const char *text = example + strlen(PROGRAM);
	size_t length = strlen(command);

	return strncmp(text, command, length) == 0 &&
	       (text[length] == '\0' || text[length] == ' ');
}

void
examples_print(const char *command)
{
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
		if (is_of(examples[i], command))
			(void)printf("\nexample:\n  $ %s\n", examples[i]);
}

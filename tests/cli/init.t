A device is configured in one line.

  $ signetctl testpki root >/dev/null; signetctl testpki device-identity dev1 >/dev/null
  $ chain=$PWD/certs/iot-edge-device-identity-dev1-full-chain.cert.pem
  > key=$PWD/private/iot-edge-device-identity-dev1.key.pem
  > signetctl init dps-x509 --id-scope 0ne00000001 \
  >   --identity-cert $chain --identity-pk $key
  DIR/etc/keyd/config.yaml: written
  DIR/etc/certd/config.yaml: written
  DIR/etc/provisiond/config.yaml: written
  'signetctl system start' starts the daemons with it
  $ stat -c %a etc/config.yaml
  600
  $ sed "s|$PWD|DIR|" etc/config.yaml
  # Written by 'signetctl init'; signet-config(5) describes every key.
  provisioning:
    source: "dps"
    global_endpoint: "https://global.azure-devices-provisioning.net"
    scope_id: "0ne00000001"
    attestation:
      method: "x509"
      identity_cert: "file://DIR/certs/iot-edge-device-identity-dev1-full-chain.cert.pem"
      identity_pk: "file://DIR/private/iot-edge-device-identity-dev1.key.pem"
  $ signetctl config check
  the configuration is good

What is there stays there, unless one insists.

  $ signetctl init dps-tpm --id-scope 0ne2 --registration-id dev2 --no-apply
  signetctl: there is a configuration in 'DIR/etc/config.yaml' already; --force replaces it
  [1]
  $ signetctl init dps-tpm --id-scope 0ne2 --registration-id dev2 --no-apply --force -o json
  {
    "path": "DIR/etc/config.yaml"
  }
  $ cat etc/config.yaml
  # Written by 'signetctl init'; signet-config(5) describes every key.
  provisioning:
    source: "dps"
    global_endpoint: "https://global.azure-devices-provisioning.net"
    scope_id: "0ne2"
    attestation:
      method: "tpm"
      registration_id: "dev2"

What cannot be applied is not left behind.

  $ signetctl init dps-x509 --id-scope 0ne3 --identity-cert /nowhere.pem \
  >   --identity-pk /nowhere.key --force 2>&1 | sed -E 's/config.yaml:[0-9:]+/config.yaml:N/'
  DIR/etc/config.yaml:N error: cannot open '/nowhere.pem': No such file or directory
  DIR/etc/config.yaml:N error: cannot open '/nowhere.key': No such file or directory
  signetctl: nothing is changed: the configuration has 2 mistakes
  signetctl: 'DIR/etc/config.yaml' is as it was
  $ grep scope etc/config.yaml
    scope_id: "0ne2"
  $ rm etc/config.yaml
  $ signetctl init dps-x509 --id-scope 0ne3 --identity-cert /nowhere.pem \
  >   --identity-pk /nowhere.key >/dev/null 2>&1; echo $?
  1
  $ ls etc/config.yaml
  ls: cannot access 'etc/config.yaml': No such file or directory
  [2]

Secrets need not stand on the command line.

  $ echo 'HostName=h.example;DeviceId=d;SharedAccessKey=a2V5' |
  >   signetctl init manual-connection-string --connection-string - --no-apply
  DIR/etc/config.yaml: written
  'signetctl config apply' gives each daemon its part
  $ cat etc/config.yaml
  # Written by 'signetctl init'; signet-config(5) describes every key.
  provisioning:
    source: "manual"
    device_connection_string: "HostName=h.example;DeviceId=d;SharedAccessKey=a2V5"
  $ signetctl init manual-connection-string --connection-string - --force </dev/null
  signetctl: there is nothing on the standard input
  [1]
  $ echo | signetctl init manual-connection-string --connection-string - --force
  signetctl: the first line of the standard input is empty
  [1]

Each of them is a configuration that can be applied.

  $ files="--identity-cert $PWD/certs/iot-edge-device-identity-dev1-full-chain.cert.pem
  >   --identity-pk $PWD/private/iot-edge-device-identity-dev1.key.pem"
  > signetctl init manual-x509 --iothub-hostname h.example --device-id dev1 $files --force >/dev/null &&
  >   echo applied
  applied
  $ echo 'HostName=h.example;DeviceId=d;SharedAccessKey=a2V5' |
  >   signetctl init manual-connection-string --connection-string - --force >/dev/null && echo applied
  applied
  $ signetctl init dps-tpm --id-scope 0ne1 --registration-id dev1 --force >/dev/null && echo applied
  applied
  $ echo a2V5 | signetctl init dps-symmetric-key --id-scope 0ne1 --registration-id dev1 \
  >   --symmetric-key - --force >/dev/null && echo applied
  applied
  $ echo /a3YrxeZLMStLvfunDL5HxQ6DPo/hLRwbC5B2+bAWDmjAd5YZKo0hefnUzHw5I66 |
  >   signetctl init dps-symmetric-key --id-scope 0ne1 --registration-id dev1 \
  >   --symmetric-key - --force >/dev/null && echo applied
  applied
  $ signetctl config check
  the configuration is good

Nothing is guessed.

  $ signetctl init dps-symmetric-key --id-scope 0ne1 --registration-id dev1 \
  >   --symmetric-key /a3YrxeZLMStLvfunDL5HxQ6DPo/hLRwbC5B2+bAWDmjAd5YZKo0hefnUzHw5I66 --force
  signetctl: --symmetric-key begins with a slash: give a key on the standard input ('--symmetric-key -'), and a file that is not there yet as a URI ('file:///...')
  [2]

  $ signetctl init dps-x509 --id-scope 0ne1
  signetctl: init dps-x509: missing option '--identity-cert'
  usage: signetctl init dps-x509 --id-scope SCOPE --identity-cert PATH|URI --identity-pk PATH|URI [--registration-id ID] [--global-endpoint URL] [--pkcs11-module PATH] [--trust-bundle PATH|URI] [--force] [--no-apply] [-o text|json]
  [2]
  $ signetctl init dps-x509 --id-scope 0ne1 --identity-cert chain.pem --identity-pk key.pem --force
  signetctl: --identity-cert: neither an absolute path nor a URI of a file or of a token: 'chain.pem' is neither a file: nor a pkcs11: URI
  [2]
  $ signetctl init dps-x509 --help
  usage: signetctl init dps-x509 --id-scope SCOPE --identity-cert PATH|URI --identity-pk PATH|URI [--registration-id ID] [--global-endpoint URL] [--pkcs11-module PATH] [--trust-bundle PATH|URI] [--force] [--no-apply] [-o text|json]
  example:
    $ signetctl init dps-x509 --id-scope 0ne00000001 --identity-cert /etc/signet/device-chain.pem --identity-pk 'pkcs11:token=device;object=device-id?pin-source=file:/run/credentials/signet-keyd.service/pin'
  $ signetctl init
  signetctl: init: missing 'dps-x509|dps-symmetric-key|dps-tpm|manual-x509|manual-connection-string'
  usage: signetctl init [-o text|json] dps-x509|dps-symmetric-key|dps-tpm|manual-x509|manual-connection-string
  [2]
  $ signetctl init dps-x509x
  signetctl: init: 'dps-x509x' is not one of dps-x509, dps-symmetric-key, dps-tpm, manual-x509, manual-connection-string
  [2]

What is wrong is said by the names of the options; a PIN is not repeated.

  $ rm -f etc/config.yaml
  $ signetctl init dps-x509 --id-scope 0ne1 --identity-cert chain.pem --identity-pk /key.pem
  signetctl: --identity-cert: neither an absolute path nor a URI of a file or of a token: 'chain.pem' is neither a file: nor a pkcs11: URI
  [2]
  $ signetctl init dps-x509 --id-scope 0ne1 --identity-cert /chain.pem --identity-pk 'pkcs11?pin-value=hunter2'
  signetctl: --identity-pk: neither an absolute path nor a URI of a file or of a token: 'pkcs11' is neither a file: nor a pkcs11: URI
  [2]
  $ signetctl init dps-tpm --id-scope 0ne1 --registration-id dev1 --trust-bundle roots.pem
  signetctl: --trust-bundle: neither an absolute path nor a URI of a file or of a token: 'roots.pem' is neither a file: nor a pkcs11: URI
  [2]
  $ signetctl init dps-x509 --id-scope 0ne1 --identity-cert /chain.pem --identity-pk /key.pem --pkcs11-module /x.so
  signetctl: --pkcs11-module is of use only if --identity-pk is a PKCS#11 URI
  [2]
  $ ls etc
  certd
  keyd
  provisiond

What is not applied is checked as far as it can be before its files are there.

  $ signetctl init dps-tpm --id-scope 0ne1 --registration-id 'dev 1' --no-apply
  DIR/etc/config.yaml:8:5: error: 'registration_id' must be 1 to 128 letters, digits, '-', '.', '_' and ':', and end in a letter, a digit or '-'
  signetctl: 'DIR/etc/config.yaml' is as it was
  signetctl: nothing is changed: the configuration has 1 mistake
  [1]
  $ ls etc
  certd
  keyd
  provisiond
  $ signetctl init dps-x509 --id-scope 0ne1 --identity-cert /nowhere/chain.pem --identity-pk /nowhere/key.pem --no-apply
  DIR/etc/config.yaml: written
  'signetctl config apply' gives each daemon its part
  $ signetctl init dps-tpm --id-scope 0ne1 --registration-id 'dev 1' --no-apply --force -o json 2>/dev/null | jq -r .error.message
  nothing is changed: the configuration has 1 mistake
  $ grep -c identity_cert etc/config.yaml
  1

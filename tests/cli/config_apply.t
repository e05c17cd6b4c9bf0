The file of IoT Edge 1.1 is taken as it is. Its other sections are noted.

  $ signetctl testpki root --dir pki >/dev/null
  $ signetctl testpki intermediate --dir pki >/dev/null
  $ signetctl testpki device-identity dev1 --dir pki >/dev/null
  $ cat >edge.yaml <<END
  > provisioning:
  >   source: "dps"
  >   global_endpoint: "https://localhost:8443"
  >   scope_id: "0ne00000001"
  >   attestation:
  >     method: "x509"
  > #   registration_id: "optional"
  >     identity_cert: "file://$PWD/pki/certs/iot-edge-device-identity-dev1-full-chain.cert.pem"
  >     identity_pk: "file://$PWD/pki/private/iot-edge-device-identity-dev1.key.pem"
  > #  always_reprovision_on_startup: true
  > agent:
  >   name: "edgeAgent"
  >   type: "docker"
  > hostname: "gateway"
  > homedir: "/var/lib/iotedge"
  > END
  $ signetctl config apply --from edge.yaml
  signetctl: note: the section 'agent' is not Signet's; it is not used
  signetctl: note: the section 'homedir' is not Signet's; it is not used
  signetctl: note: this is a file of IoT Edge, so compat is aziot: root may use every key, who has a handle may use its key, and symmetric keys may be in files; 'compat: none' prevents that
  DIR/etc/keyd/config.yaml: written
  DIR/etc/certd/config.yaml: written
  DIR/etc/provisiond/config.yaml: written
  'signetctl system start' starts the daemons with it

Its clients are served as IoT Edge served them, unless it says otherwise.

  $ grep compat etc/keyd/config.yaml
  compat: "aziot"
  $ { cat edge.yaml; echo 'compat: none'; } >strict.yaml && signetctl config apply --from strict.yaml
  signetctl: note: the section 'agent' is not Signet's; it is not used
  signetctl: note: the section 'homedir' is not Signet's; it is not used
  DIR/etc/keyd/config.yaml: written
  DIR/etc/certd/config.yaml: written
  DIR/etc/provisiond/config.yaml: unchanged
  'signetctl system start' starts the daemons with it
  $ grep -c compat etc/keyd/config.yaml
  0
  [1]
  $ signetctl config apply --from edge.yaml 2>/dev/null | head -n 1
  DIR/etc/keyd/config.yaml: written

Applying again changes nothing.

  $ signetctl config apply --from edge.yaml 2>/dev/null
  DIR/etc/keyd/config.yaml: unchanged
  DIR/etc/certd/config.yaml: unchanged
  DIR/etc/provisiond/config.yaml: unchanged
  $ signetctl config apply --from edge.yaml -o json 2>/dev/null
  {
    "findings": [],
    "unused_sections": [
      "agent",
      "homedir"
    ],
    "files": [
      {
        "daemon": "keyd",
        "path": "DIR/etc/keyd/config.yaml",
        "changed": false
      },
      {
        "daemon": "certd",
        "path": "DIR/etc/certd/config.yaml",
        "changed": false
      },
      {
        "daemon": "provisiond",
        "path": "DIR/etc/provisiond/config.yaml",
        "changed": false
      }
    ],
    "restarted": [],
    "waiting": []
  }
  $ find etc -type f -printf '%P %m\n' | sort
  certd/config.yaml 600
  keyd/config.yaml 600
  provisiond/config.yaml 600
  $ find etc -mindepth 1 -type d -printf '%P %m\n' | sort
  certd 700
  keyd 700
  provisiond 700

provisiond knows ids only.

  $ cat etc/provisiond/config.yaml
  # Written by 'signetctl config apply' from the operator's config.yaml. Changes belong there.
  provisioning:
    source: "dps"
    global_endpoint: "https://localhost:8443"
    scope_id: "0ne00000001"
    attestation:
      method: "x509"
      identity_cert: "device-id"
      identity_pk: "device-id"
    always_reprovision_on_startup: true
    dynamic_reprovisioning: false
  hostname: "gateway"
  principals: []

Sections of the other file replace our own ones; the rest of ours stays.

  $ cat >etc/config.yaml <<END
  > preloaded_certs:
  >   web: "file://$PWD/pki/certs/azure-iot-test-only.root.ca.cert.pem"
  > provisioning:
  >   source: "manual"
  > END
  $ signetctl config apply
  DIR/etc/config.yaml:3:1: error: 'device_connection_string' is missing, or 'iothub_hostname', 'device_id' and 'authentication'
  signetctl: nothing is changed: the configuration has 1 mistake
  [1]
  $ signetctl config apply --from edge.yaml 2>/dev/null
  DIR/etc/keyd/config.yaml: unchanged
  DIR/etc/certd/config.yaml: written
  DIR/etc/provisiond/config.yaml: unchanged
  'signetctl system start' starts the daemons with it
  $ cat etc/certd/config.yaml | grep -v user:
  # Written by 'signetctl config apply' from the operator's config.yaml. Changes belong there.
  preloaded_certs:
    device-id: "file://DIR/pki/certs/iot-edge-device-identity-dev1-full-chain.cert.pem"
    web: "file://DIR/pki/certs/azure-iot-test-only.root.ca.cert.pem"
  compat: "aziot"
  principals:
    certs:
    - "device-id"

A mistake changes nothing.

  $ md5sum etc/*/config.yaml >before
  $ sed 's/method: "x509"/method: "tpm"/' edge.yaml >tpm.yaml
  $ signetctl config apply --from tpm.yaml 2>&1 | grep -v note:
  tpm.yaml:8:5: warning: 'identity_cert' does not belong to method 'tpm'
  tpm.yaml:9:5: warning: 'identity_pk' does not belong to method 'tpm'
  tpm.yaml:5:3: error: 'registration_id' is missing: method 'tpm' needs it
  signetctl: nothing is changed: the configuration has 1 mistake
  $ sed 's/dev1.key/none.key/' edge.yaml >missing.yaml
  $ signetctl config apply --from missing.yaml 2>&1 | grep -v note:
  missing.yaml:9:5: error: cannot open 'DIR/pki/private/iot-edge-device-identity-none.key.pem': No such file or directory
  signetctl: nothing is changed: the configuration has 1 mistake
  $ signetctl config apply --from missing.yaml -o json 2>/dev/null
  {
    "error": {
      "code": "invalid",
      "message": "nothing is changed: the configuration has 1 mistake"
    },
    "findings": [
      {
        "severity": "error",
        "place": "missing.yaml:9:5",
        "message": "cannot open 'DIR/pki/private/iot-edge-device-identity-none.key.pem': No such file or directory"
      }
    ],
    "unused_sections": [
      "agent",
      "homedir"
    ]
  }
  [1]
  $ md5sum --quiet --check before

A certificate that does not fit is a mistake: nothing is changed.

  $ sed 's/#   registration_id: "optional"/    registration_id: "dev2"/' edge.yaml >other.yaml
  $ signetctl config apply --from other.yaml 2>&1 | grep -v note:
  other.yaml:7:5: error: 'registration_id' is 'dev2', but the certificate's common name is 'dev1'; DPS demands that they are the same
  signetctl: nothing is changed: the configuration has 1 mistake
  $ md5sum --quiet --check before

The bytes of a symmetric key are no PEM text: a file of IoT Edge may name them, and ours.

  $ printf '\001\376no text' >bytes
  $ cat >edge.toml <<END
  > imported_master_encryption_key = "$PWD/bytes"
  > [provisioning]
  > source = "none"
  > [preloaded_keys]
  > app = "file://$PWD/bytes"
  > END
  $ signetctl config apply --from edge.toml 2>/dev/null | head -n 1
  DIR/etc/keyd/config.yaml: written
  $ sed -n '/^preloaded_keys/,/^[^ p]/p' etc/keyd/config.yaml | grep bytes
    app: "file://DIR/bytes"
    iotedge_master_encryption_id: "file://DIR/bytes"
  $ { cat edge.yaml; echo "preloaded_keys: { app: \"file://$PWD/bytes\" }"; } >bytes.yaml
  $ signetctl config check --from bytes.yaml 2>&1 | grep -v note:
  the configuration is good
  $ head -c 5000 /dev/zero >bytes && signetctl config apply --from edge.toml 2>&1 | grep -v note:
  edge.toml:5:1: error: 'DIR/bytes' is neither an unencrypted PEM private key nor a symmetric key: the file has more than 4096 bytes
  edge.toml:1:34: error: 'DIR/bytes' is neither an unencrypted PEM private key nor a symmetric key: the file has more than 4096 bytes
  signetctl: nothing is changed: the configuration has 2 mistakes

The daemons take all that apply writes.

  $ cat >etc/config.yaml <<END
  > preloaded_keys:
  >   web: "file://$PWD/pki/private/iot-edge-device-identity-dev1.key.pem"
  > preloaded_certs:
  >   web: "file://$PWD/pki/certs/iot-edge-device-identity-dev1.cert.pem"
  >   bundle: [web, local-ca]
  > principals:
  >   - { user: "$(id -u)", keys: [web] }
  >   - { user: nobody, keys: ["web*"], certs: ["web*"], identity: [device] }
  > cert_issuance:
  >   local_ca:
  >     cert: "file://$PWD/pki/certs/azure-iot-test-only.intermediate.cert.pem"
  >     pk: "file://$PWD/pki/private/azure-iot-test-only.intermediate.key.pem"
  >   certs:
  >     web2: { method: local_ca, expiry_days: 3, common_name: "a: b" }
  > trust_bundle_cert: "file://$PWD/pki/certs/azure-iot-test-only.root.ca.cert.pem"
  > provisioning:
  >   source: dps
  >   global_endpoint: "https://localhost:1"
  >   scope_id: 0ne00000001
  >   attestation:
  >     method: x509
  >     registration_id: dev1
  >     identity_cert: { method: local_ca, expiry_days: 1 }
  >     identity_pk: "file://$PWD/pki/private/iot-edge-device-identity-dev1.key.pem"
  > END
  $ signetctl config check
  the configuration is good
  $ signetctl config apply >/dev/null
  $ signetctl system start >/dev/null
  $ signetctl system status -o json | jq -c '.daemons[] | [.name, .state]'
  ["keyd","ok"]
  ["certd","ok"]
  ["provisiond","starting"]
  $ signetctl key list -o json | jq -r '.keys[] | "\(.id) \(.location)"' | sort
  device-id file://DIR/pki/private/iot-edge-device-identity-dev1.key.pem
  local-ca file://DIR/pki/private/azure-iot-test-only.intermediate.key.pem
  web file://DIR/pki/private/iot-edge-device-identity-dev1.key.pem

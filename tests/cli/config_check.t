Without a configuration there is nothing to check.

  $ signetctl config check
  signetctl: there is no file 'DIR/etc/config.yaml'; 'signetctl init' makes one
  [1]
  $ signetctl config check --from none.yaml -o json
  signetctl: cannot open 'none.yaml': No such file or directory
  {
    "error": {
      "code": "not-found",
      "message": "cannot open 'none.yaml': No such file or directory"
    }
  }
  [1]

Who configures no provisioning may want none.

  $ echo 'preloaded_keys: {}' >none.yaml
  $ signetctl config check --from none.yaml
  signetctl: note: there is no section 'provisioning'; the device will not be provisioned
  the configuration is good

A key that is not known, with the one that was meant.

  $ cat >typo.yaml <<END
  > provisioning:
  >   source: dps
  >   global_endpont: "https://localhost:8443"
  > END
  $ signetctl config check --from typo.yaml
  typo.yaml:3:3: error: unknown key 'global_endpont' in provisioning; did you mean 'global_endpoint'?
  typo.yaml:1:1: error: 'global_endpoint' is missing, e.g. "https://global.azure-devices-provisioning.net"
  typo.yaml:1:1: error: 'scope_id' is missing: the ID scope of your DPS, e.g. "0ne00000001"
  typo.yaml:1:1: error: 'attestation' is missing: how the device proves itself
  [1]

All mistakes at once.

  $ mkdir etc
  $ cat >etc/config.yaml <<END
  > preloaded_keys:
  >   web: /etc/web.pem
  > preloaded_certs:
  >   bundle: [web, other]
  > principals:
  >   - user: no-such-user-here
  >     keys: ["*"]
  > provisioning:
  >   source: "dps"
  >   global_endpoint: "http://localhost"
  >   scope_id: "0ne00000001"
  >   attestation:
  >     method: "x509"
  >     registration_id: "dev 1"
  >     identity_cert: "file://$PWD/chain.pem"
  >     identity_pk: "pkcs11:token=device?pin-source=file:$PWD/pin"
  > END
  $ signetctl config check
  DIR/etc/config.yaml:10:3: error: 'global_endpoint' must be a URL: https://host
  DIR/etc/config.yaml:14:5: error: 'registration_id' must be 1 to 128 letters, digits, '-', '.', '_' and ':', and end in a letter, a digit or '-'
  DIR/etc/config.yaml:16:5: error: 'identity_pk' names a token and no key in it; add 'object=' or 'id='
  DIR/etc/config.yaml:2:3: error: the key 'web' must be a URI: file:///path or pkcs11:token=...;object=...
  DIR/etc/config.yaml:4:3: error: there is no certificate 'web'
  DIR/etc/config.yaml:4:3: error: there is no certificate 'other'
  DIR/etc/config.yaml:6:5: error: no user 'no-such-user-here' on this machine; name one that exists, or a uid
  DIR/etc/config.yaml:15:5: error: cannot open 'DIR/chain.pem': No such file or directory
  DIR/etc/config.yaml:16:5: error: cannot read the PIN: cannot open 'DIR/pin': No such file or directory
  [1]

Values of a wrong kind are all found, too, whoever's file it is. What they mean
together can be said only then.

  $ cat >kinds.yaml <<END
  > keyd: { sessions: many }
  > preloaded_keys: [web]
  > principals:
  >   - { user: "1000", keys: all }
  >   - web
  > provisioning:
  >   source: dps
  >   attestation: { method: x509, registration_id: [a] }
  > END
  $ signetctl config check --from kinds.yaml
  kinds.yaml:1:19: error: 'sessions' must be a whole number from 0 to 4294967295
  kinds.yaml:2:17: error: 'preloaded_keys' must be a mapping
  kinds.yaml:4:27: error: 'keys' must be a list of texts
  kinds.yaml:5:5: error: 'principals' must be a list of sections
  kinds.yaml:8:49: error: 'registration_id' must be a text
  [1]
  $ cat >edge.yaml <<END
  > provisioning:
  >   source: manual
  >   device_connection_string: "HostName=h;DeviceId=d"
  >   dynamic_reprovisioning: maybe
  > certificates:
  >   device_ca_cert: /a
  > hostname: [a]
  > agent: {}
  > END
  $ signetctl config check --from edge.yaml
  edge.yaml:3:29: error: 'SharedAccessKey' is missing or empty in the connection string
  edge.yaml:5:1: error: 'trusted_ca_certs' is missing: 'device_ca_cert', 'device_ca_pk' and 'trusted_ca_certs' go together
  edge.yaml:4:27: error: 'dynamic_reprovisioning' must be true or false
  edge.yaml:7:11: error: 'hostname' must be a text
  [1]
  $ cat >aziot.toml <<END
  > prefer_module_identity_cache = "yes"
  > edge_ca = 5
  > [provisioning]
  > source = "dps"
  > id_scope = "a"
  > scope_id = ["a"]
  > [agent]
  > name = "a"
  > END
  $ signetctl config check --from aziot.toml
  aziot.toml:5:1: error: 'id_scope' is the same as 'scope_id', and both are given
  aziot.toml:2:11: error: 'edge_ca' must be a section with keys of its own
  aziot.toml:1:32: error: 'prefer_module_identity_cache' must be true or false
  aziot.toml:6:12: error: 'scope_id' must be a text
  [1]
  $ signetctl config apply --from kinds.yaml 2>&1 | tail -n 2
  kinds.yaml:8:49: error: 'registration_id' must be a text
  signetctl: nothing is changed: the configuration has 5 mistakes
  $ signetctl config show --from kinds.yaml 2>&1 | tail -n 2
  kinds.yaml:8:49: error: 'registration_id' must be a text
  signetctl: the configuration has 5 mistakes
  $ signetctl config check --from kinds.yaml -o json 2>/dev/null | head -n 7
  {
    "findings": [
      {
        "severity": "error",
        "place": "kinds.yaml:1:19",
        "message": "'sessions' must be a whole number from 0 to 4294967295"
      },
  $ echo 'keyd: { sessions: many' >syntax.yaml
  $ signetctl config check --from syntax.yaml
  signetctl: syntax.yaml:2:1: while parsing a flow mapping, did not find expected ',' or '}'
  [1]

What is not there yet is said.

  $ cat >manual.yaml <<END
  > provisioning:
  >   source: "manual"
  >   device_connection_string: "HostName=h;DeviceId=d;SharedAccessKey=c2VjcmV0"
  > END
  $ signetctl config check --from manual.yaml
  DIR/etc/config.yaml:2:3: error: the key 'web' must be a URI: file:///path or pkcs11:token=...;object=...
  DIR/etc/config.yaml:4:3: error: there is no certificate 'web'
  DIR/etc/config.yaml:4:3: error: there is no certificate 'other'
  DIR/etc/config.yaml:6:5: error: no user 'no-such-user-here' on this machine; name one that exists, or a uid
  [1]
  $ cat >tpm.yaml <<END
  > provisioning:
  >   source: "dps"
  >   global_endpoint: "https://global.azure-devices-provisioning.net"
  >   scope_id: "0ne00000001"
  >   attestation:
  >     method: "tpm"
  >     registration_id: "dev1"
  > END
  $ signetctl config check --from tpm.yaml
  DIR/etc/config.yaml:2:3: error: the key 'web' must be a URI: file:///path or pkcs11:token=...;object=...
  DIR/etc/config.yaml:4:3: error: there is no certificate 'web'
  DIR/etc/config.yaml:4:3: error: there is no certificate 'other'
  DIR/etc/config.yaml:6:5: error: no user 'no-such-user-here' on this machine; name one that exists, or a uid
  [1]

Certificate, key and registration id must fit together. That is found before
DPS finds it.

  $ rm etc/config.yaml
  $ signetctl testpki root --dir pki >/dev/null
  $ signetctl testpki intermediate --dir pki >/dev/null
  $ signetctl testpki device-identity dev1 --dir pki >/dev/null
  $ signetctl testpki device-identity dev2 --dir pki >/dev/null
  $ cat >device.yaml <<END
  > provisioning:
  >   source: "dps"
  >   global_endpoint: "https://localhost:8443"
  >   scope_id: "0ne00000001"
  >   attestation:
  >     method: "x509"
  >     registration_id: "dev2"
  >     identity_cert: "file://$PWD/pki/certs/iot-edge-device-identity-dev1-full-chain.cert.pem"
  >     identity_pk: "file://$PWD/pki/private/iot-edge-device-identity-dev2.key.pem"
  > END
  $ signetctl config check --from device.yaml
  device.yaml:7:5: error: 'registration_id' is 'dev2', but the certificate's common name is 'dev1'; DPS demands that they are the same
  device.yaml:9:5: error: the key does not belong to the certificate of 'identity_cert'
  [1]
  $ signetctl config check --from device.yaml -o json 2>/dev/null
  {
    "findings": [
      {
        "severity": "error",
        "place": "device.yaml:7:5",
        "message": "'registration_id' is 'dev2', but the certificate's common name is 'dev1'; DPS demands that they are the same"
      },
      {
        "severity": "error",
        "place": "device.yaml:9:5",
        "message": "the key does not belong to the certificate of 'identity_cert'"
      }
    ],
    "unused_sections": [],
    "ok": false
  }
  [1]
  $ sed -i s/dev2/dev1/ device.yaml
  $ signetctl config check --from device.yaml
  the configuration is good

What stands in IoT Edge's files is named as they name it, and what is otherwise here
is said. An editor may have put a byte order mark in front.

  $ { printf '\357\273\277'; cat <<END
  > always_reprovision_on_startup: true
  > certificates:
  >   auto_generated_ca_lifetime_days: 65535
  > preloaded_keys: { device-id: "pkcs11:token=t;object=o?pin-value=1" }
  > provisioning:
  >   source: manual
  >   device_connection_string: "HostName=h;DeviceId=d;SharedAccessKey=AAAA"
  > agent: {}
  > END
  > } >edge.yaml
  $ signetctl config check --from edge.yaml 2>&1 | grep -v note:
  edge.yaml:1:1: warning: unknown key 'always_reprovision_on_startup'; it belongs into 'provisioning'
  edge.yaml:3:36: warning: 'auto_generated_ca_lifetime_days' is 65535; a certificate is good for at most 36500 days, which count
  edge.yaml:4:19: error: the key 'device-id' is already given by 'device_connection_string'
  $ sed -i '/preloaded_keys\|always/d' edge.yaml
  $ signetctl config import --from edge.yaml 2>/dev/null
  DIR/etc/config.yaml: written
  'signetctl config apply' gives each daemon its part
  $ grep expiry_days etc/config.yaml | sort -u
        expiry_days: 36500
  $ signetctl config check
  the configuration is good
  $ rm etc/config.yaml
  $ cat >renews.toml <<END
  > [provisioning]
  > source = "none"
  > [edge_ca]
  > method = "self_signed"
  > auto_renew = { threshold = "80%", retry = "4%" }
  > END
  $ signetctl config check --from renews.toml 2>&1 | grep edge_ca
  signetctl: note: 'edge_ca.auto_renew' is not Signet's: aziot-edged renews its CA itself, and has that in a file of its own; it is not used
  $ signetctl config check --from renews.toml -o json 2>/dev/null | jq -c .unused_sections
  ["edge_ca.auto_renew"]

An EST identity in a file is good in a file of aziot, where certd would write over it
as here it does not; in our own it is warned of.

  $ cat >est.toml <<END
  > [provisioning]
  > source = "dps"
  > global_endpoint = "https://dps.example"
  > id_scope = "0ne00000001"
  > [provisioning.attestation]
  > method = "x509"
  > registration_id = "dev1"
  > identity_cert = { method = "est", common_name = "dev1" }
  > [aziot_keys]
  > pkcs11_lib_path = "/usr/lib/softhsm/libsofthsm2.so"
  > pkcs11_base_slot = "pkcs11:token=device?pin-value=1234"
  > [cert_issuance.est]
  > trusted_certs = ["file://$PWD/pki/certs/azure-iot-test-only.root.ca.cert.pem"]
  > [cert_issuance.est.auth]
  > identity_cert = "file://$PWD/pki/certs/iot-edge-device-identity-dev2-full-chain.cert.pem"
  > identity_pk = "file://$PWD/pki/private/iot-edge-device-identity-dev2.key.pem"
  > [cert_issuance.est.urls]
  > default = "https://est.example/.well-known/est"
  > END
  $ signetctl config check --from est.toml
  est.toml:15:1: note: 'est-id', with which EST is asked, is a file that certd only reads: it is not renewed, and once it has ended nothing is; 'manage_preloaded: true' lets certd replace it, or give it as 'bootstrap_identity_cert', with which one is asked for that certd keeps
  signetctl: note: this is a file of IoT Edge, so compat is aziot: root may use every key, who has a handle may use its key, and symmetric keys may be in files; 'compat: none' prevents that
  the configuration is good
  $ signetctl config check --from est.toml -o json 2>/dev/null | jq -c '.ok, .findings[].severity'
  true
  "note"
  $ signetctl config import --from est.toml 2>/dev/null >/dev/null; signetctl config check 2>/dev/null
  the configuration is good
  $ sed -i /^compat/d etc/config.yaml; signetctl config check 2>&1 | cut -c 1-80; rm etc/config.yaml
  DIR/etc/config.yaml:6:5: warning: 'est-id', with which EST is

The samples of the guides are good, once their files are there.

  $ mkdir secrets
  $ printf 0123456789abcdef | tee secrets/pump-17 secrets/line-7 etc/pin >/dev/null
  $ cp pki/certs/azure-iot-test-only.root.ca.cert.pem plant-ca.pem
  $ for guide in nested symmetric-key; do
  >   awk -v RS= -v guide=$guide '/^    / && /\n    provisioning:|^    provisioning:/ {
  >     gsub(/(^|\n)    /, "\n"); print >(guide "-" ++samples ".yaml")
  >   }' "$SIGNET_SOURCE/docs/guides/$guide.md"
  > done
  $ sed -i "s|/etc/signet|$PWD|" nested-*.yaml symmetric-key-*.yaml
  $ for sample in nested-*.yaml symmetric-key-*.yaml; do
  >   echo "$sample: $(signetctl config check --from $sample 2>&1)"
  > done
  nested-1.yaml: the configuration is good
  symmetric-key-1.yaml: the configuration is good
  symmetric-key-2.yaml: the configuration is good
  symmetric-key-3.yaml: the configuration is good
  $ rm etc/pin

Checking changes nothing.

  $ ls etc

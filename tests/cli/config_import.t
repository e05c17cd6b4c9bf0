A file of aziot becomes one of ours, in our own names.

  $ signetctl testpki root --dir pki >/dev/null
  $ signetctl testpki intermediate --dir pki >/dev/null
  $ cat >config.toml <<END
  > hostname = "gateway"
  > cloud_timeout_sec = 100 # nested
  > cloud_retries = 3
  > hostnam = "typo"
  > 
  > [provisioning]
  > source = "dps"
  > global_endpoint = "https://localhost:8443"
  > id_scope = "0ne00000001"
  > 
  > [provisioning.attestation]
  > method = "x509"
  > registration_id = "dev1"
  > identity_cert = { method = "est", expiry_days = 30, subject = { O = "Contoso" }, auto_renew = { rotate_key = true, threshold = "80%", retry = "4%" } }
  > 
  > [aziot_keys]
  > pkcs11_lib_path = "/usr/lib/softhsm/libsofthsm2.so"
  > pkcs11_base_slot = "pkcs11:token=device?pin-value=648219"
  > 
  > [cert_issuance.est]
  > trusted_certs = [ "file://$PWD/pki/certs/azure-iot-test-only.root.ca.cert.pem" ]
  > 
  > [cert_issuance.est.auth]
  > username = "dev"
  > password = "secret"
  > 
  > [cert_issuance.est.urls]
  > default = "https://localhost:9443/.well-known/est"
  > 
  > [agent]
  > name = "edgeAgent"
  > END
  $ signetctl config import --from config.toml
  config.toml:4:1: warning: unknown key 'hostnam'; did you mean 'hostname'?
  signetctl: note: the section 'agent' is not Signet's; it is not used
  signetctl: note: this is a file of IoT Edge, so compat is aziot: root may use every key, who has a handle may use its key, and symmetric keys may be in files; 'compat: none' prevents that
  DIR/etc/config.yaml: written
  'signetctl config apply' gives each daemon its part
  $ stat -c %a etc/config.yaml
  600
  $ cat etc/config.yaml
  # Imported from config.toml. signet-config(5) describes every key.
  cert_issuance:
    est:
      trusted_certs:
      - "est-server-ca-1"
      password: "secret"
      username: "dev"
      url: "https://localhost:9443/.well-known/est"
    certs:
      aziot-edged-ca:
        method: "self_signed"
        expiry_days: 90
        profile: "ca"
        renewal:
          automatic: "false"
      device-id:
        subject:
          O: "Contoso"
          CN: "dev1"
        renewal:
          retry: "4%"
          rotate_key: true
          window: "80%"
        method: "est"
      aziot-edged-ca-temp:
        method: "self_signed"
        expiry_days: 90
        profile: "ca"
        renewal:
          automatic: "false"
  cloud_retries: 3
  cloud_timeout_sec: 100
  hostname: "gateway"
  provisioning:
    attestation:
      identity_cert:
        expiry_days: 30
        method: "est"
      method: "x509"
      registration_id: "dev1"
    global_endpoint: "https://localhost:8443"
    source: "dps"
    scope_id: "0ne00000001"
  token:
    module: "/usr/lib/softhsm/libsofthsm2.so"
    uri: "pkcs11:token=device?pin-value=648219"
  edge_ca: {}
  preloaded_certs:
    est-server-ca-1: "file://DIR/pki/certs/azure-iot-test-only.root.ca.cert.pem"
  compat: "aziot"
  auto_reprovisioning_mode: "Dynamic"

It gives the daemons what the file itself would.

  $ mv etc/config.yaml ours.yaml
  $ signetctl config apply --from config.toml 2>/dev/null
  DIR/etc/keyd/config.yaml: written
  DIR/etc/certd/config.yaml: written
  DIR/etc/provisiond/config.yaml: written
  'signetctl system start' starts the daemons with it
  $ mv ours.yaml etc/config.yaml
  $ signetctl config apply
  DIR/etc/keyd/config.yaml: unchanged
  DIR/etc/certd/config.yaml: unchanged
  DIR/etc/provisiond/config.yaml: unchanged
  $ signetctl config diff && echo the same
  the same

The same once more changes nothing; another one is not replaced unawares.

  $ signetctl config import --from config.toml 2>/dev/null | head -n 1
  DIR/etc/config.yaml: written
  $ echo '# mine' >>etc/config.yaml
  $ signetctl config import --from config.toml 2>&1 | tail -n 1
  signetctl: there is a configuration in 'DIR/etc/config.yaml' already; --force replaces it
  $ signetctl config import --force --from config.toml 2>/dev/null | head -n 1
  DIR/etc/config.yaml: written

Who is strict takes no key that nobody knows.

  $ signetctl config import --force --strict --from config.toml 2>&1 | grep -v note:
  config.toml:4:1: error: unknown key 'hostnam'; did you mean 'hostname'?
  signetctl: nothing is changed: the configuration has 1 mistake

What is configured is shown without its secrets.

  $ signetctl config show
  # The configuration, without its secrets.
  cert_issuance:
    est:
      trusted_certs:
      - "est-server-ca-1"
      password: "(hidden)"
      username: "dev"
      url: "https://localhost:9443/.well-known/est"
    certs:
      aziot-edged-ca:
        method: "self_signed"
        expiry_days: 90
        profile: "ca"
        renewal:
          automatic: "false"
      device-id:
        subject:
          O: "Contoso"
          CN: "dev1"
        renewal:
          retry: "4%"
          rotate_key: true
          window: "80%"
        method: "est"
      aziot-edged-ca-temp:
        method: "self_signed"
        expiry_days: 90
        profile: "ca"
        renewal:
          automatic: "false"
  cloud_retries: 3
  cloud_timeout_sec: 100
  hostname: "gateway"
  provisioning:
    attestation:
      identity_cert:
        expiry_days: 30
        method: "est"
      method: "x509"
      registration_id: "dev1"
    global_endpoint: "https://localhost:8443"
    source: "dps"
    scope_id: "0ne00000001"
  token:
    module: "/usr/lib/softhsm/libsofthsm2.so"
    uri: "pkcs11:token=device?pin-value=(hidden)"
  edge_ca: {}
  preloaded_certs:
    est-server-ca-1: "file://DIR/pki/certs/azure-iot-test-only.root.ca.cert.pem"
  compat: "aziot"
  auto_reprovisioning_mode: "Dynamic"
  $ signetctl config show --effective | grep -e '==>' -e pin-value -e password
  ==> DIR/etc/keyd/config.yaml <==
    uri: "pkcs11:token=device?pin-value=(hidden)"
  ==> DIR/etc/certd/config.yaml <==
      password: "(hidden)"
  ==> DIR/etc/provisiond/config.yaml <==
  $ signetctl config show --effective -o json | jq -c '.daemons[].daemon'
  "keyd"
  "certd"
  "provisiond"

What would change, before it does.

  $ sed -i 's/cloud_retries: 3/cloud_retries: 4/; s/secret/other/' etc/config.yaml
  $ signetctl config diff
  DIR/etc/certd/config.yaml
  ~ (hidden)
  DIR/etc/provisiond/config.yaml
  @@ 18
  - cloud_retries: 3
  + cloud_retries: 4
  [1]
  $ signetctl config diff -o json
  {
    "changes": [
      {
        "daemon": "certd",
        "path": "DIR/etc/certd/config.yaml",
        "diff": "~ (hidden)\n"
      },
      {
        "daemon": "provisiond",
        "path": "DIR/etc/provisiond/config.yaml",
        "diff": "@@ 18\n- cloud_retries: 3\n+ cloud_retries: 4\n"
      }
    ]
  }
  [1]

An inline key gets a file of its own, which is shown to nobody.

  $ cat >edge.yaml <<END
  > provisioning:
  >   source: "manual"
  >   device_connection_string: "HostName=hub.example;DeviceId=dev;SharedAccessKey=a2V5MQ=="
  > parent_hostname: "parent"
  > homedir: "/var/lib/iotedge"
  > END
  $ signetctl config diff --from edge.yaml 2>/dev/null | grep -A17 secrets
  +   device-id: "file://DIR/etc/keyd/secrets/device-id"
  @@ 11
  -   - "device-id-next"
  -   - "device-id-next-?"
  DIR/etc/certd/config.yaml
  @@ 13
  +     aziot-edged-ca:
  +       method: "self_signed"
  +       profile: "ca"
  +       expiry_days: 90
  +       renewal:
  +         automatic: "false"
  @@ 15
  -       expiry_days: 30
  @@ 23
  -         prove: "user"
  -     aziot-edged-ca:
  -       method: "self_signed"
  --
  DIR/etc/keyd/secrets/device-id
  @@ 1
  + (hidden)
  $ signetctl config apply --from edge.yaml 2>/dev/null
  DIR/etc/keyd/config.yaml: written
  DIR/etc/certd/config.yaml: written
  DIR/etc/provisiond/config.yaml: written
  DIR/etc/keyd/secrets/device-id: written
  'signetctl system start' starts the daemons with it
  $ stat -c '%n %a' etc/keyd/secrets etc/keyd/secrets/*
  etc/keyd/secrets 700
  etc/keyd/secrets/device-id 600
  $ cat etc/keyd/secrets/device-id; echo
  key1
  $ signetctl config show --from edge.yaml 2>/dev/null | grep -A99 ^provisioning
  provisioning:
    source: "manual"
    iothub_hostname: "hub.example"
    device_id: "dev"
    authentication:
      method: "sas"
      device_id_pk:
        value: "(hidden)"
  local_gateway_hostname: "parent"
  $ cat etc/provisiond/config.yaml
  # Written by 'signetctl config apply' from the operator's config.yaml. Changes belong there.
  provisioning:
    source: "manual"
    local_gateway_hostname: "parent"
    iothub_hostname: "hub.example"
    device_id: "dev"
    authentication:
      method: "sas"
      device_id_pk: "device-id"
  hostname: "gateway"
  cloud_timeout_sec: 100
  cloud_retries: 4
  principals: []
  $ grep device-id etc/keyd/config.yaml
    device-id: "file://DIR/etc/keyd/secrets/device-id"
    - "device-id"
    - "device-id"
    - "device-id-next"
    - "device-id-next-?"

It goes with the configuration that had it.

  $ signetctl config apply | grep -v written
  DIR/etc/keyd/secrets/device-id: removed
  'signetctl system start' starts the daemons with it
  $ ls etc/keyd/secrets

No secret is shown, in whatever style it is written: in the operator's own file,
in what the daemons are given, and as JSON.

  $ mkdir etc
  $ signetctl testpki root --dir pki >/dev/null
  $ cat >plain.yaml <<END
  > token:
  >   module: /usr/lib/softhsm/libsofthsm2.so
  >   uri: pkcs11:token=device?pin-value=hunter2
  > tpm:
  >   hierarchy_authorization:
  >     endorsement: hunter3
  >     owner: |-
  >       hunter4
  > cert_issuance:
  >   est:
  >     url: https://u:hunter5@localhost:9443/.well-known/est
  >     username: dev
  >     password: hunter6
  > provisioning:
  >   source: dps
  >   global_endpoint: https://localhost:8443
  >   scope_id: 0ne00000001
  >   attestation:
  >     method: symmetric_key
  >     registration_id: dev1
  >     symmetric_key: aHVudGVyNw==
  > END
  $ cat >quoted.yaml <<END
  > token:
  >   module: "/usr/lib/softhsm/libsofthsm2.so"
  >   uri: "pkcs11:token=device?pin-value=hunter2"
  > tpm:
  >   hierarchy_authorization: { endorsement: "hunter3", owner: 'hunter4' }
  > cert_issuance:
  >   est:
  >     url: "https://u:hunter5@localhost:9443/.well-known/est"
  >     username: "dev"
  >     password: 'hunter6'
  > provisioning:
  >   source: "dps"
  >   global_endpoint: "https://localhost:8443"
  >   scope_id: "0ne00000001"
  >   attestation:
  >     method: "symmetric_key"
  >     registration_id: "dev1"
  >     symmetric_key: { value: "aHVudGVyNw==" }
  > END
  $ cat >flow.yaml <<END
  > token: { module: /usr/lib/softhsm/libsofthsm2.so, uri: pkcs11:token=device?pin-value=hunter2 }
  > tpm: { hierarchy_authorization: { endorsement: hunter3, owner: hunter4 } }
  > cert_issuance: { est: { url: https://u:hunter5@localhost:9443/.well-known/est, username: dev, password: hunter6 } }
  > provisioning: { source: dps, global_endpoint: https://localhost:8443, scope_id: 0ne00000001,
  >   attestation: { method: symmetric_key, registration_id: dev1, symmetric_key: aHVudGVyNw== } }
  > END
  $ for style in plain quoted flow; do
  >   grep -c -e hunter -e aHVu $style.yaml
  >   signetctl config show --from $style.yaml >$style.own 2>&1
  >   signetctl config show --from $style.yaml -o json >$style.json 2>/dev/null
  >   signetctl config show --effective --from $style.yaml >$style.effective 2>&1
  >   signetctl config show --effective --from $style.yaml -o json >$style.effective.json 2>/dev/null
  >   signetctl config diff --from $style.yaml >$style.diff 2>&1
  >   grep -h -e hunter -e aHVu $style.own $style.json $style.effective $style.effective.json $style.diff
  >   grep -c hidden $style.own $style.effective
  > done
  6
  plain.own:6
  plain.effective:3
  5
  quoted.own:6
  quoted.effective:3
  4
  flow.own:6
  flow.effective:3
  $ grep -h symmetric_key: *.effective
      symmetric_key: "device-id"
      symmetric_key: "device-id"
      symmetric_key: "device-id"
  $ cat plain.own
  # The configuration, without its secrets.
  token:
    module: /usr/lib/softhsm/libsofthsm2.so
    uri: pkcs11:token=device?pin-value=(hidden)
  tpm:
    hierarchy_authorization:
      endorsement: "(hidden)"
      owner: "(hidden)"
  cert_issuance:
    est:
      url: https://(hidden)@localhost:9443/.well-known/est
      username: dev
      password: "(hidden)"
  provisioning:
    source: dps
    global_endpoint: https://localhost:8443
    scope_id: 0ne00000001
    attestation:
      method: symmetric_key
      registration_id: dev1
      symmetric_key: "(hidden)"

The certificates of certd: a CA with its key in a SoftHSM token, which certd has
issued itself, and what it issues. Dates and what is random are masked.

  $ export SOFTHSM2_CONF=$PWD/softhsm2.conf && mkdir -p tokens run etc/keyd etc/certd state &&
  > printf 'directories.tokendir = %s\nlog.level = ERROR\n' "$PWD/tokens" >softhsm2.conf &&
  > softhsm2-util --init-token --free --label device --pin 1234 --so-pin 1234 >/dev/null &&
  > printf 'token: { module: "/usr/lib/softhsm/libsofthsm2.so", uri: "pkcs11:token=device?pin-value=1234" }\nprincipals: [{ user: "%s", keys: ["*"], rights: [use, manage] }]\n' "$(id -u)" >etc/keyd/config.yaml
  $ cat >etc/certd/config.yaml <<'YAML'
  > cert_issuance:
  >   local_ca: { cert: ca, pk: ca }
  >   certs:
  >     ca: { method: self_signed, profile: ca, common_name: Line 7, expiry_days: 365 }
  >     web: { method: local_ca, profile: server, common_name: web.local, expiry_days: 30 }
  >     fresh: { method: local_ca, common_name: fresh, renewal: { rotate_key: "true", window: 50% } }
  > YAML
  > printf 'principals: [{ user: "%s", certs: ["*"] }]\n' "$(id -u)" >>etc/certd/config.yaml
  $ SOFTHSM2_CONF=$PWD/softhsm2.conf setsid signet-keyd >keyd.log 2>&1 & echo $! >keyd.pid;
  > for i in $(seq 200); do signetctl key list >/dev/null 2>&1 && break; sleep 0.1; done
  $ setsid signet-certd >certd.log 2>&1 & echo $! >certd.pid;
  > for i in $(seq 200); do signetctl cert list >/dev/null 2>&1 && break; sleep 0.1; done

What is not kept fresh is issued at once.

  $ echo 's/20[0-9]+-[0-9-]+T[0-9:]+Z/DATE/;s/^(serial number  +).*/\1SERIAL/;s/[0-9a-f]{40,64}/HEX/' >mask
  $ for key in ca web fresh; do signetctl key create $key; done
  the key is there
  the key is there
  the key is there
  $ signetctl cert renew ca | sed -Ef mask
  id                 ca
  subject            CN=Line 7
  issuer             CN=Line 7
  serial number      SERIAL
  valid from         DATE
  valid to           DATE
  key                EC P-256
  key id             HEX
  key usage          Digital Signature, Certificate Sign, CRL Sign
  fingerprint        HEX
  issued by method   self_signed
  kept fresh         no
  last attempt       DATE
  $ signetctl cert renew web | grep -E '^(id|subject|issuer|extended) '
  id                 web
  subject            CN=web.local
  issuer             CN=Line 7
  extended key usage TLS Web Server Authentication
  $ signetctl cert list | sed -Ef mask
  ID  SUBJECT      ISSUER    KEY      CA  VALID TO
  ca  CN=Line 7    CN=Line 7 EC P-256 yes DATE
  web CN=web.local CN=Line 7 EC P-256 no  DATE
  $ signetctl cert show web | sed -Ef mask
  id                 web
  subject            CN=web.local
  issuer             CN=Line 7
  serial number      SERIAL
  valid from         DATE
  valid to           DATE
  key                EC P-256
  key id             HEX
  key usage          Digital Signature
  extended key usage TLS Web Server Authentication
  fingerprint        HEX
  chain              CN=Line 7 until DATE
  issued by method   local_ca
  kept fresh         no
  last attempt       DATE
  $ signetctl cert show web --pem | openssl x509 -noout -subject
  subject=CN = web.local
  $ signetctl cert show web -o json | jq -c '[.id, .subject, .policy.method, (.chain | length)]'
  ["web","CN=web.local","local_ca",2]
  $ signetctl cert show nothing
  signetctl: there is no certificate 'nothing'
  [1]

Who is kept fresh is renewed as ever, only sooner. Waiting tells when it is done;
"none" is what there was before.

  $ signetctl cert renew fresh
  certificate 'fresh' is being renewed; 'signetctl cert show fresh' says how far it is
  $ signetctl cert wait fresh --etag none --timeout 50 | grep subject
  subject            CN=fresh
  $ etag=$(signetctl cert show fresh -o json | jq -r .etag);
  > signetctl cert renew fresh --wait 50 | grep subject;
  > signetctl cert wait fresh --etag "$etag" -o json | jq -r .subject
  signetctl: certificate 'fresh' is being renewed ...
  subject            CN=fresh
  CN=fresh
  $ signetctl cert wait web --timeout 1
  signetctl: certificate 'web' is the same after 1 s
  [1]
  $ signetctl cert wait web --timeout 1h
  signetctl: '1h' is no number of seconds from 1 to 3600
  [1]
  $ signetctl cert renew nothing
  signetctl: cannot renew certificate 'nothing': no issuance is configured for certificate 'nothing'; add cert_issuance.certs.nothing
  [1]

The hierarchy, with its dates.

  $ signetctl testpki root >/dev/null && signetctl testpki device-identity box --issuer root >/dev/null
  $ signetctl cert import box certs/iot-edge-device-identity-box.cert.pem | grep -E '^(subject|issuer) '
  subject            CN=box
  issuer             CN=Signet Test Only Root CA\, not for production
  $ signetctl cert tree | sed -Ef mask
  CERTIFICATE    VALID TO             ID
  CN=Line 7      DATE ca
  ├─CN=fresh     DATE fresh
  └─CN=web.local DATE web
  CN=box         DATE box
  $ signetctl cert tree -o json | jq -c '.certificates[] | [.subject, .ids, (.below | map(.subject))]'
  ["CN=Line 7",["ca"],["CN=fresh","CN=web.local"]]
  ["CN=box",["box"],[]]

Which line of the configuration says what.

  $ signetctl cert explain fresh
  SETTING            VALUE                                      SET BY
  method             local_ca                                   DIR/etc/certd/config.yaml:6
  pk                 fresh                                      default
  issuer.cert        ca                                         DIR/etc/certd/config.yaml:2
  issuer.pk          ca                                         DIR/etc/certd/config.yaml:2
  profile            by-request                                 default
  accept             subject, dns, ip, uri, email, other, usage default
  common_name        fresh                                      DIR/etc/certd/config.yaml:6
  expiry_days        30                                         default
  renewal.automatic  true                                       default
  renewal.window     50%                                        DIR/etc/certd/config.yaml:6
  renewal.retry      4%                                         default
  renewal.rotate_key true                                       DIR/etc/certd/config.yaml:6
  renewal.prove      nobody                                     default
  $ signetctl cert explain web -o json | jq -c '.settings[0]'
  {"key":"method","value":"local_ca","origin":"DIR/etc/certd/config.yaml:5"}

An id of which nothing is said has defaults, and may be a typing error.

  $ signetctl cert explain frehs
  signetctl: nothing is configured for certificate 'frehs'
  SETTING VALUE SET BY
  method  none  default
  $ signetctl cert wait frehs --timeout 1
  signetctl: there is no certificate 'frehs' after 1 s either
  [1]

Where the operator's own file says the same, it is the place to look at.

  $ cat >etc/config.yaml <<'YAML'
  > cert_issuance:
  >   local_ca: { cert: "file:///ca.pem", pk: "file:///ca.key" }
  >   renewal:
  >     window: 50%
  >   certs:
  >     fresh:
  >       method: local_ca
  >       common_name: other
  > YAML
  $ signetctl cert explain fresh | grep -E '^(method|issuer.cert|common_name|renewal.window|renewal.retry)'
  method             local_ca                                   DIR/etc/config.yaml:7
  issuer.cert        ca                                         DIR/etc/config.yaml:2
  common_name        fresh                                      DIR/etc/certd/config.yaml:6
  renewal.window     50%                                        DIR/etc/config.yaml:4
  renewal.retry      4%                                         default

What cannot play its part does not get in.

  $ signetctl cert import web certs/iot-edge-device-identity-box.cert.pem
  signetctl: 'certs/iot-edge-device-identity-box.cert.pem': cannot import certificate 'web': the certificate is not for key 'web', which keyd has
  [1]
  $ signetctl cert import web nowhere.pem
  signetctl: cannot open 'nowhere.pem': No such file or directory
  [1]
  $ kill "$(cat certd.pid)" "$(cat keyd.pid)" &&
  > for p in certd keyd; do timeout 30 tail --pid="$(cat $p.pid)" -f /dev/null; done
  $ while [ -d /proc/$(cat certd.pid) ]; do sleep 0.1; done; signetctl cert list
  signetctl: cannot list the certificates: cannot connect to 'DIR/run/certd.sock': No such file or directory (does its daemon run? 'signetctl system start' starts it)
  [1]

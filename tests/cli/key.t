The keys of keyd, in a SoftHSM token; root manages them all.

  $ export SOFTHSM2_CONF=$PWD/softhsm2.conf && mkdir -p tokens run etc/keyd state &&
  > printf 'directories.tokendir = %s\nlog.level = ERROR\n' "$PWD/tokens" >softhsm2.conf &&
  > softhsm2-util --init-token --free --label device --pin 1234 --so-pin 1234 >/dev/null &&
  > printf 'token: { module: "/usr/lib/softhsm/libsofthsm2.so", uri: "pkcs11:token=device?pin-value=1234" }\nprincipals: [{ user: "%s", keys: ["*"], rights: [use, manage] }]\n' "$(id -u)" >etc/keyd/config.yaml
  $ SOFTHSM2_CONF=$PWD/softhsm2.conf setsid signet-keyd >keyd.log 2>&1 & echo $! >keyd.pid;
  > for i in $(seq 200); do signetctl key list >/dev/null 2>&1 && break; sleep 0.1; done

A key is made, once, for what it is to do.

  $ signetctl key create web
  the key is there
  $ signetctl key create web
  the key is there
  $ signetctl key create box --algorithm rsa-2048 --usage decrypt
  the key is there
  $ signetctl key create master --symmetric --usage derive
  the key is there
  $ signetctl key list
  ID     TYPE     USAGE       RIGHTS     EXTRACTABLE LOCATION
  box    RSA 2048 decrypt     use,manage no          pkcs11:token=device;object=box
  master HMAC 256 sign,derive use,manage no          pkcs11:token=device;object=master
  web    EC P-256 sign        use,manage no          pkcs11:token=device;object=web
  $ signetctl key show web | sed 's/^\(created  *\).*/\1T/'
  id                 web
  kind               pair
  type               EC P-256
  usage              sign
  rights             use,manage
  location           pkcs11:token=device;object=web
  sensitive          yes
  extractable        no
  always sensitive   yes
  never extractable  yes
  made where it is   yes
  created            T
  certificates       -
  $ signetctl key list -o json | jq -c '.keys[] | [.id, .kind, .usage]'
  ["box","pair",["decrypt"]]
  ["master","symmetric",["sign","derive"]]
  ["web","pair",["sign"]]

Its public half goes out, its private half does not.

  $ signetctl key export-public web | openssl pkey -pubin -noout -text | grep -c P-256
  1
  $ signetctl key export-public master
  signetctl: no key pair 'master'
  [1]

A key of a file goes in, and replaces none.

  $ openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out new.pem 2>/dev/null
  $ signetctl key import new new.pem --usage sign,derive
  the key has been imported; the file can be destroyed
  $ signetctl key export-public new | cmp - <(openssl pkey -in new.pem -pubout) && echo same
  same
  $ signetctl key import web new.pem
  signetctl: cannot import key 'web': there is a key pair 'web'; delete it, or import under another id and move
  [1]
  $ printf '0123456789abcdef0123456789abcdef' >bytes && signetctl key import master bytes --symmetric
  the key has been imported; the file can be destroyed
  $ signetctl key import nothing nowhere.pem
  signetctl: cannot import key 'nothing': cannot open 'nowhere.pem': No such file or directory
  [1]

A key gets another id, and what had that is gone.

  $ signetctl key move new web
  the key has moved
  $ signetctl key show web | grep type
  type               EC P-384
  $ signetctl key move new web
  the key has moved
  $ signetctl key move nothing nowhere
  signetctl: cannot move key 'nothing': no key pair 'nothing' to move to 'nowhere'
  [1]

And is removed.

  $ signetctl key delete web -o json
  {
    "id": "web"
  }
  $ signetctl key delete web
  there is no such key any more
  $ signetctl key delete master --kind pair
  there is no such key any more
  $ signetctl key delete master --kind both
  signetctl: cannot delete key 'master': --kind is 'both'; it can be pair or symmetric
  [1]
  $ signetctl key show web
  signetctl: no key pair 'web'
  [1]
  $ signetctl key create x --symmetric --algorithm ec-p256
  signetctl: cannot create key 'x': --algorithm is for key pairs; what a symmetric key is for decides its algorithm
  [1]
  $ signetctl key create x --algorithm dsa
  signetctl: cannot create key 'x': 'preferredAlgorithms' names no algorithm of ec-p256, ec-p384, ec-p521, ed25519, rsa-2048, rsa-3072, rsa-4096 and *
  [1]
  $ kill "$(cat keyd.pid)" && timeout 30 tail --pid="$(cat keyd.pid)" -f /dev/null

One that cannot be seen is told below the others, and by the exit status.

  $ echo 'preloaded_keys: { lost: "file:///nowhere.pem" }' >>etc/keyd/config.yaml
  $ SOFTHSM2_CONF=$PWD/softhsm2.conf setsid signet-keyd >keyd.log 2>&1 & echo $! >keyd.pid;
  > for i in $(seq 200); do signetctl key list 2>/dev/null | grep -q lost && break; sleep 0.1; done
  $ signetctl key list | grep lost:
  lost: preloaded key 'lost': cannot open '/nowhere.pem': No such file or directory
  $ signetctl key list >/dev/null
  [1]
  $ signetctl key list -o json | jq -r '.keys[] | select(.error) | .id'
  lost
  $ kill "$(cat keyd.pid)" && timeout 30 tail --pid="$(cat keyd.pid)" -f /dev/null

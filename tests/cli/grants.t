Who may do what with keyd's keys. At first only what keyd's own file says:

  $ mkdir -p etc/keyd && cat >etc/keyd/config.yaml <<YAML
  > token: { uri: "pkcs11:token=device" }
  > principals:
  >   - { user: root, keys: ["device-id", "local-ca"] }
  > YAML
  $ signetctl grants
  USER PATTERN   RIGHTS FILE
  root device-id use    DIR/etc/keyd/config.yaml
  root local-ca  use    DIR/etc/keyd/config.yaml

A right is given, once.

  $ signetctl grant nobody 'web*' use
  DIR/etc/keyd/config.d/nobody.yaml is written; keyd reads it by itself
  $ signetctl grant nobody 'web*' use
  that is so already; DIR/etc/keyd/config.d/nobody.yaml is unchanged
  $ signetctl grant nobody 'web*' manage
  DIR/etc/keyd/config.d/nobody.yaml is written; keyd reads it by itself
  $ signetctl grant nobody logs use export
  DIR/etc/keyd/config.d/nobody.yaml is written; keyd reads it by itself
  $ signetctl grants
  USER   PATTERN   RIGHTS     FILE
  root   device-id use        DIR/etc/keyd/config.yaml
  root   local-ca  use        DIR/etc/keyd/config.yaml
  nobody web*      use,manage DIR/etc/keyd/config.d/nobody.yaml
  nobody logs      use,export DIR/etc/keyd/config.d/nobody.yaml
  $ cat etc/keyd/config.d/nobody.yaml
  # Written by 'signetctl grant' and 'signetctl revoke'.
  principals:
  - user: "nobody"
    keys:
    - "web*"
    rights:
    - "use"
    - "manage"
  - user: "nobody"
    keys:
    - "logs"
    rights:
    - "use"
    - "export"
  $ stat -c %a etc/keyd/config.d/nobody.yaml
  644

And taken back.

  $ signetctl revoke nobody 'web*' manage
  DIR/etc/keyd/config.d/nobody.yaml is written; keyd reads it by itself
  $ signetctl revoke nobody 'web*' manage
  that is so already; DIR/etc/keyd/config.d/nobody.yaml is unchanged
  $ signetctl revoke nobody logs
  DIR/etc/keyd/config.d/nobody.yaml is written; keyd reads it by itself
  $ signetctl grants -o json
  {
    "grants": [
      {
        "user": "root",
        "pattern": "device-id",
        "rights": [
          "use"
        ],
        "file": "DIR/etc/keyd/config.yaml"
      },
      {
        "user": "root",
        "pattern": "local-ca",
        "rights": [
          "use"
        ],
        "file": "DIR/etc/keyd/config.yaml"
      },
      {
        "user": "nobody",
        "pattern": "web*",
        "rights": [
          "use"
        ],
        "file": "DIR/etc/keyd/config.d/nobody.yaml"
      }
    ]
  }
  $ signetctl revoke nobody 'web*'
  DIR/etc/keyd/config.d/nobody.yaml is written; keyd reads it by itself
  $ ls etc/keyd/config.d

What cannot be meant is refused, and changes nothing.

  $ signetctl grant no-such-user-here x use
  signetctl: no user 'no-such-user-here' on this machine; name one that exists, or a uid
  [1]
  $ signetctl grant ../../passwd x use
  signetctl: '../../passwd' is no name of a user
  [1]
  $ signetctl grant nobody x sign
  signetctl: there is no right 'sign', only use, export and manage
  [1]
  $ signetctl grant nobody x
  signetctl: grant: missing 'USER PATTERN RIGHT...'
  usage: signetctl grant [-o text|json] USER PATTERN RIGHT...
  [2]
  $ signetctl grant nobody x use export manage use
  signetctl: grant: unexpected argument 'use'
  usage: signetctl grant [-o text|json] USER PATTERN RIGHT...
  [2]
  $ ls etc/keyd/config.d

A file with more in it than grants is left to who wrote it.

  $ printf 'sessions: 2\n' >etc/keyd/config.d/nobody.yaml
  $ signetctl grant nobody x use
  signetctl: DIR/etc/keyd/config.d/nobody.yaml:1:1: unknown key 'sessions'
  [1]
  $ signetctl grants -o json | jq -r '.grants[].user'
  root
  root

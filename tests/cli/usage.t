The table of commands is the help.

  $ signetctl --help
  usage: signetctl COMMAND [OPTION]...
    audit verify          verify the log of keyd's keys
    cert explain          show where its settings come from
    cert import           put a certificate of a file in place
    cert list             list the certificates of this device
    cert renew            have a certificate issued anew now
    cert show             show a certificate, and what is wrong with it
    cert tree             show who issued what, and when it ends
    cert wait             wait until a certificate changes
    check                 find what is wrong with this device
    config apply          give each daemon its configuration
    config check          find what is wrong in config.yaml
    config diff           show what apply would change
    config import         make our file from one of IoT Edge
    config show           show the configuration, without secrets
    grant                 let a user use, export or manage keys
    grants                show who may do what with which keys
    identity create       make a module at the hub
    identity delete       remove a module from the hub
    identity list         list the modules of this device
    identity show         show who this device or a module is
    identity update       give a module its keys anew
    init                  configure this device in one line
    key create            make a key in the token
    key delete            remove a key for ever
    key export-public     print the public half of a key
    key import            put a key of a file into the token
    key list              list the keys that we may use or manage
    key move              give a key another id
    key show              show what is known of a key
    list                  show modules, keys and certificates
    migrate aziot         take over what aziot's daemons have
    revoke                take rights to keys back
    support-bundle        collect what helps others to help
    system logs           show what the daemons say
    system reprovision    register with DPS again
    system restart        restart the daemons
    system set-log-level  say how much they say
    system start          start the daemons
    system status         show how daemons and device are
    system stop           stop the daemons
    telemetry send        send one message to the hub
    testpki               make certificates for tests
    tpm show              show what DPS is to know the TPM by
  Every command knows --help and -o json.
  Exit status: 0 done, 1 failed, 2 not understood, 3 others have to restart.
  $ signetctl 2>help; echo $?; signetctl --help | diff - help
  2

The manual has the same commands.

  $ diff <(signetctl --help | sed -nE 's/^  ([a-z-]+( [a-z-]+)?)  .*/\1/p') \
  >   <(sed -nE '/^[.]It Cm /{s///;s/ (Op|Ar|Fl) .*//;p}' "$SIGNET_SOURCE/docs/man/signetctl.1")

A group of commands shows what is in it.

  $ signetctl system --help
  usage: signetctl COMMAND [OPTION]...
    system logs           show what the daemons say
    system reprovision    register with DPS again
    system restart        restart the daemons
    system set-log-level  say how much they say
    system start          start the daemons
    system status         show how daemons and device are
    system stop           stop the daemons
  Every command knows --help and -o json.
  Exit status: 0 done, 1 failed, 2 not understood, 3 others have to restart.
  $ signetctl help system | diff - <(signetctl system --help)
  $ signetctl key -h | grep '^  '
    key create            make a key in the token
    key delete            remove a key for ever
    key export-public     print the public half of a key
    key import            put a key of a file into the token
    key list              list the keys that we may use or manage
    key move              give a key another id
    key show              show what is known of a key
  $ signetctl key list --help | diff - <(signetctl help key list)
  $ signetctl help | diff - <(signetctl --help)

It is no command by itself.

  $ signetctl system >/dev/null
  signetctl: 'system' is several commands; see 'signetctl system --help'
  usage: signetctl COMMAND [OPTION]...
    system logs           show what the daemons say
    system reprovision    register with DPS again
    system restart        restart the daemons
    system set-log-level  say how much they say
    system start          start the daemons
    system status         show how daemons and device are
    system stop           stop the daemons
  Every command knows --help and -o json.
  Exit status: 0 done, 1 failed, 2 not understood, 3 others have to restart.
  [2]
  $ signetctl system frob 2>&1 >/dev/null | head -n 1
  signetctl: unknown command 'system frob'; see 'signetctl system --help'
  $ signetctl key -o json 2>/dev/null
  {
    "error": {
      "code": "invalid",
      "message": "'key' is several commands; see 'signetctl key --help'"
    }
  }
  [2]
  $ signetctl key frob -o json 2>/dev/null | jq -r .error.message
  unknown command 'key frob'; see 'signetctl key --help'

Every command shows an example.

  $ signetctl --help | sed -nE 's/^  ([a-z-]+( [a-z-]+)?)  .*/\1/p' |
  > while read -r command; do
  >   signetctl $command --help | grep -q "^  [$] signetctl ${command%% *}" ||
  >     echo "$command: no example"
  > done

Every example is understood; here there is nothing that it could do, and no daemon
beside signetctl that it could start.

  $ mkdir alone && cp "$(command -v signetctl)" alone/ && touch key.txt string.txt
  $ signetctl --help | sed -nE 's/^  ([a-z-]+( [a-z-]+)?)  .*/\1/p' |
  > while read -r command; do signetctl $command --help; done |
  > sed -nE '/^  [$] /{s///; s/ [|].*//; s/ && /\n/g; p}' | grep '^signetctl ' |
  > sed 's| /tmp/| ./|' >examples
  > [ "$(wc -l <examples)" -ge 40 ] || echo "where are the examples?"
  > while read -r example <&3; do
  >   PATH=$PWD/alone:$PATH timeout 60 bash -c "$example" >said 2>&1
  >   case $? in 2 | 12?) echo "$example"; cat said ;; esac
  > done 3<examples

Who watches on a terminal is told what takes its time; a file is not.

  $ for command in 'audit verify' 'cert import web key.txt' 'cert renew web' 'cert wait web' \
  >   'check --only hostname' 'identity create web' 'identity delete web' 'identity list' \
  >   'identity show' 'identity update web' 'key create web' 'key delete web' \
  >   'key import web key.txt' 'key move web web-new' list 'migrate aziot' \
  >   'support-bundle b.tar' 'system reprovision' 'system restart' 'telemetry send hi' \
  >   'tpm show'; do
  >   PATH=$PWD/alone:$PATH script -qec "signetctl $command" /dev/null </dev/null |
  >     grep -q '^signetctl: .* [.][.][.]' || echo "$command: is silent"
  >   PATH=$PWD/alone:$PATH signetctl $command 2>&1 | sed -n '/ [.][.][.]$/p'
  > done

Whoever mistypes is told what was probably meant.

  $ signetctl sytem status
  signetctl: unknown command; did you mean 'system status'?
  [2]
  $ signetctl conifg chekc
  signetctl: unknown command; did you mean 'config check'?
  [2]
  $ signetctl status
  signetctl: unknown command; did you mean 'system status'?
  [2]
  $ signetctl show
  signetctl: unknown command 'show'; see 'signetctl --help'
  [2]
  $ signetctl frobnicate
  signetctl: unknown command 'frobnicate'; see 'signetctl --help'
  [2]

Every command says how it is used.

  $ signetctl config apply --help
  usage: signetctl config apply [--from FILE] [--strict] [--no-restart] [--wait SECONDS] [-o text|json]
  example:
    $ signetctl config apply --from /etc/iotedge/config.yaml
  $ signetctl config apply --frm x
  signetctl: config apply: unknown option '--frm'
  usage: signetctl config apply [--from FILE] [--strict] [--no-restart] [--wait SECONDS] [-o text|json]
  [2]
  $ signetctl config apply --from
  signetctl: config apply: no value for option '--from'
  usage: signetctl config apply [--from FILE] [--strict] [--no-restart] [--wait SECONDS] [-o text|json]
  [2]
  $ signetctl config apply x
  signetctl: config apply: unexpected argument 'x'
  usage: signetctl config apply [--from FILE] [--strict] [--no-restart] [--wait SECONDS] [-o text|json]
  [2]
  $ signetctl key list -o yaml
  signetctl: key list: unknown output form 'yaml'
  usage: signetctl key list [-o text|json]
  [2]
  $ signetctl key list --from x
  signetctl: key list: unknown option '--from'
  usage: signetctl key list [-o text|json]
  [2]
  $ signetctl telemetry send
  signetctl: telemetry send: missing 'TEXT'
  usage: signetctl telemetry send [-o text|json] TEXT
  [2]
  $ signetctl telemetry send two words
  signetctl: telemetry send: unexpected argument 'words'
  usage: signetctl telemetry send [-o text|json] TEXT
  [2]

Programs get a document even then.

  $ signetctl telemetry send -o json 2>/dev/null
  {
    "error": {
      "code": "invalid",
      "message": "telemetry send: missing 'TEXT'"
    }
  }
  [2]
  $ signetctl config apply --frm x --output=json 2>/dev/null | jq -r .error.message
  config apply: unknown option '--frm'
  $ signetctl key lst -o json 2>/dev/null | jq -r .error.message
  unknown command; did you mean 'key list'?
  $ signetctl testpki nonsense -ojson 2>/dev/null | jq -r .error.message
  testpki: say root, intermediate, device-identity or verification (--help tells more)

  $ signetctl check --json --only foo 2>/dev/null | jq -r .error.message
  check: there is no check 'foo'; --list shows all
  $ signetctl -o json config show --from nowhere.yaml 2>/dev/null | jq -r .error.message
  cannot open 'nowhere.yaml': No such file or directory
  $ signetctl --output=json -otext -ojson key lst 2>/dev/null | jq -r .error.message
  unknown command; did you mean 'key list'?
  $ signetctl check --json foo 2>/dev/null | jq -r .error.message
  check: unexpected argument 'foo'

Output that cannot be written is a failure.

  $ signetctl --help >/dev/full
  signetctl: cannot write the output
  [1]

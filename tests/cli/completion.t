bash completes what signetctl knows.

  $ cat >complete <<'END'
  > . "$SIGNET_SOURCE/conf/completions/signetctl"
  > COMP_WORDS=(signetctl "$@")
  > COMP_CWORD=$#
  > _signetctl signetctl "${@: -1}" "${COMP_WORDS[$#-1]}"
  > printf '%s\n' "${COMPREPLY[@]}" | sort
  > END
  $ bash complete sy
  system
  $ bash complete system st
  start
  status
  stop
  $ bash complete list --o
  --output
  $ bash complete key create --a
  --algorithm
  $ bash complete key create web --
  --algorithm
  --help
  --output
  --symmetric
  --usage
  $ bash complete key list -o ''
  json
  text
  $ bash complete init dps-x
  dps-x509
  $ bash complete init dps-x509 --id
  --id-scope
  --identity-cert
  --identity-pk
  $ bash complete testpki dev
  device-identity

Values are completed where signetctl knows them.

  $ bash complete system set-log-level ''
  debug
  error
  info
  warning
  $ bash complete check --only dp
  dps-tls
  $ bash complete check --skip dns,hub-t
  dns,hub-tls
  $ bash complete grant root web e
  export
  $ bash complete grant roo
  root

So are ids, by those that the daemons show; without them there are none.

  $ bash complete key show ''
  $ printf '#!/bin/sh\nprintf "ID KIND\nweb pair\nmail pair\n"\n' >fake && chmod +x fake
  > . "$SIGNET_SOURCE/conf/completions/signetctl"
  > for command in 'cert show' 'cert renew' 'key show' 'key delete' 'identity show'; do
  >   _signetctl_operands ./fake "$command" 1 | xargs echo "$command:"
  > done
  cert show: web mail
  cert renew: web mail
  key show: web mail
  key delete: web mail
  identity show: web mail

Each command of the table is completed, and each of its options.

  $ signetctl --help | sed -nE 's/^  ([a-z-]+( [a-z-]+)?)  .*/\1/p' |
  > while read -r first second; do
  >   bash complete $first | grep -qx -- $first || echo "$first: is not completed"
  >   [ -z "$second" ] || bash complete $first "$second" | grep -qx -- "$second" ||
  >     echo "$first $second: is not completed"
  > done
  $ for kind in dps-x509 dps-symmetric-key dps-tpm manual-x509 manual-connection-string; do
  >   signetctl init $kind --help >/dev/null || echo "there is no $kind"
  > done

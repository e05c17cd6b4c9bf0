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

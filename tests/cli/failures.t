No command that fails says 0, and no daemon that is dead is taken for one that answers.

Each command, with operands that would do where all is well, but for those that start
and stop daemons:

  $ cat >table <<'END'
  > audit verify
  > cert explain web
  > cert import web cert.pem
  > cert list
  > cert renew web
  > cert show web
  > cert tree
  > cert wait web --timeout 1
  > check --only keyd-running
  > config apply --from nowhere.yaml
  > config check --from nowhere.yaml
  > config diff --from nowhere.yaml
  > config import --from nowhere.yaml
  > config show --from nowhere.yaml
  > grant nobody-at-all web use
  > grants
  > identity create m
  > identity delete m
  > identity list
  > identity show
  > identity update m
  > init dps-x509
  > key create web
  > key delete web
  > key export-public web
  > key import web cert.pem
  > key list
  > key move web web2
  > key show web
  > list
  > migrate aziot --root nowhere
  > revoke nobody web
  > support-bundle nowhere/bundle.tar
  > system logs --lines 0
  > system reprovision
  > system set-log-level loud
  > system status
  > telemetry send text
  > testpki root --dir cert.pem/pki
  > tpm show
  > END
  $ echo nonsense >cert.pem
  $ signetctl --help | sed -nE 's/^  ([a-z-]+( [a-z-]+)?)  .*/\1/p' |
  > while read -r command; do grep -qE "^$command( |$)" table || echo "$command"; done
  system restart
  system start
  system stop

What fails says why, to people and to programs:

  $ cat >try <<'END'
  > while read -r line; do
  >   answer=$(signetctl $line -o json 2>/dev/null </dev/null); status=$?
  >   [ $status -eq 0 ] || jq -e '.ok == false or any(.daemons[]?; .state != "ok") or
  >     any(.. | objects | .error?; . != null)' <<<"$answer" >/dev/null ||
  >     echo "$line: no error in '$answer'"
  >   signetctl $line >said 2>&1 </dev/null
  >   [ $? -eq $status ] || echo "$line: another status without -o json"
  >   [ -s said ] || [ $status -eq 0 ] || echo "$line: says nothing"
  >   ! grep -q $'\033' said || echo "$line: colours where there is no terminal"
  >   echo "$status $line"
  > done <table
  > END

Without a configuration and without daemons:

  $ bash try
  1 audit verify
  1 cert explain web
  1 cert import web cert.pem
  1 cert list
  1 cert renew web
  1 cert show web
  1 cert tree
  1 cert wait web --timeout 1
  1 check --only keyd-running
  1 config apply --from nowhere.yaml
  1 config check --from nowhere.yaml
  1 config diff --from nowhere.yaml
  1 config import --from nowhere.yaml
  1 config show --from nowhere.yaml
  1 grant nobody-at-all web use
  0 grants
  1 identity create m
  1 identity delete m
  1 identity list
  1 identity show
  1 identity update m
  2 init dps-x509
  1 key create web
  1 key delete web
  1 key export-public web
  1 key import web cert.pem
  1 key list
  1 key move web web2
  1 key show web
  1 list
  1 migrate aziot --root nowhere
  0 revoke nobody web
  1 support-bundle nowhere/bundle.tar
  2 system logs --lines 0
  1 system reprovision
  2 system set-log-level loud
  1 system status
  1 telemetry send text
  1 testpki root --dir cert.pem/pki
  1 tpm show

The same once daemons have been killed, whose sockets are still there:

  $ signetctl system start >/dev/null; kill -9 $(cat run/*.pid); ls run/*.sock | wc -l
  3
  $ bash try | grep -v '^[12]'
  0 grants
  0 revoke nobody web

A daemon that does not answer, as it is stopped, is waited for so long, and is no success:

  $ signetctl system start >/dev/null; kill -STOP $(cat run/provisiond.pid)
  $ signetctl system status -o json | jq -c '.daemons[] | select(.name == "provisiond") | .state'
  "silent"
  $ kill -CONT $(cat run/provisiond.pid)

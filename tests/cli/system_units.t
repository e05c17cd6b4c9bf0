# The daemons as units of systemd

Here systemctl is a program that writes down how it is called. What the real one
makes of it is tested in a booted system.

  $ mkdir bin units; cp "$SIGNET_SOURCE/tests/cli/systemctl" bin/; echo "SIGNET_SERVICES=units PATH=$PWD/bin:\$PATH signetctl \"\$@\"" >sctl

A start is one of service and socket, in order:

  $ bash sctl system start; cat calls; rm calls
  keyd: started (process N)
  certd: started (process N)
  provisiond: started (process N)
  show --property=MainPID signet-keyd.service
  start signet-keyd.service signet-keyd.socket
  show --property=MainPID signet-keyd.service
  show --property=MainPID signet-certd.service
  start signet-certd.service signet-certd.socket
  show --property=MainPID signet-certd.service
  show --property=MainPID signet-provisiond.service
  start signet-provisiond.service signet-provisiond.socket
  show --property=MainPID signet-provisiond.service
  $ bash sctl system start
  keyd: already running (process N)
  certd: already running (process N)
  provisiond: already running (process N)

A restart leaves the sockets, so that who calls meanwhile waits:

  $ rm calls; bash sctl system restart; grep -v show calls
  keyd: restarted (process N)
  certd: restarted (process N)
  provisiond: restarted (process N)
  restart signet-keyd.service
  restart signet-certd.service
  restart signet-provisiond.service

A stop takes the sockets along, which would start the daemons again:

  $ rm calls; bash sctl system stop; grep -v show calls
  provisiond: stopped (process N)
  certd: stopped (process N)
  keyd: stopped (process N)
  stop signet-provisiond.service signet-provisiond.socket
  stop signet-certd.service signet-certd.socket
  stop signet-keyd.service signet-keyd.socket
  $ bash sctl system stop
  provisiond: not running
  certd: not running
  keyd: not running

Daemons that are no units are not theirs to stop, or to start anew:

  $ signetctl system start >/dev/null; bash sctl system stop 2>&1 | sed "s/'.*'/NAME/"
  signetctl: signetctl has not started keyd; it is to be stopped or restarted by whoever has started process N: its parent is NAME (process N)
  $ echo 'provisioning: { source: none }' >config.yaml; rm calls; bash sctl config apply --from config.yaml | sed "s/'.*'/NAME/"; echo ${PIPESTATUS[0]}; grep -v show calls
  DIR/etc/keyd/config.yaml: written
  DIR/etc/certd/config.yaml: written
  DIR/etc/provisiond/config.yaml: written
  keyd: runs with the old file; it is to be restarted by whoever has started process N: its parent is NAME (process N)
  certd: runs with the old file; it is to be restarted by whoever has started process N: its parent is NAME (process N)
  provisiond: runs with the old file; it is to be restarted by whoever has started process N: its parent is NAME (process N)
  3
  [1]
  $ signetctl system stop
  provisiond: stopped (process N)
  certd: stopped (process N)
  keyd: stopped (process N)

What fails is not called done, and what was done before is told:

  $ touch units/signet-certd.fails; bash sctl system start
  systemctl: no
  signetctl: systemctl cannot start signet-certd; 'journalctl -u signet-certd' may say why
  keyd: started (process N)
  [1]

What they say is in the journal, whose lines come in the form of all logs:

  $ cat >bin/journalctl <<'END'
  > #!/bin/sh
  > echo "$@" >>calls
  > echo '{"__REALTIME_TIMESTAMP":"1796112000123456","PRIORITY":"6","_SYSTEMD_UNIT":"signet-keyd.service","MESSAGE":"signet-keyd starts"}'
  > echo '{"__REALTIME_TIMESTAMP":"1796112001000000","PRIORITY":"3","_SYSTEMD_UNIT":"init.scope","UNIT":"signet-certd.service","MESSAGE":"Failed to start"}'
  > echo '{"__REALTIME_TIMESTAMP":"1796112002000000","_SYSTEMD_UNIT":"signet-provisiond.service","MESSAGE":[104,105,255]}'
  > echo '-- no entry'
  > END
  $ chmod +x bin/journalctl; rm calls; bash sctl system logs -o json --lines 3 --follow; cat calls
  {"time":"2026-12-01T08:00:00Z","daemon":"keyd","level":"info","message":"signet-keyd starts"}
  {"time":"2026-12-01T08:00:01Z","daemon":"certd","level":"error","message":"Failed to start"}
  {"time":"2026-12-01T08:00:02Z","daemon":"provisiond","message":"hi?"}
  --no-pager --unit=signet-* --lines=3 --output=json --follow
  $ printf '#!/bin/sh\nexit 3\n' >bin/journalctl; bash sctl system logs -o json 2>/dev/null | jq -r .error.message
  journalctl failed, with status 3

Nor is it, where there is no systemctl:

  $ SIGNET_SERVICES=units PATH=/nowhere $(command -v signetctl) system stop
  signetctl: systemctl: No such file or directory
  [1]

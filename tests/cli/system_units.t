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

What fails is not called done, and what was done before is told:

  $ touch units/signet-certd.fails; bash sctl system start
  systemctl: no
  signetctl: systemctl cannot start signet-certd; 'journalctl -u signet-certd' may say why
  keyd: started (process N)
  [1]

Nor is it, where there is no systemctl:

  $ SIGNET_SERVICES=units PATH=/nowhere $(command -v signetctl) system stop
  signetctl: systemctl: No such file or directory
  [1]

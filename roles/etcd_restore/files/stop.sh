#!/bin/sh
# Stops the member of this host, if it has one: a machine that is new to the cluster has no such service yet.
set -u
fail() { echo "$1" >&2; exit 1; }
state() { systemctl show -p ActiveState --value "$SERVICE.service"; }
systemctl cat "$SERVICE.service" >/dev/null 2>&1 || [ "$(state)" != inactive ] || exit 0
case $(state) in inactive | failed) exit 0 ;; esac
said=$(systemctl stop "$SERVICE.service" 2>&1) || fail "cannot stop $SERVICE.service: $said"
case $(state) in inactive | failed) ;; *) fail "$SERVICE.service still runs" ;; esac
echo changed

#!/bin/sh
# Compares what this member serves with its files, over new connections: etcdctl is told to trust nothing but the
# certificate itself, and so comes through only where exactly that one is served. Nothing else on a node can ask for it.
set -u
PATH=${ETCD_BIN:-/usr/local/bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
fail() { echo "$1" >&2; exit 1; }
ask() { ETCDCTL_ENDPOINTS=$1 ETCDCTL_CACERT=$2 etcdctl --dial-timeout="$3" --command-timeout="$3" endpoint health 2>&1; }

# What is wrong with the certificate stays wrong; a member that is busy answers a little later.
foreign() { case $said in *x509:* | *tls:* | *'certificate signed by'*) return 0 ;; esac; return 1; }
unlike() { fail "at $1 the member serves another certificate than $2, or none: $(printf '%s\n' "$said" | tail -n 1)"; }

for time in 5s 5s 15s; do
  said=$(ask "$CLIENT_URL" "$SERVER_CERT" "$time") && said= && break
  foreign && break
done
[ -z "$said" ] || unlike "$CLIENT_URL" "$SERVER_CERT"

# The port for peers need not answer a client, which then tries on until its time is up; but the handshake must succeed. A
# short time is enough for it nearly everywhere, and what it says tells whether it was.
ETCDCTL_CERT=$PEER_CERT ETCDCTL_KEY=$PEER_KEY
export ETCDCTL_CERT ETCDCTL_KEY
for time in 300ms 5s 15s; do
  said=$(ask "$PEER_URL" "$PEER_CERT" "$time") && exit 0
  # etcdctl 3.4 ends with this whatever the port serves.
  case $said in *'server preface'* | *'all SubConns are in TransientFailure"'*) exit 0 ;; esac
  # Not after the short time: what it says then need not be the last word.
  [ "$time" = 300ms ] || ! foreign || break
done
case $said in *handshake*) unlike "$PEER_URL" "$PEER_CERT" ;; esac
! foreign || unlike "$PEER_URL" "$PEER_CERT"

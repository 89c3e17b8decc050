#!/bin/sh
# Compares what this member serves with its files, over new connections: etcdctl is told to trust nothing but the
# certificate itself, and so comes through only where exactly that one is served. Nothing else on a node can ask for it.
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
fail() { echo "$1" >&2; exit 1; }
ask() { ETCDCTL_ENDPOINTS=$1 ETCDCTL_CACERT=$2 etcdctl --dial-timeout="$3" --command-timeout="$3" endpoint health 2>&1; }

said=$(ask "$CLIENT_URL" "$SERVER_CERT" 5s) ||
  fail "at $CLIENT_URL the member serves another certificate than $SERVER_CERT, or none: $(printf '%s\n' "$said" | tail -n 1)"
# The port for peers need not answer a client, which then tries on until its time is up; but the handshake must succeed. A
# short time is enough for it nearly everywhere, and what it says tells whether it was.
ETCDCTL_CERT=$PEER_CERT ETCDCTL_KEY=$PEER_KEY
export ETCDCTL_CERT ETCDCTL_KEY
for time in 300ms 5s; do
  said=$(ask "$PEER_URL" "$PEER_CERT" "$time") && exit 0
  case $said in *'server preface'*) exit 0 ;; esac
done
case $said in
  *x509:* | *tls:* | *handshake*)
    fail "at $PEER_URL the member serves another certificate than $PEER_CERT, or none: $(printf '%s\n' "$said" | tail -n 1)" ;;
esac

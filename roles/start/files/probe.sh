#!/bin/sh
# Compares what this member serves with its files, over new connections: etcdctl is told to trust nothing but the
# certificate itself, and so comes through only where exactly that one is served. Nothing else on a node can ask for it.
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
fail() { echo "$1" >&2; exit 1; }
ask() { ETCDCTL_ENDPOINTS=$1 ETCDCTL_CACERT=$2 etcdctl --dial-timeout=5s --command-timeout=5s endpoint health 2>&1; }

said=$(ask "$CLIENT_URL" "$SERVER_CERT") ||
  fail "at $CLIENT_URL the member serves another certificate than $SERVER_CERT, or none: $(printf '%s\n' "$said" | tail -n 1)"
# The port for peers need not answer a client (from 3.6 it does not), but its handshake must succeed.
ETCDCTL_CERT=$PEER_CERT ETCDCTL_KEY=$PEER_KEY
export ETCDCTL_CERT ETCDCTL_KEY
said=$(ask "$PEER_URL" "$PEER_CERT") || case $said in
  *x509:* | *tls:* | *handshake*)
    fail "at $PEER_URL the member serves another certificate than $PEER_CERT, or none: $(printf '%s\n' "$said" | tail -n 1)" ;;
esac

#!/bin/sh
# Our rules are to go from this host: prints what would drop the members' packets then, or nothing. The chain is the one that the
# rules were put into.
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
[ -e /etc/systemd/system/etcd3-firewall.service ] && [ -r /etc/etcd3.firewall ] || exit 0
# shellcheck source=/dev/null
CHAIN=$(. /etc/etcd3.firewall && printf %s "$CHAIN")
# shellcheck disable=SC2086 # a family, a table and a chain
rules=$(nft list chain $CHAIN 2>/dev/null | grep -v 'comment "troupe-etcd"') || exit 0
for port in "$PEERS_PORT" "$CLIENT_PORT"; do
  # A rule that accepts and names the port, by itself, in a set or in a range.
  said=$(printf '%s\n' "$rules" | awk -v port="$port" '
    /policy (drop|reject)/ { closed = "the chain has the policy drop" }
    /^[[:space:]]*(type|chain|table|})/ { next }
    /dport/ && !/@|vmap/ {
      names = 0
      line = $0
      sub(/.*dport/, "", line)
      while (match(line, /[0-9]+(-[0-9]+)?/)) {
        split(substr(line, RSTART, RLENGTH), ends, "-")
        if (port + 0 >= ends[1] + 0 && port + 0 <= (ends[2] == "" ? ends[1] : ends[2]) + 0) names = 1
        line = substr(line, RSTART + RLENGTH)
      }
      if (names && /accept/) open = 1
      if (names && /drop|reject/ && !open && closed == "") closed = "a rule drops it"
      next
    }
    # Other chains, named sets: nobody can say. Whole hosts, networks or devices are let in.
    /jump|goto|vmap|queue|@/ { open = 1 }
    /accept/ && !/dport|ct state|iif(name)? "?lo"?|icmp/ { open = 1 }
    /^[[:space:]]*(counter packets [0-9]+ bytes [0-9]+ )?(drop|reject)/ && !open { closed = "the chain ends with " $1 }
    END { if (closed != "" && !open) print closed }')
  [ -z "$said" ] || { echo "in the chain $CHAIN nothing else lets in port $port ($said)"; exit 0; }
done

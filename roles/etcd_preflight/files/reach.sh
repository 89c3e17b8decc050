#!/bin/sh
# Connects to the ports of the other hosts (TARGETS: NAME,IP,FIREWALL ...) and says for each that it cannot reach which rule is
# missing there.
# shellcheck disable=SC2153 # the environment's names
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
connect() {
  if command -v bash >/dev/null 2>&1 && command -v timeout >/dev/null 2>&1; then
    timeout 5 bash -c ": </dev/tcp/$1/$2" 2>/dev/null
    case $? in 0) state=open ;; 124) state=silent ;; *) state=refused ;; esac
  elif command -v curl >/dev/null 2>&1; then
    case $1 in *:*) url="http://[$1]:$2" ;; *) url=http://$1:$2 ;; esac
    took=$(curl -s -o /dev/null --noproxy '*' --connect-timeout 5 --max-time 6 -w '%{time_connect}' "$url" 2>/dev/null)
    code=$?
    case $took,$code in 0.000000,7) state=refused ;; 0.000000,*) state=silent ;; *) state=open ;; esac
  elif command -v nc >/dev/null 2>&1; then
    if nc -z -w 5 "$1" "$2" 2>/dev/null </dev/null; then state=open; else state=silent; fi
  else
    state=unknown
  fi
}
rule() {
  family=ipv4 word=ip
  case $IP in *:*) family=ipv6 word=ip6 ;; esac
  case $1 in
    firewalld) echo "firewall-cmd --permanent --add-rich-rule='rule family=$family source address=$IP port port=$2 protocol=tcp accept' && firewall-cmd --reload" ;;
    ufw) echo "ufw allow proto tcp from $IP to any port $2" ;;
    iptables) echo "iptables -I INPUT -p tcp -s $IP --dport $2 -j ACCEPT" ;;
    *) echo "nft insert rule inet filter input $word saddr $IP tcp dport $2 accept" ;;
  esac
}
for target in $TARGETS; do
  name=${target%%,*} rest=${target#*,} address=${rest%,*} firewall=${rest##*,}
  for port in $PORTS; do
    connect "$address" "$port"
    # Once more: a busy host may have been slow.
    [ "$state" = open ] || [ "$state" = unknown ] || connect "$address" "$port"
    case $state in
      silent) why='no answer: a firewall on the way, or on it, drops it' ;;
      refused) why='refused, although something listens there: a firewall rejects it' ;;
      unknown) echo "warning=neither bash, curl nor nc is on this host: whether it reaches the others cannot be tried"; exit 0 ;;
      *) continue ;;
    esac
    echo "problem=$NAME ($IP) cannot reach $name at $address port $port ($why). On $name: $(rule "$firewall" "$port")"
  done
done

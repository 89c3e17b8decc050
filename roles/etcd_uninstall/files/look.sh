#!/bin/sh
# Whose is the data? Prints the first thing that lies in the folder, and: none, ours, member (ours, with data in use) or foreign.
set -u
first=
for entry in "$DATA_DIR"/* "$DATA_DIR"/.[!.]*; do
  [ -e "$entry" ] || [ -L "$entry" ] || continue
  case ${entry##*/} in lost+found) continue ;; esac
  first=${entry##*/}
  break
done
echo "$first"
unit=/etc/systemd/system/$SERVICE.service
in_unit() { grep -q -e "--data-dir[= ]$DATA_DIR/\{0,1\}\( \|\$\)" "$unit" 2>/dev/null; }
# A machine to which a restore was only begun has no unit yet.
used() { in_unit || grep -qxF "$DATA_DIR" /etc/etcd3.manifest 2>/dev/null; }
if [ -e "$unit" ] && ! in_unit; then
  echo foreign
elif [ -z "$first" ]; then
  echo none
elif ! used; then
  echo foreign
elif [ -d "$DATA_DIR/member" ]; then
  echo member
else
  echo ours
fi

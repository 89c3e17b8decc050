#!/bin/sh
# What on this node is ours: the manifest says it. FILES are lines PATH=WHAT MOVES IT. MODE=check prints a `problem=` for each file
# that is there and not ours; record writes all of them into the manifest, before they are written themselves; remove takes
# those of the manifest and of FILES away, and prints `kept` for what is not ours.
# shellcheck disable=SC2153,SC2154 # the environment's names
set -u
export LC_ALL=C
manifest=/etc/etcd3.manifest
unit=/etc/systemd/system/$SERVICE.service
newline='
'
fail() { echo "$1" >&2; exit 1; }
listed() { grep -qxF "$1" "$manifest" 2>/dev/null; }
data_dir_used() { grep -q -e "--data-dir[= ]$DATA_DIR/\{0,1\}\([[:space:]]\|\$\)" "$unit" 2>/dev/null; }

# Of a service that was installed otherwise and uses this data directory: what its unit names, what lies beside that, and its
# etcdctl, where it is of the same version.
taken_over() {
  data_dir_used || return 1
  [ "$1" = "$unit" ] && return 0
  grep -qF "$1" "$unit" && return 0
  case $1 in
    */etcdctl) [ -x "$SBIN_DIR/etcd3" ] && [ "$("$1" version 2>/dev/null | sed -n 's/^etcdctl version: //p')" = "$("$SBIN_DIR/etcd3" --version 2>/dev/null | sed -n 's/^etcd Version: //p')" ] ;;
    */*) [ "${1%/*}" = "$CERT_DIR" ] && grep -qF "$CERT_DIR/" "$unit" ;;
  esac
}
ours() {
  # Programs are links of ours, or somebody has put another in their place since.
  case $1 in */etcd3 | */etcdctl | */etcdutl) ;; *) listed "$1" && return 0 ;; esac
  if [ -L "$1" ]; then
    case $(readlink "$1") in "$PROGRAMS_DIR"/*) return 0 ;; esac
  fi
  # From before there was a manifest.
  if [ -f "$1" ] && head -n 5 "$1" 2>/dev/null | grep -q -e 'Written by Troupe'; then return 0; fi
  case $1 in */etcd-backup | */etcd-defrag | */etcd-store | */etcd-textfile | */etcd-firewall | /etc/systemd/system/etcd3-firewall.service | /etc/systemd/system/etcd-textfile.* | /etc/etcd3.*) grep -q '/etc/etcd3\|Troupe\|etcd-textfile' "$1" 2>/dev/null && return 0 ;; esac
  if [ "${1%/*}" = "$CERT_DIR" ] && head -n 5 "$unit" 2>/dev/null | grep -q 'Written by Troupe' && grep -qF "$CERT_DIR/" "$unit"; then return 0; fi
  taken_over "$1"
}
present() { [ -e "$1" ] || [ -L "$1" ]; }

IFS=$newline
case $MODE in
  check)
    for line in $FILES; do
      path=${line%%=*}
      if present "$path" && ! ours "$path"; then
        variable=${line#*=}
        echo "problem=$path is there already and was not installed by this library; it is not replaced: move it away${variable:+, or set $variable}"
      fi
    done
    ;;
  record)
    new=$manifest.$$
    trap 'rm -f "$new"' EXIT
    # What is gone is no longer ours: somebody else may put a file there.
    {
      [ ! -r "$manifest" ] || while IFS= read -r path; do ! present "$path" || echo "$path"; done <"$manifest"
      for line in $FILES; do echo "${line%%=*}"; done
      echo "$DATA_DIR"
    } | sort -u >"$new" || fail "cannot write $new"
    chmod 0644 "$new"
    cmp -s "$new" "$manifest" && exit 0
    mv "$new" "$manifest" || fail "cannot write $manifest"
    echo changed
    ;;
  remove)
    for path in $( { cat "$manifest" 2>/dev/null; for line in $FILES; do echo "${line%%=*}"; done; } | sort -u); do
      # Of a directory nothing is known but that the data are in it.
      if ! present "$path" || { [ -d "$path" ] && [ ! -L "$path" ]; }; then continue; fi
      [ "$path" != "$unit" ] || continue # it is what tells that the others are ours
      if ! ours "$path"; then echo "kept $path"; continue; fi
      echo "changed $path"
      [ -n "${CHECK:-}" ] && continue
      rm -f "$path" || fail "cannot remove $path"
      # The directory of certificates, if nothing else is in it.
      case $path in *.pem | *.crt | *.key) rmdir "${path%/*}" 2>/dev/null ;; esac
    done
    for path in "$unit" "$manifest"; do
      present "$path" || continue
      [ "$path" = "$manifest" ] || ours "$path" || { echo "kept $path"; continue; }
      echo "changed $path"
      [ -n "${CHECK:-}" ] || rm -f "$path" || fail "cannot remove $path"
    done
    ;;
esac
exit 0

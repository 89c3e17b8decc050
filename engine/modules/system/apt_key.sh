#: needs files
# shellcheck disable=SC2034,SC2154,SC2086,SC2015 # assigned by the request
do_apt_key() {
  have gpg || fail 'gpg is not on this host: apt_key needs it, deb822_repository does not'
  temp_folder
  export GNUPGHOME="$T_TMP/gnupg" LC_ALL=C.UTF-8
  (umask 077 && mkdir -p "$GNUPGHOME")
  reply before "$(apt_key_all)"
  if [ "$y_state" = absent ]; then
    apt_key_remove
  else
    if [ -n "$y_id" ] && apt_key_has "$y_id"; then
      reply fp "$y_full"
      return
    fi
    apt_key_fetch
    y_fp=$(gpg --batch --with-colons --show-keys "$T_TMP/key" 2>/dev/null | sed -n 's/^fpr:*\([0-9A-F]*\):$/\1/p' | head -n 1)
    [ -n "$y_fp" ] || fail 'the data is not a key that gpg can read'
    reply fp "$y_fp"
    case $y_fp in *"$y_id") ;; *) fail "key does not seem to have been added: the key found is $y_fp, not $y_id" id "$y_id" ;; esac
    if ! apt_key_has "$y_fp"; then
      change key
      checking || apt_key_add
    fi
  fi
  checking || reply after "$(apt_key_all)"
}

apt_key_files() {
  if [ -n "$y_keyring" ]; then
    printf '%s\n' "$y_keyring"
  else
    for y_ring in /etc/apt/trusted.gpg /etc/apt/trusted.gpg.d/*.gpg /etc/apt/trusted.gpg.d/*.asc; do
      [ ! -s "$y_ring" ] || printf '%s\n' "$y_ring"
    done
  fi
}

apt_key_all() {
  apt_key_files | while IFS= read -r y_ring; do
    [ ! -s "$y_ring" ] || gpg --batch --with-colons --show-keys "$y_ring" 2>/dev/null
  done | awk -F: '$1 == "pub" { p = 1 } $1 == "fpr" && p { print $10; p = 0 }'
}

# Sets y_full, the whole fingerprint.
apt_key_has() {
  for y_full in $(apt_key_all); do case $y_full in *"$1") return 0 ;; esac done
  return 1
}

apt_key_fetch() {
  (umask 077 && : >"$T_TMP/key")
  if [ -n "$y_data" ]; then
    printf '%s\n' "$y_data" >"$T_TMP/key"
  elif [ -n "$y_file" ]; then
    cat -- "$y_file" >"$T_TMP/key" || fail "can't read $y_file"
  elif [ -n "$y_url" ]; then
    if have curl; then
      y_out=$(curl -fsSL ${y_insecure:+-k} -o "$T_TMP/key" -- "$y_url" 2>&1) || fail "Failed to download key at $y_url: $y_out"
    elif have wget; then
      y_out=$(wget -q ${y_insecure:+--no-check-certificate} -O "$T_TMP/key" -- "$y_url" 2>&1) || fail "Failed to download key at $y_url: $y_out"
    else
      fail 'neither curl nor wget is on this host'
    fi
  elif [ -n "$y_keyserver" ]; then
    y_out=$(gpg --batch --keyserver "$y_keyserver" --recv-keys "$y_id" 2>&1) || fail "Error fetching key $y_id from keyserver: $y_keyserver" stderr "$y_out"
    gpg --batch --export "$y_id" >"$T_TMP/key"
  else
    fail "the key $y_id is not trusted yet, and nothing says where to get it"
  fi
}

# Each key in a file of its own, as apt reads them.
apt_key_add() {
  y_ring=${y_keyring:-/etc/apt/trusted.gpg.d/$y_fp.gpg}
  case $(head -c 5 "$T_TMP/key") in
    -----) gpg --batch --yes --dearmor -o "$T_TMP/ring" "$T_TMP/key" || fail "gpg can't read the key" ;;
    *) cp "$T_TMP/key" "$T_TMP/ring" ;;
  esac
  [ ! -s "$y_ring" ] || cat "$y_ring" >>"$T_TMP/ring"
  apt_key_place
}

apt_key_place() {
  dest=$y_ring mode=0644
  files_look "$dest"
  [ "$f_type" != link ] || f_type=absent
  files_new "$dest"
  cat "$T_TMP/ring" >&8 || fail "can't write $y_ring"
  files_replace "$dest"
}

apt_key_remove() {
  apt_key_has "$y_id" || return 0
  reply fp "$y_full"
  change key
  checking && return
  apt_key_files | while IFS= read -r y_ring; do
    case $(gpg --batch --with-colons --show-keys "$y_ring" 2>/dev/null) in *"$y_id:"*) ;; *) continue ;; esac
    gpg --batch --import "$y_ring" 2>/dev/null
    gpg --batch --yes --delete-keys "$y_full" 2>/dev/null
    gpg --batch --export >"$T_TMP/ring"
    if [ -s "$T_TMP/ring" ]; then apt_key_place; else rm -f -- "$y_ring"; fi
  done
}

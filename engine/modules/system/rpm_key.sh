# shellcheck disable=SC2154,SC2086 # assigned by the request
do_rpm_key() {
  have rpm || fail 'Failed to find required executable "rpm"'
  temp_folder
  export GNUPGHOME="$T_TMP/gnupg" LC_ALL=C.UTF-8
  if [ -z "$y_id" ]; then
    y_file=$y_key
    case $y_key in
      *://*)
        y_file=$T_TMP/key
        if have curl; then
          y_out=$(curl -fsSL ${y_insecure:+-k} -o "$y_file" -- "$y_key" 2>&1) || fail "failed to fetch key at $y_key , error was: $y_out"
        elif have wget; then
          y_out=$(wget -q ${y_insecure:+--no-check-certificate} -O "$y_file" -- "$y_key" 2>&1) || fail "failed to fetch key at $y_key , error was: $y_out"
        else
          fail 'neither curl nor wget is on this host'
        fi
        ;;
    esac
    [ -r "$y_file" ] || fail "Not a valid key $y_key"
    have gpg || fail 'Failed to find required executable "gpg"'
    (umask 077 && mkdir -p "$GNUPGHOME")
    y_show=$(gpg --no-tty --batch --with-colons --show-keys "$y_file" 2>/dev/null) || fail "Not a valid key $y_key"
    y_fps=$(printf '%s\n' "$y_show" | sed -n 's/^fpr:*\([0-9A-F]*\):$/\1/p')
    y_id=$(printf '%s\n' "$y_show" | sed -n 's/^pub:[^:]*:[^:]*:[^:]*:\([0-9A-F]*\):.*/\1/p' | head -n 1 | tr '[:upper:]' '[:lower:]')
    [ -n "$y_id" ] || fail "Not a valid key $y_key"
    if [ -n "$y_fingerprints" ]; then
      y_good=
      for y_one in $y_fingerprints; do case " $y_fps " in *"$y_one"*) y_good=1 ;; esac done
      [ -n "$y_good" ] || fail "The specified fingerprint, '$y_fingerprints', does not match the key fingerprint '$y_fps'"
    fi
  fi
  # rpm names a key by the last eight digits.
  y_short=$y_id
  while [ ${#y_short} -gt 8 ]; do y_short=${y_short#?}; done
  y_there=
  for y_one in $(rpm -q gpg-pubkey 2>/dev/null); do case $y_one in "gpg-pubkey-$y_short-"*) y_there=$y_one ;; esac done
  if [ "$y_state" = present ]; then
    [ -z "$y_there" ] || return 0
    change key
    checking || y_out=$(rpm --import "$y_file" 2>&1) || fail "$y_out"
  elif [ -n "$y_there" ]; then
    change key
    checking || y_out=$(rpm --erase --allmatches "$y_there" 2>&1) || fail "$y_out"
  fi
}

#: needs files
# shellcheck disable=SC2034,SC2154 # assigned by the request, or by files.sh
do_deb822_repository() {
  d_sources=$dest
  f_seen=
  if [ "$d_state" = absent ]; then
    for d_file in "$dest" "/etc/apt/keyrings/$d_slug.asc" "/etc/apt/keyrings/$d_slug.gpg"; do
      [ -e "$d_file" ] || continue
      change removed
      checking || rm -f -- "$d_file"
    done
    files_info "$d_sources"
    return
  fi
  d_key=
  [ -z "$d_url" ] || deb822_key
  d_text=$d_before${d_key:+Signed-By: $d_key
}$d_after
  reply repo "$d_text"
  dest=$d_sources
  deb822_place "$d_sources" "$d_text" "$mode"
  f_seen=
  files_info "$d_sources"
}

# The key is fetched each time: a key that was replaced must arrive.
deb822_key() {
  temp_folder
  d_new=$T_TMP/key
  if have curl; then
    d_out=$(curl -fsSL -o "$d_new" -- "$d_url" 2>&1) || fail "Could not fetch signed_by key: $d_out"
  elif have wget; then
    d_out=$(wget -q -O "$d_new" -- "$d_url" 2>&1) || fail "Could not fetch signed_by key: $d_out"
  else
    fail 'Could not fetch signed_by key: neither curl nor wget is on this host'
  fi
  if grep -q -e '-----BEGIN PGP PUBLIC KEY BLOCK-----' "$d_new"; then d_key=asc; else d_key=gpg; fi
  d_key=/etc/apt/keyrings/$d_slug.$d_key
  reply key_filename "$d_key"
  if [ ! -e "$d_key" ] || ! cmp -s "$d_new" "$d_key"; then
    change key
    if ! checking; then
      [ -d /etc/apt/keyrings ] || (umask 022 && mkdir -p /etc/apt/keyrings)
      d_mode=$mode
      mode=0644
      files_look "$d_key"
      files_new "$d_key"
      cat "$d_new" >&8 || fail "can't write $d_key"
      files_replace "$d_key"
      mode=$d_mode
    fi
  fi
  rm -f "$d_new"
}

deb822_place() {
  files_look "$1"
  d_old=
  [ "$f_type" = absent ] || d_old=$(cat -- "$1"; printf x)
  if [ "$f_type" = absent ] || [ "${d_old%x}" != "$2" ]; then
    change sources
    checking && return
    files_new "$1"
    printf '%s' "$2" >&8 || fail "can't write $1"
    files_replace "$1"
  else
    files_attributes "$1"
  fi
}

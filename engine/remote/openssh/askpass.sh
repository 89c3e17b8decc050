#!/bin/sh
# What ssh starts to ask something (SSH_ASKPASS). It knows no secret: the question goes to the controller over a socket in a folder
# that only its user may enter, and the answer comes back on it.
exec "$TROUPE_ASKPASS_NODE" "${0%/*}/askpass_client.mjs" "$TROUPE_ASKPASS_SOCKET" "$1"

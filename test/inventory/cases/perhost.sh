#!/bin/sh
case "$1" in
--list) echo '{"g": {"hosts": ["a", "b"]}}' ;;
--host) echo "{\"name\": \"$2\", \"e\": 1e5}" ;;
esac

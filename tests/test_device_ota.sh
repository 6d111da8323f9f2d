#!/bin/sh
# The updater of the examples with Python's web server. It fetches, checks and installs files,
# restarts into them, and refuses damaged ones.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need python3 cmp
"$NETMCU" -e 'crypto.hash("sha1", "")  sjson.decode("{}")' 2>/dev/null || skip 'netmcu was built without nettle or json-c'

sum() {
  "$NETMCU" --root "$1" -e "print(encoder.toHex(crypto.fhash('sha1', '$2')) .. '  $2')"
}

mkdir "$work/site"
cat >"$work/site/app.lua" <<'SCRIPT'
print("app 1, boot reason " .. select(2, node.bootreason()))
SCRIPT
head -c 400000 /dev/urandom >"$work/site/picture.bin"
make_manifest() {
  (sum "$work/site" app.lua && sum "$work/site" picture.bin) >"$work/manifest.new"
  mv "$work/manifest.new" "$work/site/manifest.txt"
}
make_manifest

device ota
port=$(free_port)
printf '{"port": %s, "interval": 100}' "$port" >"$work/ota/ota.json"
start device "$NETMCU" "$work/ota"
device=$process
wait_for device 'no app yet'
wait_for device 'no update: connection lost, code -9'

start site python3 -m http.server --bind 127.0.0.1 --directory "$work/site" "$port"
wait_for device 'restarting with 2 new files'
wait_for device 'app 1, boot reason 4'
cmp "$work/site/picture.bin" "$work/ota/picture.bin" || fail 'the picture arrived changed'
[ -f "$work/ota/new.tmp" ] && fail 'a temporary file is left'

# A new version, and a file that differs from the list.
echo 'print("app " .. 2)' >"$work/site/app.lua"
make_manifest
wait_for device 'app 2'
echo 'print("app " .. 3)' >"$work/site/app.lua"
sed 's/^[0-9a-f]*  app.lua/0000000000000000000000000000000000000000  app.lua/' "$work/site/manifest.txt" >"$work/manifest.new"
mv "$work/manifest.new" "$work/site/manifest.txt"
wait_for device 'not updated: app.lua, wrong checksum'
echo '0000000000000000000000000000000000000000  missing.lua' >"$work/manifest.new"
mv "$work/manifest.new" "$work/site/manifest.txt"
wait_for device 'not updated: missing.lua, /missing.lua gives 404'
same 'the old version stays' 'print("app " .. 2)' "$(cat "$work/ota/app.lua")"

# An app that does not compile does not keep the updater from replacing it.
echo 'this is no Lua' >"$work/site/app.lua"
make_manifest
wait_for device 'app: app.lua:1: syntax error'
echo 'print("app " .. 4)' >"$work/site/app.lua"
make_manifest
wait_for device 'app 4'
kill -0 "$device" || fail 'the device has ended'
exit 0

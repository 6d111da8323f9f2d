#!/bin/sh
# The FTP server of the examples, with curl and, if it is installed, lftp: passive and active
# transfers.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need curl cmp

device ftp_server
port=$(free_port)
sed -i.orig "s/^ftp.port = 2121/ftp.port = $port/" "$work/ftp_server/init.lua"
rm "$work/ftp_server/init.lua.orig"
start ftp "$NETMCU" "$work/ftp_server"
wait_for ftp "FTP server on"
url=ftp://test:12345@127.0.0.1:$port
head -c 200000 /dev/urandom >"$work/data.bin"

get() {
  curl -sS --max-time "$patience" "$@"
}

# Passive as curl prefers it (EPSV) and as older clients do it (PASV); active with EPRT and PORT.
for mode in '--ftp-skip-pasv-ip' '--disable-epsv' '--ftp-port 127.0.0.1' '--ftp-port 127.0.0.1 --disable-eprt'; do
  # shellcheck disable=SC2086
  {
    get $mode -T "$work/data.bin" "$url/up.bin"
    cmp "$work/data.bin" "$work/ftp_server/up.bin" || fail "stored with $mode: differs"
    get $mode -o "$work/down.bin" "$url/up.bin"
    cmp "$work/data.bin" "$work/down.bin" || fail "fetched with $mode: differs"
    same "list with $mode" "$(printf 'ftpserver.lua\ninit.lua\nup.bin')" "$(get $mode -l "$url/" | tr -d '\r')"
    rm "$work/ftp_server/up.bin"
  }
done

has 'the long list' ' ftpserver.lua' "$(get "$url/")"
printf 'one\n' >"$work/piece"
get -T "$work/piece" "$url/log.txt"
get -a -T "$work/piece" "$url/log.txt"
same 'appending' "$(printf 'one\none')" "$(cat "$work/ftp_server/log.txt")"
: >"$work/piece"
get -T "$work/piece" "$url/empty.txt"
[ -f "$work/ftp_server/empty.txt" ] || fail 'an empty file was not stored'
get -Q 'RNFR log.txt' -Q 'RNTO old.txt' "$url/" >"$work/list.log"
[ -f "$work/ftp_server/old.txt" ] || fail 'not renamed'
get -Q 'DELE old.txt' "$url/" >"$work/list.log"
[ -f "$work/ftp_server/old.txt" ] && fail 'not deleted'
head -c 199000 "$work/data.bin" >"$work/resume.bin"
cp "$work/data.bin" "$work/ftp_server/up.bin"
get -C - -o "$work/resume.bin" "$url/up.bin"
cmp "$work/data.bin" "$work/resume.bin" || fail 'resumed: differs'

get "$url/missing" >"$work/missing.log" 2>&1 && fail 'a missing file was fetched'
get "ftp://test:wrong@127.0.0.1:$port/" >"$work/login.log" 2>&1 && fail 'a wrong password let in'
get "$url/../data.bin" --path-as-is >"$work/outside.log" 2>&1 && fail 'a file outside was fetched'

if command -v lftp >/dev/null 2>&1; then
  for passive in on off; do
    rm -rf "$work/mirror"
    (cd "$work" && HOME=$work lftp -c "
      set net:max-retries 2; set net:timeout 10; set cmd:fail-exit yes; set ftp:passive-mode $passive
      open -u test,12345 -p $port 127.0.0.1
      mirror --parallel=2 / mirror
      put data.bin -o lftp-$passive.bin
      rm lftp-$passive.bin") >"$work/lftp.log" 2>&1 || fail "lftp, passive mode $passive"
    cmp "$work/data.bin" "$work/mirror/up.bin" || fail "lftp, passive mode $passive: differs"
    cmp "$work/ftp_server/init.lua" "$work/mirror/init.lua" || fail "lftp, passive mode $passive: init.lua differs"
  done
fi
grep -a traceback "$work/ftp.log" && fail 'the script crashed'
exit 0

#!/bin/sh
# The module http with nginx, over HTTP and over TLS: chunks, redirects and bodies in both
# directions, answers without a body, resets.
. "$NETMCU_SOURCE/tests/support/shell.sh"
PATH=$PATH:/usr/sbin
need nginx openssl
has_tls || skip 'netmcu was built without TLS'
make_certificates

http=$(free_port)
https=$(free_port)
mkdir -p "$work/site/upload" "$work/temporary"
echo '<!--# echo var="request_method" --> in chunks' >"$work/site/chunks.shtml"
head -c 9000 /dev/zero | tr '\0' x >"$work/site/large.txt"
cat >"$work/site.conf" <<CONF
root $work/site;
default_type text/html;
ssi on;
location = /there { return 301 https://localhost:$https/back; }
location = /back { return 308 http://localhost:$http/chunks.shtml; }
location = /round { return 302 /round; }
location = /empty { return 204; }
location = /method { return 200 "\$request_method \$http_x_key \$content_length \$http_user_agent"; }
location /upload/ { dav_methods PUT DELETE; }
CONF
cat >"$work/nginx.conf" <<CONF
daemon off;
master_process off;
pid $work/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path $work/temporary;
  proxy_temp_path $work/temporary;
  fastcgi_temp_path $work/temporary;
  uwsgi_temp_path $work/temporary;
  scgi_temp_path $work/temporary;
  server {
    listen 127.0.0.1:$http;
    include $work/site.conf;
  }
  server {
    listen 127.0.0.1:$https ssl;
    ssl_certificate $work/server.pem;
    ssl_certificate_key $work/server.key;
    include $work/site.conf;
  }
}
CONF
start nginx nginx -p "$work" -e stderr -c "$work/nginx.conf"
wait_until 'nginx listens' nc -z 127.0.0.1 "$https"

cat >"$work/client.lua" <<'SCRIPT'
tls.cert.verify(file.getcontents "ca.pem")
local base, requests = ..., {}
local function request(method, path, headers, body)
  table.insert(requests, {method, path, headers, body})
end
request("GET", "/chunks.shtml")
request("GET", "/there")
request("DELETE", "/there")
request("GET", "/round")
request("GET", "/empty")
request("HEAD", "/large.txt")
request("GET", "/large.txt")
request("POST", "/method", "X-Key: value\r\nUser-Agent: me\r\n", "body")
request("PUT", "/upload/new", "", ("y"):rep(5000))
request("GET", "/upload/new")
request("DELETE", "/upload/new")
request("GET", "/nothing")

local function next_request()
  local r = table.remove(requests, 1)
  if r then
    http.request(base .. r[2], r[1], r[3], r[4], function(status, text)
      print(r[1], r[2], status, text and (#text > 100 and #text or text:gsub("\n$", "")))
      next_request()
    end)
  end
end
next_request()
SCRIPT
expected='GET	/chunks.shtml	200	GET in chunks
GET	/there	200	GET in chunks
DELETE	/there	405	STATUS
GET	/round	-1	nil
GET	/empty	204	
HEAD	/large.txt	200	
GET	/large.txt	200	9000
POST	/method	200	POST value 4 me
PUT	/upload/new	201	
GET	/upload/new	200	5000
DELETE	/upload/new	204	
GET	/nothing	404	STATUS'
for base in "http://localhost:$http" "https://localhost:$https"; do
  for fault in none cut,size=1; do
    [ $fault = none ] && options= || options="--fault $fault"
    # shellcheck disable=SC2086
    got=$("$NETMCU" --no-warnings --timeout "$patience" $options "$work/client.lua" "$base" 2>&1)
    same "$base, fault $fault" "$expected" "$(echo "$got" | sed 's/40\([45]\)	[0-9].*/40\1	STATUS/')"
  done
done

# Over TLS, each request is reset some bytes later than the one before, up to one that is not reset.
same 'resets' 'complete' "$("$NETMCU" --timeout "$patience" -e "
  local netmcu = require 'netmcu'
  tls.cert.verify(file.getcontents('ca.pem'))
  local after, calls, status = 0, 0, nil
  repeat
    netmcu.fault()
    netmcu.fault {kind = 'reset', port = $https, after = after}
    http.get('https://localhost:$https/method', nil, function(code, body)
      calls, status = calls + 1, code
      assert(code == -1 and body == nil or code == 200 and body == 'GET   ESP8266', body)
    end)
    netmcu.run(10000)
    after = after + 97
    assert(calls == after // 97 and #netmcu.walk() == 0)
  until status == 200
  assert(after > 1000, after)
  print 'complete'" --root "$work" 2>"$work/errors.log")"

-- The page of the portal, which a file enduser_setup.html or enduser_setup.html.gz of the flash
-- replaces.

return [[
<!DOCTYPE html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>WiFi Setup</title>
<style>
body{font-family:sans-serif;max-width:22em;margin:2em auto;padding:0 1em}
input,select,button{box-sizing:border-box;width:100%;padding:.6em;margin:.3em 0;font-size:1em}
</style></head><body>
<h1>WiFi Setup</h1>
<form method="post" action="/setwifi">
<select id="networks"><option value="">scanning…</option></select>
<input id="ssid" name="wifi_ssid" maxlength="32" placeholder="network" required>
<input name="wifi_password" type="password" maxlength="64" placeholder="password">
<button>Connect</button>
</form>
<p id="status"></p>
<script>
var $ = document.getElementById.bind(document);
function get(path, done) {
  var request = new XMLHttpRequest();
  request.onload = function () { done(request.responseText); };
  request.open('GET', path);
  request.send();
}
$('networks').onchange = function () { $('ssid').value = this.value; };
get('/aplist', function (text) {
  var found = text ? JSON.parse(text) : [];
  $('networks').innerHTML = '<option value="">' + found.length + ' networks</option>';
  found.sort(function (a, b) { return b.rssi - a.rssi; }).forEach(function (network) {
    $('networks').add(new Option(network.ssid + ' (' + network.rssi + ' dBm)', network.ssid));
  });
});
function show() { get('/status', function (text) { $('status').textContent = text; }); }
if (location.search.indexOf('trying') >= 0) { show(); setInterval(show, 1000); }
</script></body></html>
]]

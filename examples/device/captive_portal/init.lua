-- A captive portal that sets up the wifi. The DNS server of the access point answers every name
-- with the address of this chip. The web server redirects every request to a form, and stores the
-- result in flash.
--
-- Run:  tools/run --map-port 80=8080 --map-port 53/udp=5353 examples/device/captive_portal
--       or, for other devices of the network, as root without the two options
-- Try:  dig @127.0.0.1 -p 5353 any.name
--       curl -i http://127.0.0.1:8080/generate_204

DNS_PORT = 53
HTTP_PORT = 80

wifi.setmode(wifi.STATIONAP)
wifi.ap.config({ssid = "setup-" .. string.format("%06X", node.chipid()), auth = wifi.OPEN})

portal_ip = wifi.ap.getip()
if portal_ip == nil then
  wifi.ap.setip({ip = "192.168.4.1", netmask = "255.255.255.0", gateway = "192.168.4.1"})
  portal_ip = wifi.ap.getip()
end

dofile("dns.lua")
dofile("http.lua")
print("portal at " .. portal_ip .. ", heap " .. node.heap())

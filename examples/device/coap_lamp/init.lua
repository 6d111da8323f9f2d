-- A lamp with a thermometer that speaks CoAP, with the module coap. The commands are those of
-- libcoap; some systems call the client coap-client.
--
--   netmcu examples/device/coap_lamp
--   coap-client-notls -m get coap://127.0.0.1/.well-known/core       lists what there is
--   coap-client-notls -m get coap://127.0.0.1/v1/v/temperature
--   coap-client-notls -m post -e on coap://127.0.0.1/v1/f/lamp       switches the lamp, or "off"
--   coap-client-notls -m post coap://127.0.0.1/v1/f/lamp             asks for its state
--
-- The lamp also reports each change to the server at HUB, if there is one. To see that, run
-- "coap-server-notls -p 5684 -d 10", and set HUB to "coap://127.0.0.1:5684/lamp".

local PORT = 5683
local HUB = nil
local PIN = 4

local server, client = coap.Server(), coap.Client()

-- What a CoAP server offers are global variables and functions.
function lamp(state)
  if state == "on" or state == "off" then
    gpio.write(PIN, state == "on" and gpio.HIGH or gpio.LOW)
    print("lamp " .. state)
    if HUB then
      client:put(coap.CON, HUB, state)
    end
  end
  return gpio.read(PIN) == gpio.HIGH and "on" or "off"
end

local function measure()
  temperature = adc.read(0) / 10
end

gpio.mode(PIN, gpio.OUTPUT)
gpio.write(PIN, gpio.LOW)
measure()
tmr.create():alarm(10000, tmr.ALARM_AUTO, measure)
server:var("temperature")
server:func("lamp")
server:listen(PORT)
print("listening on port " .. PORT)

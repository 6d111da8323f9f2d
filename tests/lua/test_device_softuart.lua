-- softuart: what a script writes reaches a test, and what a test sends reaches the script's callback
-- in pieces of the size, or up to the character, that the script wants.

local expect = require "expect"
local netmcu = require "netmcu"
local line = netmcu.softuart
local refuses = expect.refuses

local port = softuart.setup(9600, 2, 3)
local written = {}
line.on(2, function(bytes) written[#written + 1] = bytes end)
port:write "AT\r\n"
port:write(255)
port:write ""
assert(table.concat(written, "|") == "AT\r\n|\255|")
assert(gpio.read(2) == 1 and netmcu.gpio.mode(3) == gpio.INT)

assert(line.send(3, "early") == false and line.send(4, "x") == false) -- nobody listens yet
local received = {}
local function receive(piece)
  received[#received + 1] = piece
end
port:on("data", "\n", expect(receive, 2))
assert(line.send(3, "one\ntwo") and line.send(3, "\nrest"))
assert(#received == 0) -- not inside of the call
netmcu.wait(function() return #received == 2 end)
port:on("data", 3, expect(receive, 2))
line.send(3, "1") -- with the rest, this completes a piece
line.send(3, "234")
netmcu.wait(function() return #received == 4 end)
assert(table.concat(received, "|") == "one\n|two\n|rest1|234", table.concat(received, "|"))
port:on("data", 128, expect(receive, 1))
line.send(3, ("x"):rep(200)) -- the second piece is not complete
netmcu.wait(function() return #received == 5 end)
assert(received[5] == ("x"):rep(128))
port:on("data", 1)
assert(line.send(3, "unheard") == false)

refuses("SoftUART rx already configured on the pin.", softuart.setup, 9600, 4, 3)
local sender, receiver = softuart.setup(115200, 5), softuart.setup(115200, nil, 6)
refuses("Rx pin was not declared", sender.on, sender, "data", 1, print)
refuses("Tx pin was not declared", receiver.write, receiver, "x")
refuses("Method not supported", receiver.on, receiver, "sent", 1, print)
refuses("Argument bigger than SoftUART buffer", receiver.on, receiver, "data", 129, print)
refuses("Wrong end char length", receiver.on, receiver, "data", "ab", print)
refuses("Wrong argument type", receiver.on, receiver, "data", print)
refuses("Integer too large for a byte", sender.write, sender, 256)
refuses("Wrong argument type", sender.write, sender, {})
refuses("softuart.port expected", port.write, {}, "x")
refuses("Invalid argument type", softuart.setup)
refuses("Invalid baud rate", softuart.setup, 230401, 1, 2)
refuses("SoftUART tx GPIO not valid", softuart.setup, 9600, 0)
refuses("SoftUART rx GPIO not valid", softuart.setup, 9600, 1, 13)

-- A pin is free again when the script has dropped its port.
receiver = nil
collectgarbage()
assert(softuart.setup(9600, nil, 6))

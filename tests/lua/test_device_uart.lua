-- uart: number 0 is the terminal, which the test plays.

local host = require "netmcu.host"
local typed, written = nil, ""
host.stdin = function(fn) typed = fn end
local write = host.write
host.write = function(text) written = written .. text end

uart.write(0, "a", 66, "c\n", 0, 255)
uart.write(1, "nowhere")
assert(written == "aBc\n\0\255")
local function refuses(text, fn, ...)
  local done, problem = pcall(fn, ...)
  assert(not done and problem:find(text, 1, true), tostring(problem) .. ", not " .. text)
end
refuses("uart 2 does not exist", uart.write, 2, "x")
refuses("invalid number", uart.write, 0, 256)
refuses("invalid number", uart.write, 0, -1)
refuses("bad argument #3 to 'write' (string expected, got table)", uart.write, 0, "", {})
refuses("bad argument #5 to 'setup' (number expected, got no value)", uart.setup, 0, 9600, 8, uart.PARITY_NONE)
refuses("uart 2 does not exist", uart.fifodepth, 2, uart.DIR_RX)
assert(uart.setup(0, 9600, 8, uart.PARITY_NONE, uart.STOPBITS_1, 0) == 9600)
local baud, bits, parity, stop = uart.getconfig(0)
assert(baud == 9600 and bits == 8 and parity == 0 and stop == 1 and uart.getconfig(1) == 115200)
assert(uart.fifodepth(0, uart.DIR_RX) == 0)
uart.alt(0)

local got = {}
local function take(data) got[#got + 1] = data end
local function arrived()
  local text = table.concat(got, "|")
  got = {}
  return text
end

uart.on("data", 0, take, 0)
typed("abc")
typed("d")
assert(arrived() == "abc|d")

uart.on("data", 4, take, 0)
typed("12")
typed("345678")
typed("9")
assert(arrived() == "1234|5678")

uart.on("data", "\r", take, 0)
typed("one\rtwo")
typed("\r\n")
assert(arrived() == "one\r|two\r")
typed(("x"):rep(300))
assert(#arrived() == 255) -- the \n before them is one of those

-- Many small pieces of a large one take a time that grows with its size.
local count = 0
uart.on("data", 1, function() count = count + 1 end, 0)
typed(("x"):rep(300000))
assert(count == 300000)

uart.on("data", "\n", take, 0)
typed("half")
typed(nil)
assert(arrived() == "half" and typed)

-- The registration may end or change inside its own call. What follows is dropped, or goes to the new one.
uart.on("data", 1, function(data)
  take(data)
  if data == "q" then
    uart.on("data")
  end
end, 0)
typed("aqz")
assert(arrived() == "a|q" and typed == nil)

for _, wanted in ipairs {256, -1, "ab", ""} do
  refuses("wrong arg range", uart.on, "data", wanted, take)
end
refuses("method not supported", uart.on, "error", 1, take)
refuses("string expected, got no value", uart.on)
uart.on("data", 255, take, "0")
typed(("x"):rep(254))
typed("yz")
assert(arrived() == ("x"):rep(254) .. "y")
uart.on("data", nil, take) -- as on the device: the function is not where it is looked for
assert(typed == nil)

-- With run_input, the default, the interpreter sees the bytes as well, line by line.
written = ""
uart.on("data", take)
typed("6*7\n")
typed("x_typed = ")
typed("5\r\n")
assert(x_typed == 5 and written == "42\n> > ", written)
uart.on("data")
assert(typed == nil)

-- The prompt on the terminal: lines run. A handler takes them away, and its end gives them back.
local prompt = require "netmcu.device.prompt"
written = ""
prompt.interactive()
typed("1 + 1\r\nfor i = 1, 2 do\n")
typed("print(i) end\n")
assert(written == "> 2\n> >> 1\n2\n> ", written)
uart.on("data", "\n", take, 0)
written, got = "", {}
typed("mine\n")
uart.on("data")
typed("3")
typed(nil)
assert(arrived() == "mine\n" and written == "3\n> ", written)

-- A line editor shows the prompt itself.
local prompts = {}
prompt.interactive(function(text) prompts[#prompts + 1] = text end)
prompt.typed("if true then\n")
prompt.typed("end\n")
assert(table.concat(prompts, "|") == "> |>> |> " and prompt.text() == "> ", table.concat(prompts, "|"))
host.write = write

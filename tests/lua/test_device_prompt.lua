-- node.input and node.output: the prompt, with output functions for older and for current firmware.

local expect = require "expect"

local shown = ""
local steps = {}
local function next_step()
  local step = table.remove(steps, 1)
  if step then
    step()
  end
end

-- Sends the lines. Once they have run and answered, calls check with the output.
local function dialogue(input, expected)
  steps[#steps + 1] = function()
    shown = ""
    for _, text in ipairs(type(input) == "table" and input or {input}) do
      node.input(text)
    end
    node.task.post(0, function() node.task.post(0, expect(function()
      if type(expected) == "function" then
        assert(expected(shown), shown)
      else
        assert(shown == expected, ("%q instead of %q"):format(shown, expected))
      end
      next_step()
    end, 1)) end)
  end
end

node.output(function(text) shown = shown .. text end, 0)

dialogue("print('hello', 5)\n", "hello\t5\n> ")
dialogue("x = 5\n", "> ")
dialogue("x\n", "5\n> ")
dialogue("=x, x + 1\r\n", "5\t6\n> ")
dialogue("\n", "> ")
dialogue("for i = 1, 2 do\n", ">> ")
dialogue("print(i)\n", ">> ")
dialogue("end\n", "1\n2\n> ")
dialogue("for i = 1, 2 do\nprint(i)\nend\n", ">> >> 1\n2\n> ")
dialogue("x = = 1\n", function(text) return text:find("^stdin:1: unexpected symbol near '='\n> $") end)
dialogue("error('oops')\n", function(text)
  return text:find("^stdin:1: oops\nstack traceback:\n") and text:find("\n> $") and not text:find("xpcall", 1, true)
    and not text:find("prompt.lua", 1, true)
end)
dialogue("error({})\n", function(text) return text:find("^%(error object is a table value%)") end)
dialogue("nothing.at.all()\n", function(text) return text:find("^stdin:1: attempt to index a nil value %(global 'nothing'%)") end)
-- the end of a line arrives later, or not at all
dialogue({"pri", "\n"}, "nil\n> > ")
dialogue({"p", "r", "i", "n", "t", "(", "7", ")", "\r", "\n"}, "7\n> ")
dialogue("print(8)", "8\n> ")
dialogue({"y = '" .. ("z"):rep(1460 - 5), "'\n", "#y\n"}, "> 1455\n> ")
dialogue({"print(1)\nprint(", "2)\n"}, "1\n> 2\n> ")
-- functions of Lua 5.1 at the prompt
dialogue("'a\\/b'\n", "a/b\n> ")

-- Long output arrives in pieces that fit into the device's buffer.
local largest = 0
steps[#steps + 1] = function()
  node.output(function(text) largest = math.max(largest, #text); shown = shown .. text end, 0)
  next_step()
end
dialogue("print(('x'):rep(5000))\n", function(text) return #text == 5003 and largest == 1400 end)

-- A client that leaves an incomplete chunk does not affect the next one.
dialogue("for i = 1, 2 do\n", ">> ")
steps[#steps + 1] = function()
  node.output(nil)
  node.output(function(text) shown = shown .. text end, 0)
  next_step()
end
dialogue("3\n", "3\n> ")

-- A function for the current firmware, as in its telnet example.
local queue, out = {}, nil
local function pump()
  local record = out:read(1400)
  if record and #record > 0 then
    queue[#queue + 1] = record
    shown = shown .. record
    node.task.post(pump)
  end
end
local function reader(pipe)
  out = pipe
  pump()
  return false
end
steps[#steps + 1] = function()
  node.output(reader, 0)
  next_step()
end
dialogue("print('piped')\n", "piped\n> ")
dialogue("4\n", "4\n> ")
steps[#steps + 1] = function()
  assert(type(out) == "table" and out:nrec() == 0)
  shown = ""
  node.output(function(pipe) out = pipe end, 0) -- reads nothing while it runs
  print("one")
  print("two")
  node.task.post(expect(function()
    assert(out:read("\n+") == "one\n" and out:nrec() == 1 and out:read(100) == "two\n" and out:read(1) == nil)
    out:unread("three")
    assert(out:read() == "three")
    next_step()
  end, 1))
end

-- What the function itself prints goes to the terminal and not to the function again.
steps[#steps + 1] = function()
  local calls = 0
  node.output(function() calls = calls + 1; print("(terminal)") end, 0)
  print("once")
  assert(calls == 1)
  node.output()
  assert(not pcall(node.output, 5) and not pcall(node.input))
  next_step()
end
next_step()

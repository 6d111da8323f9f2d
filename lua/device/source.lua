-- Reads Lua source, and rewrites source for Lua 5.1 so that Lua 5.4 runs it. Lines keep their
-- numbers.
--   varargs(text)       declares the local table `arg` in each vararg function that mentions it, as Lua 5.1 did
--   escapes(text)       removes the backslash of "\/" and of other escapes that 5.4 refuses, as Lua 5.1 did
--   scan(text, visit)   calls visit for each token
--   nesting()           returns a function that takes a text line by line, and returns whether a block is open

local source = {}

-- Returns where a quoted string that continues at `at` ends, and whether it continues after the
-- text.
local function find_quoted_end(text, at, quote, on_escape)
  local continues = false
  while at <= #text do
    at = string.find(text, "[\\\n" .. quote .. "]", at)
    if not at then
      return #text, false
    elseif string.sub(text, at, at) ~= "\\" then
      return at, false
    end
    on_escape(at)
    local _, blanks = string.find(text, "^z%s*", at + 1)
    at = (blanks or at + 1) + 1
    continues = at > #text
  end
  return #text, continues
end

-- Returns the delimiter that ends the long string or comment at the position, and the position
-- after its opening. Returns nil if none begins there.
local function read_long_bracket(text, position)
  local level, after = string.match(text, "^%[(=*)%[()", position)
  return level and "]" .. level .. "]", after
end

-- Calls visit(kind, token, first, last) for each name, number, string, group of dots and other
-- character of a text. `open` is the delimiter of the string or comment in which the text begins,
-- or nil. Returns the delimiter of the one in which the text ends, or nil.
local function scan(text, visit, open)
  local at, first = 1, 1

  local function on_escape(backslash)
    visit("escape", "\\", backslash, backslash)
  end

  -- Skips the string or comment that ends with `close`.
  local function skip(close, kind)
    local last, continues
    if #close == 1 then
      last, continues = find_quoted_end(text, at, close, on_escape)
    else
      last = select(2, string.find(text, close, at, true))
      continues = not last
    end
    open = continues and close or nil
    at = (last or #text) + 1
    if kind == "string" then
      visit("string", "", first, at - 1)
    end
  end

  if open and text ~= "" then
    skip(open)
  end
  while at <= #text do
    first = string.find(text, "%S", at)
    if not first then
      return nil
    end
    local is_comment = string.find(text, "^%-%-", first)
    local close, after = read_long_bracket(text, is_comment and first + 2 or first)
    if close then
      at = after
      skip(close, not is_comment and "string")
    elseif is_comment then
      at = string.find(text, "\n", first, true) or #text + 1
    elseif string.find(text, "^[\"']", first) then
      at = first + 1
      skip(string.sub(text, first, first), "string")
    else
      local token = string.match(text, "^[%a_][%w_]*", first) or string.match(text, "^%.?%d[%w_.]*", first)
        or string.match(text, "^%.%.?%.?", first) or string.sub(text, first, first)
      at = first + #token
      visit("token", token, first, at - 1)
    end
  end
  return open
end
source.scan = scan

-- Returns the edited text. An edit is {position, number of characters to drop, replacement}; they
-- come in any order.
local function apply(text, edits)
  if #edits == 0 then
    return text
  end
  table.sort(edits, function(a, b) return a[1] < b[1] end)
  local pieces, from = {}, 1
  for _, edit in ipairs(edits) do
    pieces[#pieces + 1] = string.sub(text, from, edit[1] - 1)
    pieces[#pieces + 1] = edit[3]
    from = edit[1] + edit[2]
  end
  pieces[#pieces + 1] = string.sub(text, from)
  return table.concat(pieces)
end

local valid_escape = "^\\[abfnrtvz\\\"'\r\n%d]"

function source.escapes(text)
  local edits = {}
  scan(text, function(kind, _, first)
    if kind == "escape" and not string.find(text, valid_escape, first) and not string.find(text, "^\\x%x%x", first)
      and not string.find(text, "^\\u{%x+}", first) then
      edits[#edits + 1] = {first, 1, ""}
    end
  end)
  return apply(text, edits)
end

-- Makes the table `arg`. It is a string method, because every chunk can call it: after module(...),
-- a chunk sees no globals, not even select.
require "netmcu.device.init".script_string["(arg)"] = function(...)
  return {n = select("#", ...), ...}
end

local opens = {["function"] = true, ["if"] = true, ["do"] = true, ["repeat"] = true}
local closes = {["end"] = true, ["until"] = true}

-- Returns the function to which `arg` belongs: the innermost vararg function, unless a parameter is
-- called `arg`.
local function find_owner(blocks)
  for i = #blocks, 1, -1 do
    local block = blocks[i]
    if block.takes_arg then
      return nil
    elseif block.vararg then
      return block
    end
  end
end

function source.varargs(text)
  local blocks, edits, heading, previous = {}, {}, nil, ""

  local function mention_arg()
    local owner = find_owner(blocks)
    if owner and not owner.done then
      owner.done = true
      edits[#edits + 1] = {owner.body, 0, " local arg=('')['(arg)'](...) "}
    end
  end

  local function parameter(token, last)
    if token == ")" then
      heading.body = last + 1
      heading = nil
    elseif token == "..." then
      heading.vararg = true
    elseif token == "arg" then
      heading.takes_arg = true
    end
  end

  scan(text, function(kind, token, _, last)
    if kind ~= "token" then
      previous = kind == "string" and "" or previous
      return
    end
    if heading then
      parameter(token, last)
    elseif opens[token] then
      blocks[#blocks + 1] = {}
      heading = token == "function" and blocks[#blocks] or nil
    elseif closes[token] then
      blocks[#blocks] = nil
    elseif token == "arg" and previous ~= "." and previous ~= ":" then
      mention_arg()
    end
    previous = token
  end)
  return apply(text, edits)
end

local levels = {
  ["("] = 1, ["["] = 1, ["{"] = 1, ["function"] = 1, ["if"] = 1, ["do"] = 1, ["repeat"] = 1,
  [")"] = -1, ["]"] = -1, ["}"] = -1, ["end"] = -1, ["until"] = -1,
}

-- Returns a function that takes the lines of a text one after the other, without their ends. It
-- returns true while the text cannot be complete, because a string, comment, bracket or block is
-- open.
function source.nesting()
  local depth, open = 0, nil

  local function visit(kind, token)
    if kind == "token" then
      depth = depth + (levels[token] or 0)
    end
  end

  return function(line)
    open = scan(line, visit, open)
    return open ~= nil or depth > 0
  end
end

return source

-- Reads and rewrites Lua source.
--   varargs(text)   for Lua 5.4, in place so that no line moves: a vararg function that mentions `arg` gets it as a local
--                   table, as Lua 5.1 made one
--   escapes(text)   the same for "\/" and other escapes that 5.4 refuses: they lose their backslash, as 5.1 read them
--   scan(text, visit)   calls visit for each token, as described below
--   nesting()       returns a function that takes a text line by line and says whether it is still inside a block

local source = {}

-- The position of the end of a quoted string that goes on at `at`, and whether it goes on behind the end of the text.
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

-- The delimiter that ends the long string or comment at the position, or nil, and the position behind its opening.
local function read_long_bracket(text, position)
  local level, after = string.match(text, "^%[(=*)%[()", position)
  return level and "]" .. level .. "]", after
end

-- Calls visit(kind, token, first, last) for the names, strings, dots and single characters of a text. `open` is the delimiter
-- that ends the string or comment in which the text begins, or nil. Returns the one in which it ends.
local function scan(text, visit, open)
  local at, first = 1, 1

  local function on_escape(backslash)
    visit("escape", "\\", backslash, backslash)
  end

  -- Goes on in the string or comment that `close` ends.
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

-- The text with pieces put in or taken out; edits are {position, characters to drop, replacement}, in any order.
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

-- By way of a string, which every environment has: after module(...) a chunk sees no global, not even select.
require "netmcu.device.init".script_string["(arg)"] = function(...)
  return {n = select("#", ...), ...}
end

local opens = {["function"] = true, ["if"] = true, ["do"] = true, ["repeat"] = true}
local closes = {["end"] = true, ["until"] = true}

-- The function whose varargs `arg` means here: the innermost vararg one, unless a parameter has that name.
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

-- Returns a function that takes the lines of a text one after the other, without their ends. It returns true if the text is
-- certainly not complete: a string, comment, bracket or block is open.
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

-- Rewrites Lua 5.1 source for Lua 5.4, in place: no line moves.
--   varargs(text)   a vararg function that mentions `arg` gets it as a local table, as 5.1 made one
--   escapes(text)   "\/" and other escapes that 5.4 refuses lose their backslash, which is what 5.1 read

local source = {}

-- The end of the quoted string that begins at position; every backslash in it is reported.
local function quoted_end(text, position, on_escape)
  local quote = string.sub(text, position, position)
  local at = position + 1
  while at <= #text do
    local c = string.sub(text, at, at)
    if c == "\\" then
      on_escape(at)
      at = at + 2
    elseif c == quote or c == "\n" then
      return at
    else
      at = at + 1
    end
  end
  return #text
end

local function long_bracket_end(text, position)
  local level = string.match(text, "^%[(=*)%[", position)
  if not level then
    return nil
  end
  local _, last = string.find(text, "]" .. level .. "]", position, true)
  return last or #text
end

-- Calls visit(kind, token, first, last) for the names, strings, dots and single characters of a text.
local function scan(text, visit)
  local at = 1
  while at <= #text do
    local first = string.find(text, "%S", at)
    if not first then
      return
    end
    local last
    if string.find(text, "^%-%-", first) then
      last = long_bracket_end(text, first + 2) or (string.find(text, "\n", first, true) or #text + 1) - 1
    elseif string.find(text, "^[\"']", first) then
      last = quoted_end(text, first, function(backslash) visit("escape", "\\", backslash, backslash) end)
      visit("string", "", first, last)
    elseif string.find(text, "^%[=*%[", first) then
      last = long_bracket_end(text, first)
      visit("string", "", first, last)
    else
      local token = string.match(text, "^[%a_][%w_]*", first) or string.match(text, "^%.?%d[%w_.]*", first)
        or string.match(text, "^%.%.?%.?", first) or string.sub(text, first, first)
      last = first + #token - 1
      visit("token", token, first, last)
    end
    at = last + 1
  end
end

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
string["(arg)"] = function(...)
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

return source

-- The server of the IDE.

if srv ~= nil then
  srv:close()
end
srv = net.createServer(net.TCP, 180)

function header(status, mime)
  return "HTTP/1.0 " .. status .. "\r\nContent-Type: " .. mime .. "\r\nConnection: close\r\n\r\n"
end

function reply(c, status, text)
  c:on("sent", function(c) c:close() end)
  c:send(header(status, "text/plain") .. text)
end

function argument(query, name)
  local value = string.match("&" .. query, "&" .. name .. "=([^&]*)")
  if value == nil then return nil end
  value = string.gsub(value, "+", " ")
  value = string.gsub(value, "%%(%x%x)", function(h) return string.char(tonumber(h, 16)) end)
  return value
end

function page()
  local names = {}
  for name, size in pairs(file.list()) do
    table.insert(names, name)
  end
  table.sort(names)
  local list = file.list()
  local html = "<html><head><title>IDE</title></head><body><h1>Files</h1><table>"
  table.foreach(names, function(i, name)
    html = html .. "<tr><td><a href=\"\/edit?name=" .. name .. "\">" .. name .. "</a></td><td>" .. list[name]
      .. "</td><td><a href=\"\/run?name=" .. name .. "\">run</a></td>"
      .. "<td><a href=\"\/delete?name=" .. name .. "\">delete</a></td></tr>"
  end)
  local remaining, used, total = file.fsinfo()
  return html .. "</table><p>" .. used .. " of " .. total .. " bytes used, heap " .. node.heap() .. "</p></body></html>"
end

-- Sends the lines of a file, as many at a time as fit into a packet. The older firmware has only
-- one open file, so this opens the file for each packet.
function sendEditor(c, name)
  local position = 0
  c:on("sent", function(c)
    if position == nil then
      c:close()
      return
    end
    file.open(name, "r")
    file.seek("set", position)
    local text = file.read(512)
    file.close()
    if text == nil then
      position = nil
      c:send("</textarea></body></html>")
    else
      position = position + #text
      text = string.gsub(text, "&", "&amp;")
      text = string.gsub(text, "<", "&lt;")
      c:send(text)
    end
  end)
  c:send(header("200 OK", "text/html") .. "<html><body><h1>" .. name .. "</h1><textarea rows=40 cols=100>")
end

function run(c, name)
  local output = ""
  local function s_output(str)
    output = output .. str
  end
  node.output(s_output, 1)
  local ok, message = pcall(dofile, name)
  node.output(nil)
  if ok then
    reply(c, "200 OK", output)
  else
    reply(c, "500 Error", output .. tostring(message) .. "\n")
  end
end

function finishUpload(c, state)
  if file.exists(state.name) then file.remove(state.name) end
  file.rename("upload.tmp", state.name)
  print("Stored " .. state.name .. ", heap " .. node.heap())
  reply(c, "200 OK", "stored " .. state.received .. " bytes\n")
end

function storeBody(c, state, data)
  if #data > 0 then
    file.open("upload.tmp", "a+")
    file.write(data)
    file.close()
    state.received = state.received + #data
  end
  if state.received >= state.length then
    finishUpload(c, state)
    state.length = nil
  end
end

function request(c, state, head, rest)
  local _, _, method, path, query = string.find(head, "^(%u+) ([^ ?]+)%??([^ ]*)")
  local name = argument(query or "", "name")
  if path == "/" then
    c:on("sent", function(c) c:close() end)
    c:send(header("200 OK", "text/html") .. page())
  elseif path == "/upload" and method == "POST" then
    state.name = name
    state.length = tonumber(string.match(head, "[Cc]ontent%-[Ll]ength: *(%d+)"))
    state.received = 0
    file.remove("upload.tmp")
    file.open("upload.tmp", "w")
    file.close()
    if string.find(head, "100-continue", 1, true) then
      c:send("HTTP/1.1 100 Continue\r\n\r\n")
    end
    storeBody(c, state, rest)
  elseif name == nil or not file.open(name, "r") then
    reply(c, "404 Not Found", "no such file\n")
  else
    file.close()
    if path == "/edit" then
      sendEditor(c, name)
    elseif path == "/run" then
      run(c, name)
    elseif path == "/delete" then
      file.remove(name)
      reply(c, "200 OK", "deleted " .. name .. "\n")
    else
      reply(c, "404 Not Found", "no such page\n")
    end
  end
end

srv:listen(PORT, function(conn)
  local state = {head = ""}
  conn:on("receive", function(c, payload)
    tmr.wdclr()
    if state.length then
      storeBody(c, state, payload)
    elseif state.head then
      state.head = state.head .. payload
      local _, stop = string.find(state.head, "\r\n\r\n")
      if stop then
        local head, rest = string.sub(state.head, 1, stop), string.sub(state.head, stop + 1)
        state.head = nil
        request(c, state, head, rest)
      end
    end
    payload = nil
    collectgarbage()
  end)
end)
print("IDE on port " .. PORT)

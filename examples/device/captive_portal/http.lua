-- Redirects all other paths to the form. A device that tests its connection ends up there, too.

local form = [[<html><head><title>Setup</title><meta name="viewport" content="width=device-width"></head><body>
<h1>Setup</h1><form method="post" action="/save">
<input name="ssid" placeholder="network"><input name="pwd" type="password" placeholder="password">
<input type="submit" value="Save"></form></body></html>]]

local function unescape(text)
  return (text:gsub("%+", " "):gsub("%%(%x%x)", function(x) return string.char(tonumber(x, 16)) end))
end

local function page(c, status, extra, body)
  c:send("HTTP/1.1 " .. status .. "\r\n" .. extra .. "Content-Length: " .. #body .. "\r\nConnection: close\r\n\r\n"
    .. body, function(sk) sk:close() end)
end

local function save(body)
  local values = {}
  for name, value in body:gmatch("(%w+)=([^&]*)") do
    values[name] = unescape(value)
  end
  if not values.ssid or values.ssid == "" then
    return false
  end
  file.putcontents("eus_params.lua", string.format("return {wifi_ssid = %q, wifi_password = %q}\n", values.ssid,
    values.pwd or ""))
  wifi.sta.config({ssid = values.ssid, pwd = values.pwd, save = true, auto = false})
  print("saved " .. wifi.sta.getconfig())
  return true
end

http_server = net.createServer(net.TCP, 5)
http_server:listen(HTTP_PORT, function(conn)
  local request = ""
  conn:on("receive", function(c, data)
    request = request .. data
    local head, body = request:match("^(.-\r\n)\r\n(.*)$")
    if not head then
      return
    end
    local length = tonumber(head:match("[Cc]ontent%-[Ll]ength: (%d+)")) or 0
    if #body < length then
      return
    end
    local method, path = head:match("^(%u+) ([^ ?]+)")
    if path == "/" then
      page(c, "200 OK", "Content-Type: text/html\r\n", form)
    elseif method == "POST" and path == "/save" then
      if save(body) then
        page(c, "200 OK", "Content-Type: text/plain\r\n", "Saved. The device restarts.\n")
      else
        page(c, "400 Bad Request", "Content-Type: text/plain\r\n", "Which network?\n")
      end
    else
      page(c, "302 Found", "Location: http://" .. portal_ip .. (HTTP_PORT ~= 80 and ":" .. HTTP_PORT or "") .. "/\r\n", "")
    end
  end)
end)

-- http: what it sends, what the callback gets, redirects, and failures.

local expect = require "expect"
local http_server = require "http_server"
local netmcu = require "netmcu"
local control = require "netmcu.device.http".control

local requests, answer = {}, nil
local server = http_server(function(request, c)
  if request:find "^GET /slow " then -- may come when its step is over
    c:send "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"
    return
  end
  requests[#requests + 1] = request:gsub("127.0.0.1:%d+", "SERVER")
  return answer(request, c)
end)
local base = "http://127.0.0.1:" .. server.port

-- Runs steps one after another: each gets a function that it calls at its end.
local steps, at = {}, 0

local function next_step()
  at = at + 1
  requests = {}
  if steps[at] then
    steps[at](next_step)
  else
    server:close()
  end
end

local function step(fn)
  steps[#steps + 1] = expect(fn)
end

local ok = "HTTP/1.1 200 OK\r\n"

-- --- what is sent ---

local function sends(expected, call)
  step(function(done)
    answer = function() return ok .. "\r\nbody" end
    call(expect(function(status, body)
      assert(status == 200 and body == "body")
      assert(requests[1] == expected, requests[1])
      done()
    end))
  end)
end

local last = "Connection: close\r\nUser-Agent: ESP8266\r\n"
sends("GET / HTTP/1.1\r\nHost: SERVER\r\n" .. last .. "\r\n", function(fn) http.get(base, nil, fn) end)
sends("GET /a?b=c:/d HTTP/1.1\r\nHost: SERVER\r\nConnection: close\r\nX: 1\r\nUser-Agent: ESP8266\r\n\r\n",
  function(fn) http.get(base .. "/a?b=c:/d#there", "X: 1\r\n", fn) end)
sends("GET /?q HTTP/1.1\r\nConnection: close\r\nhost: mine\r\nUser-Agent: other\r\n\r\n",
  function(fn) http.get(base .. "?q", "host: mine\r\nUser-Agent: other\r\n", fn) end)
sends("POST /x HTTP/1.1\r\nHost: SERVER\r\n" .. last .. "Content-Length: 4\r\n\r\nb\0dy",
  function(fn) http.post(base .. "/x", "", "b\0dy", fn) end)
sends("PUT /x HTTP/1.1\r\nHost: SERVER\r\n" .. last .. "Content-Length: 2\r\n\r\n42",
  function(fn) http.put(base .. "/x", nil, 42, fn) end)
sends("DELETE /x HTTP/1.1\r\nHost: SERVER\r\n" .. last .. "\r\n",
  function(fn) http.delete(base .. "/x", nil, nil, fn) end)
sends("PURGE /x HTTP/1.1\r\nHost: SERVER\r\n" .. last .. "Content-Length: 0\r\n\r\n",
  function(fn) http.request(base .. "/x", "PURGE", nil, "", fn) end)

local large = ("0123456789"):rep(6000)
sends("POST / HTTP/1.1\r\nHost: SERVER\r\n" .. last .. "Content-Length: 60000\r\n\r\n" .. large,
  function(fn) http.post(base, nil, large, fn) end)

-- --- what the callback gets ---

step(function(done) -- the response is complete, though the server keeps the connection
  answer = function(_, c)
    c:on("disconnection", expect(function() done() end))
    c:send(ok .. "A: 1\r\nContent-Length: 2\r\na: 2\r\n\r\n{}")
  end
  http.get(base, nil, expect(function(status, body, headers, ...)
    assert(status == 200 and body == "{}" and headers.a == "2" and headers.A == nil and select("#", ...) == 0)
  end))
end)

step(function(done)
  answer = function() return ok .. "Content-Length: 9\r\n\r\n" end
  http.request(base, "HEAD", nil, nil, expect(function(status, body, headers)
    assert(status == 200 and body == "" and headers["content-length"] == "9")
    done()
  end))
end)

step(function(done) -- more than the chip has memory for
  answer = function() return ok .. "\r\n" .. large end
  http.get(base, nil, expect(function(status, body)
    assert(status == 200 and body == large)
    done()
  end))
end)

-- Exactly one argument.
local function fails(call)
  step(function(done)
    call(expect(function(...)
      assert(select("#", ...) == 1 and ... == http.ERROR and http.ERROR == -1)
      done()
    end))
  end)
end

local function fails_after(what)
  fails(function(fn)
    answer = what
    http.get(base, nil, fn)
  end)
end

fails(function(fn) http.get("http://no.such.name.invalid/", nil, fn) end)
fails(function(fn) http.get("http://127.0.0.1:1/", nil, fn) end)
fails(function(fn) http.get("http://" .. ("x"):rep(300) .. "/", nil, fn) end)
for _, url in ipairs {
  "", "127.0.0.1", "ftp://127.0.0.1/", "http://", "http:///x", "http://a:0/", "http://a:65536/", "http://u:p@a/",
} do
  fails(function(fn) http.get(url, nil, fn) end)
end
fails_after(function() return "no response at all" end)
fails_after(function() return "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell" end)
fails_after(function(_, c) c:close() end)
fails(function(fn) -- a reset is not the end of a body
  answer = function() return ok .. "\r\n" .. large end
  netmcu.fault {kind = "reset", peer = "127.0.0.1", after = 10000, direction = "in"}
  http.get(base, nil, function(...)
    netmcu.fault()
    fn(...)
  end)
end)
fails(function(fn) -- nothing comes
  control.timeout = 50
  http.get(base .. "/slow", nil, function(...)
    control.timeout = 60000
    fn(...)
  end)
end)

-- --- redirects ---

for status = 300, 308 do
  step(function(done)
    answer = function(request)
      local moved = ("HTTP/1.1 %d Moved\r\nLocation: /to\r\n\r\n"):format(status)
      return request:find "^PATCH /from " and moved or ok .. "\r\n"
    end
    http.request(base .. "/from", "PATCH", "X: 1\r\n", "body", expect(function(result)
      assert(result == 200 and #requests == 2)
      assert(requests[2] == "PATCH /to HTTP/1.1\r\nHost: SERVER\r\n" .. last .. "\r\n", requests[2])
      done()
    end))
  end)
end

for location, path in pairs {
  ["/d?e=/f#g"] = "/d?e=/f", ["d"] = "/a/b/d", [base .. "/d"] = "/d", ["//127.0.0.1:" .. server.port .. "/d"] = "/d",
} do
  step(function(done)
    answer = function(request)
      return request:find "/a/b/c" and "HTTP/1.1 301 Moved\r\nlocation: " .. location .. "\r\n\r\n" or ok .. "\r\n"
    end
    http.get(base .. "/a/b/c?x=/y", nil, expect(function(status)
      assert(status == 200 and requests[2]:match "^GET (%S+)" == path, requests[2])
      done()
    end))
  end)
end

for _, case in ipairs {
  {"HTTP/1.1 302 Found\r\n\r\nbody", 302}, {"HTTP/1.1 309 x\r\nLocation: /x\r\n\r\nbody", 309},
  {"HTTP/1.1 201 Created\r\nLocation: /x\r\n\r\nbody", 201},
} do
  step(function(done) -- no redirect
    answer = function() return case[1] end
    http.get(base, nil, expect(function(status, body)
      assert(status == case[2] and body == "body" and #requests == 1)
      done()
    end))
  end)
end

for most, expected in pairs {[20] = 200, [21] = -1} do
  step(function(done)
    answer = function() return #requests <= most and "HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n" or ok .. "\r\n" end
    http.get(base, nil, expect(function(status)
      assert(status == expected and #requests == 21)
      done()
    end))
  end)
end

fails_after(function() return "HTTP/1.1 302 Found\r\nLocation: http:///nowhere\r\n\r\n" end)
fails_after(function() return "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n" end)

-- --- two requests ---

step(function(done) -- the callback that was given last gets the first answer
  local first
  answer = function(request, c)
    first = first or c
    return request:find "/second" and ok .. "\r\nsecond"
  end
  http.get(base .. "/first", nil, expect.never "the first callback")
  http.get(base .. "/second", nil, expect(function(status, body)
    assert(status == 200 and body == "second")
    first:on("disconnection", expect(function() expect.later(done) end))
    first:send(ok .. "Content-Length: 5\r\n\r\nfirst")
  end))
end)

step(function(done) -- without a callback of its own, the second request answers the first one's
  local first
  answer = function(request, c)
    first = first or c
    return request:find "/second" and ok .. "\r\nsecond"
  end
  http.get(base .. "/first", nil, expect(function(status, body)
    assert(status == 200 and body == "second")
    first:on("disconnection", expect(function() expect.later(done) end))
    first:send(ok .. "Content-Length: 5\r\n\r\nfirst")
  end))
  http.get(base .. "/second")
end)

step(function(done) -- a request in the callback
  answer = function() return ok .. "\r\n" end
  http.get(base, nil, expect(function()
    http.get(base, nil, expect(function() done() end))
  end))
end)

-- --- arguments ---

for name, arguments in pairs {get = {}, post = {{}}, put = {true}, delete = {print}, request = {{}, "GET"}} do
  local done, problem = pcall(http[name], table.unpack(arguments))
  assert(not done and problem:find("bad argument #1 to '" .. name .. "' (string expected, got ", 1, true), problem)
end
local _, problem = pcall(http.request, base)
assert(problem:find("bad argument #2 to 'request' (string expected, got no value)", 1, true), problem)
assert(http.OK == 0)

next_step()
expect.finish()
assert(at == #steps + 1)

-- Updates itself over HTTP. It fetches a list of files with their SHA-1 sums, then each file that
-- differs. It checks the file, puts it in place, and restarts. app.lua is the program that it keeps
-- up to date.
--
-- Run:  tools/run examples/device/ota       (better in a copy: it changes its folder)
-- Try: a folder with app.lua and manifest.txt, which sha1sum app.lua >manifest.txt creates, and in
-- it
--       python3 -m http.server 8000

local config = {host = "127.0.0.1", port = 8000, path = "/", manifest = "manifest.txt", interval = 60000}
if file.exists("ota.json") then
  for key, value in pairs(sjson.decode(file.getcontents("ota.json"))) do
    config[key] = value
  end
end

local download = dofile("download.lua")

local function run_app()
  if file.exists("app.lua") then
    local ok, message = pcall(dofile, "app.lua")
    if not ok then
      print("app: " .. message)
    end
  else
    print("no app yet")
  end
end

local function later(fn)
  tmr.create():alarm(config.interval, tmr.ALARM_SINGLE, fn)
end

local function update()
  local path = config.path .. config.manifest
  download(config.host, config.port, path, "manifest.new", function(ok, message)
    if not ok then
      print("no update: " .. message)
      return later(update)
    end
    local files, changed = {}, 0
    local fd = file.open("manifest.new")
    repeat
      local line = fd:readline()
      local sum, name = (line or ""):match("^(%x+) [ *]([^\r\n]+)")
      if name then
        files[#files + 1] = {sum = sum, name = name}
      end
    until not line
    fd:close()
    file.remove("manifest.new")

    local function next_file()
      local entry = table.remove(files)
      if not entry then
        if changed > 0 then
          print("restarting with " .. changed .. " new files")
          return node.restart()
        end
        return later(update)
      end
      if file.exists(entry.name) and encoder.toHex(crypto.fhash("sha1", entry.name)) == entry.sum then
        return node.task.post(next_file)
      end
      download(config.host, config.port, config.path .. entry.name, "new.tmp", function(done, why)
        if done and encoder.toHex(crypto.fhash("sha1", "new.tmp")) ~= entry.sum then
          done, why = false, "wrong checksum"
        end
        if done then
          file.remove(entry.name)
          file.rename("new.tmp", entry.name)
          changed = changed + 1
          print("new: " .. entry.name)
        else
          file.remove("new.tmp")
          print("not updated: " .. entry.name .. ", " .. why)
        end
        next_file()
      end)
    end
    next_file()
  end)
end

run_app()
update()

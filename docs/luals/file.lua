---@meta file
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class file.file
local file_object = {}

---`close()`
function file_object:close() end

---`read([amount])` → text or nil
---@param amount? integer|string
---@return string?
function file_object:read(amount) end

---`readline()` → text or nil
---@return string?
function file_object:readline() end

---`write(text)` → boolean or nil
---@param text string
---@return boolean?
function file_object:write(text) end

---`writeline(text)` → boolean or nil
---@param text string
---@return boolean?
function file_object:writeline(text) end

---`seek([whence [, offset]])` → offset or nil
---@param whence? string
---@param offset? integer
---@return integer?
function file_object:seek(whence, offset) end

---`flush()`
function file_object:flush() end

---@class file_module
file = {}

---`open(filename [, access])` → file or nil
---@param filename string
---@param access? string
---@return file.file?
function file.open(filename, access) end

---`close()`
function file.close() end

---`read([amount])` → text or nil
---@param amount? integer|string
---@return string?
function file.read(amount) end

---`readline()` → text or nil
---@return string?
function file.readline() end

---`write(text)` → boolean or nil
---@param text string
---@return boolean?
function file.write(text) end

---`writeline(text)` → boolean or nil
---@param text string
---@return boolean?
function file.writeline(text) end

---`seek([whence [, offset]])` → offset or nil
---@param whence? string
---@param offset? integer
---@return integer?
function file.seek(whence, offset) end

---`flush()`
function file.flush() end

---`exists(filename)` → boolean
---@param filename string
---@return boolean
function file.exists(filename) end

---`remove(filename)`
---@param filename string
function file.remove(filename) end

---`rename(filename, filename)` → boolean
---@param filename string
---@param filename2 string
---@return boolean
function file.rename(filename, filename2) end

---`list([pattern])` → table
---@param pattern? string
---@return table
function file.list(pattern) end

---`stat(filename)` → table or nil
---@param filename string
---@return table?
function file.stat(filename) end

---`getcontents(filename)` → text or nil
---@param filename string
---@return string?
function file.getcontents(filename) end

---`putcontents(filename, text)` → boolean or nil
---@param filename string
---@param text string
---@return boolean?
function file.putcontents(filename, text) end

---`fsinfo()` → bytes, bytes, bytes
---@return integer
---@return integer
---@return integer
function file.fsinfo() end

---`fscfg()` → number, bytes
---@return integer
---@return integer
function file.fscfg() end

---`format()`
function file.format() end

---`chdir(folder)` → boolean
---@param folder string
---@return boolean
function file.chdir(folder) end

---`mount(name [, pin])` → table or nil
---@param name string
---@param pin? integer
---@return table?
function file.mount(name, pin) end

---`on(event, function() or nil)`
---@param event string
---@param callback (fun())|nil
function file.on(event, callback) end

return file

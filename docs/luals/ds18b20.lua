---@meta ds18b20
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class ds18b20_module
ds18b20 = {}

---`setup(pin)`
---@param pin integer
function ds18b20.setup(pin) end

---`setting(lines, resolution)`
---@param lines string[]
---@param resolution integer
function ds18b20.setting(lines, resolution) end

---`read(function(index, rom, resolution, temp, thousandths, parasite), lines [, family])`
---@param callback fun(index: integer, rom: string, resolution: integer, temp: number, thousandths: integer, parasite: integer)
---@param lines string[]
---@param family? integer
function ds18b20.read(callback, lines, family) end

return ds18b20

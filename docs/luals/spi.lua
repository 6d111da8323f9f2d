---@meta spi
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class spi_module
---@field MASTER integer
---@field SLAVE integer
---@field CPHA_LOW integer
---@field CPHA_HIGH integer
---@field CPOL_LOW integer
---@field CPOL_HIGH integer
---@field DATABITS_8 integer
---@field HALFDUPLEX integer
---@field FULLDUPLEX integer
spi = {}

---`setup(id, mode, cpol, cpha, databits, clock_div [, duplex_mode])` → number
---@param id integer
---@param mode integer
---@param cpol integer
---@param cpha integer
---@param databits integer
---@param clock_div integer
---@param duplex_mode? integer
---@return integer
function spi.setup(id, mode, cpol, cpha, databits, clock_div, duplex_mode) end

---`send(id, ...)` → count, ...
---@param id integer
---@param ... any
---@return integer
---@return any ...
function spi.send(id, ...) end

---`recv(id, size [, default_data])` → text or nil
---@param id integer
---@param size integer
---@param default_data? integer
---@return string?
function spi.recv(id, size, default_data) end

---`set_clock_div(id, clock_div)` → number
---@param id integer
---@param clock_div integer
---@return integer
function spi.set_clock_div(id, clock_div) end

---`set_mosi(id, offset or text [, bitlen [, ...]])`
---@param id integer
---@param offset integer|string
---@param bitlen? integer
---@param ...? any
function spi.set_mosi(id, offset, bitlen, ...) end

---`get_miso(id, offset [, bitlen, count])` → number or text, ...
---@param id integer
---@param offset integer
---@param bitlen? integer
---@param count? integer
---@return integer|string
---@return any ...
function spi.get_miso(id, offset, bitlen, count) end

---`transaction(id, cmd_bitlen, cmd_data, addr_bitlen, addr_data, mosi_bitlen, dummy_bitlen, miso_bitlen)`
---@param id integer
---@param cmd_bitlen integer
---@param cmd_data integer
---@param addr_bitlen integer
---@param addr_data integer
---@param mosi_bitlen integer
---@param dummy_bitlen integer
---@param miso_bitlen integer
function spi.transaction(id, cmd_bitlen, cmd_data, addr_bitlen, addr_data, mosi_bitlen, dummy_bitlen, miso_bitlen) end

return spi

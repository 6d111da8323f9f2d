---@meta uart
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class uart_module
---@field DIR_RX integer
---@field DIR_TX integer
---@field PARITY_EVEN integer
---@field PARITY_NONE integer
---@field PARITY_ODD integer
---@field STOPBITS_1_5 integer
---@field STOPBITS_1 integer
---@field STOPBITS_2 integer
uart = {}

---`setup(id, baud, databits, parity, stopbits [, echo])` → baud
---@param id integer
---@param baud integer
---@param databits integer
---@param parity integer
---@param stopbits integer
---@param echo? boolean|integer
---@return integer
function uart.setup(id, baud, databits, parity, stopbits, echo) end

---`getconfig(id)` → baud, databits, parity, stopbits
---@param id integer
---@return integer
---@return integer
---@return integer
---@return integer
function uart.getconfig(id) end

---`write(id, text_or_byte, ...)`
---@param id integer
---@param text_or_byte integer|string
---@param ... any
function uart.write(id, text_or_byte, ...) end

---`on(event [, wanted] [, function(data)] [, run_input])`
---@overload fun(event: string, callback?: fun(data: string), run_input?: integer)
---@param event string
---@param wanted integer|string
---@param callback? fun(data: string)
---@param run_input? integer
function uart.on(event, wanted, callback, run_input) end

---`alt(switch)`
---@param switch integer
function uart.alt(switch) end

---`fifodepth(id, direction)` → number
---@param id integer
---@param direction integer
---@return integer
function uart.fifodepth(id, direction) end

return uart

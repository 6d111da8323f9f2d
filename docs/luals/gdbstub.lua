---@meta gdbstub
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class gdbstub_module
gdbstub = {}

---`open()`
function gdbstub.open() end

---`brk()`
function gdbstub.brk() end

---`pbrk()`
function gdbstub.pbrk() end

---`gdboutput([anything])`
---@param anything? any
function gdbstub.gdboutput(anything) end

return gdbstub

---@meta ads1115
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class ads1115.device
local device_object = {}

---`setting(gain, samples, channel, mode [, conversions [, threshold, threshold [, comparator_mode]]])`
---@param gain integer
---@param samples integer
---@param channel integer
---@param mode integer
---@param conversions? integer
---@param threshold? integer
---@param threshold7? integer
---@param comparator_mode? integer
function device_object:setting(gain, samples, channel, mode, conversions, threshold, threshold7, comparator_mode) end

---`startread([function(millivolts, nil, number, nil)])`
---@param callback? fun(millivolts: integer, nothing: nil, number: integer, nothing4: nil)
function device_object:startread(callback) end

---`read()` → number, nil, number, nil
---@return integer
---@return nil
---@return integer
---@return nil
function device_object:read() end

---@class ads1115_module
---@field ADDR_GND integer
---@field ADDR_VDD integer
---@field ADDR_SDA integer
---@field ADDR_SCL integer
---@field GAIN_6_144V integer
---@field GAIN_4_096V integer
---@field GAIN_2_048V integer
---@field GAIN_1_024V integer
---@field GAIN_0_512V integer
---@field GAIN_0_256V integer
---@field DR_8SPS integer
---@field DR_16SPS integer
---@field DR_32SPS integer
---@field DR_64SPS integer
---@field DR_128SPS integer
---@field DR_250SPS integer
---@field DR_475SPS integer
---@field DR_490SPS integer
---@field DR_860SPS integer
---@field DR_920SPS integer
---@field DR_1600SPS integer
---@field DR_2400SPS integer
---@field DR_3300SPS integer
---@field DIFF_0_1 integer
---@field DIFF_0_3 integer
---@field DIFF_1_3 integer
---@field DIFF_2_3 integer
---@field SINGLE_0 integer
---@field SINGLE_1 integer
---@field SINGLE_2 integer
---@field SINGLE_3 integer
---@field SINGLE_SHOT integer
---@field CONTINUOUS integer
---@field CONV_RDY_1 integer
---@field CONV_RDY_2 integer
---@field CONV_RDY_4 integer
---@field COMP_1CONV integer
---@field COMP_2CONV integer
---@field COMP_4CONV integer
---@field CMODE_TRAD integer
---@field CMODE_WINDOW integer
ads1115 = {}

---`reset()`
function ads1115.reset() end

---`ads1115(id, device_address)` → converter
---@param id integer
---@param device_address integer
---@return ads1115.device
function ads1115.ads1115(id, device_address) end

---`ads1015(id, device_address)` → converter
---@param id integer
---@param device_address integer
---@return ads1115.device
function ads1115.ads1015(id, device_address) end

---this and the following functions are from older firmware
---@param device_address integer
function ads1115.setup(device_address) end

---`setting(gain, samples, channel, mode [, conversions [, threshold, threshold [, comparator_mode]]])`
---@param gain integer
---@param samples integer
---@param channel integer
---@param mode integer
---@param conversions? integer
---@param threshold? integer
---@param threshold7? integer
---@param comparator_mode? integer
function ads1115.setting(gain, samples, channel, mode, conversions, threshold, threshold7, comparator_mode) end

---`startread([function(millivolts, nil, number, nil)])`
---@param callback? fun(millivolts: integer, nothing: nil, number: integer, nothing4: nil)
function ads1115.startread(callback) end

---`read()` → number, nil, number, nil
---@return integer
---@return nil
---@return integer
---@return nil
function ads1115.read() end

return ads1115

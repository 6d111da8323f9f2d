---@meta wifi
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class wifi.packet
local packet_object = {}

---`radio_byte(position)` → number or nil
---@param position integer
---@return integer?
function packet_object:radio_byte(position) end

---`radio_sub(position [, position])` → text
---@param position integer
---@param position2? integer
---@return string
function packet_object:radio_sub(position, position2) end

---`radio_subhex(position [, position [, text]])` → text
---@param position integer
---@param position2? integer
---@param text? string
---@return string
function packet_object:radio_subhex(position, position2, text) end

---`frame_byte(position)` → number or nil
---@param position integer
---@return integer?
function packet_object:frame_byte(position) end

---`frame_sub(position [, position])` → text
---@param position integer
---@param position2? integer
---@return string
function packet_object:frame_sub(position, position2) end

---`frame_subhex(position [, position [, text]])` → text
---@param position integer
---@param position2? integer
---@param text? string
---@return string
function packet_object:frame_subhex(position, position2, text) end

---`ie_table()` → table
---@return table
function packet_object:ie_table() end

---@class wifi_module
---@field COUNTRY_AUTO integer
---@field COUNTRY_MANUAL integer
---@field LIGHT_SLEEP integer
---@field MODEM_SLEEP integer
---@field NONE_SLEEP integer
---@field NULLMODE integer
---@field OPEN integer
---@field PHYMODE_B integer
---@field PHYMODE_G integer
---@field PHYMODE_N integer
---@field SOFTAP integer
---@field STATIONAP integer
---@field STATION integer
---@field STA_APNOTFOUND integer
---@field STA_CONNECTING integer
---@field STA_FAIL integer
---@field STA_GOTIP integer
---@field STA_IDLE integer
---@field STA_WRONGPWD integer
---@field WPA2_PSK integer
---@field WPA_PSK integer
---@field WPA_WPA2_PSK integer
wifi = {}

---`setmode(mode [, save])` → mode
---@param mode integer
---@param save? boolean
---@return integer
function wifi.setmode(mode, save) end

---`getmode()` → mode
---@return integer
function wifi.getmode() end

---`getdefaultmode()` → mode
---@return integer
function wifi.getdefaultmode() end

---`setphymode(mode)` → mode
---@param mode integer
---@return integer
function wifi.setphymode(mode) end

---`getphymode()` → mode
---@return integer
function wifi.getphymode() end

---`getchannel()` → number
---@return integer
function wifi.getchannel() end

---`getcountry()` → table
---@return table
function wifi.getcountry() end

---`setcountry(options)` → boolean
---@param options table
---@return boolean
function wifi.setcountry(options) end

---`setmaxtxpower(power)`
---@param power integer
function wifi.setmaxtxpower(power) end

---`sleeptype([kind])` → number
---@param kind? integer
---@return integer
function wifi.sleeptype(kind) end

---`suspend([options])` → number or nil
---@param options? table
---@return integer?
function wifi.suspend(options) end

---`resume([function()])`
---@param callback? fun()
function wifi.resume(callback) end

---`nullmodesleep([on])` → boolean
---@param on? boolean
---@return boolean
function wifi.nullmodesleep(on) end

---`startsmart([kind,] [function(ssid, password)])`
---@overload fun(callback?: fun(ssid: string, password: string))
---@param kind integer
---@param callback? fun(ssid: string, password: string)
function wifi.startsmart(kind, callback) end

---`stopsmart()`
function wifi.stopsmart() end

---@class wifi.sta_module
wifi.sta = {}

---`config(station_config [, password [, auto [, bssid]]])` → boolean
---@param station_config string|table
---@param password? string
---@param auto? boolean|integer
---@param bssid? string
---@return boolean
function wifi.sta.config(station_config, password, auto, bssid) end

---`getconfig([as_table])` → anything, ...
---@param as_table? boolean
---@return any
---@return any ...
function wifi.sta.getconfig(as_table) end

---`getdefaultconfig([as_table])` → anything, ...
---@param as_table? boolean
---@return any
---@return any ...
function wifi.sta.getdefaultconfig(as_table) end

---`clearconfig()` → boolean
---@return boolean
function wifi.sta.clearconfig() end

---`connect([function(details)])`
---@param callback? fun(details: table)
function wifi.sta.connect(callback) end

---`disconnect([function(details)])`
---@param callback? fun(details: table)
function wifi.sta.disconnect(callback) end

---`autoconnect(switch)`
---@param switch integer
function wifi.sta.autoconnect(switch) end

---`status()` → number
---@return integer
function wifi.sta.status() end

---`getip()` → ip or nil, netmask or nil, gateway or nil
---@return string?
---@return string?
---@return string?
function wifi.sta.getip() end

---`setip(options)` → boolean
---@param options table
---@return boolean
function wifi.sta.setip(options) end

---`getbroadcast()` → ip or nil
---@return string?
function wifi.sta.getbroadcast() end

---`getmac()` → mac
---@return string
function wifi.sta.getmac() end

---`setmac(mac)` → boolean
---@param mac string
---@return boolean
function wifi.sta.setmac(mac) end

---`gethostname()` → name
---@return string
function wifi.sta.gethostname() end

---`sethostname(name)` → boolean
---@param name string
---@return boolean
function wifi.sta.sethostname(name) end

---`getrssi()` → number or nil
---@return integer?
function wifi.sta.getrssi() end

---`getap([options,] [format,] function(list))`
---@overload fun(format: integer, callback: fun(list: table))
---@overload fun(options: table, callback: fun(list: table))
---@overload fun(callback: fun(list: table))
---@param options table
---@param format integer
---@param callback fun(list: table)
function wifi.sta.getap(options, format, callback) end

---`getapinfo()` → table
---@return table
function wifi.sta.getapinfo() end

---`getapindex()` → number
---@return integer
function wifi.sta.getapindex() end

---`changeap(index)` → boolean
---@param index integer
---@return boolean
function wifi.sta.changeap(index) end

---`setaplimit(count)` → boolean
---@param count integer
---@return boolean
function wifi.sta.setaplimit(count) end

---`sleeptype([kind])` → number
---@param kind? integer
---@return integer
function wifi.sta.sleeptype(kind) end

---`eventMonReg(status [, function(status)])`
---@param status integer
---@param callback? fun(status: integer)
function wifi.sta.eventMonReg(status, callback) end

---`eventMonStart([ms])`
---@param ms? number
function wifi.sta.eventMonStart(ms) end

---`eventMonStop([unregister_all])`
---@param unregister_all? boolean|integer
function wifi.sta.eventMonStop(unregister_all) end

---@class wifi.ap_module
wifi.ap = {}

---`config(options)` → boolean
---@param options table
---@return boolean
function wifi.ap.config(options) end

---`getconfig([as_table])` → anything, ...
---@param as_table? boolean
---@return any
---@return any ...
function wifi.ap.getconfig(as_table) end

---`getdefaultconfig([as_table])` → anything, ...
---@param as_table? boolean
---@return any
---@return any ...
function wifi.ap.getdefaultconfig(as_table) end

---`getip()` → ip or nil, netmask or nil, gateway or nil
---@return string?
---@return string?
---@return string?
function wifi.ap.getip() end

---`setip(options)` → boolean
---@param options table
---@return boolean
function wifi.ap.setip(options) end

---`getbroadcast()` → ip or nil
---@return string?
function wifi.ap.getbroadcast() end

---`getmac()` → mac
---@return string
function wifi.ap.getmac() end

---`setmac(mac)` → boolean
---@param mac string
---@return boolean
function wifi.ap.setmac(mac) end

---`getclient()` → table
---@return table
function wifi.ap.getclient() end

---`deauth([mac])` → boolean
---@param mac? string
---@return boolean
function wifi.ap.deauth(mac) end

---@class wifi.ap.dhcp_module
wifi.ap.dhcp = {}

---`config(options)` → ip, ip
---@param options table
---@return string
---@return string
function wifi.ap.dhcp.config(options) end

---`start()` → boolean
---@return boolean
function wifi.ap.dhcp.start() end

---`stop()` → boolean
---@return boolean
function wifi.ap.dhcp.stop() end

---@class wifi.monitor_module
wifi.monitor = {}

---`start([offset, value,] [mask,] function(packet))`
---@overload fun(value: integer, mask: string, callback: fun(packet: wifi.packet))
---@overload fun(offset: integer, mask: string, callback: fun(packet: wifi.packet))
---@overload fun(mask: string, callback: fun(packet: wifi.packet))
---@overload fun(offset: integer, value: integer, callback: fun(packet: wifi.packet))
---@overload fun(value: integer, callback: fun(packet: wifi.packet))
---@overload fun(offset: integer, callback: fun(packet: wifi.packet))
---@overload fun(callback: fun(packet: wifi.packet))
---@param offset integer
---@param value integer
---@param mask string
---@param callback fun(packet: wifi.packet)
function wifi.monitor.start(offset, value, mask, callback) end

---`stop()`
function wifi.monitor.stop() end

---`channel([channel])` → channel
---@param channel? integer
---@return integer
function wifi.monitor.channel(channel) end

---@class wifi.eventmon_module
---@field AP_PROBEREQRECVED integer
---@field AP_STACONNECTED integer
---@field AP_STADISCONNECTED integer
---@field EVENT_MAX integer
---@field STA_AUTHMODE_CHANGE integer
---@field STA_CONNECTED integer
---@field STA_DHCP_TIMEOUT integer
---@field STA_DISCONNECTED integer
---@field STA_GOT_IP integer
---@field WIFI_MODE_CHANGED integer
wifi.eventmon = {}

---`register(event_id [, function(details)])`
---@param event_id integer
---@param callback? fun(details: table)
function wifi.eventmon.register(event_id, callback) end

---`unregister(event_id)`
---@param event_id integer
function wifi.eventmon.unregister(event_id) end

---@class wifi.eventmon.reason_module
---@field ["4WAY_HANDSHAKE_TIMEOUT"] integer
---@field ["802_1X_AUTH_FAILED"] integer
---@field AKMP_INVALID integer
---@field ASSOC_EXPIRE integer
---@field ASSOC_FAIL integer
---@field ASSOC_LEAVE integer
---@field ASSOC_NOT_AUTHED integer
---@field ASSOC_TOOMANY integer
---@field AUTH_EXPIRE integer
---@field AUTH_FAIL integer
---@field AUTH_LEAVE integer
---@field BEACON_TIMEOUT integer
---@field CIPHER_SUITE_REJECTED integer
---@field DISASSOC_PWRCAP_BAD integer
---@field DISASSOC_SUPCHAN_BAD integer
---@field GROUP_CIPHER_INVALID integer
---@field GROUP_KEY_UPDATE_TIMEOUT integer
---@field HANDSHAKE_TIMEOUT integer
---@field IE_INVALID integer
---@field IE_IN_4WAY_DIFFERS integer
---@field INVALID_RSN_IE_CAP integer
---@field MIC_FAILURE integer
---@field NOT_ASSOCED integer
---@field NOT_AUTHED integer
---@field NO_AP_FOUND integer
---@field PAIRWISE_CIPHER_INVALID integer
---@field UNSPECIFIED integer
---@field UNSUPP_RSN_IE_VERSION integer
wifi.eventmon.reason = {}

return wifi

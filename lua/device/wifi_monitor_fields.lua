-- The fields of a packet of wifi.monitor: by name, where they are in the radio's header and in the
-- frame of 802.11.

local fields = {}

-- A number: its first bit, and how many there are. The names behind a subtype are only in frames of
-- this subtype.
local numbers = {
  rssi = {0, 8}, rate = {8, 4}, is_group = {12, 1}, sig_mode = {14, 2}, legacy_length = {16, 12}, dmatch0 = {28, 1},
  dmatch1 = {29, 1}, bssidmatch0 = {30, 1}, bssidmatch1 = {31, 1}, mcs = {32, 7}, cwb = {39, 1}, ht_length = {40, 16},
  smoothing = {56, 1}, not_counding = {57, 1}, aggregation = {59, 1}, stbc = {60, 2}, fec_coding = {62, 1},
  sgi = {63, 1}, rxend_state = {64, 8}, ampdu_cnt = {72, 8}, channel = {80, 4}, protocol = {96, 2}, type = {98, 2},
  subtype = {100, 4}, tods = {104, 1}, fromds = {105, 1}, moreflag = {106, 1}, retry = {107, 1}, pwrmgmt = {108, 1},
  moredata = {109, 1}, protectedframe = {110, 1}, order = {111, 1}, duration = {112, 16}, number = {272, 16},
}

local numbers_of_subtype = {
  [0] = {capability = 36, listen_interval = 38}, {capability = 36, status = 38, association_id = 40},
  {capability = 36, listen_interval = 38}, {capability = 36, status = 38, association_id = 40},
  [5] = {beacon_interval = 44, capability = 46}, [8] = {beacon_interval = 44, capability = 46},
  [11] = {authentication_algorithm = 36, authentication_transaction = 38, status = 40}, [12] = {reason = 36},
}

-- Bytes: the first one, and how many there are. The name with _hex has them in hexadecimal. As on
-- the device, the names of the sender and the receiver are exchanged.
local bytes = {frame = {12, 112}, radio = {0, 12}, srcmac = {16, 6}, dstmac = {22, 6}, bssid = {28, 6}}

-- Where the elements begin behind the header, by subtype.
local fixed_sizes = {[0] = 4, 6, 10, 6, 0, 12, [8] = 12, [10] = 2, [11] = 6, [12] = 2, [13] = 2}
local HEADER = 36

local element_ids = {}
for name, id in string.gmatch([[
  ssid=0 supported_rates=1 fh_parameter_set=2 dsss_parameter_set=3 cf_parameter_set=4 tim=5 ibss_parameter_set=6
  country=7 hopping_pattern_parameters=8 hopping_pattern_table=9 request=10 bss_load=11 edca_parameter_set=12 tspec=13
  tclas=14 schedule=15 challenge_text=16 power_constraint=32 power_capability=33 tpc_request=34 tpc_report=35
  supported_channels=36 channel_switch_announcement=37 measurement_request=38 measurement_report=39 quiet=40 ibss_dfs=41
  erp_information=42 ts_delay=43 tclas_processing=44 ht_capabilities=45 qos_capability=46 rsn=48
  extended_supported_rates=50 ap_channel_report=51 neighbor_report=52 rcpi=53 mobility_domain=54 fast_bss_transition=55
  timeout_interval=56 ric_data=57 dse_registered_location=58 supported_operating_classes=59
  extended_channel_switch_announcement=60 ht_operation=61 secondary_channel_offset=62 bss_average_access_delay=63
  antenna=64 rsni=65 measurement_pilot_transmission=66 bss_available_admission_capacity=67 bss_ac_access_delay=68
  time_advertisement=69 rm_enabled_capacities=70 multiple_bssid=71 20_40_bss_coexistence=72
  20_40_bss_intolerant_channel_report=73 overlapping_bss_scan_parameters=74 ric_descriptor=75 management_mic=76
  event_request=78 event_report=79 diagnostic_request=80 diagnostic_report=81 location_parameters=82
  nontransmitted_bssid_capability=83 ssid_list=84 multiple_bssid_index=85 fms_descriptor=86 fms_request=87
  fms_response=88 qos_traffic_capability=89 bss_max_idle_period=90 tfs_request=91 tfs_response=92 wnm_sleep_mode=93
  tim_broadcast_request=94 tim_broadcast_response=95 collocated_interference_report=96 channel_usage=97 time_zone=98
  dms_request=99 dms_response=100 link_identifier=101 wakeup_schedule=102 channel_switch_timing=104 pti_control=105
  tpu_buffer_status=106 interworking=107 advertisement_protocol=108 expedited_bandwidth_request=109 qos_map_set=110
  roaming_consortium=111 emergency_alart_identifier=112 mesh_configuration=113 mesh_id=114 mesh_link_metric_report=115
  congestion_notification=116 mesh_peering_management=117 mesh_channel_switch_parameters=118 mesh_awake_window=119
  beacon_timing=120 mccaop_setup_request=121 mccaop_setup_reply=122 mccaop_advertisement=123 mccaop=124 gann=125 rann=126
  extended_capabilities=127 preq=130 prep=131 perr=132 proxy_update=137 proxy_update_confirmation=138
  authenticated_mesh_peering_exchange=139 mic=140 destination_uri=141 uapsd_coexistence=142
  mccaop_advertisement_overview=174 vht_capabilities=191 vht_operation=192 extended_bss_load=193
  wide_bandwidth_channel_switch=194 vht_transmit_power_envelope=195 channel_switch_wrapper=196 aid=197 quiet_channel=198
  operating_mode_notification=199 vendor_specific=221 he_capabilities=255]], "([%w_]+)=(%d+)") do
  element_ids[name] = tonumber(id)
end

local function subtype_of(packet)
  return string.byte(packet, 13) >> 4
end

-- Returns a number of up to 16 bits, the lowest first.
local function number_at(packet, bit, size)
  local first = bit // 8 + 1
  local low, middle, high = string.byte(packet, first, first + 2)
  return (low | (middle or 0) << 8 | (high or 0) << 16) >> bit % 8 & (1 << size) - 1
end

-- Returns the elements behind the header, by number. One that is cut off is missing.
function fields.elements(packet)
  local found, size = {}, fixed_sizes[subtype_of(packet)]
  local at = size and HEADER + size + 1
  while at and at + 1 <= #packet do
    local id, length = string.byte(packet, at, at + 1)
    if at + 1 + length <= #packet then
      found[id] = found[id] or string.sub(packet, at + 2, at + 1 + length)
    end
    at = at + 2 + length
  end
  return found
end

local function named_bytes(packet, name)
  local range = bytes[name]
  if range then
    return string.sub(packet, range[1] + 1, range[1] + range[2])
  end
  local plain = string.match(name, "^(.*)_hex$")
  if plain and bytes[plain] and plain ~= "radio" then
    return (string.gsub(string.gsub(named_bytes(packet, plain), ".", function(c)
      return string.format("%02x:", string.byte(c))
    end), ":$", ""))
  end
end

local function header_of(packet)
  local size = fixed_sizes[subtype_of(packet)]
  return size and string.sub(packet, HEADER + 1, HEADER + size)
end

-- Returns the value of a field; nil if this packet has none of this name.
function fields.value(packet, name)
  local place = numbers[name]
  local own = (numbers_of_subtype[subtype_of(packet)] or {})[name]
  if place then
    local number = number_at(packet, place[1], place[2])
    return name == "rssi" and number > 127 and number - 256 or number
  elseif own then
    return number_at(packet, own * 8, 16)
  elseif name == "header" then
    return header_of(packet)
  elseif name == "timestamp" then
    return (subtype_of(packet) == 8 or subtype_of(packet) == 5) and string.sub(packet, HEADER + 1, HEADER + 8) or nil
  elseif name == "current_ap" then
    return subtype_of(packet) == 2 and string.sub(packet, 41, 46) or nil
  end
  local id = element_ids[string.match(name, "^ie_(.*)$")]
  if id then
    return fields.elements(packet)[id]
  end
  return named_bytes(packet, name)
end

return fields

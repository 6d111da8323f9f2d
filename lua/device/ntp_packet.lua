-- NTP packets (RFC 5905, section 7.3), as a client of SNTP needs them.
--
-- A timestamp is an integer: seconds since 1900 in its upper 32 bits, which wrap around in 2036,
-- and a fraction in the lower. Differences of timestamps are right if the times are less than 68
-- years apart.

local ntp_packet = {}

local EPOCH = 2208988800 -- 1970, in seconds since 1900
local SIZE = 48
local CLIENT = "\x23" -- version 4, mode 3

function ntp_packet.timestamp(microseconds)
  local seconds, rest = microseconds // 1000000 + EPOCH, microseconds % 1000000
  return seconds << 32 | (rest << 32) // 1000000
end

-- Returns the µs of a difference of timestamps.
function ntp_packet.microseconds(difference)
  return difference // 0x100000000 * 1000000 + (difference & 0xffffffff) * 1000000 // 0x100000000
end

-- Returns the request of a client. The server copies the timestamp to `origin` of its reply.
function ntp_packet.request(timestamp)
  return string.pack(">c40i8", CLIENT, timestamp)
end

-- Returns the fields of a packet, or nil if the data is not a packet.
function ntp_packet.decode(data)
  if #data < SIZE then
    return nil
  end
  local first, stratum, _, root_delay, root_dispersion, reference, _, origin, received, sent =
    string.unpack(">BBI2I4I4c4i8i8i8i8", data)
  return {
    leap = first >> 6, mode = first & 7, stratum = stratum, root_delay = root_delay, root_dispersion = root_dispersion,
    reference = reference, origin = origin, received = received, sent = sent,
  }
end

-- Returns by how much the server's clock is ahead of the client's, and how long the packets were on
-- their way, as differences of timestamps. `arrival` is the client's time when the reply came.
function ntp_packet.compare(reply, arrival)
  local there, back = reply.received - reply.origin, reply.sent - arrival
  return there // 2 + back // 2, there - back
end

return ntp_packet

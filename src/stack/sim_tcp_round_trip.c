/* The round-trip time of a connection, and the time-out that follows from it. */
#include "stack/sim_tcp.h"

static int64_t magnitude(int64_t value)
{
  return value < 0 ? -value : value;
}

/* Van Jacobson's arithmetic, in ticks, as the device does it. */
static void measure_in_ticks(sim_tcp *tcp, uint64_t round_trip)
{
  int64_t error = (int64_t)(round_trip / tcp->profile->slow_tick) - tcp->smoothed / 8;

  tcp->smoothed += error;
  tcp->variation += magnitude(error) - tcp->variation / 4;
  tcp->rto = (uint64_t)(tcp->smoothed / 8 + tcp->variation) * tcp->profile->slow_tick;
}

/* RFC 6298, section 2. */
void netmcu__sim_tcp_measure(sim_tcp *tcp, uint64_t round_trip)
{
  int64_t sample = (int64_t)round_trip;

  if (tcp->profile->is_device) {
    measure_in_ticks(tcp, round_trip);
    return;
  }
  if (tcp->smoothed == 0) {
    tcp->smoothed = sample;
    tcp->variation = sample / 2;
  } else {
    tcp->variation += (magnitude(tcp->smoothed - sample) - tcp->variation) / 4;
    tcp->smoothed += (sample - tcp->smoothed) / 8;
  }
  uint64_t rto = (uint64_t)(tcp->smoothed + 4 * tcp->variation);
  tcp->rto = rto > tcp->profile->least_rto ? rto : tcp->profile->least_rto;
}

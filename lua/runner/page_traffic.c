/* The traffic of the world under --page --sim: the packets of each pair of hosts. */
#include <stdlib.h>
#include <string.h>

#include "runner/page.h"

#define MOST_FLOWS 32768 /* the packets of further pairs count only for the world */

struct page_traffic runner_page_traffic;

static page_flow *find_place(page_flow *flows, size_t size, const netmcu_sim_host *from, const netmcu_sim_host *to)
{
  uint64_t hash = ((uintptr_t)from * UINT64_C(0x9e3779b97f4a7c15)) ^ ((uintptr_t)to * UINT64_C(0xc2b2ae3d27d4eb4f));
  size_t i = (size_t)(hash >> 32) & (size - 1);

  while (flows[i].from && (flows[i].from != from || flows[i].to != to))
    i = (i + 1) & (size - 1);
  return &flows[i];
}

static bool grow(void)
{
  size_t size = runner_page_traffic.size ? 2 * runner_page_traffic.size : 64;
  page_flow *flows = size <= 2 * MOST_FLOWS ? calloc(size, sizeof(page_flow)) : NULL;

  if (flows == NULL)
    return false;
  for (size_t i = 0; i < runner_page_traffic.size; i++)
    if (runner_page_traffic.flows[i].from)
      *find_place(flows, size, runner_page_traffic.flows[i].from, runner_page_traffic.flows[i].to) =
          runner_page_traffic.flows[i];
  free(runner_page_traffic.flows);
  runner_page_traffic.flows = flows;
  runner_page_traffic.size = size;
  return true;
}

const page_flow *runner_page_find_flow(const netmcu_sim_host *from, const netmcu_sim_host *to)
{
  static const page_flow none;
  const page_flow *found =
      runner_page_traffic.size ? find_place(runner_page_traffic.flows, runner_page_traffic.size, from, to) : &none;

  return found->from ? found : &none;
}

static page_flow *get_flow(const netmcu_sim_host *from, const netmcu_sim_host *to)
{
  if (2 * runner_page_traffic.count >= runner_page_traffic.size && !grow()) {
    page_flow *known =
        runner_page_traffic.size ? find_place(runner_page_traffic.flows, runner_page_traffic.size, from, to) : NULL;
    return known && known->from ? known : NULL;
  }
  page_flow *f = find_place(runner_page_traffic.flows, runner_page_traffic.size, from, to);
  if (f->from == NULL) {
    *f = (page_flow){.from = from, .to = to};
    runner_page_traffic.count++;
  }
  return f;
}

static void on_packet(const netmcu_sim_packet *packet, void *data)
{
  bool is_lost = packet->fate == NETMCU_SIM_LOST || packet->fate == NETMCU_SIM_SEPARATED;
  page_flow *f = packet->to && packet->to != packet->from ? get_flow(packet->from, packet->to) : NULL;

  (void)data;
  runner_page_traffic.packets++;
  runner_page_traffic.lost += is_lost;
  if (f == NULL)
    return;
  f->packets++;
  f->bytes += packet->size;
  f->lost += is_lost;
}

static void free_flows(void)
{
  runner_page_forget_cuts();
  free(runner_page_traffic.flows);
  memset(&runner_page_traffic, 0, sizeof(runner_page_traffic));
}

void runner_page_traffic_begin(void)
{
  free_flows();
  netmcu_sim_on_packet(netmcu_sim_of(runner_world_place()), on_packet, NULL);
}

void runner_page_traffic_end(void)
{
  if (runner_world_place())
    netmcu_sim_on_packet(netmcu_sim_of(runner_world_place()), NULL, NULL);
  free_flows();
}

/* The functions of netmcu_sim.h in a library that was built without the simulated network: no world
 * can be created, so the other functions do nothing. */
#include "netmcu_sim.h"

#ifdef __GNUC__
#pragma GCC diagnostic ignored "-Wunused-parameter"
#endif

/* clang-format off */
netmcu_sim *netmcu_sim_new(uint64_t seed, uint64_t start) { return 0; }
void netmcu_sim_free(netmcu_sim *world) {}
uv_loop_t *netmcu_sim_get_loop(netmcu_sim *world) { return 0; }
uint64_t netmcu_sim_time(const netmcu_sim *world) { return 0; }
uint64_t netmcu_sim_next(const netmcu_sim *world) { return 0; }
uint64_t netmcu_sim_random(netmcu_sim *world) { return 0; }
netmcu_sim_host *netmcu_sim_host_new(netmcu_sim *world, const char *name, const char *ip, int profile) { return 0; }
const char *netmcu_sim_host_name(const netmcu_sim_host *host) { return 0; }
netmcu_address netmcu_sim_host_address(const netmcu_sim_host *host) { return (netmcu_address){.port = 0}; }
netmcu_sim_host *netmcu_sim_host_find(netmcu_sim *world, const char *name) { return 0; }
netmcu_t *netmcu_sim_context(netmcu_sim_host *host, const netmcu_options *options) { return 0; }
void netmcu_sim_share_loopback(netmcu_sim_host *a, netmcu_sim_host *b) {}
void netmcu_sim_unplug(netmcu_sim_host *host) {}
void netmcu_sim_crash(netmcu_sim_host *host) {}
int netmcu_sim_set_name(netmcu_sim_host *host, const char *name) { return 0; }
void netmcu_sim_restart(netmcu_sim_host *host) {}
int netmcu_sim_set_address(netmcu_sim_host *host, const char *ip) { return 0; }
void netmcu_sim_set_clock(netmcu_sim_host *host, int64_t skew, int32_t drift) {}
uint64_t netmcu_sim_clock(const netmcu_sim_host *host) { return 0; }
uint64_t netmcu_sim_host_random(netmcu_sim_host *host) { return 0; }
int netmcu_sim_set_link(netmcu_sim *world, netmcu_sim_host *a, netmcu_sim_host *b, const netmcu_sim_link *link) { return 0; }
int netmcu_sim_set_path(netmcu_sim *world, netmcu_sim_host *from, netmcu_sim_host *to, const netmcu_sim_link *link) { return 0; }
int netmcu_sim_get_path(const netmcu_sim_host *from, const netmcu_sim_host *to, netmcu_sim_link *link) { return 0; }
int netmcu_sim_partition(netmcu_sim *world, netmcu_sim_host *const *hosts, unsigned count) { return 0; }
void netmcu_sim_repair(netmcu_sim *world) {}
int netmcu_sim_hold(netmcu_sim *world, netmcu_sim_host *a, netmcu_sim_host *b) { return 0; }
void netmcu_sim_release(netmcu_sim *world, netmcu_sim_host *a, netmcu_sim_host *b) {}
unsigned netmcu_sim_unmet(const netmcu_sim *world, void (*visit)(const char *text, void *data), void *data) { return 0; }
void netmcu_sim_accept_unmet(netmcu_sim *world) {}
void netmcu_sim_expect_effects(netmcu_sim *world, int expected) {}
int netmcu_sim_add_name(netmcu_sim *world, const char *name, const char *ip) { return 0; }
void netmcu_sim_set_names(netmcu_sim *world, uint64_t delay, double failures, double silence) {}
int netmcu_sim_run(netmcu_sim *world, uint64_t time) { return 0; }
int netmcu_sim_run_idle(netmcu_sim *world, uint64_t time) { return 0; }
int netmcu_sim_wait(netmcu_sim *world, int (*done)(void *data), void *data, uint64_t time) { return 0; }
int netmcu_sim_step(netmcu_sim *world) { return 0; }
void netmcu_sim_stop(netmcu_sim *world) {}
void netmcu_sim_on_advance(netmcu_sim *world, int (*may_reach)(uint64_t time, void *data), void *data) {}
void netmcu_sim_delay(netmcu_sim *world, uint64_t time) {}
netmcu_sim *netmcu_sim_of(const netmcu_sim_host *host) { return 0; }
int netmcu_sim_at(netmcu_sim *world, uint64_t delay, void (*call)(void *data), void *data) { return 0; }
int netmcu_sim_attach(netmcu_sim *world, uv_loop_t *loop, double speed) { return 0; }
void netmcu_sim_detach(netmcu_sim *world) {}
void netmcu_sim_on_fault(netmcu_sim *world, int (*decide)(const char *text, void *data), void *data) {}
int netmcu_sim_fault(netmcu_sim *world, const char *text) { return 0; }
void netmcu_sim_on_packet(netmcu_sim *world, void (*call)(const netmcu_sim_packet *packet, void *data), void *data) {}
int netmcu_sim_pcap(netmcu_sim *world, const char *path) { return 0; }

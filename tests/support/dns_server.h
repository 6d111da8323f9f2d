/* A DNS server on a free port of loopback (UDP and TCP), in a thread. The first label of the name
 * that is asked for decides what it does, the name must end in ".test":
 *
 *   a.test b.test        192.0.2.1, 192.0.2.2
 *   local.test           127.0.0.1
 *   n1234.test           10.x.y.z made of the number
 *   two.test             192.0.2.1 and 192.0.2.2
 *   pair.test            127.0.0.2 and 127.0.0.1
 *   six.test             2001:db8::1, and no A record
 *   both.test            127.0.0.1 and ::1
 *   half.test            no AAAA record, and no answer about A records
 *   cname.test           an alias of an alias of an alias of 192.0.2.1
 *   circle.test          an alias that leads back to itself
 *   dangling.test        an alias of a name without an address
 *   empty.test           the name exists, it has no A record
 *   nx.test              NXDOMAIN, as is every name not in this list
 *   servfail.test        SERVFAIL
 *   refused.test         REFUSED
 *   silent.test          no answer
 *   late300.test         192.0.2.1 after 300 ms
 *   ttl7.test            192.0.2.1, good for 7 s (the others: 60 s)
 *   big.test             truncated over UDP, 192.0.2.1 over TCP
 *   stuck.test           truncated over UDP, no answer over TCP
 *   garbage.test         bytes that are no answer, once; then silence
 *   garbagea.test        such bytes, then the answer of a.test
 *   wrongid.test         answers with another id, then silence
 *   wrongida.test        an answer with another id, then that of a.test
 *   forged.test          an answer with the right id from another port, then that of a.test
 *   short.test           an answer cut in the middle
 *   pointer.test         an answer whose name points to itself
 *   length.test          an A record of three bytes
 *   other.test           the answer to the question for another name
 *   shorta.test, pointera.test, lengtha.test, othera.test
 *                        the answer without the "a", then that of a.test
 */
#ifndef TEST_DNS_SERVER_H
#define TEST_DNS_SERVER_H

#include "netmcu.h"

typedef struct dns_server dns_server;

dns_server *dns_server_start(void);
void dns_server_stop(dns_server *server);

/* From now on it counts queries and answers none. */
void dns_server_fall_silent(dns_server *server);
/* From now on connections over TCP are refused. */
void dns_server_refuse_tcp(dns_server *server);

const char *dns_server_text(const dns_server *server); /* "127.0.0.1:5300" */

/* Makes this server both DNS servers of the context, so that the system's servers are never
 * asked. */
void dns_server_use(const dns_server *server, netmcu_t *ctx);

unsigned dns_server_queries(dns_server *server, const char *name); /* NULL: all */
unsigned dns_server_queries_over_tcp(dns_server *server);
unsigned dns_server_queries_not_for_a(dns_server *server); /* queries for types other than A */

#endif

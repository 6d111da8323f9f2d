/* The table of divergences: what a script may do that the device would refuse, drop or do
 * otherwise.
 *
 * X(id, error, what the script did, what the device does)
 *   error   the error in strict mode: the device's own, or ESTRICT, which raises the warning's text
 *   text    the warning is "<what the script did>: <what the device does>"; %ld stands for a number,
 *           such as a size
 *
 * netmcu_diverge takes these ids, and warning callbacks receive them. Add new rows at the end,
 * because compiled programs contain the numbers.
 */
#ifndef NETMCU_DIVERGENCES_H
#define NETMCU_DIVERGENCES_H

#define NETMCU_DIVERGENCES(X)                                                                                          \
  X(SEND_SIZE, ENOMEM, "send of %ld bytes", "the device's send buffer holds 2920 (\"out of memory\")")                 \
  X(SEND_BUFFERED, ENOMEM, "send while %ld bytes are on their way",                                                    \
    "the device's send buffer holds 2920 (\"out of memory\")")                                                         \
  X(SEND_RESOLVING, ENOTCONN, "send before the name is resolved", "the device raises \"not connected\"")               \
  X(CLOSE_RECEIVE, ESTRICT, "close after send in a receive handler", "the device drops what was not yet acknowledged") \
  X(CLOSE_CLOSED, ENOTCONN, "close of a socket that is not open", "the device raises \"not connected\"")               \
  X(RECEIVE_DROPPED, ESTRICT, "%ld bytes received without a receive handler", "dropped, here and on the device")       \
  X(SERVER_TIMEOUT, ESTRICT, "server time-out of %ld s", "the device takes 1 to 28800")                                \
  X(CONSTRUCTOR_UDP, ESTRICT, "net.UDP given to a TCP constructor", "the device has net.createUDPSocket() for that")   \
  X(CONNECTIONS, ENOMEM, "TCP connection number %ld", "the device has 5")                                              \
  X(DNS_QUERIES, ENOMEM, "DNS query number %ld at once", "the device has 4 (\"out of memory\")")                       \
  X(DATAGRAM_SIZE, EBUFFER, "datagram of %ld bytes", "the device sends at most 1472")                                  \
  X(UDP_CONNECT, ESTRICT, "connect of a UDP socket", "the device has send(port, ip, data) for that")                   \
  X(UDP_REPLY, ESTRICT, "UDP send without an address", "the device needs send(port, ip, data)")                        \
  X(CONSTRUCTOR_SECURE, ESTRICT, "net.createConnection with the flag for TLS",                                         \
    "the device has tls.createConnection() for that")                                                                  \
  X(TLS_MESSAGE, ESTRICT, "a message of %ld bytes in a TLS handshake", "the device takes at most 4096")                \
  X(TLS_RECORD, ESTRICT, "a TLS record of %ld bytes", "the device asks for 4096 and fails if the server sends more")   \
  X(TLS_CIPHER, ESTRICT, "a TLS cipher that the firmware lacks", "the device and the server have no cipher in common") \
  X(TLS_CONNECTIONS, ENOMEM, "TLS connection number %ld at once", "the device's heap has room for one")                \
  X(TLS_SERVER_NAME, ESTRICT, "a TLS server that uses the name it is sent (SNI)",                                      \
    "firmware releases send none; netmcu --tls-check shows whether the server needs it")

enum netmcu_divergence {
#define NETMCU_DIVERGENCE_ID(id, error, did, device) NETMCU_D_##id,
  NETMCU_DIVERGENCES(NETMCU_DIVERGENCE_ID)
#undef NETMCU_DIVERGENCE_ID
      NETMCU_D_COUNT
};

#endif

/*
 * ipl.host.websocket/1: a websocket client (RFC 6455) of the host, beside its HTTP client. UNSTABLE
 * until declared frozen in sdk/CHANGELOG.md; rules, thread tags and ownership as in ipl.h.
 *
 * A socket belongs to the call that opened it: with the return of the plugin function it is closed.
 * Deadline, cancel, X-Correlation-ID and size bounds come with it; pings are answered within
 * receive. A host may lack the interface, and a proxy before the backend may refuse websockets: be
 * able to do without.
 */
#ifndef IPL_WEBSOCKET_H
#define IPL_WEBSOCKET_H

#include "ipl/ipl.h"

#ifdef __cplusplus
extern "C" {
#endif

#define IPL_HOST_WEBSOCKET "ipl.host.websocket/1"

typedef struct ipl_websocket_request {
    uint32_t struct_size;
    uint32_t flags;             /* none so far: 0 */
    ipl_span url;               /* ws:// or wss:// */
    ipl_span headers;           /* "Name: value" lines parted by \n, without those of the handshake
                                 * itself; may be empty */
    uint64_t max_message;       /* bytes of one message, either way; 0 = 16 MiB; 64 MiB at most */
    int64_t timeout_ms;         /* of the whole opening; 0 = 10000; never beyond the deadline */
    int64_t connect_timeout_ms; /* 0 = 5000 */
} ipl_websocket_request;

/* ipl_websocket_message.kind */
enum {
    IPL_WEBSOCKET_NOTHING = 0, /* none came in time */
    IPL_WEBSOCKET_TEXT = 1,    /* valid UTF-8 */
    IPL_WEBSOCKET_BINARY = 2
};

typedef struct ipl_websocket_message {
    uint32_t struct_size; /* set by the plugin before receive */
    uint32_t kind;
    ipl_span bytes; /* the host's: valid until the next function is called with this socket */
} ipl_websocket_message;

/* All functions take the call that the socket was opened with. One socket is used by one thread at
 * a time, different ones by different threads. Every status but those named ends the socket; close
 * it all the same. set_error has been called then. [thread-safe] */
typedef struct ipl_host_websocket {
    uint32_t struct_size;
    uint32_t reserved;
    /* Connects and shakes hands; at most 4 sockets per call are open at once. *socket is set with
     * IPL_OK alone; else UNAVAILABLE (refused; details {"status": n} when the server answered with
     * a status), TIMEOUT, CANCELLED, TOO_LARGE or INVALID_ARGUMENT (URL, header, too many). */
    ipl_status (*open)(const ipl_host* host, const ipl_call* call,
                       const ipl_websocket_request* request, uint64_t* socket);
    /* Waits up to timeout_ms for one whole message. IPL_OK with IPL_WEBSOCKET_NOTHING: none came,
     * and the socket stands. UNAVAILABLE: closed or lost; TOO_LARGE: a message over the bound;
     * TIMEOUT: the call's deadline; CANCELLED. */
    ipl_status (*receive)(const ipl_host* host, const ipl_call* call, uint64_t socket,
                          int64_t timeout_ms, ipl_websocket_message* message);
    /* Sends one text message, valid UTF-8. */
    ipl_status (*send_text)(const ipl_host* host, const ipl_call* call, uint64_t socket,
                            ipl_span text);
    /* Says goodbye without waiting for the answer. Unknown and closed sockets are no fault. */
    void (*close)(const ipl_host* host, const ipl_call* call, uint64_t socket);
} ipl_host_websocket;

#ifdef __cplusplus
}
#endif

#endif /* IPL_WEBSOCKET_H */

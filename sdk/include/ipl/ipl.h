/*
 * Image Pipeline plugin ABI, major version 1. UNSTABLE until declared frozen in sdk/CHANGELOG.md.
 *
 * A plugin is a shared library that exports one data symbol, `ipl_entry_v1`. The host reads it,
 * calls init once, and asks for one interface per role: image generation, prompt writing, vision.
 * Nothing but what this file says crosses between host and plugin: plain C types, text in UTF-8, no
 * exceptions, no memory that the other side has to free.
 *
 * Thread tags, used on every function below:
 *   [loader]      the host's main thread, never concurrent with any other [loader] call of the
 * plugin [worker]      a host worker thread; may block until the call's deadline; at most
 *                 ipl_instance_args.max_concurrency at once per instance; no thread affinity
 *   [probe]       a host thread; may run at the same time as [worker] calls of the same instance
 *   [thread-safe] any thread, from the entry of a blocking plugin function until it returns
 *
 * Ownership: whoever made a thing frees it. Requests, spans and the ipl_call belong to the host and
 * are valid until the plugin function returns (copy to keep). Spans that a plugin hands to a
 * callback belong to the plugin; the host copies what it needs before the callback returns. The
 * entry, its strings and its vtables are static data of the plugin. Plugin libraries are never
 * unloaded.
 *
 * A plugin must not: write to stdout or stderr, change locale, working directory or environment,
 * install signal handlers, fork, call exit or abort, or let an exception leave one of its
 * functions.
 *
 * Versioning: within major 1 fields are only appended. A reader looks at `struct_size` before it
 * reads a field that is newer than 1.0 (IPL_HAS); zero or NULL always means "absent". Unknown flag
 * bits are ignored; unknown status values mean IPL_E_INTERNAL.
 */
#ifndef IPL_IPL_H
#define IPL_IPL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IPL_ABI_MAJOR 1
#define IPL_ABI_MINOR 0

/* The minor a plugin is written for: newer fields are hidden, and a host older than it refuses it.
 */
#ifndef IPL_TARGET_MINOR
#define IPL_TARGET_MINOR IPL_ABI_MINOR
#endif

#if defined(__GNUC__)
#define IPL_EXPORT __attribute__((visibility("default")))
#else
#define IPL_EXPORT
#endif

/* True when the struct that p points to is large enough to hold `field` and the field is set. */
#define IPL_HAS(p, field)                                                            \
    ((uint64_t)((const char*)&(p)->field - (const char*)(p)) + sizeof((p)->field) <= \
         (uint64_t)(p)->struct_size &&                                               \
     (p)->field)

/* Borrowed bytes or UTF-8 text. Text from the host also has a NUL at data[size]; text from a plugin
 * need not. data may be NULL when size is 0. */
typedef struct ipl_span {
    const char* data;
    uint64_t size;
} ipl_span;

/* ---- Status: what every blocking function returns
 * ------------------------------------------------ How the host reacts stands behind each value.
 * Values are only ever appended. */
typedef int32_t ipl_status;
enum {
    IPL_OK = 0,
    IPL_E_INVALID_ARGUMENT = 1, /* the request or the settings are wrong: never retried           */
    IPL_E_UNSUPPORTED = 2,    /* this backend cannot do it: another endpoint may                 */
    IPL_E_IMAGE_FORMAT = 3,   /* the input picture cannot be read: never retried                 */
    IPL_E_TOO_LARGE = 4,      /* input or output over a bound: never retried                     */
    IPL_E_UNAVAILABLE = 5,    /* the backend cannot be reached: retried, blames the endpoint     */
    IPL_E_BUSY = 6,           /* later; error details may hold {"retry_after_ms": n}: no blame   */
    IPL_E_TIMEOUT = 7,        /* the backend did not answer in time: retried, blames             */
    IPL_E_CANCELLED = 8,      /* the plugin stopped because ipl_call.cancelled() was not 0       */
    IPL_E_UPSTREAM = 9,       /* the backend answered with an error: retried                     */
    IPL_E_BAD_OUTPUT = 10,    /* the backend answered with something unusable: retried           */
    IPL_E_OUT_OF_MEMORY = 11, /* here or on the backend: retried elsewhere                       */
    IPL_E_INTERNAL = 12       /* anything else, a bug of the plugin: retried once, blames        */
};

/* ipl_call.cancelled() */
enum { IPL_CANCEL_NONE = 0, IPL_CANCEL_USER = 1, IPL_CANCEL_DEADLINE = 2, IPL_CANCEL_SHUTDOWN = 3 };

/* ipl_call.log() and ipl_host.log() */
enum { IPL_LOG_DEBUG = 1, IPL_LOG_INFO = 2, IPL_LOG_WARNING = 3, IPL_LOG_ERROR = 4 };

/* ---- Pictures
 * ------------------------------------------------------------------------------------ */

/* ipl_image_in.role: what the picture is for. Values are only ever appended: a plugin skips those
 * that it does not know. */
enum {
    IPL_INPUT_START = 1,     /* what image-to-image starts from; at most one per request       */
    IPL_INPUT_MASK = 2,      /* of the start picture, in its size: white = repaint, black = keep,
                              * grey = mix; at most one, never without a start picture         */
    IPL_INPUT_REFERENCE = 3, /* subject, style or face to be taken up                          */
    IPL_INPUT_CONTROL = 4    /* structure to be followed: edges, depth, pose                   */
};

/* A picture given to the plugin. The host has sniffed `mime` from the bytes: it is one of
 * image/png, image/jpeg, image/webp, image/gif, and true. A describe JSON with
 * {"image_formats": ["image/jpeg", ...], "max_image_side": n} makes the host convert what comes in
 * otherwise; image/x-portable-pixmap (P6, 8 bit) is for plugins that carry no decoder. Without it
 * images come as they are, and vision plugins get image/png or image/jpeg. */
typedef struct ipl_image_in {
    uint32_t struct_size;
    uint32_t role; /* IPL_INPUT_, in an image request; 0 in a vision request */
    ipl_span mime;
    ipl_span bytes;
    uint32_t width; /* pixels; 0 when the header did not tell */
    uint32_t height;
} ipl_image_in;

/* ipl_image_out.flags */
enum { IPL_OUT_HAS_SEED = 1u << 0 };

/* What the plugin knows about a picture that it is about to hand over with image_begin. */
typedef struct ipl_image_out {
    uint32_t struct_size;
    uint32_t flags;
    ipl_span mime;        /* a hint; the host believes the bytes alone                            */
    ipl_span remote_name; /* the backend's own file name, if any; the host makes it safe          */
    int64_t seed;         /* the seed really used; with IPL_OUT_HAS_SEED                          */
    uint32_t width;       /* pixels, 0 = unknown                                                  */
    uint32_t height;
    uint64_t size_hint; /* bytes, 0 = unknown                                                   */
    ipl_span stats;     /* a JSON object, kept as the `stats` of the result; may be empty       */
} ipl_image_out;

/* ---- The call context
 * ---------------------------------------------------------------------------- Given to every
 * blocking function. All its functions are [thread-safe], never throw, and block no longer than a
 * bounded write to a local disk or socket takes. A status-returning callback may answer
 * IPL_E_CANCELLED or IPL_E_TOO_LARGE: unwind then and return that status. */

/* ipl_call.text() flags */
enum {
    IPL_TEXT_DELTA = 1u << 0, /* a piece to append; without it the span replaces what came before */
    IPL_TEXT_REASONING = 1u << 1 /* the model's thinking, not part of the answer */
};

typedef struct ipl_call ipl_call;
struct ipl_call {
    uint32_t struct_size;
    int32_t cancel_fd; /* readable once the call is cancelled: poll it, never read it; -1 = none */
    void* ctx;         /* the host's; do not touch */
    ipl_span
        correlation_id;  /* to be sent to the backend as X-Correlation-ID where it has headers */
    ipl_span job_id;     /* empty when the call belongs to no job */
    int64_t deadline_ms; /* what remaining_ms gave on entry */

    /* 0, or an IPL_CANCEL_ reason. Look at least every 100 ms of work. */
    int32_t (*cancelled)(const ipl_call* call);
    /* Milliseconds until the deadline, never negative. */
    int64_t (*remaining_ms)(const ipl_call* call);
    /* fraction 0..1, or below 0 when unknown; may go back. steps 0 = unknown. phase: a word such as
     * "sampling", NUL-terminated, or NULL. The host thins out what comes faster than 10 per second.
     */
    ipl_status (*progress)(const ipl_call* call, double fraction, uint32_t step, uint32_t steps,
                           const char* phase);
    /* A small picture of the work so far, at most 256 KiB, only if the request says WANTS_PREVIEW.
     * Best effort: the host may drop it. */
    ipl_status (*preview)(const ipl_call* call, ipl_span mime, ipl_span bytes);
    /* Hand over a finished picture: begin, write its bytes in pieces of any size, commit. The host
     * streams it to disk, checks that it is a picture and bounds its size. A picture that is not
     * committed when the plugin function returns is dropped. */
    ipl_status (*image_begin)(const ipl_call* call, const ipl_image_out* out, uint64_t* handle);
    ipl_status (*image_write)(const ipl_call* call, uint64_t handle, ipl_span bytes);
    ipl_status (*image_commit)(const ipl_call* call, uint64_t handle);
    ipl_status (*image_abort)(const ipl_call* call, uint64_t handle);
    /* Text of a language model, or the JSON of describe and list_models. The host puts the pieces
     * together and takes off thinking blocks, code fences and quotes, for all plugins alike. */
    ipl_status (*text)(const ipl_call* call, ipl_span text, uint32_t flags);
    /* Why the function is about to fail; the last one counts. field: the request field or setting
     * that is wrong, NUL-terminated, or NULL. details_json: a JSON object or empty. Cut at 4 KiB.
     */
    void (*set_error)(const ipl_call* call, ipl_status status, const char* field, ipl_span message,
                      ipl_span details_json);
    void (*log)(const ipl_call* call, int32_t level, ipl_span message);
};

/* ---- The host
 * ------------------------------------------------------------------------------------ */

/* Valid from init until deinit returns. [thread-safe] */
typedef struct ipl_host ipl_host;
struct ipl_host {
    uint32_t struct_size;
    uint32_t abi_minor;
    const char* name;
    const char* version;
    void* ctx;
    void (*log)(const ipl_host* host, int32_t level, ipl_span message);
    /* An optional host interface by its IPL_HOST_ id, or NULL when this host lacks it. */
    const void* (*get_interface)(const ipl_host* host, const char* id);
};

/* Settings without a JSON parser. `pointer` is a JSON pointer into the instance's settings, such as
 * "/url". Only within create, with the host pointer that create was given. Each returns 1 and sets
 * *out, or returns 0 and leaves it alone when the value is absent or of another type. */
#define IPL_HOST_CONFIG "ipl.host.config/1"
typedef struct ipl_host_config {
    uint32_t struct_size;
    uint32_t reserved;
    int32_t (*get_string)(const ipl_host* host, const char* pointer, ipl_span* out);
    int32_t (*get_i64)(const ipl_host* host, const char* pointer, int64_t* out);
    int32_t (*get_f64)(const ipl_host* host, const char* pointer, double* out);
    int32_t (*get_bool)(const ipl_host* host, const char* pointer, int32_t* out);
} ipl_host_config;

/* Metrics. The host puts a prefix before `name` and bounds the number of label sets. `labels` is an
 * array of 2*n NUL-terminated strings: name, value, name, value. */
#define IPL_HOST_METRICS "ipl.host.metrics/1"
typedef struct ipl_host_metrics {
    uint32_t struct_size;
    uint32_t reserved;
    void (*counter_add)(const ipl_host* host, const char* name, const char* const* labels,
                        uint32_t n, double value);
    void (*gauge_set)(const ipl_host* host, const char* name, const char* const* labels, uint32_t n,
                      double value);
    void (*histogram_observe)(const ipl_host* host, const char* name, const char* const* labels,
                              uint32_t n, double value);
} ipl_host_metrics;

/* HTTP client. Deadline, cancel, X-Correlation-ID, size bounds and connection reuse come with it.
 */
#define IPL_HOST_HTTP "ipl.host.http/1"

/* ipl_http_request.flags */
enum {
    IPL_HTTP_NO_REUSE = 1u << 0, /* open a connection of its own and close it afterwards */
    /* Goes out although the call is cancelled or past its deadline, to tell the backend to stop:
     * timeout_ms bounds it alone, and is 2000 at most. */
    IPL_HTTP_AFTER_CANCEL = 1u << 1
};

typedef struct ipl_http_request {
    uint32_t struct_size;
    uint32_t flags;
    ipl_span method;            /* "GET", "POST", ... */
    ipl_span url;               /* http:// or https:// */
    ipl_span headers;           /* "Name: value" lines parted by \n; may be empty */
    ipl_span body;              /* sent with Content-Length, never chunked */
    uint64_t max_response;      /* bytes of body; 0 = the host's own bound (256 MiB) */
    int64_t timeout_ms;         /* 0 = until the call's deadline; never beyond it */
    int64_t connect_timeout_ms; /* 0 = 5000 */
    int64_t idle_timeout_ms; /* at most this long without a byte once the answer began; 0 = none */
} ipl_http_request;

/* Where the answer goes; called on the thread of perform, status first, then every piece of the
 * body. An answer other than IPL_OK ends the exchange and is what perform returns. */
typedef struct ipl_http_sink {
    uint32_t struct_size;
    uint32_t reserved;
    void* ctx; /* the plugin's */
    /* headers: "name: value" lines parted by \n, names in lower case. */
    ipl_status (*on_headers)(void* ctx, int32_t status, ipl_span headers);
    ipl_status (*on_body)(void* ctx, ipl_span bytes);
} ipl_http_sink;

typedef struct ipl_host_http {
    uint32_t struct_size;
    uint32_t reserved;
    /* Blocks until the exchange is over. IPL_OK means that an answer came in whole, whatever its
     * status code; else UNAVAILABLE (refused, reset, cut off), TIMEOUT, CANCELLED, TOO_LARGE or
     * INVALID_ARGUMENT, with set_error already called. */
    ipl_status (*perform)(const ipl_host* host, const ipl_call* call,
                          const ipl_http_request* request, const ipl_http_sink* sink);
} ipl_host_http;

/* ---- Roles
 * ---------------------------------------------------------------------------------------- */

typedef struct ipl_instance_args {
    uint32_t struct_size;
    uint32_t max_concurrency; /* [worker] calls at once on this instance, at least 1 */
    ipl_span role;            /* the id of the interface that this instance is for */
    ipl_span instance_name;   /* the endpoint's name from config.json, or the role's */
    ipl_span settings;        /* the `settings` object of config.json as JSON text */
    ipl_span data_dir;        /* a private folder that may be written to */
} ipl_instance_args;

/* What the interfaces of all roles begin with.
 * create:   on IPL_OK *self is the new instance (not NULL); else *self stays NULL and destroy is
 * not called. Must not need the backend to be up. The ipl_host of create is the instance's own:
 *           keep it for host interfaces; valid until destroy returns. [worker]
 * destroy:  after all calls on self returned; never concurrent. [worker]
 * probe:    IPL_OK when the backend can take work now; bounded by the call's deadline (3 s).
 * [probe]
 * describe: hands one JSON object of capabilities to call->text, see "What describe tells"; {} if
 *           there is nothing to say. May run before the backend is up; called again when the
 *           backend answers a probe for the first time, or after it was away. NULL = nothing to
 *           say. [worker] */
#define IPL_ROLE_HEAD                                                         \
    uint32_t struct_size;                                                     \
    uint32_t reserved;                                                        \
    ipl_status (*create)(const ipl_host* host, const ipl_instance_args* args, \
                         const ipl_call* call, void** self);                  \
    void (*destroy)(void* self);                                              \
    ipl_status (*probe)(void* self, const ipl_call* call);                    \
    ipl_status (*describe)(void* self, const ipl_call* call)

/* ---- What describe tells
 * ----------------------------------------------------------------------------
 * One JSON object, at most 64 KiB. Every key is optional; what is absent is unknown, and allowed.
 * The host refuses a request that no chosen endpoint can draw, shows the rest, and hands over
 * nothing that a backend has no notion of. A value of another form counts as absent (ipl-validate
 * reports it); keys that do not stand here are anybody's own.
 *   image_to_image   bool: takes a start picture
 *   input_roles      of "start", "mask", "reference", "control": the pictures it makes use of
 *   max_inputs       pictures in one request, the start picture among them
 *   image_formats, max_image_side     see ipl_image_in
 *   negative_prompt, seed             bool: has that notion
 *   steps, guidance_scale             {"min": n, "max": n}, or false: has no such notion; steps
 *                    may hold "default": taken in place of the host's when nobody chooses
 *   sizes            [{"width": n, "height": n}, ...]: draws exactly these; or
 *   size             {"min_side", "max_side", "multiple_of", "max_pixels"}, each optional: draws
 *                    what keeps to them. The host asks for the nearest size.
 *   model, models    name of the one in use; names of those that there are
 *   progress, previews                bool: tells during the work
 *   cancel           "immediate": in the middle of a step; "step": at its end; "none": never
 *   language_model   bool, of prompt and vision: false = no model server stands behind it */

/* Image generation. */
#define IPL_ROLE_IMAGE "ipl.image/1"

/* ipl_image_request.flags */
enum {
    IPL_IMAGE_HAS_SEED = 1u << 0,
    IPL_IMAGE_HAS_GUIDANCE = 1u << 1,
    IPL_IMAGE_HAS_STRENGTH = 1u << 2,
    IPL_IMAGE_HAS_IMAGE = 1u << 3,
    IPL_IMAGE_WANTS_PREVIEW = 1u << 4
};

typedef struct ipl_image_request {
    uint32_t struct_size;
    uint32_t flags;
    ipl_span prompt; /* may be scene JSON as text */
    ipl_span negative_prompt;
    /* The nearest to width and height, for machines that only know these words. */
    ipl_span orientation; /* "landscape", "portrait" or "square" */
    ipl_span size_class;  /* "0.5mp", "1mp", "2mp" or "4mp" */
    uint32_t width;       /* pixels that were asked for, or the nearest that describe allows */
    uint32_t height;
    uint32_t steps;     /* 0: describe says that there are none */
    uint32_t run_index; /* from 0 */
    int64_t seed;       /* 0..2^53-1, with HAS_SEED */
    double guidance_scale;
    double strength;           /* 0..1; with HAS_IMAGE. 0 = keep the picture, 1 = ignore it */
    const ipl_image_in* image; /* the start picture; with HAS_IMAGE */
    uint32_t attempt;          /* from 1 */
    uint32_t input_count;      /* pictures in inputs, at most 8; 0 = none */
    ipl_span extra;            /* a JSON object of fields without a place above, or empty */
    /* All pictures of the request: the start picture first, when there is one, then the others in
     * the order in which the client gave them. inputs[0] == image with HAS_IMAGE. */
    const ipl_image_in* const* inputs;
} ipl_image_request;

typedef struct ipl_image_backend {
    IPL_ROLE_HEAD;
    /* Makes at least one picture and commits it; more than one are all kept. [worker] */
    ipl_status (*generate)(void* self, const ipl_image_request* request, const ipl_call* call);
} ipl_image_backend;

/* Prompt writing by a language model. */
#define IPL_ROLE_PROMPT "ipl.prompt/1"

/* flags of prompt and vision requests */
enum { IPL_LLM_HAS_TEMPERATURE = 1u << 0, IPL_LLM_HAS_SEED = 1u << 1 };

typedef struct ipl_prompt_request {
    uint32_t struct_size;
    uint32_t flags;
    ipl_span system; /* instructions; may be empty */
    ipl_span user;   /* what to write about; may be empty */
    ipl_span model;  /* empty = the one from the settings */
    double temperature;
    uint32_t max_tokens; /* 0 = the backend's own */
    uint32_t reserved;
    int64_t seed;
    ipl_span response_schema; /* JSON Schema that the answer has to follow, or empty */
    ipl_span extra; /* {"concept": ..., "run_index": ...}: what the host made system and user of */
} ipl_prompt_request;

typedef struct ipl_prompt_backend {
    IPL_ROLE_HEAD;
    /* Hands the answer to call->text, in pieces as they come or at once. [worker] */
    ipl_status (*complete)(void* self, const ipl_prompt_request* request, const ipl_call* call);
    /* Hands {"data": [{"id": ...}, ...]} to call->text; NULL = unknown. [probe] */
    ipl_status (*list_models)(void* self, const ipl_call* call);
    /* Frees what the backend holds in the memory of its GPU, such as a loaded model, because an
     * endpoint on the same machine is about to draw; returns once it is free. The next call loads
     * it again. IPL_OK also when there was nothing to free. IPL_E_UNSUPPORTED, or NULL: it cannot.
     * complete or analyze may run beside it, when somebody else asks for them. [worker] */
    ipl_status (*release)(void* self, const ipl_call* call);
} ipl_prompt_backend;

/* Vision: a picture becomes scene JSON. */
#define IPL_ROLE_VISION "ipl.vision/1"

typedef struct ipl_vision_request {
    uint32_t struct_size;
    uint32_t flags;
    ipl_span system;
    ipl_span user;
    ipl_span model;
    double temperature;
    uint32_t max_tokens;
    uint32_t reserved;
    int64_t seed;
    ipl_span response_schema; /* empty: free text about the picture is wanted */
    ipl_span extra; /* {"metadata", "width", "height"} of the file before it was converted */
    const ipl_image_in* image; /* never NULL */
    ipl_span steering;         /* creative direction that colours every field; may be empty */
} ipl_vision_request;

typedef struct ipl_vision_backend {
    IPL_ROLE_HEAD;
    /* Hands the scene JSON, or text that holds it, to call->text. [worker] */
    ipl_status (*analyze)(void* self, const ipl_vision_request* request, const ipl_call* call);
    ipl_status (*list_models)(void* self, const ipl_call* call);
    ipl_status (*release)(void* self, const ipl_call* call); /* as in ipl_prompt_backend */
} ipl_vision_backend;

/* ---- The entry
 * ------------------------------------------------------------------------------------ */

typedef struct ipl_entry {
    uint32_t struct_size;
    uint16_t abi_major;          /* IPL_ABI_MAJOR */
    uint16_t abi_minor;          /* IPL_ABI_MINOR of the SDK it was built with */
    uint16_t abi_minor_required; /* IPL_TARGET_MINOR */
    uint16_t reserved[3];
    const char* id; /* what config.json calls it: [a-z][a-z0-9_]{0,62} */
    const char* name;
    const char* version;
    const char* vendor;
    const char* license;
    const char* homepage;
    const char* settings_schema; /* JSON Schema of the instance settings, or NULL */
    /* Once per process, before anything else. May be NULL. [loader] */
    ipl_status (*init)(const ipl_host* host);
    /* Once, after all instances are destroyed. May be NULL. [loader] */
    void (*deinit)(void);
    /* The vtable for an IPL_ROLE_ id, static, or NULL for a role that is not offered. [loader] */
    const void* (*get_interface)(const char* id);
} ipl_entry;

/* The one exported symbol. The major version is part of its name, so that a host can tell a plugin
 * of another major from a file that is no plugin at all. */
#define IPL_ENTRY_SYMBOL "ipl_entry_v1"
extern IPL_EXPORT const ipl_entry ipl_entry_v1;

#ifdef __cplusplus
}
#endif

#endif /* IPL_IPL_H */

/*
 * An example plugin in plain C: a complete image backend that paints a colour gradient as a PNG. It
 * shows settings, progress, previews, cancel, and pictures handed over in pieces.
 *
 * Settings: "hue" (0..359), where the colours start; "step_ms" (0..1000), the time a step pretends
 * to take. The seed turns the gradient; `steps` is how often it reports progress.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "ipl/ipl.h"

/* ---- Instance ---- */

typedef struct gradient {
    int64_t hue;
    int64_t step_ms;
} gradient;

static ipl_span text(const char* s) {
    const ipl_span span = {s, strlen(s)};
    return span;
}

static ipl_status fail(const ipl_call* call, ipl_status status, const char* field,
                       const char* message) {
    const ipl_span none = {NULL, 0};
    call->set_error(call, status, field, text(message), none);
    return status;
}

static ipl_status create(const ipl_host* host, const ipl_instance_args* args, const ipl_call* call,
                         void** self) {
    const ipl_host_config* config =
        (const ipl_host_config*)host->get_interface(host, IPL_HOST_CONFIG);
    gradient me = {200, 0};
    gradient* kept;
    (void)args;
    *self = NULL;
    if (config != NULL) {
        config->get_i64(host, "/hue", &me.hue);
        config->get_i64(host, "/step_ms", &me.step_ms);
    }
    if (me.hue < 0 || me.hue > 359) {
        return fail(call, IPL_E_INVALID_ARGUMENT, "/hue", "must be between 0 and 359");
    }
    if (me.step_ms < 0 || me.step_ms > 1000) {
        return fail(call, IPL_E_INVALID_ARGUMENT, "/step_ms", "must be between 0 and 1000");
    }
    kept = (gradient*)malloc(sizeof(*kept));
    if (kept == NULL) return IPL_E_OUT_OF_MEMORY;
    *kept = me;
    *self = kept;
    return IPL_OK;
}

static void destroy(void* self) {
    free(self);
}

/* There is nothing that could be down. */
static ipl_status probe(void* self, const ipl_call* call) {
    (void)self;
    (void)call;
    return IPL_OK;
}

static ipl_status describe(void* self, const ipl_call* call) {
    (void)self;
    return call->text(call, text("{\"accepts_image\": false, \"previews\": true}"), 0);
}

/* ---- PNG: 8 bit RGB, one stored (uncompressed) deflate block per row ---- */

enum { MAX_SIDE = 8192, ROW_BYTES = 1 + 3 * MAX_SIDE };

/* Where the bytes of a picture go: to the host, or into a small buffer for a preview. */
typedef struct png_writer {
    const ipl_call* call;
    uint64_t handle;
    unsigned char* buffer; /* NULL = to the host */
    uint64_t size, capacity;
    uint32_t crc, adler_a, adler_b;
    ipl_status status; /* the first refusal; nothing is written after it */
} png_writer;

static void put(png_writer* png, const void* data, uint64_t size) {
    const unsigned char* bytes = (const unsigned char*)data;
    if (png->status != IPL_OK) return;
    for (uint64_t i = 0; i < size; ++i) {
        png->crc ^= bytes[i];
        for (int bit = 0; bit < 8; ++bit) {
            png->crc = (png->crc >> 1) ^ (0xEDB88320u & (0u - (png->crc & 1u)));
        }
    }
    if (png->buffer == NULL) {
        const ipl_span span = {(const char*)data, size};
        png->status = png->call->image_write(png->call, png->handle, span);
    } else if (size <= png->capacity - png->size) {
        memcpy(png->buffer + png->size, data, size);
        png->size += size;
    } else {
        png->status = IPL_E_TOO_LARGE;
    }
}

static void put_u32(png_writer* png, uint32_t value) {
    const unsigned char bytes[4] = {(unsigned char)(value >> 24), (unsigned char)(value >> 16),
                                    (unsigned char)(value >> 8), (unsigned char)value};
    put(png, bytes, sizeof(bytes));
}

static void begin_chunk(png_writer* png, uint32_t size, const char* type) {
    put_u32(png, size);
    png->crc = 0xFFFFFFFFu;
    put(png, type, 4);
}

static void end_chunk(png_writer* png) {
    put_u32(png, ~png->crc);
}

static void begin_png(png_writer* png, uint32_t width, uint32_t height) {
    static const unsigned char signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    static const unsigned char rgb8[5] = {8, 2, 0, 0, 0};
    static const unsigned char zlib_header[2] = {0x78, 0x01};
    png->adler_a = 1;
    png->adler_b = 0;
    put(png, signature, sizeof(signature));
    begin_chunk(png, 13, "IHDR");
    put_u32(png, width);
    put_u32(png, height);
    put(png, rgb8, sizeof(rgb8));
    end_chunk(png);
    begin_chunk(png, 2, "IDAT");
    put(png, zlib_header, sizeof(zlib_header));
    end_chunk(png);
}

/* row: the filter byte (0) and the pixels; an IDAT chunk of its own. */
static void put_row(png_writer* png, const unsigned char* row, uint32_t size) {
    const unsigned char stored[5] = {0, (unsigned char)size, (unsigned char)(size >> 8),
                                     (unsigned char)~size, (unsigned char)(~size >> 8)};
    for (uint32_t i = 0; i < size; ++i) {
        png->adler_a = (png->adler_a + row[i]) % 65521;
        png->adler_b = (png->adler_b + png->adler_a) % 65521;
    }
    begin_chunk(png, size + (uint32_t)sizeof(stored), "IDAT");
    put(png, stored, sizeof(stored));
    put(png, row, size);
    end_chunk(png);
}

static void end_png(png_writer* png) {
    static const unsigned char last_block[5] = {1, 0, 0, 0xFF, 0xFF};
    begin_chunk(png, 9, "IDAT");
    put(png, last_block, sizeof(last_block));
    put_u32(png, png->adler_b << 16 | png->adler_a);
    end_chunk(png);
    begin_chunk(png, 0, "IEND");
    end_chunk(png);
}

/* ---- Painting ---- */

/* One channel of a colour wheel of 360 degrees. */
static unsigned char wheel(int64_t degrees) {
    const int64_t d = (degrees % 360 + 360) % 360;
    const int64_t distance = d > 180 ? 360 - d : d;
    return (unsigned char)(distance >= 120 ? 40 : 40 + 210 * (120 - distance) / 120);
}

static void paint_row(unsigned char* row, uint32_t y, uint32_t width, uint32_t height, int64_t hue,
                      int64_t seed) {
    const int64_t slope = seed % 7 - 3;
    row[0] = 0;
    for (uint32_t x = 0; x < width; ++x) {
        const int64_t here = hue + 120 * (int64_t)x / width + slope * 30 * (int64_t)y / height;
        row[1 + 3 * x] = wheel(here);
        row[2 + 3 * x] = wheel(here - 120);
        row[3 + 3 * x] = wheel(here + 120);
    }
}

static void send_preview(const ipl_call* call, int64_t hue, int64_t seed) {
    enum { SIDE = 32 };
    unsigned char bytes[8192];
    unsigned char row[1 + 3 * SIDE];
    png_writer png = {call, 0, bytes, 0, sizeof(bytes), 0, 0, 0, IPL_OK};
    begin_png(&png, SIDE, SIDE);
    for (uint32_t y = 0; y < SIDE; ++y) {
        paint_row(row, y, SIDE, SIDE, hue, seed);
        put_row(&png, row, sizeof(row));
    }
    end_png(&png);
    if (png.status == IPL_OK) {
        const ipl_span span = {(const char*)bytes, png.size};
        call->preview(call, text("image/png"), span);
    }
}

/* Waits for a step's time; not 0 when the call is cancelled. */
static int32_t pretend_to_work(const gradient* me, const ipl_call* call) {
    if (me->step_ms > 0) {
        struct pollfd fd = {call->cancel_fd, POLLIN, 0};
        poll(&fd, 1, (int)me->step_ms);
    }
    return call->cancelled(call);
}

static ipl_status generate(void* self, const ipl_image_request* request, const ipl_call* call) {
    const gradient* me = (const gradient*)self;
    const int64_t seed = (request->flags & IPL_IMAGE_HAS_SEED) != 0 ? request->seed : 1;
    const uint32_t steps = request->steps > 0 ? request->steps : 1;
    png_writer png = {call, 0, NULL, 0, 0, 0, 0, 0, IPL_OK};
    unsigned char row[ROW_BYTES];
    ipl_image_out out;

    if (request->width == 0 || request->width > MAX_SIDE || request->height == 0 ||
        request->height > MAX_SIDE) {
        return fail(call, IPL_E_UNSUPPORTED, "size_class", "sides of 1 to 8192 pixels only");
    }
    if ((request->flags & IPL_IMAGE_HAS_IMAGE) != 0) {
        return fail(call, IPL_E_UNSUPPORTED, "image", "this backend takes no input picture");
    }
    for (uint32_t step = 1; step <= steps; ++step) {
        ipl_status status;
        if (pretend_to_work(me, call) != IPL_CANCEL_NONE) return IPL_E_CANCELLED;
        status = call->progress(call, (double)step / steps, step, steps, "mixing");
        if (status != IPL_OK) return status;
        if (step == steps / 2 && (request->flags & IPL_IMAGE_WANTS_PREVIEW) != 0) {
            send_preview(call, me->hue, seed);
        }
    }

    memset(&out, 0, sizeof(out));
    out.struct_size = sizeof(out);
    out.flags = IPL_OUT_HAS_SEED;
    out.mime = text("image/png");
    out.seed = seed;
    out.width = request->width;
    out.height = request->height;
    png.status = call->image_begin(call, &out, &png.handle);
    begin_png(&png, request->width, request->height);
    for (uint32_t y = 0; y < request->height && png.status == IPL_OK; ++y) {
        if (call->cancelled(call) != IPL_CANCEL_NONE) return IPL_E_CANCELLED;
        paint_row(row, y, request->width, request->height, me->hue, seed);
        put_row(&png, row, 1 + 3 * request->width);
    }
    end_png(&png);
    /* A picture that is not committed is dropped by the host. */
    return png.status == IPL_OK ? call->image_commit(call, png.handle) : png.status;
}

/* ---- Entry ---- */

static const ipl_image_backend image_backend = {
    sizeof(ipl_image_backend), 0, create, destroy, probe, describe, generate};

static const void* get_interface(const char* id) {
    return strcmp(id, IPL_ROLE_IMAGE) == 0 ? &image_backend : NULL;
}

static const char settings_schema[] =
    "{\"type\": \"object\", \"properties\": {"
    "\"hue\": {\"type\": \"integer\", \"minimum\": 0, \"maximum\": 359, \"default\": 200},"
    "\"step_ms\": {\"type\": \"integer\", \"minimum\": 0, \"maximum\": 1000, \"default\": 0}"
    "}, \"additionalProperties\": false}";

const ipl_entry ipl_entry_v1 = {
    sizeof(ipl_entry),
    IPL_ABI_MAJOR,
    IPL_ABI_MINOR,
    IPL_TARGET_MINOR,
    {0, 0, 0},
    "gradient",
    "Gradient",
    "1.0.0",
    "Image Pipeline examples",
    "MIT",
    "",
    settings_schema,
    NULL, /* init */
    NULL, /* deinit */
    get_interface,
};

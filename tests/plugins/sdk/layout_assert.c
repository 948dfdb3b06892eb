/* Compiles only where the ABI's structs are laid out as released. Compiled as C and as C++. */
#include <stddef.h>

#include "ipl/ipl.h"
#include "ipl/websocket.h"

#ifdef __cplusplus
#define CHECK(condition) static_assert(condition, #condition)
#else
#define CHECK(condition) _Static_assert(condition, #condition)
#endif

#define STRUCT(name, size) CHECK(sizeof(name) == size);
#define FIELD(name, field, offset) CHECK(offsetof(name, field) == offset);
#include "layout.def"

/* IPL_HAS has to be usable in both languages. */
int has_extra(const ipl_image_request* request);
int has_extra(const ipl_image_request* request) {
    return IPL_HAS(request, width);
}

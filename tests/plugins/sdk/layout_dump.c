/* Prints the layout that this compiler gives the ABI's structs. */
#include <stddef.h>
#include <stdio.h>

#include "ipl/ipl.h"
#include "ipl/websocket.h"

int main(void) {
#define STRUCT(name, size) printf("%s %u\n", #name, (unsigned)sizeof(name));
#define FIELD(name, field, offset) \
    printf("%s.%s %u\n", #name, #field, (unsigned)offsetof(name, field));
#include "layout.def"
    return 0;
}

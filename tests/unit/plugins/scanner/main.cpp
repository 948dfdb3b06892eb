// The executable that tests give to the plugin scan in place of the host's own.
#include <cstring>

#include "plugins/scan.hpp"

int main(int argc, char** argv) {
    if (argc != 3 || std::strcmp(argv[1], "--scan-plugin") != 0) return 64;
    return host::plugins::scanMain(argv[2]);
}

// What the dynamic linker sees of a shared library, read from the file without loading it.
#pragma once

#include <string>
#include <vector>

namespace validate {

struct ElfFacts {
    std::vector<std::string> exported;  // defined, global or weak
    std::vector<std::string> unique;    // STB_GNU_UNIQUE: never unloaded, shared with namesakes
    std::vector<std::string> needed;    // DT_NEEDED
};

// Throws CheckEnded (fail) for anything but an ELF file of this machine's kind.
ElfFacts readElf(const std::string& path);

}  // namespace validate

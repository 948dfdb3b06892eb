#include "elf.hpp"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <span>
#include <string_view>

#include "report.hpp"

namespace validate {
namespace {

#if defined(__x86_64__)
constexpr int kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr int kMachine = EM_AARCH64;
#else
constexpr int kMachine = EM_NONE;
#endif

constexpr size_t kMaxFile = 1U << 30;
// Entries may overlap in a file, so that its size bounds neither their number nor their names.
constexpr size_t kMaxEntries = 1U << 20;
constexpr size_t kMaxName = 64U << 10;
constexpr size_t kMaxNames = 256U << 20;

class ElfFile {
  public:
    explicit ElfFile(const std::string& path) {
        std::ifstream file(path, std::ios::binary | std::ios::ate);
        expect(file.good(), "cannot be read");
        const auto size = static_cast<size_t>(file.tellg());
        expect(size <= kMaxFile, "is larger than 1 GiB");
        bytes_.resize(size);
        file.seekg(0);
        file.read(bytes_.data(), static_cast<std::streamsize>(size));
        expect(file.good() && size >= sizeof(Elf64_Ehdr) &&
                   std::memcmp(bytes_.data(), ELFMAG, SELFMAG) == 0,
               "is not an ELF file");
        header_ = at<Elf64_Ehdr>(0);
        expect(header_.e_ident[EI_CLASS] == ELFCLASS64 && header_.e_ident[EI_DATA] == ELFDATA2LSB &&
                   (kMachine == EM_NONE || header_.e_machine == kMachine),
               "is a library for another kind of machine");
    }

    // To be called for every entry that is looked at.
    void countEntry() { expect(++entries_ <= kMaxEntries, "has more than a million symbols"); }

    // Calls function(section header) for every section.
    template <class F>
    void forSections(F function) const {
        for (size_t i = 0; i < header_.e_shnum; ++i) {
            function(at<Elf64_Shdr>(header_.e_shoff + i * sizeof(Elf64_Shdr)));
        }
    }
    Elf64_Shdr section(size_t index) const {
        expect(index < header_.e_shnum, "has a damaged section table");
        return at<Elf64_Shdr>(header_.e_shoff + index * sizeof(Elf64_Shdr));
    }
    template <class T>
    T at(size_t offset) const {
        expect(offset <= bytes_.size() && sizeof(T) <= bytes_.size() - offset, "is cut off");
        T value;
        std::memcpy(&value, bytes_.data() + offset, sizeof(T));
        return value;
    }
    std::string text(const Elf64_Shdr& strings, size_t offset) {
        expect(strings.sh_offset <= bytes_.size() &&
                   strings.sh_size <= bytes_.size() - strings.sh_offset && offset < strings.sh_size,
               "has a damaged string table");
        const char* begin = bytes_.data() + strings.sh_offset + offset;
        const size_t length = strnlen(begin, std::min(strings.sh_size - offset, kMaxName + 1));
        expect(length <= kMaxName, "has a name of more than 64 KiB");
        namesSize_ += length;
        expect(namesSize_ <= kMaxNames, "has more than 256 MiB of names");
        return std::string(begin, length);
    }

  private:
    std::string bytes_;
    Elf64_Ehdr header_{};
    size_t entries_ = 0;
    size_t namesSize_ = 0;
};

}  // namespace

ElfFacts readElf(const std::string& path) {
    ElfFile file(path);
    ElfFacts facts;
    file.forSections([&](const Elf64_Shdr& section) {
        if (section.sh_type == SHT_DYNSYM) {
            const Elf64_Shdr strings = file.section(section.sh_link);
            for (size_t i = 0; i < section.sh_size / sizeof(Elf64_Sym); ++i) {
                file.countEntry();
                const auto symbol = file.at<Elf64_Sym>(section.sh_offset + i * sizeof(Elf64_Sym));
                const auto binding = ELF64_ST_BIND(symbol.st_info);
                if (symbol.st_shndx == SHN_UNDEF || binding == STB_LOCAL) continue;
                const std::string name = file.text(strings, symbol.st_name);
                (binding == STB_GNU_UNIQUE ? facts.unique : facts.exported).push_back(name);
            }
        } else if (section.sh_type == SHT_DYNAMIC) {
            const Elf64_Shdr strings = file.section(section.sh_link);
            for (size_t i = 0; i < section.sh_size / sizeof(Elf64_Dyn); ++i) {
                file.countEntry();
                const auto entry = file.at<Elf64_Dyn>(section.sh_offset + i * sizeof(Elf64_Dyn));
                if (entry.d_tag == DT_NULL) break;
                if (entry.d_tag == DT_NEEDED) {
                    facts.needed.push_back(file.text(strings, entry.d_un.d_val));
                }
            }
        }
    });
    return facts;
}

}  // namespace validate

// Shared libraries whose tables lie about what is in them: ipl-validate reads files of strangers.
#include "elf.hpp"

#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "common/temp_dir.hpp"
#include "report.hpp"

namespace {

// A file of `tables` symbol tables, all at the same place: `symbols`, with names in `names`.
std::string library(std::size_t tables, const std::vector<Elf64_Sym>& symbols,
                    const std::string& names) {
    Elf64_Ehdr head{};
    std::memcpy(head.e_ident, ELFMAG, SELFMAG);
    head.e_ident[EI_CLASS] = ELFCLASS64;
    head.e_ident[EI_DATA] = ELFDATA2LSB;
#if defined(__aarch64__)
    head.e_machine = EM_AARCH64;
#else
    head.e_machine = EM_X86_64;
#endif
    head.e_shoff = sizeof(head);
    head.e_shnum = static_cast<Elf64_Half>(tables + 1);
    std::vector<Elf64_Shdr> sections(tables + 1);
    sections[0].sh_type = SHT_STRTAB;
    sections[0].sh_offset = sizeof(head) + sections.size() * sizeof(Elf64_Shdr);
    sections[0].sh_size = names.size();
    for (std::size_t i = 1; i <= tables; ++i) {
        sections[i].sh_type = SHT_DYNSYM;
        sections[i].sh_link = 0;
        sections[i].sh_offset = sections[0].sh_offset + names.size();
        sections[i].sh_size = symbols.size() * sizeof(Elf64_Sym);
    }
    std::string out(reinterpret_cast<const char*>(&head), sizeof(head));
    out.append(reinterpret_cast<const char*>(sections.data()),
               sections.size() * sizeof(Elf64_Shdr));
    out += names;
    return out.append(reinterpret_cast<const char*>(symbols.data()),
                      symbols.size() * sizeof(Elf64_Sym));
}

Elf64_Sym exported(Elf64_Word name) {
    Elf64_Sym symbol{};
    symbol.st_name = name;
    symbol.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
    symbol.st_shndx = 1;
    return symbol;
}

class Elf : public testing::Test {
  protected:
    validate::ElfFacts read(const std::string& bytes) {
        const auto path = folder_ / "plugin.so";
        test::writeFile(path, bytes);
        return validate::readElf(path);
    }
    std::string refusalOf(const std::string& bytes) {
        try {
            read(bytes);
        } catch (const validate::CheckEnded& ended) {
            return ended.message;
        }
        return "";
    }

  private:
    test::TempDir folder_;
};

TEST_F(Elf, NamesOfExportedSymbolsAreRead) {
    const auto facts = read(library(1, {exported(0), exported(4)}, std::string("one\0two\0", 8)));
    EXPECT_EQ(facts.exported, (std::vector<std::string>{"one", "two"}));
}

TEST_F(Elf, TablesThatOverlapDoNotMakeASmallFileEndless) {
    const std::vector<Elf64_Sym> symbols(4000);
    EXPECT_NE(refusalOf(library(2000, symbols, "x")).find("a million symbols"), std::string::npos);
}

TEST_F(Elf, OneLongNameThatManySymbolsShareIsRefused) {
    EXPECT_NE(refusalOf(library(1, {exported(0)}, std::string(70'000, 'a'))).find("64 KiB"),
              std::string::npos);
    const std::vector<Elf64_Sym> symbols(6000, exported(0));
    EXPECT_NE(refusalOf(library(1, symbols, std::string(60'000, 'a'))).find("256 MiB"),
              std::string::npos);
}

}  // namespace

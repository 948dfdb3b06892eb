// Shared libraries, as ipl-validate reads them without loading them.
#include "elf.hpp"
#include "fuzz.hpp"
#include "memory_file.hpp"
#include "report.hpp"

using fuzz::check;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::MemoryFile file(fuzz::text(data, size));
    try {
        const validate::ElfFacts facts = validate::readElf(file.path());
        for (const auto* names : {&facts.exported, &facts.unique, &facts.needed}) {
            std::size_t most = 0;
            for (const std::string& name : *names) {
                check(name.find('\0') == name.npos && name.size() < size, "a name is of the file");
                most += name.size();
            }
            check(most <= std::size_t{256} << 20, "names are bounded");
        }
    } catch (const validate::CheckEnded& ended) {
        check(ended.outcome == validate::Outcome::kFail && !ended.message.empty(),
              "a file that is refused has its reason");
    }
    return 0;
}

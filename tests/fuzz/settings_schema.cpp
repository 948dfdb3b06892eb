// A plugin's settings schema and what config.json gives it. The first line is the schema.
#include "config/document.hpp"
#include "config/schema.hpp"
#include "fuzz.hpp"
#include "support/text.hpp"

using namespace host;
using fuzz::check;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest = fuzz::text(data, size);
    const auto schema = config::parseDocument(fuzz::takeLine(rest)).root;
    const auto value = config::parseDocument(rest).root;
    if (!schema || !value) return 0;
    const auto wrong = config::schemaFault(*schema);
    check(!wrong || isValidUtf8(*wrong), "what is wrong with a schema is told in UTF-8");
    for (const auto& fault : config::validateSettings(*schema, *value, "/roles/prompt"))
        check(isValidUtf8(fault.message) && fault.pointer.starts_with("/roles/prompt"),
              "a fault has a place and a text");
    const Json filled = config::withDefaults(*schema, *value);
    check(config::withDefaults(*schema, filled) == filled, "defaults are filled in once");
    return 0;
}

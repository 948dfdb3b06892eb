// Form bodies. The first line is the Content-Type.
#include "fuzz.hpp"
#include "http/forms.hpp"
#include "support/text.hpp"

using namespace host::http;
using fuzz::check;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view body = fuzz::text(data, size);
    const std::string_view contentType = fuzz::takeLine(body);
    if (const auto form = Multipart::parse(contentType, body)) {
        check(form->parts().size() <= kMaxParts, "parts are bounded");
        for (const Part& part : form->parts()) {
            check(host::isValidUtf8(part.name) && host::isValidUtf8(part.fileName) &&
                      host::isValidUtf8(part.contentType),
                  "what a part says is UTF-8");
            check(part.data.empty() ||
                      (part.data.data() >= body.data() &&
                       part.data.data() + part.data.size() <= body.data() + body.size()),
                  "a part's data lies inside the body");
            check(form->find(part.name) != nullptr, "a part is found by its name");
        }
    } else {
        check(host::isValidUtf8(form.error().message), "an error is UTF-8");
    }
    if (const auto fields = parseUrlEncoded(body)) {
        for (const auto& [name, value] : *fields)
            check(host::isValidUtf8(name) && host::isValidUtf8(value), "a field is UTF-8");
    }
    return 0;
}

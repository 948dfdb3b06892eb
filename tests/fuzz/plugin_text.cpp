// What plugins say: capabilities, messages, headers of its requests, the verdict of a scan.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "fuzz.hpp"
#include "plugins/abi_text.hpp"
#include "plugins/capabilities.hpp"
#include "plugins/entry.hpp"
#include "plugins/network_text.hpp"
#include "support/text.hpp"

using namespace host;
using fuzz::check;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const bool kQuiet = (spdlog::set_level(spdlog::level::off), true);
    static_cast<void>(kQuiet);
    constexpr std::size_t kMost = 100;
    const std::string_view text = fuzz::text(data, size);

    const plugins::Capabilities capabilities = plugins::readCapabilities(text, "Studio A");
    check(capabilities.raw.is_object() && capabilities.input.mimes.size() <= 16 &&
              capabilities.input.maxSide <= imaging::kMaxSide,
          "capabilities are bounded");
    check(capabilities.models.size() <= plugins::kMostModels &&
              capabilities.sizes.size() <= plugins::kMostSizes &&
              capabilities.maxInputs.value_or(0) <= plugins::kMaxInputs,
          "lists are bounded");
    const plugins::PictureSize nearest = capabilities.nearestSize({1216, 832});
    check(nearest.width > 0 && nearest.height > 0 && nearest.width <= imaging::kMaxSide &&
              nearest.height <= imaging::kMaxSide,
          "there is a nearest size");
    capabilities.raw.dump();  // throws when a text is no UTF-8
    const std::string told = plugins::toJson(capabilities).dump();
    if (told.size() < 60'000) {
        check(plugins::toJson(plugins::readCapabilities(told, "again")).dump() == told,
              "what is told again is the same");
    }

    bool wasValid = true;
    const std::string clean = plugins::cleanText(text, kMost, &wasValid);
    check(clean.size() <= kMost && isValidUtf8(clean), "a message is bounded UTF-8");
    check(plugins::cleanText(clean, kMost) == clean, "a clean message stays as it is");
    check(wasValid || !isValidUtf8(text), "only what is no UTF-8 is called so");

    const HttpHeaders headers = plugins::parseHeaders(text, "id-1");
    check(
        headers.size() <= 2 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')),
        "there is one header a line");
    std::size_t ids = 0;
    for (const auto& [name, value] : headers) {
        check(name.find('\n') == name.npos && value.find('\n') == value.npos, "and no line more");
        ids += iequals(name, "X-Correlation-ID") ? 1 : 0;
    }
    check(ids > 0, "a request can be told from others");

    const std::size_t tail = plugins::incompleteTail(text);
    check(tail <= 3 && tail <= size, "a cut character is short");
    const std::string shown = plugins::withoutPaths(text, {"/data/pictures"});
    check(shown.size() <= size, "paths are cut, not added");

    if (const auto json = plugins::parseObject(text, std::size_t{1} << 20)) {
        if (const auto info = plugins::entryInfoFromJson(*json)) {
            const auto again = plugins::entryInfoFromJson(plugins::toJson(*info));
            check(again.ok() && plugins::toJson(*again) == plugins::toJson(*info),
                  "a verdict can be kept");
        }
    }
    return 0;
}

// Settings objects of config.json, as each shipped plugin reads them. The host has held them
// against the plugin's schema, which bounds nothing that is checked here.
#include "a1111/settings.hpp"
#include "chat/settings.hpp"
#include "comfyui/settings.hpp"
#include "endpoint/protocol.hpp"
#include "fuzz.hpp"
#include "openai_images/settings.hpp"
#include "plugin_errors.hpp"

using fuzz::check;
using fuzz::expectErrors;

namespace {

// What a path is put behind.
void checkAddress(const std::string& url) {
    check(url.starts_with("http://") || url.starts_with("https://"), "an address is of the web");
    check(url.find_first_of(" \t\r\n?#") == std::string::npos, "an address is one");
    check(!url.ends_with('/'), "a path can be put behind it");
    const std::size_t host = url.find("://") + 3;
    check(host < url.size() && url[host] != '/', "an address names a host");
}

void checkHeader(const std::string& value) {
    check(value.find_first_of("\r\n") == std::string::npos, "a header is one line");
}

void checkFlow(const std::optional<comfyui::Workflow>& flow) {
    if (!flow) return;
    comfyui::Values values;
    for (int slot = 0; slot <= static_cast<int>(comfyui::Slot::Scheduler); ++slot)
        values[static_cast<comfyui::Slot>(slot)] =
            slot == 2 ? upstream::Json(7) : upstream::Json("x");
    check(upstream::parseJson(upstream::dump(flow->filled(values))).has_value(),
          "a workflow can be filled in and sent");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text(data, size);
    if (const auto json = upstream::parseJson(text); json && json->is_object())
        for (const char* name : {"workflow", "image_workflow", "mask_workflow"})
            if (json->contains(name) && (*json)[name].is_string())
                return 0;  // a file of this machine
    expectErrors([&] {
        const auto settings = comfyui::readSettings(text);
        checkAddress(settings.url);
        check(settings.fromText.has_value(), "there is a workflow for texts");
        checkFlow(settings.fromText);
        checkFlow(settings.fromImage);
        checkFlow(settings.fromMask);
        check(!settings.fromImage || settings.fromImage->has(comfyui::Slot::Image),
              "a picture has its place");
        check(!settings.fromMask || (settings.fromMask->has(comfyui::Slot::Mask) &&
                                     settings.fromMask->has(comfyui::Slot::Image)),
              "a mask has its place");
    });
    expectErrors([&] {
        const auto settings = a1111::readSettings(text);
        checkAddress(settings.url);
        checkHeader(settings.authorization);
    });
    expectErrors([&] {
        const auto settings = chat::readSettings(text);
        checkAddress(settings.base);
        checkHeader(settings.apiKey);
        check(settings.maxTokens >= 0 && settings.maxImageSide >= 0, "a bound is one");
    });
    expectErrors([&] {
        const auto settings = openai_images::readSettings(text);
        checkAddress(settings.base);
        checkHeader(settings.apiKey);
        for (const auto& each : settings.sizes)
            check(each.width > 0 && each.height > 0, "a size is one");
    });
    expectErrors([&] { checkAddress(endpoint::baseUrl(text)); });
    return 0;
}

// What ComfyUI tells over its websocket. Pure functions, thread-safe; none throws, whatever comes:
// what is not understood says nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace comfyui {

struct Event {
    enum class Kind {
        Other,
        Node,   // the run is at `node`
        Step,   // `node` has done `step` of `steps`
        Ended,  // the run is over, well or not: the history tells
    };
    Kind kind = Kind::Other;
    std::string promptId;  // empty when the message names none
    std::string node;
    std::uint32_t step = 0;
    std::uint32_t steps = 0;
};

// A text frame.
Event eventOf(std::string_view message);

struct Preview {
    std::string promptId;  // empty: the frame does not tell
    std::string_view mime;
    std::string_view bytes;  // into the frame
};

// A binary frame: big-endian u32 1, u32 format (1 JPEG, 2 PNG), picture; or u32 4, u32 length, that
// much JSON, picture.
std::optional<Preview> previewOf(std::string_view frame);

// The first text that a client sends, so that previews name their prompt.
inline constexpr std::string_view kFeatureFlags =
    R"({"type":"feature_flags","data":{"supports_preview_metadata":true}})";

}  // namespace comfyui

// The chunks of a PNG, walked over without reading what is in them. Belongs to one thread.
#pragma once

#include <optional>
#include <string>

#include "imaging/metadata_source.hpp"

namespace host::imaging {

struct PngChunkHead {
    std::string type;
    std::uint64_t dataAt = 0;
    std::uint32_t size = 0;
    std::uint64_t end() const { return dataAt + size + 4; }  // behind the checksum
};

class PngWalk {
  public:
    explicit PngWalk(ByteSource& png) : png_(png), heads_(png) {}
    // Nothing behind IEND, at a chunk that is not whole, and after very many chunks.
    std::optional<PngChunkHead> next();
    // The name in front of a tEXt, zTXt or iTXt; "" when there is none.
    std::string keyword(const PngChunkHead& chunk);

  private:
    ByteSource& png_;
    HeadReader heads_;
    std::uint64_t at_ = 8;
    int walked_ = 0;
};

inline constexpr char kOwnKeyword[] = "image_pipeline";
inline constexpr char kParametersKeyword[] = "parameters";

}  // namespace host::imaging

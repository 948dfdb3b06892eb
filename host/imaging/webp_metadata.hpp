// The chunks of a WebP file, walked over without reading what is in them. Belongs to one thread.
#pragma once

#include <optional>
#include <string>

#include "imaging/metadata_source.hpp"

namespace host::imaging {

struct WebpChunkHead {
    std::string type;
    std::uint64_t at = 0;
    std::uint32_t size = 0;
    std::uint64_t dataAt() const { return at + 8; }
    std::uint64_t end() const { return at + 8 + size + (size & 1U); }  // behind the filling
};

class WebpWalk {
  public:
    explicit WebpWalk(ByteSource& webp);
    // Nothing at the end, at a chunk that is not whole, and after very many.
    std::optional<WebpChunkHead> next();
    // Where the chunks end, as the file says.
    std::uint64_t end() const { return end_; }
    // True when next() has come to the end.
    bool atEnd() const { return at_ >= end_; }

  private:
    HeadReader heads_;
    std::uint64_t end_ = 0;
    std::uint64_t at_ = 12;
    int walked_ = 0;
};

// Our JSON where XMP is taken: a chunk of a type that readers do not know and pass over.
inline constexpr char kOwnWebpChunk[] = "IPLM";

}  // namespace host::imaging

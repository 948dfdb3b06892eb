// A PNG as the decoder reads it. One thread each.
#pragma once

#include <spng.h>

#include <memory>
#include <string_view>

#include "imaging/shrink.hpp"
#include "support/error.hpp"

namespace host::imaging {

// Gives the library a PNG without what is not needed for its pixels: text, profiles and unknown
// chunks of any size cost nothing then, and bounds for them cannot refuse a good picture.
class PngSource {
  public:
    // `png` must outlive it.
    explicit PngSource(std::string_view png);

    // Reads the header. Errors: InvalidImageFormat, ImageTooLarge.
    Status open();
    spng_ctx* context() const { return context_.get(); }
    Size size() const { return size_; }
    bool isInterlaced() const { return interlaced_; }
    bool hasAlpha() const { return alpha_; }

  private:
    static int read(spng_ctx* context, void* self, void* to, std::size_t count);
    int fill(char* to, std::size_t count);
    bool next();

    std::string_view piece_;
    std::string_view rest_;
    std::unique_ptr<spng_ctx, void (*)(spng_ctx*)> context_;
    Size size_;
    bool interlaced_ = false;
    bool alpha_ = false;
};

Error pngFault(int error);

}  // namespace host::imaging

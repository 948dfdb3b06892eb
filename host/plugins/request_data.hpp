// Requests as the ABI wants them, together with the memory that they point into. Made once per call
// and held by it: an abandoned call may still read them. Not copyable, because they point at
// themselves.
#pragma once

#include <string>
#include <vector>

#include "ipl/ipl.h"
#include "plugins/backend.hpp"

namespace host::plugins {

class ImageRequestData {
  public:
    explicit ImageRequestData(const ImageRequest& request);
    ImageRequestData(const ImageRequestData&) = delete;
    ImageRequestData& operator=(const ImageRequestData&) = delete;
    const ipl_image_request* abi() const { return &abi_; }

  private:
    const ImageRequest copy_;
    const std::string extra_;
    std::vector<ipl_image_in> inputs_;
    std::vector<const ipl_image_in*> pointers_;  // to inputs_
    ipl_image_request abi_{};
};

// For prompt and vision: the one table's fields are a prefix of the other's.
class TextRequestData {
  public:
    explicit TextRequestData(const TextRequest& request);
    TextRequestData(const TextRequestData&) = delete;
    TextRequestData& operator=(const TextRequestData&) = delete;
    const ipl_prompt_request* prompt() const { return &prompt_; }
    const ipl_vision_request* vision() const { return &vision_; }

  private:
    template <typename T>
    void fill(T& abi) const;

    const TextRequest copy_;
    const std::string extra_;
    ipl_image_in image_{};
    ipl_prompt_request prompt_{};
    ipl_vision_request vision_{};
};

}  // namespace host::plugins

// Pictures of the output folder in the format that a client asks for. Decoding and encoding take up
// to a second a picture, so a thread of its own does it, call by call, and says when one is done.
// Memory: converted pictures that clients have not taken yet are kept; while they are more than
// kMostHeld, the next call waits. Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/image_info.hpp"
#include "support/sync.hpp"

namespace host::services {

struct PictureEncoding {
    ImageFormat format = ImageFormat::Png;  // PNG, JPEG or WebP
    int quality = 100;                      // 0 to 100, of JPEG and WebP
};

// "png", "jpeg", "webp", "gif".
std::string formatName(ImageFormat format);
// The same by a file's ending.
std::string formatNameOf(const std::string& filename);
// Whether a stored picture has to be made anew for that.
bool needsConversion(const std::string& filename, const PictureEncoding& encoding);

// The pictures of one call.
class PictureConversion {
  public:
    bool done() const IPL_EXCLUDES(mutex_);
    // Once it is done. Null: not one of its pictures, or it could not be converted.
    std::shared_ptr<const std::string> picture(const std::string& name) const IPL_EXCLUDES(mutex_);
    const PictureEncoding& encoding() const { return encoding_; }

  private:
    friend class PictureConversions;
    std::filesystem::path folder_;
    std::vector<std::string> names_;
    PictureEncoding encoding_;
    mutable Mutex mutex_;
    bool done_ IPL_GUARDED_BY(mutex_) = false;
    std::map<std::string, std::shared_ptr<const std::string>> made_ IPL_GUARDED_BY(mutex_);
};

class PictureConversions {
  public:
    static constexpr std::uint64_t kMostHeld = std::uint64_t{128} << 20;

    // `wake` is called on the thread whenever a call's pictures are done.
    explicit PictureConversions(std::function<void()> wake);
    ~PictureConversions();  // stops; pictures that are still held live on
    PictureConversions(const PictureConversions&) = delete;
    PictureConversions& operator=(const PictureConversions&) = delete;

    // Given up when the caller lets go of it.
    std::shared_ptr<PictureConversion> begin(std::filesystem::path folder,
                                             std::vector<std::string> names,
                                             const PictureEncoding& encoding);
    // What is not begun stays undone. By the owner; safe to repeat.
    void stop();

  private:
    struct State;
    static std::shared_ptr<PictureConversion> next(State& state);
    void run() const;
    void convert(PictureConversion& call) const;

    const std::function<void()> wake_;
    const std::shared_ptr<State> state_;  // shared with the pictures that are held
    std::thread thread_;
};

}  // namespace host::services

// The thumbnails on disk: one small file for each state of a picture, in folders of a few files
// each. A cache: it may be deleted at any time, as a whole or in part. Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "support/error.hpp"

namespace host::pipeline {

// A picture as it stood when its thumbnail was made.
struct PictureState {
    std::string filename;
    std::uint64_t size = 0;
    std::int64_t mtimeNs = 0;

    friend bool operator==(const PictureState&, const PictureState&) = default;
};

class ThumbnailFolder {
  public:
    // Made when it is first needed; what a crash has left half-written is removed.
    explicit ThumbnailFolder(std::filesystem::path folder);

    enum class State { Missing, Ready, Unreadable };
    struct Found {
        State state = State::Missing;
        std::filesystem::path file;  // when Ready
    };
    Found find(const PictureState& picture) const;
    // Take the place of what there is of that picture.
    Status save(const PictureState& picture, std::string_view webp);
    Status saveUnreadable(const PictureState& picture);
    void remove(const std::string& filename);

  private:
    struct Place {
        std::filesystem::path folder;
        std::string prefix;  // of the names of all that belongs to the picture
    };
    Place placeOf(const std::string& filename) const;
    Status write(const PictureState& picture, const char* ending, std::string_view bytes);
    static void removeOthers(const Place& place, const std::string& kept);

    const std::filesystem::path root_;
    const std::filesystem::path parts_;
};

}  // namespace host::pipeline

#pragma once
// How a scene is read: text word by word, scene JSON field by field. Used by readScene alone; one
// thread, one scene.

#include <array>
#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "random.hpp"
#include "scene.hpp"
#include "words.hpp"

namespace sketch {

using Json = nlohmann::json;

inline constexpr size_t kMaxText = 64 * 1024;
inline constexpr size_t kMaxSubjects = 8;
inline constexpr size_t kMaxPalette = 8;

/// What a piece of text may say: a mood has no boats in it.
struct Topics {
    bool things = true;
    bool colors = true;
};

class Reader {
  public:
    explicit Reader(std::string_view prompt) {
        scene_.hash = hashText(prompt);
        scene_.layout = Layout::thirds;
    }

    void text(std::string_view text, Topics topics = {});
    void subject(const Json& item);
    void json(const Json& object);
    void forbid(std::string_view text);
    Scene finish();

  private:
    struct Pending {
        std::vector<Rgb> colors;
        int colorAge = 0;
        int count = 1;
        float size = 1;
        float x = -1;
        float depth = -1;
        bool negate = false;
        int negateAge = 0;
    };

    void word(const Word& word, Pending& pending, Topics topics);
    void thing(const Word& word, Pending& pending);
    void where(float x, float depth, Pending& pending);
    void remove(const Word& word);
    void likes(Place place, float weight) { votes_[static_cast<size_t>(place)] += weight; }
    void addPalette(const Json& list, std::vector<Rgb>& palette);
    Place choosePlace();

    Scene scene_;
    std::array<float, kPlaces> votes_{};
    bool timeKnown_ = false;
    bool open_ = false;  /// may the next position word belong to the last subject?
    bool loosePalette_ = false;
    std::vector<Rgb> loose_;
    std::vector<Kind> banned_;
};

}  // namespace sketch

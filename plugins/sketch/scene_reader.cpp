#include "scene_reader.hpp"

#include <algorithm>

namespace sketch {

void Reader::where(float x, float depth, Pending& pending) {
    if (open_ && !scene_.subjects.empty()) {
        if (x >= 0) scene_.subjects.back().x = x;
        if (depth >= 0) scene_.subjects.back().depth = depth;
        return;
    }
    if (x >= 0) pending.x = x;
    if (depth >= 0) pending.depth = depth;
}

void Reader::thing(const Word& word, Pending& pending) {
    const auto kind = static_cast<Kind>(word.meaning.value);
    likes(word.meaning.hint, word.meaning.weight);
    for (Subject& known : scene_.subjects) {
        // The same thing named again: what is new about it counts, it is not drawn twice.
        if (known.kind == kind && (pending.x < 0 || known.x < 0)) {
            if (!known.color && !pending.colors.empty()) known.color = pending.colors.front();
            if (pending.x >= 0) known.x = pending.x;
            known.count = std::max(known.count, pending.count);
            pending = {};
            open_ = true;
            return;
        }
    }
    if (scene_.subjects.size() >= kMaxSubjects) return;
    Subject subject;
    subject.kind = kind;
    subject.size = pending.size;
    subject.count = pending.count;
    const std::string_view text = word.text;
    if (text == "couple") subject.count = 2;
    if (text == "people" || text == "men" || text == "women" || text == "children") {
        subject.count = std::max(subject.count, 4);
    }
    if (pending.count == 1 && text.ends_with('s') && text != word.meaning.word &&
        (kind == Kind::bird || kind == Kind::boat || kind == Kind::fish || kind == Kind::person ||
         kind == Kind::house || kind == Kind::balloon || kind == Kind::tree ||
         kind == Kind::horse)) {
        subject.count = 3;
    }
    subject.x = pending.x;
    subject.depth = pending.depth;
    if (!pending.colors.empty()) subject.color = pending.colors.front();
    for (const std::string_view she : {"woman", "girl", "lady", "queen", "witch", "frau", "femme",
                                       "mujer", "dancer", "mermaid"}) {
        if (word.meaning.word == she) subject.female = true;
    }
    if (word.meaning.word == "wizard" || word.meaning.word == "witch") subject.hat = true;
    if (word.meaning.word == "giant") subject.size = 1.5F;
    if (word.meaning.word == "fox" || word.meaning.word == "tiger" || word.meaning.word == "lion") {
        if (!subject.color) subject.color = hex(0xc86a24);
    }
    if (word.meaning.word == "wolf" && !subject.color) subject.color = hex(0x70747c);
    scene_.subjects.push_back(subject);
    pending = {};
    open_ = true;
}

void Reader::word(const Word& word, Pending& pending, Topics topics) {
    const Meaning& m = word.meaning;
    const float amount = static_cast<float>(m.value) / 100.0F;
    Subject* last = nullptr;
    for (Subject& subject : scene_.subjects) {
        if (subject.kind == Kind::person || last == nullptr) last = &subject;
    }
    Weather& weather = scene_.weather;
    switch (m.sense) {
        case Sense::color:
            if (!topics.colors) break;
            pending.colors.push_back(word.color);
            pending.colorAge = 0;
            if (loose_.size() < kMaxPalette) loose_.push_back(word.color);
            break;
        case Sense::time:
            scene_.time = static_cast<Time>(m.value);
            timeKnown_ = true;
            break;
        case Sense::place:
            if (topics.things) likes(static_cast<Place>(m.value), m.weight);
            break;
        case Sense::kind:
            if (topics.things) thing(word, pending);
            break;
        case Sense::season:
            scene_.season = static_cast<Season>(m.value);
            break;
        case Sense::style:
            scene_.style = static_cast<Style>(m.value);
            break;
        case Sense::tone:
            scene_.tone = static_cast<Tone>(m.value);
            break;
        case Sense::layout:
            scene_.layout = static_cast<Layout>(m.value);
            break;
        case Sense::cloud:
            weather.cloud = std::max(weather.cloud, amount);
            break;
        case Sense::rain:
            weather.rain = std::max(weather.rain, amount);
            weather.cloud = std::max(weather.cloud, 0.45F + 0.4F * amount);
            break;
        case Sense::snow:
            weather.snow = std::max(weather.snow, amount);
            break;
        case Sense::fog:
            weather.fog = std::max(weather.fog, amount);
            break;
        case Sense::storm:
            weather.storm = std::max(weather.storm, amount);
            weather.cloud = 1;
            break;
        case Sense::clear:
            weather.cloud = 0.05F;
            break;
        case Sense::aurora:
            weather.aurora = true;
            break;
        case Sense::rainbow:
            weather.rainbow = true;
            break;
        case Sense::left:
            where(0.2F, -1, pending);
            break;
        case Sense::right:
            where(0.8F, -1, pending);
            break;
        case Sense::centre:
            where(0.5F, -1, pending);
            break;
        case Sense::front:
            where(-1, 0.05F, pending);
            break;
        case Sense::back:
            where(-1, 0.8F, pending);
            break;
        case Sense::large:
            pending.size = 1.45F;
            break;
        case Sense::tiny:
            pending.size = m.value == 1 ? 0.95F : 0.65F;
            break;
        case Sense::many:
            pending.count = m.value;
            break;
        case Sense::near_:
            scene_.zoom = 1.5F;
            break;
        case Sense::far_:
            scene_.zoom = 0.75F;
            break;
        case Sense::low:
            scene_.horizon = 0.74F;
            break;
        case Sense::high:
            scene_.horizon = 0.3F;
            break;
        case Sense::garment:
            if (last != nullptr && !pending.colors.empty()) last->color = pending.colors.back();
            pending.colors.clear();
            break;
        case Sense::hair:
            if (last != nullptr && m.value <= 3) {
                constexpr std::array kHair = {hex(0xd8b060), hex(0x4a2c18), hex(0xa84418)};
                last->hair = kHair[static_cast<size_t>(m.value) - 1];
            } else if (last != nullptr && !pending.colors.empty()) {
                last->hair = pending.colors.back();
            }
            pending.colors.clear();
            break;
        case Sense::hat:
            if (last != nullptr) last->hat = true;
            break;
        case Sense::umbrella:
            if (last != nullptr) {
                last->umbrella = true;
                if (!pending.colors.empty()) last->palette = pending.colors;
            }
            break;
        case Sense::female:
            if (last != nullptr) last->female = true;
            break;
        case Sense::gloom:
            scene_.gloom = std::max(scene_.gloom, amount);
            break;
        case Sense::bright:
            scene_.gloom = std::min(scene_.gloom, 0.0F);
            break;
        case Sense::palette:
            loosePalette_ = true;
            break;
        case Sense::ruins:
            scene_.ruins = true;
            break;
        case Sense::none:
        case Sense::negate:
        case Sense::people:
            break;
    }
}

void Reader::text(std::string_view text, Topics topics) {
    Pending pending;
    open_ = false;
    for (const Word& w : cutWords(text.substr(0, kMaxText))) {
        if (w.meaning.sense == Sense::negate) {
            pending.negate = true;
            pending.negateAge = 0;
        } else if (pending.negate && w.meaning.sense != Sense::none) {
            remove(w);
            pending.negate = false;
        } else {
            word(w, pending, topics);
        }
        if (++pending.negateAge > 3) pending.negate = false;
        if (++pending.colorAge > 4) pending.colors.clear();
        if (w.clauseEnd) {
            const float x = open_ ? -1 : pending.x;
            const float depth = open_ ? -1 : pending.depth;
            pending = {};
            // "In the foreground, a cat": a place named before its subject is still to be used.
            pending.x = x;
            pending.depth = depth;
            open_ = false;
        }
    }
    open_ = false;
}

void Reader::remove(const Word& word) {
    const Meaning& m = word.meaning;
    Weather& weather = scene_.weather;
    switch (m.sense) {
        case Sense::kind:
            banned_.push_back(static_cast<Kind>(m.value));
            break;
        case Sense::place:
            votes_[static_cast<size_t>(m.value)] -= 100;
            break;
        case Sense::cloud:
            weather.cloud = 0;
            break;
        case Sense::rain:
            weather.rain = 0;
            break;
        case Sense::snow:
            weather.snow = 0;
            break;
        case Sense::fog:
            weather.fog = 0;
            break;
        case Sense::storm:
            weather.storm = 0;
            break;
        case Sense::aurora:
            weather.aurora = false;
            break;
        case Sense::rainbow:
            weather.rainbow = false;
            break;
        case Sense::umbrella:
            for (Subject& subject : scene_.subjects)
                subject.umbrella = false;
            break;
        case Sense::gloom:
            scene_.gloom = 0;
            break;
        case Sense::ruins:
            scene_.ruins = false;
            break;
        case Sense::color: {
            const auto same = [&](Rgb c) {
                const Rgb d = c - word.color;
                return d.r * d.r + d.g * d.g + d.b * d.b < 0.02F;
            };
            std::erase_if(scene_.palette, same);
            std::erase_if(loose_, same);
            for (Subject& subject : scene_.subjects) {
                if (subject.color && same(*subject.color)) subject.color.reset();
                std::erase_if(subject.palette, same);
            }
            break;
        }
        default:
            break;
    }
}

void Reader::forbid(std::string_view text) {
    for (const Word& w : cutWords(text.substr(0, kMaxText)))
        remove(w);
}

Place Reader::choosePlace() {
    const auto best = std::max_element(votes_.begin(), votes_.end());
    if (*best > 0) return static_cast<Place>(best - votes_.begin());
    constexpr std::array kOutdoors = {Place::meadow, Place::lake,    Place::mountains, Place::beach,
                                      Place::forest, Place::village, Place::sea};
    constexpr std::array kAnything = {Place::meadow,   Place::lake,    Place::mountains,
                                      Place::abstract, Place::harbour, Place::sea,
                                      Place::space,    Place::village, Place::abstract};
    Rng rng(scene_.hash ^ 0x9ace);
    for (int tries = 0; tries < 16; ++tries) {
        const Place place =
            scene_.subjects.empty()
                ? kAnything[static_cast<size_t>(rng.pick(static_cast<int>(kAnything.size())))]
                : kOutdoors[static_cast<size_t>(rng.pick(static_cast<int>(kOutdoors.size())))];
        if (votes_[static_cast<size_t>(place)] >= 0) return place;
    }
    return Place::abstract;
}

Scene Reader::finish() {
    for (const Kind kind : banned_) {
        std::erase_if(scene_.subjects, [kind](const Subject& s) { return s.kind == kind; });
        if (kind == Kind::person) scene_.crowd = false;
    }
    scene_.place = choosePlace();
    Rng rng(scene_.hash ^ 0x71);
    if (!timeKnown_) {
        constexpr std::array kTimes = {Time::morning, Time::afternoon, Time::sunset, Time::dawn};
        scene_.time = kTimes[static_cast<size_t>(rng.pick(4))];
        if (scene_.gloom > 0.5F) scene_.time = Time::dusk;
    }
    if (scene_.weather.snow > 0.3F) scene_.season = Season::winter;
    if (scene_.palette.empty() && !loose_.empty()) {
        scene_.palette = loose_;
        scene_.paletteStrength = loosePalette_ ? 0.55F : 0.14F;
        // Colours alone make the picture.
        if (scene_.subjects.empty() && scene_.place == Place::abstract)
            scene_.paletteStrength = 0.6F;
    }
    return std::move(scene_);
}

}  // namespace sketch

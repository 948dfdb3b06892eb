#include "config/document.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "config/schema.hpp"
#include "support/text.hpp"

namespace host::config {

namespace {

// Long keys around many values would let a small file grow a huge line map.
constexpr std::size_t kMaxPointerBytes = 16 * 1024 * 1024;
// Objects look their keys up one by one.
constexpr std::size_t kMaxKeys = 1000;

// Where the lexer stands; shared by the copies that it makes of its iterator.
struct Cursor {
    int line = 1;
    char last = '\0';
};

// Reads the text for the lexer and counts lines on the way.
class CountingIterator {
  public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    CountingIterator(const char* at, Cursor* cursor) : at_(at), cursor_(cursor) {}
    reference operator*() const { return *at_; }
    CountingIterator& operator++() {
        if (*at_ == '\n') ++cursor_->line;
        cursor_->last = *at_;
        ++at_;
        return *this;
    }
    bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
    bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

  private:
    const char* at_;
    Cursor* cursor_;
};

// Builds the values and notes their lines as the parser reports them.
class Builder : public nlohmann::json_sax<Json> {
  public:
    Builder(std::string_view text, const Cursor& cursor, Document& document)
        : text_(text), cursor_(cursor), document_(document) {}

    Json& root() { return root_; }

    bool null() override { return add(nullptr); }
    bool boolean(bool value) override { return add(value); }
    bool number_integer(number_integer_t value) override { return addNumber(value); }
    bool number_unsigned(number_unsigned_t value) override { return addNumber(value); }
    bool number_float(number_float_t value, const string_t& /*text*/) override {
        return addNumber(value);
    }
    bool string(string_t& value) override { return add(std::move(value)); }
    bool binary(binary_t& /*value*/) override { return false; }  // never met in JSON text

    bool start_object(std::size_t /*elements*/) override { return open(Json::object()); }
    bool start_array(std::size_t /*elements*/) override { return open(Json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }

    bool key(string_t& name) override {
        Level& level = levels_.back();
        pointer_.resize(level.pointerSize);
        if (level.value->size() == kMaxKeys) {
            fault(cursor_.line, "found an object of more than " + std::to_string(kMaxKeys) +
                                    " keys, expected fewer");
            return false;
        }
        pointer_ += pointerPart(name);
        if (level.value->contains(name)) {
            const auto first = document_.lines.find(pointer_);
            const int line = first == document_.lines.end() ? 0 : first->second;
            fault(cursor_.line, "found this key again (it is on line " + std::to_string(line) +
                                    " already), expected it once");
        }
        key_ = name;
        keyLine_ = cursor_.line;
        return true;
    }

    bool parse_error(std::size_t position, const std::string& /*lastToken*/,
                     const nlohmann::detail::exception& error) override {
        const std::size_t index = std::min(position == 0 ? 0 : position - 1, text_.size());
        const std::string_view before = text_.substr(0, index);
        const auto lines = std::count(before.begin(), before.end(), '\n');
        const std::size_t column = index - (before.rfind('\n') + 1) + 1;
        // The library's text opens with its own idea of the place; what was found follows.
        std::string_view what = error.what();
        for (const std::string_view mark : {std::string_view("] "), std::string_view(" - ")}) {
            const std::size_t at = what.find(mark);
            if (at != std::string_view::npos) what.remove_prefix(at + mark.size());
        }
        pointer_.clear();
        fault(static_cast<int>(lines) + 1, "found bad JSON at column " + std::to_string(column) +
                                               ": " + replaceInvalidUtf8(utf8Prefix(what, 200)));
        return false;
    }

  private:
    struct Level {
        Json* value;
        std::size_t pointerSize;  // of this object's or array's own pointer
    };

    void fault(int line, std::string message) {
        document_.faults.push_back({line, pointer_, std::move(message), false});
    }

    // A number ends where the next character does not belong to it, so that one has been read.
    bool addNumber(Json value) {
        return place(std::move(value), cursor_.last == '\n' ? cursor_.line - 1 : cursor_.line);
    }

    bool add(Json value) { return place(std::move(value), cursor_.line); }

    bool place(Json value, int line) {
        Json* placed = nullptr;
        if (levels_.empty()) {
            root_ = std::move(value);
            placed = &root_;
        } else if (Level& level = levels_.back(); level.value->is_object()) {
            line = keyLine_;
            placed = &(*level.value)[key_];
            *placed = std::move(value);
        } else {
            pointer_.resize(level.pointerSize);
            pointer_ += '/' + std::to_string(level.value->size());
            level.value->push_back(std::move(value));
            placed = &level.value->back();
        }
        placed_ = placed;
        pointerBytes_ += pointer_.size();
        if (pointerBytes_ > kMaxPointerBytes) {
            pointer_.clear();
            fault(line, "found too many values under too long keys, expected a smaller file");
            return false;
        }
        document_.lines.try_emplace(pointer_, line);
        return true;
    }

    bool open(Json empty) {
        if (levels_.size() == kMaxConfigDepth) {
            fault(cursor_.line,
                  "found values nested deeper than " + std::to_string(kMaxConfigDepth) + " levels");
            return false;
        }
        if (!add(std::move(empty))) return false;
        levels_.push_back({placed_, pointer_.size()});
        return true;
    }

    bool close() {
        pointer_.resize(levels_.back().pointerSize);
        levels_.pop_back();
        return true;
    }

    std::string_view text_;
    const Cursor& cursor_;
    Document& document_;
    Json root_;
    Json* placed_ = nullptr;
    // Open objects and arrays. A parent is never changed while its child is open, so the pointers
    // hold.
    std::vector<Level> levels_;
    std::string pointer_;
    std::size_t pointerBytes_ = 0;
    std::string key_;
    int keyLine_ = 0;
};

}  // namespace

Document parseDocument(std::string_view text) {
    Document document;
    const auto refuse = [&document](std::string message) {
        document.faults.push_back({0, "", std::move(message), false});
        return document;
    };
    if (text.size() > kMaxConfigBytes) {
        return refuse("found more than " + std::to_string(kMaxConfigBytes) +
                      " bytes, expected a smaller file");
    }
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (trim(text).empty()) return refuse("found an empty file, expected a JSON object");

    Cursor cursor;
    Builder builder(text, cursor, document);
    const bool read =
        Json::sax_parse(CountingIterator(text.data(), &cursor),
                        CountingIterator(text.data() + text.size(), &cursor), &builder);
    if (read) document.root = std::move(builder.root());
    return document;
}

}  // namespace host::config

// The body of an answer that holds pictures as base64: its length is known before it is made, and
// it is made piece by piece, so that large pictures never lie in memory whole. Used by one thread
// at a time. next() blocks on the disk for a moment.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <string>

namespace host::services {

class AnswerBody {
  public:
    void text(std::string text);
    // In front of all that was added.
    void textBefore(std::string text);
    // The base64 of a file in the output folder; false, and nothing added, when it is not there.
    bool picture(const std::filesystem::path& folder, const std::string& name);
    // The base64 of these bytes.
    void bytes(std::shared_ptr<const std::string> bytes);
    // All of another one.
    void append(AnswerBody other);

    // Of all that was added.
    std::uint64_t size() const { return size_; }
    bool done() const { return pieces_.empty(); }
    // What follows, of about `most` bytes. Throws std::runtime_error when a file is gone or is
    // another by now.
    std::string next(std::size_t most);

  private:
    struct Piece {
        std::string text;
        std::shared_ptr<const std::string> bytes;
        std::filesystem::path folder;
        std::string name;  // of a file; else empty
        std::uint64_t length = 0;
        std::uint64_t taken = 0;
    };

    void add(Piece piece);
    static std::string part(Piece& piece, std::size_t most);

    std::deque<Piece> pieces_;
    std::uint64_t size_ = 0;
};

}  // namespace host::services

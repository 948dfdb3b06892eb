#include "services/calls/answer_body.hpp"

#include <algorithm>

#include "services/calls/picture_part.hpp"
#include "support/base64.hpp"

namespace host::services {

void AnswerBody::add(Piece piece) {
    const bool encoded = piece.bytes || !piece.name.empty();
    size_ += encoded ? (piece.length + 2) / 3 * 4 : piece.length;
    if (piece.length > 0) pieces_.push_back(std::move(piece));
}

void AnswerBody::text(std::string text) {
    Piece piece;
    piece.length = text.size();
    piece.text = std::move(text);
    add(std::move(piece));
}

void AnswerBody::textBefore(std::string text) {
    Piece piece;
    piece.length = text.size();
    piece.text = std::move(text);
    size_ += piece.length;
    pieces_.push_front(std::move(piece));
}

bool AnswerBody::picture(const std::filesystem::path& folder, const std::string& name) {
    const auto size = pictureSize(folder, name);
    if (!size || *size == 0) return false;
    Piece piece;
    piece.folder = folder;
    piece.name = name;
    piece.length = *size;
    add(std::move(piece));
    return true;
}

void AnswerBody::bytes(std::shared_ptr<const std::string> bytes) {
    Piece piece;
    piece.length = bytes->size();
    piece.bytes = std::move(bytes);
    add(std::move(piece));
}

void AnswerBody::append(AnswerBody other) {
    size_ += other.size_;
    std::move(other.pieces_.begin(), other.pieces_.end(), std::back_inserter(pieces_));
}

std::string AnswerBody::part(Piece& piece, std::size_t most) {
    const bool encoded = piece.bytes || !piece.name.empty();
    // Whole groups of three bytes, so that the parts fit together.
    const std::uint64_t room = encoded ? std::max<std::uint64_t>(most / 4, 1) * 3 : most;
    const auto count = static_cast<std::size_t>(std::min(room, piece.length - piece.taken));
    const std::uint64_t offset = piece.taken;
    piece.taken += count;
    if (!piece.name.empty())
        return base64Encode(readPicturePart(piece.folder, piece.name, piece.length, offset, count));
    if (piece.bytes) return base64Encode(std::string_view(*piece.bytes).substr(offset, count));
    return piece.text.substr(offset, count);
}

std::string AnswerBody::next(std::size_t most) {
    std::string found;
    while (!pieces_.empty() && found.size() < most) {
        Piece& piece = pieces_.front();
        found += part(piece, most - found.size());
        if (piece.taken == piece.length) pieces_.pop_front();
    }
    return found;
}

}  // namespace host::services

// EXIF: a TIFF block inside a picture file. Reads what a camera notes and the texts in which
// generators hide theirs (UserComment: A1111; Make, Model and neighbours: ComfyUI). The place where
// a picture was taken is left alone: nothing of this system needs it.
//
// Two directories are read, each once: offsets cannot lead in circles. Values are fetched from the
// source one by one, so a block of any size costs what is kept of it.
#pragma once

#include <string>
#include <string_view>

#include "imaging/metadata_found.hpp"

namespace host::imaging {

// `tiff`: the block, with or without "Exif\0\0" before it.
void readExif(ByteSource& tiff, Found& found);

// A block (without "Exif\0\0") that holds this text as UserComment, the way A1111 writes it.
std::string exifWithComment(std::string_view utf8);

}  // namespace host::imaging

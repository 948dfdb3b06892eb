// Which way up a picture is, as its EXIF data says: read from JPEG, WebP and PNG (eXIf).
// Pure functions, any thread, bounded by the size of the bytes. Malformed data means 1.
#pragma once

#include <string_view>

#include "imaging/pixels.hpp"

namespace host::imaging {

// 1..8 as EXIF numbers them; 1 = upright.
int orientationOf(std::string_view picture);

// The same of a TIFF block: what EXIF data is, after any "Exif\0\0".
int orientationOfTiff(std::string_view tiff);

// What such a picture has to become to stand upright. A value out of range changes nothing.
Pixels upright(Pixels pixels, int orientation);

}  // namespace host::imaging

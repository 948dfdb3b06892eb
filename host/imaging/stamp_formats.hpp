// One stamping function for each kind of file. What it cannot make sense of it leaves alone
// (Stamped::No): nothing has been written then. See stamp.hpp.
#pragma once

#include <string>

#include "imaging/stamp.hpp"

namespace host::imaging {

// The stamp as it goes into files.
struct StampTexts {
    std::string parameters;
    std::string own;  // JSON
};

Result<Stamped> stampPng(ByteSource& from, int to, const StampTexts& stamp);
Result<Stamped> stampJpeg(ByteSource& from, int to, const StampTexts& stamp);
Result<Stamped> stampWebp(ByteSource& from, int to, const StampTexts& stamp);

}  // namespace host::imaging

// The dialects themselves, one file each. Pure functions, thread-safe.
#pragma once

#include <string>
#include <vector>

#include "pipeline/dialects/dialect.hpp"

namespace host::pipeline::dialects {

// Whether a JSON object is a prompt of the model already, written as such.
bool isFibo(const Json& object);
bool isIdeogram4(const Json& object);

// The scene `said` in the dialect, and what could not be said of it.
struct Written {
    std::string text;
    std::vector<PromptLoss> losses;
};
Written prose(const Json& said);
Written flux2(const Json& said);
Written fibo(const Json& said);
Written ideogram4(const Json& said);

}  // namespace host::pipeline::dialects

// Reads a figure out of what GET /metrics answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace test {

// The value of the first sample of that name whose labels hold all of `labels` (such as
// `kind="image"`, in the order in which they are written); nothing when there is none.
std::optional<double> metricOf(std::string_view text, std::string_view name,
                               std::string_view labels = "");

}  // namespace test

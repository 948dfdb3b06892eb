// The fields of a request as A1111's API takes them: null is absent, "7" and 7.0 are 7, 2.7 is 2
// where a whole number is wanted (recorded of Forge's HTTP layer). Faults are collected. One
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "services/generator/raw_fields.hpp"
#include "support/error.hpp"

namespace host::services {

class LenientFields {
  public:
    // `body` must outlive it.
    explicit LenientFields(const Json& body) : body_(body) {}

    // Null when absent.
    const Json* find(const char* name) const;
    std::string text(const char* name, const std::string& fallback = "");
    std::optional<double> number(const char* name);
    std::optional<std::int64_t> whole(const char* name);
    bool flag(const char* name, bool fallback);

    Faults faults;

  private:
    const Json& body_;
};

}  // namespace host::services

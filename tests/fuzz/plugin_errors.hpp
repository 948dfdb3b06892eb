// The only exception that may leave a plugin's parser, held to its bounds.
#pragma once

#include "common/upstream.hpp"
#include "fuzz.hpp"

namespace fuzz {

inline void checkError(const ipl::Error& error) {
    check(error.message().size() < 5000, "a message is bounded");
    upstream::Json(error.message()).dump();  // throws when it is no UTF-8
    check(error.details().empty() || upstream::parseJson(error.details()), "details are JSON");
}

template <typename Work>
void expectErrors(const Work& work) {
    try {
        work();
    } catch (const ipl::Error& error) {
        checkError(error);
    }
}

}  // namespace fuzz

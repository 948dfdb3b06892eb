// The programs that speak A1111's API and how they differ where a client notices it, after the
// recordings of Forge's HTTP layer and of stable-diffusion.cpp's server; Draw Things and SD.Next
// after what their clients report.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim-common/server.hpp"

namespace sim {

enum class WebUiFlavour {
    A1111,      // errors through its middleware: `error`, `detail`, `errors`
    Forge,      // errors as {"detail"}, an exception as bare text
    SdNext,     // as A1111, but it tells of no task of a client's
    SdServer,   // no progress, no interrupt; takes and ignores what it does not know
    DrawThings  // its panel at /, no lists, no progress; answers with pictures alone
};

std::optional<WebUiFlavour> webUiFlavourFrom(const std::string& name);

// Whether /sdapi/v1/progress and interrupt are there.
bool tellsProgress(WebUiFlavour flavour);

// What the program says of a request that is wrong (`detail`), or that ended in an exception
// (`exception`, of the class that it is called).
bool refuse(Connection& connection, WebUiFlavour flavour, int status, const std::string& detail);
bool raise(Connection& connection, WebUiFlavour flavour, const std::string& kind,
           const std::string& text);

}  // namespace sim

// What the containers give up before anybody makes sense of it: the first text of each kind.
// Plain values, bounded; each reader fills in what is not there yet.
#pragma once

#include <optional>
#include <string>

#include "imaging/metadata.hpp"

namespace host::imaging {

struct Found {
    std::string own;                // our JSON
    std::string parameters;         // A1111's text
    bool parametersByName = false;  // it stood under that name: it is one even without settings
    std::string graph;              // ComfyUI's prompt graph, JSON
    std::optional<Camera> camera;
};

void readPngFound(ByteSource& png, Found& found);
void readJpegFound(ByteSource& jpeg, Found& found);
void readWebpFound(ByteSource& webp, Found& found);

}  // namespace host::imaging

// XMP: our JSON as one property of an RDF packet. Packets are searched, not parsed: the property is
// found by our namespace, whatever prefix and form (attribute or element) a program rewrote it to.
// Pure functions, thread-safe, linear in the packet.
#pragma once

#include <string>
#include <string_view>

namespace host::imaging {

inline constexpr char kOurNamespace[] = "urn:image-pipeline:metadata:1";

std::string xmpWithOwn(std::string_view json);
// The JSON, or "".
std::string ownFromXmp(std::string_view packet);

}  // namespace host::imaging

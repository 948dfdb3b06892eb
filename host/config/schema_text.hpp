// The text of config.schema.json as built into the program.
#pragma once

namespace host::config {

extern const char kConfigSchemaText[];

}  // namespace host::config

// What the kernel knows of this process, under the names that Prometheus' own libraries use. Reads
// /proc alone: never waits for a disk. Thread-safe.
#pragma once

namespace host {

class MetricsText;

void writeProcessFigures(MetricsText& text);

}  // namespace host

// A config.json in a folder of its own, loaded.
#pragma once

#include <string>
#include <vector>

#include "common/temp_dir.hpp"
#include "config/load.hpp"

namespace test {

class ConfigFile {
  public:
    explicit ConfigFile(std::string_view text) {
        writeFile(path(), text);
        result_ = host::config::load(path());
    }

    std::filesystem::path path() const { return folder_ / "config.json"; }
    const std::filesystem::path& folder() const { return folder_.path(); }
    const host::config::LoadResult& result() const { return result_; }
    const host::config::Settings& settings() const { return result_.settings; }

    // "line pointer: message", of the faults or of the warnings.
    std::vector<std::string> faults() const { return lines(false); }
    std::vector<std::string> warnings() const { return lines(true); }

  private:
    std::vector<std::string> lines(bool warnings) const {
        std::vector<std::string> out;
        for (const host::config::Fault& fault : result_.faults) {
            if (fault.warning != warnings) continue;
            out.push_back(std::to_string(fault.line) + ' ' + fault.pointer + ": " + fault.message);
        }
        return out;
    }

    TempDir folder_;
    host::config::LoadResult result_;
};

}  // namespace test

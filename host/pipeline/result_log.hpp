// The result log: generation_log.csv in the output directory, one row per finished picture or
// failure. Lines are handed to the database in the transaction that records the result (ResultLine)
// and moved to the file by one thread, so a crash neither loses nor doubles a row. A file that
// somebody removed is begun anew with its header.
#pragma once

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include "store/job_store.hpp"
#include "support/sync.hpp"

namespace host::pipeline {

// timestamp,endpoint,prompt,seed,filename,duration,status,error by RFC 4180, without the line end.
std::string resultLine(double time, const std::string& endpoint, const std::string& prompt,
                       std::optional<std::int64_t> seed, const std::string& filename,
                       double duration, const std::string& error);

class ResultLog {
  public:
    ResultLog(store::JobStore& store, const std::filesystem::path& directory);
    ~ResultLog();
    ResultLog(const ResultLog&) = delete;
    ResultLog& operator=(const ResultLog&) = delete;

    void start();
    void wake();  // there may be new lines
    void stop();  // writes what is there, then ends

  private:
    void loop();
    // True when there may be more.
    bool moveLines();

    store::JobStore& store_;
    const std::filesystem::path file_;
    bool first_ = true;  // of this process: lines may be in the file already
    Mutex mutex_;
    CondVar condition_;
    bool woken_ IPL_GUARDED_BY(mutex_) = false;
    bool stopping_ IPL_GUARDED_BY(mutex_) = false;
    std::thread thread_;
};

}  // namespace host::pipeline

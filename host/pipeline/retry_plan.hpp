// Which items of a finished job run again when somebody asks for a retry. An item is tried again
// when its last attempt failed, or when its job was stopped as hopeless before it began; pictures
// that were made stay, and so does what a user has cancelled. Prompts are written again where a
// picture that is tried again lacks its own. A pure function.
#pragma once

#include <vector>

#include "pipeline/open_job.hpp"
#include "store/job_store.hpp"

namespace host::pipeline {

struct RetryPlan {
    // Rows that differ from what the store holds: the items to try again as queued, and those left
    // out as cancelled. An item to try again that never began has no row.
    std::vector<store::ItemRow> rows;
    int pictures = 0;  // items that are tried again
    // Failed ones of endpoints that have left the configuration: they cannot be tried.
    std::vector<store::ItemRow> gone;
};

// `shape` is the job as makeOpenJob() gives it.
RetryPlan planRetry(const store::JobDetail& detail, const OpenJob& shape);

}  // namespace host::pipeline

// What endpoints can draw of what a job asks for, by what they tell of themselves
// (plugins::Capabilities): refused at submit when nobody can, and looked at again before drawing,
// since a backend that was away may turn out to be another one. Pure functions, thread-safe.
#pragma once

#include <string>
#include <vector>

#include "pipeline/job_spec.hpp"
#include "support/error.hpp"

namespace host::plugins {
struct Capabilities;
}

namespace host::pipeline {

struct EndpointSetup;

struct Inability {
    std::string field;   // of the request: "mask", "steps"
    std::string reason;  // what follows the endpoint's name: "does not take a mask"
};

// Everything that stands against drawing it there; nothing when the endpoint can, or is not known
// not to.
std::vector<Inability> inabilities(const plugins::Capabilities& able, const JobSpec& spec);

// Leaves those endpoints to the job that can draw it, and notes the others in spec.leftOut. Error:
// Validation when none is left, or when one that was named cannot; spec is as it was then.
Status admit(JobSpec& spec, const std::vector<EndpointSetup>& endpoints);

// The steps and the guidance of a run at an endpoint. What nobody chose, the default number of
// steps and a guidance that was drawn, is moved into what the endpoint can do. 0 steps: it has no
// such notion.
int stepsAt(const plugins::Capabilities& able, const JobSpec& spec);

// The work of one of its pictures there: see workOf().
double workAt(const plugins::Capabilities& able, const JobSpec& spec);
std::optional<double> guidanceAt(const plugins::Capabilities& able, const JobSpec& spec,
                                 const std::string& jobId, int run);

// [{"endpoint", "field", "message"}]
Json leftOutJson(const JobSpec& spec);

}  // namespace host::pipeline

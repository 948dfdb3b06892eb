// The host killed at random moments under a mixed load, and what must hold afterwards. Shared by
// the short and the long test.
#pragma once

namespace test {

enum class Machines {
    AllWell,
    OneFailsSometimes,  // takes longer: what has failed is tried again after a pause
};

// Reports what does not hold as failures of the running test.
void crashUnderLoad(int rounds, Machines machines);

}  // namespace test

// The host killed at random moments under a mixed load, and what must hold afterwards. Shared by
// the short and the long test.
#pragma once

namespace test {

// Reports what does not hold as failures of the running test.
void crashUnderLoad(int rounds);

}  // namespace test

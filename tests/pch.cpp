// Anchors the precompiled header of the tests; see pch.hpp.

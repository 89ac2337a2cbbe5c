#pragma once

#include <string>

namespace trialog::chaos {

/// Says what is wrong, in the line that tests/run counts, and ends the process. The brokers end
/// with it (they ask the kernel for that).
[[noreturn]] void fail(const std::string& why);

}  // namespace trialog::chaos
